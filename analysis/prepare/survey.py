"""One survey: every wave's exports read, checked, linked and scored."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import instruments, sources
from analysis.errors import AnalystError, Collected
from analysis.instruments import Instrument
from analysis.prepare import flags, linking
from analysis.prepare.answers import KINDS, scale_points
from analysis.prepare.attributes import GATES, attributes, refuse_missing_columns, refuse_unlisted
from analysis.prepare.distinct import distinct, mapped
from analysis.prepare.gates import Gates
from analysis.prepare.quality import Quality
from analysis.prepare.respondents import pseudonyms
from analysis.prepare.rows import named
from analysis.prepare.withdrawn import Withdrawals
from analysis.sources import mapping as mappings
from analysis.study import SCHOOLS, Export, Group, Study, Survey


@dataclass(frozen=True)
class Context:
    """What every file of a study is read against."""

    study: Study
    instruments: MappingOf[str, Instrument]
    schools: pd.DataFrame
    known_schools: MappingOf[str, str]
    wave_dates: pd.DataFrame
    key: bytes
    withdrawals: Withdrawals


@dataclass
class Part:
    """One file's rows on their way: those read, and those used so far.

    ``frame`` has ``code``, ``plain``, ``submitted`` and ``answered`` besides what is kept;
    ``kinds`` the kind of each answer (rows as in ``frame``), by instrument.
    """

    export: Export
    file: str
    sheet: str
    where: str
    reasons: pd.Series
    frame: pd.DataFrame
    kinds: dict[str, NDArray[np.int8]]


def prepare(context: Context, survey: Survey, quality: Quality) -> pd.DataFrame:
    """All used responses of a survey, one row per respondent and wave.

    Returns
    -------
    pandas.DataFrame
        Columns ``wave``, ``row``, ``school``, the school's groups (as at that wave),
        ``respondent`` (keyed hash), the mapped attributes, item codes (scale points), scores
        (``<instrument>.<score>``); ``source.file`` with the file of the row, and ``flag.link``
        (``single``, ``exact``, ``normalised``, ``one_character``), ``flag.speeder``,
        ``flag.straight_liner``, ``flag.unfinished`` and ``flag.early``. Sorted by school, wave
        and row.
    """
    if not survey.exports:
        raise AnalystError(
            f"The {survey.label} names no export.",
            where=str(context.study.path("study.yaml")),
            fix=f"Add one under surveys.{survey.id}.exports.",
        )
    parts: list[Part] = []
    mistakes = Collected()
    for export in survey.exports:
        with mistakes.also():
            parts.append(_read(context, survey, export))
    mistakes.raise_any()
    for wave in context.study.wave_ids:
        _set_duplicates_aside([p for p in parts if p.export.wave == wave], survey)
    for part in parts:
        _account(part, survey, context, quality)
    frame = _scored(pd.concat([part.frame for part in parts], ignore_index=True), context, survey)
    frame = _linked(frame, context, survey)
    for group in context.study.groups_of(SCHOOLS):
        frame[group.column] = _group_of_school(frame, group, context.schools)
    quality.links.append(_links(frame, context, survey))
    quality.flags.extend(_flags(frame, survey))
    keys = pd.DataFrame(
        {"school": frame["school"], "wave": _in_time(frame, context), "row": frame["row"]}
    )
    places = keys.sort_values(["school", "wave", "row"], kind="stable").index.to_numpy()
    frame = frame.drop(columns=["flag.judged", "flag.person"])
    return frame.take(places).reset_index(drop=True)


def _read(context: Context, survey: Survey, export: Export) -> Part:
    study, rules = context.study, survey.rules
    raw = sources.read(study.path(export.file), export.format, export.sheet)
    mapping = mappings.load(study.path(export.mapping))
    where = f"{study.path(export.file)}" + (f", sheet '{raw.sheet}'" if raw.sheet else "")
    refuse_missing_columns(raw, mapping, where, study.path(export.mapping).name)
    if "respondent" not in mapping.columns and rules.unidentified != "keep":
        raise AnalystError(
            "The mapping names no column for 'respondent'.",
            where=str(study.path(export.mapping)),
            fix="Add it under 'columns'; or, if people gave no code, set 'unidentified: keep' in "
            f"the rules of the {survey.label}: nobody is then linked.",
        )
    said = attributes(raw, mapping)
    gates = Gates(raw, said, where)
    gates.before_all_else(rules)
    schools = gates.of_school(rules, context.known_schools)
    codes = gates.of_person(rules, survey.id, schools, context.withdrawals)
    starts = context.wave_dates.xs(export.wave, level="wave")["start"]
    times = gates.of_time(rules, mapping, starts, schools)
    submitted = times["submitted"]
    unfinished = gates.of_completion(rules, submitted)
    seconds = gates.seconds(mapping, submitted)
    used = gates.used
    refuse_unlisted(said.loc[used], mapping, where)
    points, kinds = [], {}
    for name in survey.instruments:
        instrument = context.instruments[name]
        for item in instrument.items:
            if item.code not in mapping.items:
                raise AnalystError(
                    f"The mapping names no column for {item.code} ({item.label}) of "
                    f"{instrument.short}.",
                    where=str(study.path(export.mapping)),
                    fix="Add it under 'items'.",
                )
        read = scale_points(raw, used, instrument, mapping, where, out_of_range=rules.out_of_range)
        points.append(read.points)
        kinds[name] = read.kinds
    answers = pd.concat(points, axis=1)
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "wave": pd.Series(export.wave, index=used, dtype="str"),
                    "row": used.astype("int64"),
                    "school": schools.loc[used],
                },
                index=used,
            ),
            said.loc[used].drop(columns=["school", *(c for c in GATES if c in said)]),
            answers,
        ],
        axis=1,
    )
    frame["source.file"] = pd.Series(export.file, index=used, dtype="str")
    frame["flag.speeder"] = flags.speeders(seconds.loc[used], rules)
    frame["flag.judged"] = seconds.loc[used].notna()
    frame["flag.straight_liner"] = flags.straight_liners(
        answers, [context.instruments[name] for name in survey.instruments], rules
    )
    frame["flag.unfinished"] = unfinished.loc[used]
    frame["flag.early"] = times.loc[used, "early"]
    frame[["code", "plain"]] = codes.loc[used]
    frame["submitted"] = submitted.loc[used]
    frame["answered"] = answers.notna().sum(axis=1)
    part = Part(export, raw.file, raw.sheet, where, gates.reasons, frame, kinds)
    _drop(part, frame["answered"] < rules.minimum_answers, "unanswered")
    return part


def _drop(part: Part, rows: pd.Series, reason: str) -> None:
    """Set aside rows that were used so far."""
    if not rows.any():
        return
    part.reasons.loc[rows.index[rows]] = reason
    keep = ~rows.to_numpy()
    part.frame = part.frame[keep]
    part.kinds = {name: kinds[keep] for name, kinds in part.kinds.items()}


def _set_duplicates_aside(parts: list[Part], survey: Survey) -> None:
    """Of the responses of one code in one school at one wave, keep what the rules say."""
    if not parts:
        return
    responses = pd.concat(
        [
            part.frame[["plain", "school", "submitted", "answered"]].assign(
                part=number, row=part.frame.index
            )
            for number, part in enumerate(parts)
        ],
        ignore_index=True,
    )
    responses = responses[responses["plain"] != ""]
    key = ["school", "plain"]
    several = responses[responses.duplicated(key, keep=False)]
    if several.empty:
        return
    policy = survey.rules.duplicates
    if policy == "refuse":
        part = parts[int(several["part"].iloc[0])]
        rows = several.loc[several["part"] == several["part"].iloc[0], "row"]
        raise AnalystError(
            f"{len(several)} responses share a person's code with another of the same wave.",
            where=f"{part.where}, {named(rows)}",
            fix="Settle them in the survey tool and export again, or set 'duplicates' in the "
            f"rules of the {survey.label} to latest, first or most_complete.",
        )
    by = ["answered", "submitted"] if policy == "most_complete" else ["submitted"]
    in_order = several.sort_values(by, kind="stable", na_position="first")
    kept = "first" if policy == "first" else "last"
    dropped = in_order[in_order.duplicated(key, keep=kept)]  # type: ignore[arg-type]
    for number, part in enumerate(parts):
        rows = dropped.loc[dropped["part"] == number, "row"]
        _drop(part, pd.Series(part.frame.index.isin(rows), index=part.frame.index), "duplicate")


def _account(part: Part, survey: Survey, context: Context, quality: Quality) -> None:
    quality.account(
        file=part.file,
        sheet=part.sheet,
        source=survey.id,
        wave=part.export.wave,
        read=len(part.reasons),
        reasons=part.reasons,
    )
    for name, kinds in part.kinds.items():
        instrument = context.instruments[name]
        for place, item in enumerate(instrument.items):
            counts = np.bincount(kinds[:, place], minlength=len(KINDS))
            quality.missing.extend(
                {
                    "survey": survey.id,
                    "instrument": instrument.id,
                    "wave": part.export.wave,
                    "item": item.code,
                    "kind": kind,
                    "answers": int(count),
                }
                for kind, count in zip(KINDS, counts, strict=True)
                if count or kind == "answered"
            )


def _scored(frame: pd.DataFrame, context: Context, survey: Survey) -> pd.DataFrame:
    """The frame with scores; an attribute that a wave's file does not have is missing there."""
    scores = [
        instruments.score(
            context.instruments[name], frame[[i.code for i in context.instruments[name].items]]
        )
        for name in survey.instruments
    ]
    return pd.concat([frame, *scores], axis=1)


