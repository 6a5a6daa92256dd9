"""One survey: every wave's exports read, checked, linked and scored."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import instruments, memory, questionnaire, sources
from analysis.errors import AnalystError, Collected
from analysis.instruments import Instrument
from analysis.prepare import alike, bands, flags, linking, own_columns, wordings
from analysis.prepare.answers import KINDS, refuse_open_shift, scale_points
from analysis.prepare.attributes import (
    GATES,
    OPEN,
    attributes,
    refuse_missing_columns,
    refuse_unlisted,
    response_ids,
)
from analysis.prepare.codes import WORDS, damage_of, from_the_keys
from analysis.prepare.distinct import distinct, mapped
from analysis.prepare.gates import Gates
from analysis.prepare.quality import Quality
from analysis.prepare.respondents import comparable, pseudonyms
from analysis.prepare.rows import named
from analysis.prepare.withdrawn import Withdrawals
from analysis.sources import mapping as mappings
from analysis.sources import redcap
from analysis.sources.mapping import Mapping
from analysis.sources.wording import normalised
from analysis.study import SCHOOLS, Export, Group, Study, Survey

#: A person does not answer one wave more often than this.
AT_MOST = 5
#: So many answers say by themselves that a response stands twice, if so many people gave them.
TELLING, SEVERAL = 4, 5
#: Among so many answers each end of a scale is chosen by somebody.
MANY = 100
#: From so many items on, some people with all answers as before are said.
HARDLY_CHANCE = 10
#: Words among codes are looked at where there are so many codes, nearly all with figures.
FEW_CODES, MOST = 10, 0.9


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
    ``kinds`` the kind of each answer (rows as in ``frame``), and ``ranges`` the range of codes
    by response set, by instrument. ``notes`` says in words what was decided while reading.
    ``lengths`` are those of the codes that are all figures, and ``padded`` says whether one of
    them begins with 0, in the rows set aside as well; ``times`` is what
    :meth:`analysis.prepare.gates.Gates.of_time` found of all rows, with ``school`` and ``plain``;
    ``answers`` are the columns of items, and ``questions`` the words of all columns.
    """

    export: Export
    file: str
    sheet: str
    where: str
    reasons: pd.Series
    frame: pd.DataFrame
    kinds: dict[str, NDArray[np.int8]]
    mapping: Mapping
    ranges: dict[str, MappingOf[str, tuple[int, int]]]
    notes: list[str]
    lengths: frozenset[int]
    padded: bool
    times: pd.DataFrame
    answers: list[str]
    questions: MappingOf[str, str]


def prepare(context: Context, survey: Survey, quality: Quality) -> pd.DataFrame:
    """All used responses of a survey, one row per respondent and wave.

    Returns
    -------
    pandas.DataFrame
        Columns ``wave``, ``row``, ``school``, the school's groups (as at that wave),
        ``respondent`` (keyed hash), the mapped attributes, item codes (scale points), scores
        (``<instrument>.<score>``); ``source.file`` with the file of the row, which of the
        person's codes the row has (``flag.written``, ``flag.compared``; see
        :func:`analysis.prepare.linking.link`), ``flag.speeder``, ``flag.straight_liner``,
        ``flag.unfinished``, ``flag.early`` and ``flag.late``. Sorted by school, wave and row.
    """
    if not survey.exports:
        raise AnalystError(
            f"The {survey.label} names no export.",
            where=str(context.study.path("study.yaml")),
            fix=f"Add one under surveys.{survey.id}.exports.",
        )
    parts = _settled(context, survey, survey.exports)
    _say_unused_points(parts, context, survey)
    for part in parts:
        _account(part, survey, context, quality)
    frame = pd.concat([part.frame for part in parts], ignore_index=True)
    alike.refuse(
        frame,
        _of_people(frame, parts),
        str(context.study.path("study.yaml")),
        "Say one word for one thing under 'values' of all mappings of the survey.",
    )
    del parts, part  # everybody's answers are not held twice
    _refuse_more_than_invited(frame, context, survey)
    frame = _scored(frame, context, survey)
    frame = _linked(frame, context, survey, quality)
    frame = bands.ordered(frame, context.study, survey)
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


