"""Do the study file, its instruments and its mappings fit each other? Asked before data are read."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingOf
from pathlib import Path

from analysis import instruments, questionnaire
from analysis.errors import AnalystError, Collected
from analysis.instruments import Instrument
from analysis.instruments.model import lookup_table
from analysis.sources import mapping as mappings
from analysis.sources.mapping import Mapping
from analysis.sources.wording import MISSING_KINDS
from analysis.study import AND, INTERVIEWEES, SCHOOLS, Group, Study, Survey, at

#: Columns of prepared surveys that no attribute can be named like.
RESERVED = ("wave", "row", "code", "plain", "answered")


def read(study: Study, mistakes: Collected) -> tuple[dict[str, Instrument], set[str]]:
    """The study's instruments by id, and the surveys whose definitions are all right.

    What is wrong goes into ``mistakes``.
    """
    path = study.path("study.yaml")
    found: dict[str, Instrument] = {}
    named = {name: survey for survey in reversed(study.surveys) for name in survey.instruments}
    for name in sorted(named):
        with mistakes.also():
            file = study.path(f"instruments/{name}.yaml")
            if not file.is_file():
                raise AnalystError(
                    f"The {named[name].label} asks with the instrument '{name}', and there is no "
                    f"instruments/{name}.yaml.",
                    where=at(path, f"surveys.{named[name].id}.instruments"),
                    fix="Write the file (docs/study.md), or correct the name.",
                )
            instrument = instruments.load(file)
            for subscale in instrument.subscales:
                if subscale.lookup:
                    lookup_table(instrument, subscale)
            if instrument.id != name:
                raise AnalystError(
                    f"The instrument file {file.name} says that its id is '{instrument.id}'.",
                    where=at(file, "id"),
                    fix="Give file and id one name.",
                )
            found[name] = instrument
    sound: set[str] = set()
    mapped: dict[str, list[Mapping]] = {}
    for survey in study.surveys:
        before = len(mistakes.errors)
        known = [found[name] for name in survey.instruments if name in found]
        _check_instruments(study, survey, known, mistakes)
        mapped[survey.id] = list(_mappings(study, survey, known, found, mistakes))
        if len(known) == len(survey.instruments) and len(mistakes.errors) == before:
            sound.add(survey.id)
    for survey in study.surveys:
        whole = len(mapped[survey.id]) == len(survey.exports)
        _check_attributes(study, survey, mapped[survey.id] if whole else [], mistakes)
    if all(len(mapped[survey.id]) == len(survey.exports) for survey in study.surveys):
        _check_groups(study, mapped, mistakes)
        _check_labels(study, mapped, mistakes)
    for name in study.smallest_effects:
        if not any(name in survey.instruments for survey in study.surveys):
            mistakes.add(
                AnalystError(
                    f"smallest_effects names '{name}', which is no instrument of any survey.",
                    where=at(path, f"smallest_effects.{name}"),
                    fix="Correct it, or take it out.",
                )
            )
    return found, sound


def not_of(study: Study, of: MappingOf[str, str], groups: Sequence[Group]) -> str:
    """What is wrong with whom a norm is said to be of; nothing if it is one of these groups."""
    for name, value in of.items():
        group = next((each for each in groups if each.id == name), None)
        if group is None:
            known = ", ".join(each.id for each in groups) or "none"
            return f"'{name}', which is no group of the study; these are {known}"
        if group.values and not group.lists(value):
            return f"'{value}', which is no {group.label.lower()} of the study"
    return ""


def _check_instruments(
    study: Study, survey: Survey, known: list[Instrument], mistakes: Collected
) -> None:
    """Headline, population and item codes of a survey's instruments."""
    path, within = study.path("study.yaml"), f"surveys.{survey.id}"
    name, score = survey.headline.split(".")
    population = study.asked(survey)
    codes: dict[str, str] = {}
    for instrument in known:
        if instrument.id == name and score not in instrument.scores:
            mistakes.add(
                AnalystError(
                    f"The headline '{survey.headline}' is no score of {instrument.short}; its "
                    f"scores are {', '.join(instrument.scores)}.",
                    where=at(path, f"{within}.headline"),
                    fix="Name one of these after the dot.",
                )
            )
        if instrument.population not in ("", population.id, population.kind):
            mistakes.add(
                AnalystError(
                    f"{instrument.short} is for {instrument.population}, and the {survey.label} "
                    f"asks {population.id} ({population.kind}).",
                    where=at(path, f"{within}.instruments"),
                    fix="Choose another instrument; or correct 'population' in "
                    f"instruments/{instrument.id}.yaml, if it was made for both.",
                )
            )
        for each in instrument.norms:
            where = str(study.path(f"instruments/{instrument.id}.yaml"))
            if why := not_of(study, each.of, study.breakdowns(survey)):
                mistakes.add(
                    AnalystError(
                        f"norms: '{each.label}' is said to be of {why}.",
                        where=where,
                        fix="Name a group of study.yaml by its id, and one of its values; or "
                        "leave 'of' out.",
                    )
                )
        for item in instrument.items:
            other = codes.setdefault(item.code, instrument.id)
            if other != instrument.id:
                mistakes.add(
                    AnalystError(
                        f"The item {item.code} is in two instruments of the {survey.label}: {other} "
                        f"and {instrument.id}.",
                        where=str(study.path(f"instruments/{instrument.id}.yaml")),
                        fix="Give the items of one of them other codes.",
                    )
                )