def _in_time(frame: pd.DataFrame, context: Context) -> NDArray[np.intp]:
    """The place of each row's wave in time."""
    places, waves = distinct(frame["wave"])
    return np.array([context.study.wave_ids.index(wave) for wave in waves], dtype=np.intp)[places]


def _linked(frame: pd.DataFrame, context: Context, survey: Survey) -> pd.DataFrame:
    """The frame with ``respondent`` and ``flag.link`` in place of codes."""
    rules = survey.rules
    agree = list(rules.must_agree)
    for column in agree:
        if column not in frame:
            raise AnalystError(
                f"Linked rows must agree in '{column}', which no mapping names.",
                where=str(context.study.path("study.yaml")),
                fix=f"Map it, or take it out of surveys.{survey.id}.rules.must_agree.",
            )
    rows = frame[["school", "code", "plain", *agree]].assign(wave=_in_time(frame, context))
    found = linking.persons(rows, rules)
    people = found.drop_duplicates("person")
    waves = pd.Series("", index=people.index, dtype="str")
    waves[people["split"]] = people.loc[people["split"], "wave"].astype("str")
    hashes = pseudonyms(people["identity"], people["school"], waves, survey.id, context.key)
    frame = frame.drop(columns=["code", "plain", "submitted", "answered"])
    # People are numbered in the order of their first rows.
    frame["respondent"] = pd.array(hashes, dtype="str").take(found["person"].to_numpy())
    frame["flag.link"] = found["link"]
    frame["flag.person"] = found["person"]
    return frame


