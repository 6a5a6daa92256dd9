"""Does a mapping serve an export? Asked of a new file before a mapping is made for it."""

from __future__ import annotations

from analysis import questionnaire, sources
from analysis.errors import AnalystError
from analysis.instruments import Instrument
from analysis.instruments import load as load_instrument
from analysis.prepare.attributes import refuse_missing_columns
from analysis.sources import RawExport
from analysis.sources import mapping as mappings
from analysis.sources.mapping import Mapping
from analysis.sources.wording import normalised
from analysis.study import Export, Study, Survey


class Unmapped(AnalystError):
    """The export can be read; it is the mapping that does not serve."""


def refuse_unfit(study: Study, survey: Survey, export: Export) -> None:
    """Stop if an export cannot be read, or not with its mapping.

    Raises
    ------
    AnalystError
        As preparing would say it; :class:`Unmapped` if another mapping would help.
    """
    raw = sources.read(study.path(export.file), export.format, export.sheet)
    if not export.mapping:
        questionnaire.recognised(raw, study, survey, export, _instruments(study, survey))
        return
    mapping = mappings.load(study.path(export.mapping))
    try:
        refuse_missing_columns(raw, mapping, str(study.path(export.file)), export.mapping)
    except AnalystError as error:
        raise Unmapped(error.what, where=error.where, fix=error.fix) from None


def serving(study: Study, survey: Survey, file: str) -> Export | None:
    """The newest export of a survey whose mapping serves another file of it, too.

    A file that is not there yet is taken to be as the newest; one that is there has to have every
    column that the mapping names, asking the same in words where both files say what they ask.
    """
    mapped = [each for each in reversed(survey.exports) if each.mapping and each.file != file]
    if not study.path(file).is_file():
        return next(iter(mapped), None)
    return next((each for each in mapped if _serves(study, each, file)), None)


def _serves(study: Study, export: Export, file: str) -> bool:
    try:
        mapping = mappings.load(study.path(str(export.mapping)))
        raw = sources.read(study.path(file))
        refuse_missing_columns(raw, mapping, file, str(export.mapping))
    except AnalystError:
        return False
    try:
        before = sources.read(study.path(export.file), export.format, export.sheet)
    except AnalystError:
        return True  # retired, say: its columns are all that is known of it
    return _questions(raw, mapping) == _questions(before, mapping)


def _questions(raw: RawExport, mapping: Mapping) -> dict[str, str]:
    """What the columns of the items ask, in words."""
    return {
        column: normalised(raw.questions.get(column, ""))
        for item in mapping.items
        for column in mapping.columns_of(item)
    }


def _instruments(study: Study, survey: Survey) -> dict[str, Instrument]:
    return {
        name: load_instrument(study.path(f"instruments/{name}.yaml")) for name in survey.instruments
    }