def _mappings(
    study: Study,
    survey: Survey,
    known: list[Instrument],
    every: dict[str, Instrument],
    mistakes: Collected,
) -> Iterator[Mapping]:
    """The mappings of a survey's exports that can be read, each checked against the items."""
    items = [item.code for instrument in known for item in instrument.items]
    whole = len(every) == len({name for each in study.surveys for name in each.instruments})
    taken = {*RESERVED, *items} | {
        name for group in study.groups_of(SCHOOLS) for name in (group.column, group.id)
    }
    by_id = {instrument.id: instrument for instrument in known}
    for export in survey.exports:
        path = study.path(export.mapping or "study.yaml")
        if not export.mapping and len(by_id) < len(survey.instruments):
            continue
        with mistakes.also():
            if export.mapping:
                mapping = mappings.load(path)
            else:
                made = questionnaire.candidates(study, survey, by_id, survey.asks(export))
                mapping = questionnaire.declared(made[-1])
            yield mapping
            with mistakes.also():
                if export.mapping:
                    asked = [one for one in known if one.id in survey.asks(export)]
                    _refuse_unknown(mapping, path, asked, every if whole else {})
            for attribute in mapping.columns:
                if attribute in taken:
                    with mistakes.also():
                        raise AnalystError(
                            f"'{attribute}' cannot be what an attribute is called: the prepared "
                            "table has such a column already.",
                            where=at(path, f"columns.{attribute}"),
                            fix="Give the attribute another name.",
                        )


def _refuse_unknown(
    mapping: Mapping, path: Path, asked: list[Instrument], every: dict[str, Instrument]
) -> None:
    """Stop if a mapping lacks an item of a survey, or names what no instrument has.

    One mapping may serve two surveys: an item of ``every`` instrument of the study may stand in it.
    Without those nothing is taken for unknown.
    """
    wanted = [(item, instrument) for instrument in asked for item in instrument.items]
    known = {item.code for one in every.values() for item in one.items}
    sets = {name for one in every.values() for name in one.response_sets}
    wrong = [
        f"names no column for {item.code} ({item.label}) of {instrument.short}"
        for item, instrument in wanted
        if item.code not in mapping.items
    ]
    for key, names, words, allowed in (
        ("items", mapping.items, "item", known),
        ("wordings", mapping.wordings, "response set", sets),
    ):
        for name in names if every else ():
            if name not in allowed:
                near = difflib.get_close_matches(name, sorted(allowed), n=1)
                line = mapping.line(key, name)
                wrong.append(
                    (f"line {line}: " if line else "")
                    + f"{key}.{name} is no {words} of the study's instruments"
                    + (f"; did you mean '{near[0]}'?" if near else "")
                )
    for name, points in mapping.wordings.items():
        scales = [one.response_sets[name] for one in every.values() if name in one.response_sets]
        for wording, point in points.items():
            if scales and not any(point in scale.labels for scale in scales):
                line = mapping.line("wordings", name, wording)
                wrong.append(
                    (f"line {line}: " if line else "")
                    + f"wordings.{name}.{wording}: {point} is no point of that scale, which has "
                    + ", ".join(str(known) for known in scales[0].labels)
                )
    if wrong:
        raise AnalystError(
            f"The mapping has {len(wrong)} mistake{'s' if len(wrong) > 1 else ''}:{AND}"
            + AND.join(wrong),
            where=str(path),
            fix="Add what is missing under 'items', and put right the keys named above.",
        )