def _flags(frame: pd.DataFrame, survey: Survey) -> list[dict[str, object]]:
    """How many responses of each wave are flagged, of those that could be judged."""
    counted: list[dict[str, object]] = []
    for wave, part in frame.groupby("wave", sort=True):
        for flag, of in (
            ("speeder", int(part["flag.judged"].sum())),
            ("straight_liner", len(part)),
            ("unfinished", len(part)),
            ("early", len(part)),
        ):
            counted.append(
                {
                    "survey": survey.id,
                    "wave": wave,
                    "flag": flag,
                    "responses": int(part[f"flag.{flag}"].sum()),
                    "of": of,
                }
            )
    return counted


def _group_of_school(frame: pd.DataFrame, group: Group, schools: pd.DataFrame) -> pd.Series:
    """Each row's group by its school, as the schools table has it for the row's wave."""
    found = mapped(frame["school"], schools[group.column].to_dict().__getitem__)
    for wave, column in group.by_wave.items():
        at_wave = mapped(frame["school"], schools[column].to_dict().__getitem__)
        found = found.where(frame["wave"] != wave, at_wave)
    return found


def _links(frame: pd.DataFrame, context: Context, survey: Survey) -> pd.DataFrame:
    """Link quality by school (of the first wave), for every pair of waves."""
    tables = []
    phases = context.study.phases
    # The group of schools that is compared, where there is one; else nobody changes it.
    phase = phases.column if phases else "school"
    columns = list(dict.fromkeys(["flag.person", "school", phase, "flag.link"]))
    waves = {str(wave): part[columns] for wave, part in frame.groupby("wave", sort=False)}
    for first, second in combinations([w for w in context.study.wave_ids if w in waves], 2):
        both = waves[first].merge(waves[second], on="flag.person", how="left", suffixes=("", "_2"))
        found = both["school_2"].notna()
        counts = pd.DataFrame(
            {
                "respondents": 1,
                **{
                    link: found & (both["flag.link"] == link)
                    for link in (linking.EXACT, linking.NORMALISED, linking.ONE_CHARACTER)
                },
                "changed_school": found & (both["school"] != both["school_2"]),
                "changed_phase": found & bool(phases) & (both[phase] != both[f"{phase}_2"]),
                "unlinked": ~found,
            }
        )
        table = counts.groupby(both["school"]).sum().astype("int64").reset_index()
        tables.append(table.assign(survey=survey.id, first=first, second=second))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