def _refuse_more_than_invited(frame: pd.DataFrame, context: Context, survey: Survey) -> None:
    """Stop at a school of which more people answered at a wave than it is said to have invited.

    The number invited is what response is a share of, and what schools are weighted by. Where it is
    not known, nothing can be said.
    """
    answered = frame.groupby(["wave", "school"], observed=True).size()
    path = context.study.path(context.study.schools)
    mistakes = Collected()
    for wave, column in survey.invited.items():
        if column not in context.schools or wave not in answered.index.get_level_values("wave"):
            continue
        invited = pd.to_numeric(context.schools[column], errors="coerce")
        number = answered.xs(wave, level="wave").reindex(invited.index)
        for school in invited.index[number > invited]:
            mistakes.add(
                AnalystError(
                    f"Of {school} {number[school]:.0f} answered the {survey.label} at {wave}, and "
                    f"{invited[school]:.0f} are said to have been invited.",
                    where=f"{path}, column {column}, school {school}",
                    fix="Write how many were asked in all, or leave the cell empty if it is not "
                    "known; or see whether responses of another school, wave or trial are among "
                    "these.",
                )
            )
    mistakes.raise_any()


def _of_people(frame: pd.DataFrame, parts: list[Part]) -> list[str]:
    """The columns of people's attributes."""
    mapped_ = {name for part in parts for name in part.mapping.columns} - OPEN
    return [name for name in frame.columns if name in mapped_]


def used(context: Context, survey: Survey, exports: Sequence[Export]) -> pd.DataFrame:
    """The responses of some exports that are used, not linked or scored yet.

    Returns
    -------
    pandas.DataFrame
        Columns ``wave``, ``school``, ``code``, ``plain``, ``submitted``, those of the rules'
        ``must_agree`` and the items' codes.
    """
    parts = _settled(context, survey, exports)
    return pd.concat([part.frame for part in parts], ignore_index=True)


def _settled(context: Context, survey: Survey, exports: Sequence[Export]) -> list[Part]:
    """Exports read, each person's response of a wave used once."""
    _refuse_named_twice(context.study, survey)
    parts: list[Part] = []
    mistakes = Collected()
    for export in exports:
        with mistakes.also():
            parts.append(_read(context, survey, export))
        memory.give_back()  # what a file's text took
    mistakes.raise_any()
    wordings.refuse_moved(
        [
            (part.file, Path(part.export.mapping).name, part.mapping, part.questions)
            for part in parts
            if part.export.mapping
        ],
        str(context.study.path("study.yaml")),
    )
    if survey.rules.other_wave == "set_aside":
        _refuse_wrong_wave(parts, context.study)
    _refuse_unmapped_agreement(parts, context, survey)
    _restore_noughts(parts, survey, context)
    _say_lost_noughts(parts)
    _set_copies_aside(parts, context.study)
    if survey.rules.other_wave == "set_aside":
        _refuse_answers_again(parts, context.study)
    for wave in context.study.wave_ids:
        _set_duplicates_aside([p for p in parts if p.export.wave == wave], survey)
    for name in survey.instruments:
        refuse_open_shift(
            context.instruments[name],
            ((p.where, p.mapping, p.ranges[name]) for p in parts if name in p.ranges),
        )
    return parts


