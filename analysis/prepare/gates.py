"""Which rows of an export are used, and why the others are not."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from collections.abc import Mapping as MappingOf
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import AnalystError, a_few
from analysis.prepare import codes
from analysis.prepare.attributes import refuse_undecided
from analysis.prepare.dates import moments
from analysis.prepare.distinct import distinct, taken
from analysis.prepare.numbers import durations
from analysis.prepare.rows import named
from analysis.prepare.withdrawn import Withdrawals
from analysis.sources.export import RawExport
from analysis.sources.mapping import CONSENT_NO, CONSENT_YES, Mapping
from analysis.sources.wording import normalised
from analysis.study import Rules

#: A number of so many figures may be a school's id and something else's code by chance.
BY_CHANCE = 4
#: So many labels are shown.
SHOWN = 12


class Gates:
    """Sets rows aside, rule by rule; a row counts under the first rule that it fails.

    ``reasons`` gives each row's reason, empty where it is (still) used; its index is that of
    the export's rows.
    """

    def __init__(self, raw: RawExport, attributes: pd.DataFrame, where: str) -> None:
        self.raw, self.attributes, self.where = raw, attributes, where
        self.reasons = pd.Series("", index=raw.frame.index, dtype="str")

    @property
    def used(self) -> pd.Index:
        """The rows that no rule has set aside so far."""
        return self.reasons.index[self.reasons == ""]

    def set_aside(self, rows: pd.Series, reason: str) -> None:
        """Set aside those of ``rows`` (true or false for each) that are still used."""
        if rows.any():
            self.reasons.loc[rows & (self.reasons == "")] = reason

    def before_all_else(self, rules: Rules, mapping: Mapping, path: Path) -> None:
        """Rows without content, without consent, and those that are about nobody."""
        frame, attributes = self.raw.frame, self.attributes
        self.set_aside(pd.Series(_empty(frame), index=frame.index), "empty")
        refuse_undecided(self.raw, attributes, self.used, mapping, self.where, path)
        if "consent" in attributes:
            consent = attributes["consent"]
            self.set_aside(consent == CONSENT_NO, "consent")
            if rules.consent == "required":
                self.set_aside(consent != CONSENT_YES, "consent")
        elif rules.consent == "required":
            raise AnalystError(
                "Consent is required, but the mapping names no column for it.",
                where=self.where,
                fix="Add 'consent' under 'columns' in the mapping, or correct the survey's rules.",
            )
        if "status" in attributes:
            self.set_aside(attributes["status"] == "preview", "preview")
            self.set_aside(attributes["status"] == "test", "test")

    def of_school(self, rules: Rules, mapping: Mapping, known: MappingOf[str, str]) -> pd.Series:
        """Rows that name no school; the school id of every row that is still used.

        A code goes by its label where only that names a school, and must not be another school's.
        """
        column = self._labelled_schools(mapping, known)
        places, texts = distinct(column)
        names = [normalised(text) for text in texts]
        # A URN may have come back from a spreadsheet as 900101.0.
        names = [name if name in known else normalised(codes.restored(name)) for name in names]
        tests = {normalised(name) for name in rules.tests}

        def those(names_like: Callable[[str], bool]) -> pd.Series:
            found = np.array([names_like(name) for name in names], dtype=bool)
            return pd.Series(found[places] if names else False, index=column.index)

        self.set_aside(those(lambda name: name in tests), "test")
        self.set_aside(those(lambda name: name == ""), "no_school")
        unknown = self.used[those(lambda name: name not in known)[self.used]]
        if len(unknown):
            first = normalised(column[unknown[0]])
            near = difflib.get_close_matches(first, list(known), n=1)
            hint = f" The nearest is '{known[near[0]]}'." if near else ""
            labels = self.raw.value_labels.get(mapping.columns["school"], {})
            there = dict.fromkeys(
                self.raw.frame.loc[unknown, mapping.columns["school"]].str.strip()
            )
            if labelled := [f"{code} = '{labels[code]}'" for code in there if code in labels]:
                hint += f" The file labels them: {a_few(labelled, SHOWN)}."
            raise AnalystError(
                f"{len(unknown)} row{'s name' if len(unknown) > 1 else ' names'} a school that is "
                f"not one of this study.{hint}",
                where=f"{self.where}, column '{mapping.columns['school']}', {named(unknown)}",
                fix="Add the school to schools.csv, or say in the mapping under values.school "
                "which school (or 'test') the name in these rows stands for.",
            )
        return taken([known.get(name, "") for name in names], places, column.index)

    def _labelled_schools(self, mapping: Mapping, known: MappingOf[str, str]) -> pd.Series:
        """Each row's school as named: by the mapping, by its code, or by the code's label."""
        column = self.attributes["school"]
        source = mapping.columns["school"]
        labels = self.raw.value_labels.get(source, {})
        listed = {normalised(wording) for wording in mapping.values.get("school", {})}
        names: dict[str, str] = {}
        wrong: list[str] = []
        for code, label in labels.items():
            if normalised(code) in listed or normalised(label) in listed:
                continue
            theirs = known.get(normalised(label))
            own = known.get(normalised(code)) or known.get(normalised(codes.restored(code)))
            # A short number is a school's by chance: its label has to say so.
            by_chance = code.isdigit() and len(code) <= BY_CHANCE and not label.isdigit()
            if own is None:
                names[code] = label
            elif own != theirs and (theirs is not None or by_chance):
                wrong.append(code)
        cells = self.raw.frame[source].str.strip()
        rows = self.used[cells[self.used].isin(wrong)]
        if len(rows):
            there = [code for code in wrong if (cells[rows] == code).any()]
            raise AnalystError(
                "The file's labels of schools are not those that schools.csv has for these codes:"
                "\n    "
                + "\n    ".join(
                    f"'{code}' is the school '{known[normalised(codes.restored(code))]}', and is labelled "
                    f"'{labels[code]}'" + (
                        f", which is the school '{known[normalised(labels[code])]}'"
                        if normalised(labels[code]) in known else ""
                    )
                    for code in there
                ),
                where=f"{self.where}, column '{source}', {named(rows)}",
                fix="Say in the mapping under values.school which school each code or label stands "
                "for"
                + (
                    "; if the labels are right: {"
                    + ", ".join(
                        f'"{code}": {known[normalised(labels[code])]}'
                        for code in there if normalised(labels[code]) in known
                    )
                    + "}."
                    if any(normalised(labels[code]) in known for code in there) else "."
                ),
            )  # fmt: skip
        if not names:
            return column
        return column.where(~(cells.isin(names) & (column == cells)), cells.map(names))

    def of_person(
        self,
        rules: Rules,
        mapping: Mapping,
        survey: str,
        schools: pd.Series,
        withdrawals: Withdrawals,
    ) -> pd.DataFrame:
        """Rows of people who have withdrawn, and rows without a code.

        Returns the codes of all rows, as written (``code``) and as compared (``plain``); words
        for "no answer" and what else is no code are empty there.
        """
        if "respondent" not in self.attributes:
            nothing = pd.Series("", index=self.reasons.index, dtype="str")
            return pd.DataFrame({"code": nothing, "plain": nothing})
        read = codes.read(self.attributes["respondent"], mapping.values.get("respondent", {}))
        plain, used = read.plain, self.used
        codes.refuse_damaged(read.damaged.loc[used], self.where, mapping.columns["respondent"])
        gone = withdrawals.rows(plain.loc[used], schools.loc[used], survey)
        self.set_aside(gone.reindex(self.reasons.index, fill_value=False), "withdrawn")
        if rules.unidentified == "set_aside":
            self.set_aside(plain == "", "unidentified")
        return pd.DataFrame({"code": read.code, "plain": plain})

    def of_time(
        self, rules: Rules, mapping: Mapping, wave: str, dates: pd.DataFrame, schools: pd.Series
    ) -> pd.DataFrame:
        """Rows from outside the wave as their school had it, set aside as the rules say.

        A row inside its own wave is fine, whatever other waves were open then. One that is not,
        but inside another wave, is that wave's (``elsewhere`` names it).

        Parameters
        ----------
        rules, mapping
            The survey's rules, and the file's mapping.
        wave
            The wave that the file was given to.
        dates
            ``start`` and ``end`` (the last day) by school and wave.
        schools
            The school of every row.

        Returns
        -------
        pandas.DataFrame
            When each row still used was ``submitted``; whether that was too ``early`` or too
            ``late``; whether it was ``inside`` its wave; and ``elsewhere``, empty if nowhere.
        """
        submitted = self._moments("submitted", mapping)
        places, names = distinct(schools)

        def limits(of: str) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
            own = dates.xs(of, level="wave").reindex(names)
            return (
                own["start"].to_numpy()[places],
                (own["end"] + pd.Timedelta(days=1)).to_numpy()[places],
            )

        start, end = limits(wave)
        early, late = submitted < start, submitted >= end
        elsewhere = pd.Series("", index=submitted.index, dtype="str")
        outside = early | late
        if outside.any():
            for other in dates.index.unique("wave"):
                start, end = limits(other)
                there = outside & (elsewhere == "") & (submitted >= start) & (submitted < end)
                elsewhere[there] = other
        if rules.before_start == "set_aside":
            self.set_aside(early, "before_start")
        if rules.other_wave == "set_aside":
            self.set_aside(elsewhere != "", "other_wave")
        return pd.DataFrame(
            {
                "submitted": submitted,
                "early": early,
                "late": late,
                "inside": submitted.notna() & ~outside,
                "elsewhere": elsewhere,
            }
        )

    def of_completion(self, rules: Rules, submitted: pd.Series) -> pd.Series:
        """Unfinished rows, set aside if the rules say so; whether each row is unfinished."""
        if "finished" not in self.attributes:
            return pd.Series(False, index=self.reasons.index)
        unfinished = self.attributes["finished"].isin(["", "no"])
        if rules.unfinished == "set_aside":
            self.set_aside(unfinished, "unfinished")
        return unfinished

    def seconds(self, mapping: Mapping, submitted: pd.Series) -> pd.Series:
        """How long each used row took, in seconds; missing where the export does not say."""
        used = self.used
        seconds = pd.Series(float("nan"), index=self.reasons.index)
        if "duration" in self.attributes:
            text = self.attributes.loc[used, "duration"].rename(mapping.columns["duration"])
            seconds.loc[used] = durations(text, mapping.decimals, self.where)
        elif "started" in self.attributes:
            seconds = (submitted - self._moments("started", mapping)).dt.total_seconds()
        return seconds.where(seconds > 0)

    def _moments(self, attribute: str, mapping: Mapping) -> pd.Series:
        used = self.used
        if attribute not in self.attributes:
            return pd.Series(pd.NaT, index=self.reasons.index, dtype="datetime64[s]")
        column = self.attributes.loc[used, attribute].rename(mapping.columns[attribute])
        order = mapping.dates or self.raw.dates
        return moments(column, order, self.where).reindex(self.reasons.index)


def _empty(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each row has nothing in any column."""
    empty = np.ones(len(frame), dtype=bool)
    for name in reversed(frame.columns):  # answers stand last, and settle most rows
        places, texts = distinct(frame[name])
        empty &= ~np.array([bool(text.strip()) for text in texts], dtype=bool)[places]
        if not empty.any():
            break
    return empty
