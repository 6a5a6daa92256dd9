"""One survey: every wave's export read, checked, linked and scored."""

from __future__ import annotations

import difflib
from collections.abc import Mapping as MappingOf

import pandas as pd

from analysis import instruments, sources
from analysis.errors import AnalystError
from analysis.instruments import Instrument
from analysis.prepare.answers import normalised, scale_points
from analysis.prepare.quality import Quality
from analysis.prepare.respondents import comparable, pseudonym
from analysis.sources import mapping as mappings
from analysis.sources.export import RawExport
from analysis.sources.mapping import CONSENT_NO, Mapping
from analysis.study import Export, Study, Survey

#: Attributes that decide whether a row is used, and are not kept.
GATES = ("consent", "status", "finished", "submitted", "respondent")


def prepare(
    study: Study,
    survey: Survey,
    instruments_of: MappingOf[str, Instrument],
    schools: pd.DataFrame,
    known_schools: MappingOf[str, str],
    key: bytes,
    quality: Quality,
) -> pd.DataFrame:
    """All used responses of a survey, one row per respondent and wave.

    Returns
    -------
    pandas.DataFrame
        Columns ``wave``, ``school``, ``phase``, ``reporting_phase``, ``respondent`` (keyed
        hash), the mapped attributes, item codes (scale points), scores
        (``<instrument>.<score>``); sorted by school, wave and row of the file.
    """
    waves = []
    for export in survey.exports:
        raw = sources.read(study.path(export.file), export.format, export.sheet)
        mapping = mappings.load(study.path(export.mapping))
        waves.append(
            _one_wave(study, survey, export, raw, mapping, instruments_of, known_schools, key, quality)
        )
    if not waves:
        raise AnalystError(
            f"The {survey.label} names no export.",
            where=str(study.path("study.yaml")),
            fix=f"Add one under surveys.{survey.id}.exports.",
        )
    frame = pd.concat(waves, ignore_index=True)
    for column in ("phase", "reporting_phase"):
        frame[column] = frame["school"].map(schools[column])
    order = {wave: place for place, wave in enumerate(study.wave_ids)}
    frame = frame.assign(_wave=frame["wave"].map(order))
    frame = frame.sort_values(["school", "_wave", "row"], kind="stable", ignore_index=True)
    return frame.drop(columns="_wave")


def _one_wave(
    study: Study,
    survey: Survey,
    export: Export,
    raw: RawExport,
    mapping: Mapping,
    instruments_of: MappingOf[str, Instrument],
    known_schools: MappingOf[str, str],
    key: bytes,
    quality: Quality,
) -> pd.DataFrame:
    where = f"{study.path(export.file)}" + (f", sheet '{raw.sheet}'" if raw.sheet else "")
    _refuse_missing_columns(raw, mapping, where, study.path(export.mapping).name)
    attributes = _attributes(raw, mapping)
    reasons = _reasons(raw, attributes, known_schools, where)
    used = reasons.index[reasons == ""]
    frame = attributes.loc[used].drop(columns=[c for c in GATES if c in attributes.columns])
    frame["school"] = attributes.loc[used, "school"].map(lambda name: known_schools[normalised(name)])
    frame.insert(0, "wave", export.wave)
    frame.insert(1, "row", used)
    frame["respondent"] = attributes.loc[used, "respondent"].map(
        lambda code: pseudonym(code, survey.id, key)
    )
    for name in survey.instruments:
        instrument = instruments_of[name]
        answers, kinds = {}, {}
        for item in instrument.items:
            if item.code not in mapping.items:
                raise AnalystError(
                    f"The mapping names no column for {item.code} ({item.label}) of "
                    f"{instrument.short}.",
                    where=str(study.path(export.mapping)),
                    fix="Add it under 'items'.",
                )
            column = raw.frame.loc[used, mapping.items[item.code]]
            answers[item.code], kinds[item.code] = scale_points(
                column, item, instrument, mapping.answers, where
            )
        points = pd.DataFrame(answers, index=used)
        frame = pd.concat([frame, points, instruments.score(instrument, points)], axis=1)
        for code, kind in kinds.items():
            quality.missing.extend(
                {
                    "survey": survey.id,
                    "instrument": instrument.id,
                    "wave": export.wave,
                    "item": code,
                    "kind": name or "answered",
                    "answers": int(count),
                }
                for name, count in kind.value_counts(sort=False).sort_index().items()
            )
    quality.account(
        file=raw.file,
        sheet=raw.sheet,
        source=survey.id,
        wave=export.wave,
        read=len(raw.frame),
        reasons=reasons,
    )
    return frame


def _refuse_missing_columns(raw: RawExport, mapping: Mapping, where: str, file: str) -> None:
    wanted = [*mapping.columns.values(), *mapping.items.values()]
    for column in wanted:
        if column not in raw.frame.columns:
            near = difflib.get_close_matches(column, raw.frame.columns, n=1)
            hint = f" The nearest heading is '{near[0]}'." if near else ""
            raise AnalystError(
                f"The export has no column '{column}', which the mapping {file} names.{hint}",
                where=where,
                fix="Correct the mapping, or export the file again with that question.",
            )
    for attribute in ("respondent", "school"):
        if attribute not in mapping.columns:
            raise AnalystError(
                f"The mapping names no column for '{attribute}'.",
                where=file,
                fix="Add it under 'columns'.",
            )


def _attributes(raw: RawExport, mapping: Mapping) -> pd.DataFrame:
    attributes = {}
    for attribute, column in mapping.columns.items():
        text = raw.frame[column].map(str.strip)
        if attribute in mapping.values:
            named = {normalised(str(k)): v for k, v in mapping.values[attribute].items()}
            text = text.map(lambda value, named=named: named.get(normalised(value), value))
        attributes[attribute] = text
    return pd.DataFrame(attributes, index=raw.frame.index)


def _reasons(
    raw: RawExport, attributes: pd.DataFrame, known_schools: MappingOf[str, str], where: str
) -> pd.Series:
    """Why each row is set aside; empty text where it is used."""
    reasons = pd.Series("", index=raw.frame.index, dtype="str")

    def set_aside(rows: pd.Series, reason: str) -> None:
        reasons.loc[rows & (reasons == "")] = reason

    answered = raw.frame.map(str.strip).ne("").any(axis=1)
    set_aside(~answered, "empty")
    if "consent" in attributes:
        set_aside(attributes["consent"].map(normalised) == CONSENT_NO, "consent")
    if "status" in attributes:
        set_aside(attributes["status"] == "preview", "preview")
    set_aside(attributes["school"] == "test", "test")
    set_aside(attributes["school"] == "", "no_school")
    unknown = attributes[(reasons == "") & ~attributes["school"].map(normalised).isin(known_schools)]
    if len(unknown):
        rows = ", ".join(str(row) for row in unknown.index[:5])
        raise AnalystError(
            f"'{unknown['school'].iloc[0]}' is not a school of this study.",
            where=f"{where}, row{'s' if len(unknown) > 1 else ''} {rows}",
            fix="Add the school to schools.csv, or say in the mapping under values.school which "
            "school (or 'test') this name stands for.",
        )
    code = attributes["respondent"].map(comparable)
    set_aside(code == "", "unidentified")
    order = attributes["submitted"] if "submitted" in attributes else pd.Series("", code.index)
    in_time = pd.DataFrame({"code": code, "submitted": order})[reasons == ""].sort_values(
        "submitted", kind="stable"
    )
    earlier = in_time.index[in_time["code"].duplicated(keep="last")]
    set_aside(pd.Series(reasons.index.isin(earlier), index=reasons.index), "duplicate")
    return reasons