def _read(context: Context, survey: Survey, export: Export) -> Part:
    study, rules = context.study, survey.rules
    raw = sources.read(study.path(export.file), export.format, export.sheet)
    path = study.path(export.mapping or "study.yaml")
    told: list[str] = []
    if export.mapping:
        mapping, told = own_columns.added(raw, mappings.load(path))
        told += own_columns.declined(raw, mapping)
    else:
        raw, mapping = questionnaire.recognised(raw, study, survey, export, context.instruments)
    where = f"{study.path(export.file)}" + (f", sheet '{raw.sheet}'" if raw.sheet else "")
    refuse_missing_columns(raw, mapping, where, path.name)
    if "respondent" not in mapping.columns and rules.unidentified != "keep":
        raise AnalystError(
            "The mapping names no column for 'respondent'.",
            where=str(path),
            fix="Add it under 'columns'; or, if people gave no code, set 'unidentified: keep' in "
            f"the rules of the {survey.label}: nobody is then linked.",
        )
    said = attributes(raw, mapping, where)
    gates = Gates(raw, said, where)
    gates.before_all_else(rules, mapping, path)
    schools = gates.of_school(rules, mapping, context.known_schools)
    codes = gates.of_person(rules, mapping, survey.id, schools, context.withdrawals)
    times = gates.of_time(rules, mapping, export.wave, context.wave_dates, schools)
    submitted = times["submitted"]
    unfinished = gates.of_completion(rules, submitted)
    seconds = gates.seconds(mapping, submitted)
    at = np.flatnonzero(gates.reasons == "")
    used, of_used = raw.frame.index[at], said.take(at)
    refuse_unlisted(of_used, mapping, where, raw.value_labels)
    points, kinds, ranges = [], {}, {}
    asked = survey.asks(export)
    notes = wordings.check(
        raw, [context.instruments[name] for name in asked], mapping, where, path.name
    )
    for name in asked:
        instrument = context.instruments[name]
        read = scale_points(raw, used, instrument, mapping, where, out_of_range=rules.out_of_range)
        points.append(read.points)
        kinds[name], ranges[name] = read.kinds, read.ranges
        notes += read.notes
    answers = pd.concat(points, axis=1)
    answered = answers.notna().sum(axis=1)
    if asked != survey.instruments:
        every = [i.code for name in survey.instruments for i in context.instruments[name].items]
        answers = answers.reindex(columns=every)
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "wave": pd.Series(export.wave, index=used, dtype="str"),
                    "row": used.astype("int64"),
                    "school": schools.take(at),
                },
                index=used,
            ),
            of_used.drop(columns=["school", *(c for c in GATES if c in said)]),
            answers,
        ],
        axis=1,
    )
    frame["source.file"] = pd.Series(export.file, index=used, dtype="str")
    seconds = seconds.take(at)
    frame["flag.speeder"] = flags.speeders(seconds, rules)
    frame["flag.judged"] = seconds.notna()
    frame["flag.straight_liner"] = flags.straight_liners(
        answers, [context.instruments[name] for name in asked], rules
    )
    frame["flag.unfinished"] = unfinished.take(at)
    frame["flag.early"] = times["early"].take(at)
    frame["flag.late"] = times["late"].take(at)
    frame[["code", "plain"]] = codes.take(at)
    frame["response"] = response_ids(raw, mapping).take(at)
    frame["submitted"] = submitted.take(at)
    frame["answered"] = answered
    part = Part(
        export, raw.file, raw.sheet, where, gates.reasons, frame, kinds, mapping, ranges,
        [*notes, *told, *raw.notes],
        *_figures(codes["plain"]), times.assign(school=schools, plain=codes["plain"]),
        list(answers.columns), raw.questions,
    )  # fmt: skip
    _drop(part, frame["answered"] < rules.minimum_answers, "unanswered")
    if raw.kind == "redcap_csv":
        answering = answered.index[answered > 0]
        _refuse_several_events(raw.frame.loc[answering], export, where)
    return part


def _refuse_several_events(frame: pd.DataFrame, export: Export, where: str) -> None:
    """Stop at responses of several events of REDCap in one wave: the later ones would be used."""
    for name in frame.columns:
        if normalised(name) not in redcap.EVENT:
            continue
        for events in redcap.occasions(frame[name].str.strip()).values():
            if len(events) > 1:
                counts = [f"'{e}' ({int((frame[name].str.strip() == e).sum())})" for e in events]
                raise AnalystError(
                    f"{len(events)} events of REDCap answered at {export.wave}: "
                    f"{', '.join(counts)} responses. They are times of their own.",
                    where=f"{where}, column '{name}'",
                    fix="Export the event of this wave by itself (in REDCap, a report filtered by "
                    "event). Or map 'submitted', and name the file at each wave: every row then "
                    "goes to the wave in which it was sent.",
                )


def _drop(part: Part, rows: pd.Series, reason: str) -> None:
    """Set aside rows that were used so far."""
    if not rows.any():
        return
    part.reasons.loc[rows.index[rows]] = reason
    keep = ~rows.to_numpy()
    part.frame = part.frame[keep]
    part.kinds = {name: kinds[keep] for name, kinds in part.kinds.items()}