def _check_attributes(
    study: Study, survey: Survey, mapped: list[Mapping], mistakes: Collected
) -> None:
    """Questions and attributes that the study file names are mapped for some wave."""
    if not mapped:
        return
    path, within = study.path("study.yaml"), f"surveys.{survey.id}"
    known = {attribute for mapping in mapped for attribute in mapping.columns}
    for key, names in (
        ("perceived_change", survey.perceived_change),
        ("rules.must_agree", survey.rules.must_agree),
    ):
        for name in names:
            if name not in known:
                mistakes.add(
                    AnalystError(
                        f"'{name}' is named under {key}, and no mapping of the {survey.label} has "
                        "a column for it.",
                        where=at(path, f"{within}.{key}"),
                        fix="Add it under 'columns' of the mapping, or take it out.",
                    )
                )


def _check_groups(study: Study, mapped: dict[str, list[Mapping]], mistakes: Collected) -> None:
    """Groups of people have a column, and the mappings and the list know the same values."""
    for group in study.groups:
        if group.of in (SCHOOLS, INTERVIEWEES):
            continue
        asked = [survey for survey in study.surveys if survey.population == group.of]
        all_mapped = [
            (export.mapping or "study.yaml", mapping)
            for survey in asked
            for export, mapping in zip(survey.exports, mapped[survey.id], strict=True)
        ]
        having = [(name, m) for name, m in all_mapped if group.column in m.columns]
        path, within = study.path("study.yaml"), f"groups.{group.id}"
        if not asked:
            mistakes.add(
                AnalystError(
                    f"The group '{group.id}' is one of {group.of}, whom no survey asks.",
                    where=at(path, f"{within}.of"),
                    fix="Correct 'of', or take the group out.",
                )
            )
        elif all_mapped and not having:
            mistakes.add(
                AnalystError(
                    f"No mapping of {' or '.join(survey.label for survey in asked)} has a column "
                    f"for '{group.column}', by which the group '{group.id}' is told.",
                    where=at(path, f"{within}.column"),
                    fix="Add it under 'columns' of the mappings, or take the group out.",
                )
            )
        elif group.values:
            _check_values(study, group, having, mistakes)
        if group.gap:
            _check_gap(study, group, having, mistakes)


def _check_gap(
    study: Study, group: Group, having: list[tuple[str, Mapping]], mistakes: Collected
) -> None:
    """Those who said yes are set against all others, so nothing but yes and no may be said."""
    for name, mapping in having:
        said = {value for value in mapping.values.get(group.column, {}).values() if value}
        for value in sorted(said - {"yes", "no", *MISSING_KINDS.values()}):
            mistakes.add(
                AnalystError(
                    f"The mapping gives '{value}' as a value of {group.column}, of which the group "
                    f"'{group.id}' says 'gap: true': a gap is between those who said yes and all "
                    "others.",
                    where=at(study.path(name), f"values.{group.column}"),
                    fix="Map each answer to yes or no (or a kind of missing), or take 'gap' out of "
                    f"groups.{group.id}.",
                )
            )


def _check_values(
    study: Study, group: Group, having: list[tuple[str, Mapping]], mistakes: Collected
) -> None:
    said: dict[str, str] = {}
    listed = True
    for name, mapping in having:
        values = mapping.values.get(group.column)
        listed = listed and values is not None
        for value in (values or {}).values():
            if value and value not in MISSING_KINDS.values():
                said.setdefault(value, name)
    for value, name in said.items():
        if not group.lists(value):
            mistakes.add(
                AnalystError(
                    f"The mapping gives '{value}' as a value of {group.column}, which the group "
                    f"'{group.id}' of study.yaml does not list.",
                    where=at(study.path(name), f"values.{group.column}"),
                    fix=f"Correct it, or list it under groups.{group.id}.values.",
                )
            )
    for value in group.ids if listed else ():
        if value not in said:
            mistakes.add(
                AnalystError(
                    f"No answer is '{value}', which the group '{group.id}' lists: no mapping gives "
                    f"it as a value of {group.column}.",
                    where=at(study.path("study.yaml"), f"groups.{group.id}.values"),
                    fix="Correct it, or take it out.",
                )
            )


def _check_labels(study: Study, mapped: dict[str, list[Mapping]], mistakes: Collected) -> None:
    known = {name for each in mapped.values() for mapping in each for name in mapping.columns}
    known |= {group.column for group in study.groups}
    for name in study.labels:
        if name not in known:
            mistakes.add(
                AnalystError(
                    f"labels names '{name}', which no mapping has.",
                    where=at(study.path("study.yaml"), f"labels.{name}"),
                    fix="Correct it, or take it out.",
                )
            )