def _refuse_named_twice(study: Study, survey: Survey) -> None:
    """Stop if one file is given to a wave twice, or to two waves and says no dates to part them."""
    by_size: dict[tuple[int, str | None], list[Export]] = defaultdict(list)
    for export in survey.exports:
        path = study.path(export.file)
        if path.is_file():
            by_size[path.stat().st_size, export.sheet].append(export)
    for exports in by_size.values():
        same: dict[bytes, list[Export]] = defaultdict(list)
        for export in exports if len(exports) > 1 else ():
            content = study.path(export.file).read_bytes()
            same[hashlib.blake2b(content).digest()].append(export)
        for given in same.values():
            waves = [export.wave for export in given]
            undated = [
                export
                for export in given
                if export.mapping
                and "submitted" not in mappings.load(study.path(export.mapping)).columns
            ]
            if len(set(waves)) < len(waves) or (len(given) > 1 and undated):
                raise AnalystError(
                    f"One file is given to {' and to '.join(waves)} of the {survey.label}: "
                    + ", ".join(dict.fromkeys(export.file for export in given))
                    + ".",
                    where=str(study.path("study.yaml")),
                    fix=f"Under surveys.{survey.id}.exports, name each wave's own file. If one file "
                    "holds several waves, map 'submitted', so that each row goes to its own.",
                )


def _refuse_wrong_wave(parts: list[Part], study: Study) -> None:
    """Stop if most rows of a file are another wave's, and that wave's files do not have them.

    A survey that was kept open holds the rows of both waves in each export: then the rows of
    the other wave stand in its own file as well, and are only set aside here.
    """
    wrong = []
    key = ["submitted", "school", "plain"]
    for part in parts:
        dated = part.times["submitted"].notna()
        away = part.times[part.times["elsewhere"] != ""]
        if 2 * len(away) <= dated.sum():
            continue
        missing = len(away)
        if part.times["inside"].any():
            waves = set(away["elsewhere"])
            theirs = [other.times[key] for other in parts if other.export.wave in waves]
            if theirs:
                known = pd.MultiIndex.from_frame(pd.concat(theirs))
                missing = int((~pd.MultiIndex.from_frame(away[key]).isin(known)).sum())
        if 2 * missing > len(away):
            counts = away["elsewhere"].value_counts()
            wrong.append(
                f"{part.file} is given to {part.export.wave}, but {len(away)} of "
                f"{int(dated.sum())} rows were sent during "
                + ", ".join(f"{wave} ({count})" for wave, count in counts.items())
            )
    if wrong:
        raise AnalystError(
            f"{len(wrong)} export{'s seem' if len(wrong) > 1 else ' seems'} to be given to the "
            "wrong wave:\n    " + "\n    ".join(wrong),
            where=str(study.path("study.yaml")),
            fix="Correct 'wave' or 'file' under exports, or the dates of the waves (of each school "
            "in the table wave_dates). If the dates are when answers were typed in, set "
            "'other_wave: keep' in the survey's rules.",
        )


def _set_copies_aside(parts: list[Part], study: Study) -> None:
    """Of one response in several files, keep the fullest, and of those the latest.

    It is one by its id, which then is of one person or of answers that do not contradict each
    other; without one, if person, moment and all answers are the same in two files.

    Raises
    ------
    AnalystError
        If different responses have one id; or if one response is used at two waves: their dates do
        not say which it belongs to.
    """
    together = pd.concat(
        [
            part.frame[["response", "school", "plain", "submitted", "answered", "wave"]].assign(
                part=number, row=part.frame.index
            )
            for number, part in enumerate(parts)
        ],
        ignore_index=True,
    )
    identity = together["response"]
    _refuse_shared_ids(together, parts)
    nameless = identity == ""
    if nameless.any() and len(parts) > 1:
        identity = _identities(together, nameless, parts)
    several = together[(identity != "") & identity.duplicated(keep=False)]
    if several.empty:
        return
    several = several.assign(identity=identity.loc[several.index])
    in_waves = several.groupby("identity")["wave"].transform("nunique") > 1
    if in_waves.any():
        listed = [
            f"{part.file} ({part.export.wave}): "
            f"{named(several.loc[in_waves & (several['part'] == number), 'row'])}"
            for number, part in enumerate(parts)
            if (in_waves & (several["part"] == number)).any()
        ]
        number = several.loc[in_waves, "identity"].nunique()
        raise AnalystError(
            (f"{number} responses stand" if number > 1 else "One response stands")
            + " in the files of several waves, and would be used at each:\n    "
            + "\n    ".join(listed),
            where=str(study.path("study.yaml")),
            fix="Map 'submitted' in these files, and give the waves dates that part them (those of "
            "each school in the table wave_dates); or export each wave by itself.",
        )
    in_order = several.sort_values(["answered", "submitted"], kind="stable", na_position="first")
    _drop_from(parts, in_order[in_order.duplicated("identity", keep="last")], "copied")


def _answers(parts: list[Part], rows: pd.DataFrame) -> pd.DataFrame:
    """The answers of rows (``row`` of ``part``, in the order of parts), numbered from 0."""
    return pd.concat(
        [
            part.frame.loc[rows.loc[rows["part"] == number, "row"], part.answers]
            for number, part in enumerate(parts)
        ],
        ignore_index=True,
    )


def _refuse_shared_ids(together: pd.DataFrame, parts: list[Part]) -> None:
    """Stop if one id is of several responses: of two people, or without a code of other answers."""
    ids = together["response"]
    several = together[(ids != "") & ids.duplicated(keep=False)].reset_index(drop=True)
    if several.empty:
        return
    of_id = several.groupby("response")
    codes = several["plain"].where(several["plain"] != "")
    people = codes.groupby(several["response"]).transform("nunique")
    other = (of_id["school"].transform("nunique") > 1) | (people > 1)
    # A person who comes back may change an answer; without a code nothing says that it is one.
    nobody = codes.isna().groupby(several["response"]).transform("any")
    answers = _answers(parts, several)
    differ = answers.groupby(several["response"]).transform("nunique").gt(1).any(axis=1)
    wrong = several[other | (nobody & differ)]
    if wrong.empty:
        return
    kinds = {
        kind for text in set(wrong["response"]) if (kind := damage_of(text)) not in ("", "serial")
    }
    what = "".join(f" Of these ids some {WORDS[kind]}: a spreadsheet has changed them."
                   for kind in sorted(kinds))  # fmt: skip
    raise AnalystError(
        f"{len(wrong)} responses share the id of another response, which is of somebody else or has "
        f"other answers.{what}\n    {_by_file(parts, wrong)}",
        where=parts[int(wrong["part"].iloc[0])].where,
        fix="Export the files again from the survey tool, and do not open and save them in a "
        "spreadsheet on the way. If the mapping names a column as 'response' in which every file "
        "begins at 1, take it out.",
    )


def _refuse_answers_again(parts: list[Part], study: Study) -> None:
    """Stop if a later wave's file without dates holds an earlier one's responses once more.

    People who answer all of several items as before, and not all alike, are few; where nearly all
    who are in both files did, and half of the earlier one, it was exported whole. Fewer are said
    where there are so many items that it is hardly chance.
    """
    found = []
    for first, second in combinations(parts, 2):
        if first.export.wave == second.export.wave:
            continue
        columns = [name for name in first.answers if name in second.answers]
        key = ["school", "plain", *columns]
        theirs, ours = (_undated(part, columns, key) for part in (first, second))
        if theirs.empty or ours.empty:
            continue
        again = ours[pd.MultiIndex.from_frame(ours).isin(pd.MultiIndex.from_frame(theirs))]
        people = len(again.drop_duplicates(["school", "plain"]))
        if people < SEVERAL:
            continue
        said = (
            f"{people} people of {first.file} ({first.export.wave}) stand in {second.file} "
            f"({second.export.wave}) with the same answers to all items, and no date says when they "
            f"answered: {named(again.index)}"
        )
        earlier = pd.MultiIndex.from_frame(theirs[["school", "plain"]]).unique()
        here = pd.MultiIndex.from_frame(second.frame[["school", "plain"]])
        if people >= MOST * int(earlier.isin(here).sum()) and 2 * people >= len(earlier):
            found.append(said)
        elif len(columns) >= HARDLY_CHANCE:
            second.notes.append(said)
    if found:
        raise AnalystError(
            "Responses of one wave would be used at another as well:\n    " + "\n    ".join(found),
            where=str(study.path("study.yaml")),
            fix="Export each wave by itself; or map 'submitted' in these files, so that each row "
            "goes to its own wave. If people did answer so twice, set 'other_wave: keep' in the "
            "survey's rules.",
        )


def _undated(part: Part, columns: list[str], key: list[str]) -> pd.DataFrame:
    """The people and answers of rows without a date that answer enough items, not all alike."""
    frame = part.frame
    answers = frame[columns]
    telling = (answers.notna().sum(axis=1) >= TELLING) & (answers.nunique(axis=1) > 1)
    return frame.loc[telling & frame["submitted"].isna() & (frame["plain"] != ""), key].fillna(-1)


def _identities(together: pd.DataFrame, nameless: pd.Series, parts: list[Part]) -> pd.Series:
    """An identity of responses without id whose person, moment and answers stand in two files."""
    identity = together["response"].copy()
    when = together["submitted"]
    timed = nameless & when.notna()
    # Without a code, only a moment to the second tells one person from another.
    timed &= (together["plain"] != "") | (when.dt.normalize() != when)
    first = together.loc[timed, ["submitted", "part"]].drop_duplicates()
    shared = first.loc[first["submitted"].duplicated(keep=False), "submitted"]
    candidates = together[timed & when.isin(shared)]
    if candidates.empty:
        return identity
    answers = _answers(parts, candidates)
    keys = candidates[["submitted", "school", "plain"]].reset_index(drop=True)
    groups = pd.concat([keys, answers], axis=1).groupby(
        [*keys.columns, *answers.columns], dropna=False, sort=False
    )
    number = groups.ngroup()
    files = candidates["part"].reset_index(drop=True).groupby(number).transform("nunique")
    found = ("\0" + number.astype("str")).where(files > 1, "")
    identity.loc[candidates.index] = found.to_numpy()
    return identity


def _refuse_unmapped_agreement(parts: list[Part], context: Context, survey: Survey) -> None:
    for column in survey.rules.must_agree:
        if not any(column in part.frame for part in parts):
            raise AnalystError(
                f"Linked rows must agree in '{column}', which no mapping names.",
                where=str(context.study.path("study.yaml")),
                fix=f"Map it, or take it out of surveys.{survey.id}.rules.must_agree.",
            )


def _figures(plain: pd.Series) -> tuple[frozenset[int], bool]:
    """How long the codes are that are all figures, and whether one of them begins with 0."""
    codes = pd.Series(distinct(plain)[1], dtype="str")
    codes = codes[codes.str.isdigit()]
    return frozenset(codes.str.len().unique().tolist()), bool(codes.str.startswith("0").any())


def _restore_noughts(parts: list[Part], survey: Survey, context: Context) -> None:
    """Give codes their leading noughts back, where a spreadsheet has taken them for certain.

    That is so if all codes of figures in the files where some begin with 0 have one length, and
    none of this file, where none begins with 0, is longer.
    """
    lengths = {length for part in parts if part.padded for length in part.lengths}
    if len(lengths) != 1:
        return
    (length,) = lengths
    for part in parts:
        if max(part.lengths, default=length + 1) > length:
            continue
        codes = part.frame["plain"]
        short = codes[codes.str.isdigit() & (codes.str.len() < length)]
        if short.empty:
            continue
        for column in ("code", "plain"):
            part.frame.loc[short.index, column] = short.str.zfill(int(length))
        part.notes.append(
            f"{len(short)} codes had lost their leading noughts: given back, as all codes of "
            f"figures in other files have {length} figures"
        )
        gone = context.withdrawals.rows(
            part.frame.loc[short.index, "plain"], part.frame.loc[short.index, "school"], survey.id
        )
        _drop(part, gone.reindex(part.frame.index, fill_value=False), "withdrawn")


def _say_unused_points(parts: list[Part], context: Context, survey: Survey) -> None:
    """Say where many people at a wave chose no point at an end of a scale that another wave has.

    A form that offers five points of seven is read as the first five: nothing in a cell shows it.
    """
    for name in survey.instruments:
        instrument = context.instruments[name]
        scales: dict[str, list[str]] = defaultdict(list)
        for item in instrument.items:
            scales[item.responses].append(item.code)
        for scale, items in scales.items():
            points = instrument.response_sets[scale].labels
            chosen: dict[str, tuple[Part, int, set[int]]] = {}
            for part in parts:
                if not set(items) <= set(part.answers):
                    continue
                cells = part.frame[items].to_numpy(dtype="float64")
                there = {int(point) for point in np.unique(cells[~np.isnan(cells)])}
                first, number, known = chosen.get(part.export.wave, (part, 0, set()))
                count = number + int((~np.isnan(cells)).sum())
                chosen[part.export.wave] = first, count, known | there
            for wave, (part, number, there) in chosen.items():
                if number < MANY or not there:
                    continue
                for side, end in (("above", range(max(there) + 1, max(points) + 1)),
                                  ("below", range(min(points), min(there)))):  # fmt: skip
                    others = [w for w, (_, count, theirs) in chosen.items()
                              if w != wave and count >= MANY and set(end) & theirs]  # fmt: skip
                    if others:
                        edge = max(there) if side == "above" else min(there)
                        part.notes.append(
                            f"{instrument.short}: of {number} answers at {wave} ({items[0]} to "
                            f"{items[-1]}) none is {side} {edge}, and the scale runs from "
                            f"{min(points)} to {max(points)}, as at {', '.join(others)}: look "
                            "whether the form offered all points"
                        )


def _say_lost_noughts(parts: list[Part]) -> None:
    """Say how many codes would be another file's with leading noughts that were not given back."""
    for part in parts:
        others = [other for other in parts if other is not part and other.padded]
        if part.padded or not others:
            continue
        theirs = pd.concat([other.frame[["school", "plain"]] for other in others])
        led = theirs[theirs["plain"].str.fullmatch(r"0\d+")]
        bare = led.assign(plain=led["plain"].str.lstrip("0"))
        own = part.frame.loc[part.frame["plain"] != "", ["school", "plain"]]
        index = pd.MultiIndex.from_frame(own)
        lost = index.isin(pd.MultiIndex.from_frame(bare))
        lost &= ~index.isin(pd.MultiIndex.from_frame(theirs))
        if lost.any():
            number = int(lost.sum())
            part.notes.append(
                f"{number} code{'s are' if number > 1 else ' is'} in another file with noughts "
                f"before {'them' if number > 1 else 'it'}, and linked to nobody there: codes of "
                "figures have several lengths, so that it is not certain how many were lost "
                f"({named(own.index[lost])})"
            )


def _set_duplicates_aside(parts: list[Part], survey: Survey) -> None:
    """Of the responses of one person in one school at one wave, keep what the rules say.

    Two rows of one code that say different things in what linked rows must agree in are two
    people, and both stay.
    """
    if not parts:
        return
    rules = survey.rules
    code = "code" if rules.linking == "exact" else "plain"
    columns = [code, "school", "submitted", "answered"]
    responses = pd.concat(
        [
            part.frame.reindex(columns=[*columns, *rules.must_agree]).assign(
                part=number, row=part.frame.index
            )
            for number, part in enumerate(parts)
        ],
        ignore_index=True,
    )
    responses = responses[responses[code] != ""]
    key = ["school", code]
    several = responses[responses.duplicated(key, keep=False)]
    if several.empty:
        return
    _refuse_shared(responses, several, key, parts, survey)
    if rules.must_agree:
        several = several.assign(**dict.fromkeys(("said",), ""))
        for column in rules.must_agree:
            said = several[column].fillna("").where(lambda s: s != "prefer_not_to_say", "")
            # Who says nothing is whoever has the code, if that is one person.
            known = said.where(said != "")
            differ = known.groupby([several[name] for name in key]).transform("nunique") > 1
            several["said"] += ("\0" + said).where(differ, "\0")
        key = [*key, "said"]
        several = several[several.duplicated(key, keep=False)]
        if several.empty:
            return
    policy = rules.duplicates
    if policy == "refuse":
        raise AnalystError(
            f"{len(several)} responses share a person's code with another of the same wave:"
            f"\n    {_by_file(parts, several)}",
            where=parts[int(several["part"].iloc[0])].where,
            fix="Settle them in the survey tool and export again, or set 'duplicates' in the "
            f"rules of the {survey.label} to most_complete, latest or first.",
        )
    by = ["answered", "submitted"] if policy == "most_complete" else ["submitted"]
    # What says no date is neither the first nor the latest.
    kept: Literal["first", "last"] = "first" if policy == "first" else "last"
    undated: Literal["first", "last"] = "last" if policy == "first" else "first"
    in_order = several.sort_values(by, kind="stable", na_position=undated)
    dropped = in_order[in_order.duplicated(key, keep=kept)]
    _drop_from(parts, dropped, "duplicate")


def _by_file(parts: list[Part], rows: pd.DataFrame) -> str:
    """Rows (``row`` of ``part``) of several files in words, a line for each file."""
    return "\n    ".join(
        f"{part.file}: {named(rows.loc[rows['part'] == number, 'row'])}"
        for number, part in enumerate(parts)
        if (rows["part"] == number).any()
    )


def _drop_from(parts: list[Part], rows: pd.DataFrame, reason: str) -> None:
    """Set rows (``row`` of ``part``) of several files aside."""
    for number, part in enumerate(parts):
        these = rows.loc[rows["part"] == number, "row"]
        _drop(part, pd.Series(part.frame.index.isin(these), index=part.frame.index), reason)


def _refuse_shared(
    responses: pd.DataFrame,
    several: pd.DataFrame,
    key: list[str],
    parts: list[Part],
    survey: Survey,
) -> None:
    """Stop if a code looks like what many people write instead of one.

    That is, unless a mapping states it, a code of very many responses, keys in their order
    (1234, 9999, ABC), and a repeated word among codes that have figures.
    """
    code = key[1]
    counts = several.groupby(key)[code].transform("size")
    different = responses[code].drop_duplicates()
    with_figures = different.str.contains(r"\d", regex=True)
    words = pd.Series(False, index=several.index)
    if len(different) >= FEW_CODES and with_figures.mean() >= MOST:
        words = ~several[code].str.contains(r"\d", regex=True)
    places, texts = distinct(several[code].map(comparable))
    typed = np.array([from_the_keys(text) for text in texts], dtype=bool)[places]
    one_persons = {
        comparable(meant)
        for part in parts
        for meant in part.mapping.values.get("respondent", {}).values()
    }
    stated = np.array([text in one_persons for text in texts], dtype=bool)[places]
    shared = several[((counts > AT_MOST) | words | typed) & ~stated]
    if shared.empty:
        return
    number = shared.groupby(key).ngroups
    raise AnalystError(
        f"{len(shared)} responses of one wave share "
        + (f"{number} codes that hardly are" if number > 1 else "a code that hardly is")
        + f" one person's:\n    {_by_file(parts, shared)}",
        where=parts[int(shared["part"].iloc[0])].where,
        fix="Look at these rows. In the mapping, write under values.respondent what is written "
        "there: with '' if it is no code, with itself if it is one person's code. Where several "
        f"people share codes, name what tells them apart under must_agree in the rules of the "
        f"{survey.label}.",
    )


def _account(part: Part, survey: Survey, context: Context, quality: Quality) -> None:
    quality.account(
        file=part.file,
        sheet=part.sheet,
        source=survey.id,
        wave=part.export.wave,
        read=len(part.reasons),
        reasons=part.reasons,
    )
    quality.findings.extend({"file": part.file, "finding": words} for words in part.notes)
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


def _linked(
    frame: pd.DataFrame, context: Context, survey: Survey, quality: Quality
) -> pd.DataFrame:
    """The frame with ``respondent``, and which of somebody's codes a row has, in place of codes."""
    rules = survey.rules
    rows = frame[["school", "code", "plain", *rules.must_agree]].assign(
        wave=_in_time(frame, context)
    )
    counted: list[dict[str, object]] = []
    found = linking.persons(rows, rules, counted)
    quality.linking.extend({"survey": survey.id, **rule} for rule in counted)
    people = found.drop_duplicates("person")
    hashes = pseudonyms(
        people["identity"], people["school"], people["apart"], survey.id, context.key
    )
    frame = frame.drop(columns=["code", "plain", "submitted", "answered", "response"])
    # People are numbered in the order of their first rows.
    frame["respondent"] = pd.array(hashes, dtype="str").take(found["person"].to_numpy())
    frame[linking.WRITTEN], frame[linking.COMPARED] = found["written"], found["compared"]
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
            ("late", len(part)),
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
    codes = (linking.WRITTEN, linking.COMPARED)
    columns = list(dict.fromkeys(["flag.person", "school", phase, *codes]))
    waves = {str(wave): part[columns] for wave, part in frame.groupby("wave", sort=False)}
    for first, second in combinations([w for w in context.study.wave_ids if w in waves], 2):
        both = waves[first].merge(waves[second], on="flag.person", how="left", suffixes=("", "_2"))
        found = both["school_2"].notna()
        how = linking.link(*((both[each], both[f"{each}_2"]) for each in codes))
        counts = pd.DataFrame(
            {
                "respondents": 1,
                **{link: found & (how == link) for link in linking.LINKS},
                "changed_school": found & (both["school"] != both["school_2"]),
                "changed_phase": found & bool(phases) & (both[phase] != both[f"{phase}_2"]),
                "unlinked": ~found,
            }
        )
        table = counts.groupby(both["school"]).sum().astype("int64").reset_index()
        tables.append(table.assign(survey=survey.id, first=first, second=second))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
