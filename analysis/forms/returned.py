"""What came back: a filled-in workbook, or a table of ratings, read whole or not at all.

Sheets are known by their marks, whatever they are called now; cells by where the form has them. What
is wrong is named with file, sheet and cell, all at once, and then nothing of that file is used. A
value is read as a spreadsheet may have turned it: figures with a format of dates, days typed as text,
choices in another case.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import strands as registry
from analysis.errors import AnalystError, Collected
from analysis.forms.asked import MAKERS, Column, Material, Period, audit, columns_of
from analysis.forms.workbook import (
    ASSESSMENT,
    DAY,
    FIRST,
    HEADS,
    LONGEST,
    MACHINE,
    MARK,
    VERSION,
)
from analysis.language import long_date
from analysis.places import plain_file
from analysis.prepare.answers import normalised
from analysis.prepare.strands import CHECKED
from analysis.sources import tables, workbook
from analysis.sources.container import OLE, container_of
from analysis.strands import REVIEWS, Table

#: Bytes of a workbook, packed and unpacked, beyond which it is no form.
PACKED, UNPACKED, PARTS = 5_000_000, 20_000_000, 500
#: A day counted from here is what a spreadsheet makes of a number.
EPOCH = dt.date(1899, 12, 30)
#: Counts that were given a format of dates are days of these years.
COUNTS_AS_DAYS = range(1899, 1927)
DAYS = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d %B %Y", "%d %b %Y")
SEND_AGAIN = "Ask the school to correct it there, and to send the file again."
USE_FORM = "Ask the school to fill in its own form of this term (drp forms writes it)."


@dataclass(frozen=True)
class Answer:
    """One line that a school filled in: the table, the columns that are fixed, and the others."""

    table: str
    fixed: Mapping[str, str]
    values: Mapping[str, str]
    place: str

    @property
    def key(self) -> tuple[str, ...]:
        """What names its row in the table."""
        whole = {**self.fixed, **self.values}
        return tuple(whole.get(name, "") for name in registry.table(self.table).unique)


@dataclass(frozen=True)
class Returned:
    """One file that came back and can be used; ``dated`` is where its day stands, for a message."""

    path: Path
    sha256: str
    kind: str
    school: str
    edition: str
    day: dt.date
    dated: str
    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()

    @property
    def said(self) -> set[tuple[Any, ...]]:
        """All it says, to be compared."""
        return {(a.table, a.key, *sorted(a.values.items())) for a in self.answers}


def read(path: Path, material: Material) -> Returned:
    """Read one file that came back.

    Raises
    ------
    AnalystError
        If it is no form of this study, or anything in it is wrong: all at once.
    """
    plain_file(path)
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return _ratings(path, material)
    _refuse_unsafe(path)
    try:
        with workbook.opened(path) as book:
            grids = {name: book.rows(name) for name in book.sheets}
            formulas = {name: book.marks(name).without_result for name in book.sheets}
    except AnalystError:
        raise
    except Exception:
        raise _broken(path) from None
    return _Form(path, material, grids, formulas).read()


def _broken(path: Path) -> AnalystError:
    return AnalystError(
        f"{path.name} is no workbook that can be opened.",
        where=str(path),
        fix="Ask the school to save it as a workbook (.xlsx), and to send it again.",
    )


def _refuse_unsafe(path: Path) -> None:
    """Stop at what is no plain workbook: locked, with macros, or made to fill the memory."""
    if path.stat().st_size > PACKED:
        raise AnalystError(
            f"{path.name} is larger than any form ({path.stat().st_size:,} bytes).",
            where=str(path), fix=USE_FORM,
        )  # fmt: skip
    if container_of(path) != "xlsx":
        raise _broken(path)
    if path.read_bytes()[:4] == OLE:
        raise AnalystError(
            f"{path.name} is a workbook of before 2007 (.xls), which is not read as a form.",
            where=str(path), fix="Ask the school to save it as .xlsx, and to send it again.",
        )  # fmt: skip
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            types = (
                archive.read("[Content_Types].xml")
                if "[Content_Types].xml" in archive.namelist()
                else b""
            )
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):
        raise _broken(path) from None
    if sum(part.file_size for part in parts) > UNPACKED or len(parts) > PARTS:
        raise AnalystError(
            f"{path.name} unpacks to more than any form holds; it is not opened.",
            where=str(path), fix=USE_FORM,
        )  # fmt: skip
    names = {part.filename.lower() for part in parts}
    if b"macroEnabled" in types or any(name.endswith("vbaproject.bin") for name in names):
        raise AnalystError(
            f"{path.name} holds macros (programs); it is not opened.",
            where=str(path),
            fix="Ask the school to save it as a workbook without macros (.xlsx). A form has none: "
            "whoever added one may not mean well.",
        )
    if "xl/workbook.xml" not in names:
        raise AnalystError(
            f"{path.name} is no workbook of the kind .xlsx.",
            where=str(path), fix="Ask the school to save it as .xlsx, and to send it again.",
        )  # fmt: skip


def school_of(path: Path, material: Material) -> str:
    """Whose a file is that could not be used: as its marks say, or its name; nothing if unknown."""
    try:
        _refuse_unsafe(path)
        with workbook.opened(path) as book:
            names = [MACHINE] if MACHINE in book.sheets else list(book.sheets)
            for name in names:
                known = _json(_cell(book.rows(name), MARK, 0))
                if known and "school" in known:
                    return str(known["school"])
    except Exception:
        # Whatever is wrong with it has been said; its name is all that is left.
        pass
    words = re.split(r"[^A-Za-z0-9]+", path.stem.casefold())
    return next((str(s) for s in material.schools.index if str(s).casefold() in words), "")


class _Form:
    """A workbook while it is read."""

    def __init__(
        self,
        path: Path,
        material: Material,
        grids: dict[str, list[list[str]]],
        formulas: dict[str, list[tuple[int, int]]],
    ) -> None:
        self.path, self.material, self.grids, self.formulas = path, material, grids, formulas
        self.mistakes = Collected()
        self.notes: list[str] = []

    def read(self) -> Returned:
        marks = {name: found for name, grid in self.grids.items() if (found := _marked(grid))}
        known = self._whole(marks)
        school = self._school(known)
        start = [name for name, found in marks.items() if found["table"] == ""]
        period = Period(
            known["edition"], known["term"],
            dt.date.fromisoformat(known["start"]), dt.date.fromisoformat(known["end"]),
        )  # fmt: skip
        day = None
        if start:
            with self.mistakes.also():
                day = self._day(start[0], period)
        else:
            self._wrong("The form's first sheet, with the day on which it was filled in, is not "
                        "there.", "", None, "Ask the school for the whole workbook.")  # fmt: skip
        answers: list[Answer] = []
        for table in dict.fromkeys(found["table"] for found in marks.values()):
            if table:
                answers += self._table(table, marks, period)
        missing = set(known.get("sheets", {})) - {found["table"] for found in marks.values()}
        for table in sorted(missing - {""}):
            self.notes.append(f"the sheet {known['sheets'][table]} is not there; nothing is said "
                              "of it")  # fmt: skip
        self.mistakes.raise_any()
        if day is not None and not answers:
            self._wrong("Nothing is filled in.", "", None, USE_FORM)
        if day is not None and known["edition"] != self.material.period.edition:
            self._refuse_old(known, day, period)
        self.mistakes.raise_any()
        assert day is not None
        return Returned(
            self.path, sha256(self.path), known["kind"], school, known["edition"], day,
            self.at(start[0], DAY), tuple(answers), tuple(self.notes),
        )  # fmt: skip

    def _wrong(
        self, what: str, sheet: str, cell: tuple[int, int] | None, fix: str = SEND_AGAIN
    ) -> None:
        self.mistakes.add(AnalystError(what, where=self.at(sheet, cell), fix=fix))

    def at(self, sheet: str, cell: tuple[int, int] | None) -> str:
        """A place, for a message: file, sheet, address."""
        parts = [str(self.path), *([f"sheet {sheet}"] if sheet else [])]
        return ", ".join([*parts, *([f"cell {address(*cell)}"] if cell else [])])

    def _whole(self, marks: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
        """What the workbook is: its hidden sheet says it, and every other has to agree."""
        grid = self.grids.get(MACHINE)
        known: Mapping[str, Any] = (_json(_cell(grid, 0, 0)) if grid else None) or {}
        if "school" not in known:
            if not marks:
                raise AnalystError(
                    f"{self.path.name} is no form of this program: none of its sheets says whose "
                    "it is.",
                    where=self.at(next(iter(self.grids), ""), (MARK, 0)), fix=USE_FORM,
                )  # fmt: skip
            known = next(iter(marks.values()))
            self.notes.append("its sheets were copied into another workbook")
        if known["form"] != VERSION:
            raise AnalystError(
                f"{self.path.name} is a form of version {known['form']}; forms of version {VERSION} "
                "are read.",
                where=self.at(MACHINE if grid else next(iter(marks)), (0, 0)), fix=USE_FORM,
            )  # fmt: skip
        for name, found in marks.items():
            for key, word in (("study", "study"), ("school", "school"), ("edition", "term")):
                if found[key] != known[key]:
                    self._wrong(
                        f"This sheet is of the {word} '{found[key]}', the workbook of "
                        f"'{known[key]}': it was copied from another form.",
                        name, (MARK, 0), "Ask the school for its own form, as it filled it in.",
                    )  # fmt: skip
        self.mistakes.raise_any()
        if known["study"] != self.material.study.id:
            raise AnalystError(
                f"{self.path.name} is a form of another study, '{known['study']}'.",
                where=self.at(MACHINE, (0, 0)),
                fix="Give the folder of that study with --study, or take the file away.",
            )
        return dict(known)

    def _school(self, known: Mapping[str, Any]) -> str:
        """Whose form it is; the file's name may say nothing else."""
        school, schools = str(known["school"]), self.material.schools
        if school not in schools.index:
            raise AnalystError(
                f"'{school}' is no school of the study.",
                where=self.at(MACHINE, (0, 0)),
                fix=f"Add it to {self.material.study.schools}, or take the file away.",
            )
        words = re.split(r"[^A-Za-z0-9]+", self.path.stem.casefold())
        for other, name in zip(schools.index, schools["name"], strict=True):
            named = str(other).casefold() in words or normalised(str(name)) in normalised(
                self.path.stem.replace("_", " ").replace("-", " ")
            )
            if other != school and named and school.casefold() not in words:
                raise AnalystError(
                    f"The file is named after {other} and holds the form of {school}.",
                    where=self.at(MACHINE, (0, 0)),
                    fix=f"Ask who filled it in. If it was {school}, name the file after it; if it "
                    f"was {other}, ask that school to use its own form.",
                )
        return school

    def _refuse_old(self, known: Mapping[str, Any], day: dt.date, period: Period) -> None:
        """An earlier term's form may be late; filled in after that term, it is about another."""
        now = self.material.period
        if period.start > now.start:
            self._wrong(
                f"This is the form of {known['term']}, and the study's edition is {now.term}.",
                MACHINE, (0, 0), "Set the edition in study.yaml to the new term first.",
            )  # fmt: skip
        elif day > period.end:
            self._wrong(
                f"This is the form of {known['term']}, filled in on {long_date(day)}, after that "
                f"term; this term's is that of {now.term}. Which term it speaks of cannot be known.",
                self._start_name(), DAY, USE_FORM,
            )  # fmt: skip
        else:
            self.notes.append(f"it is a late return for {known['term']}")

    def _start_name(self) -> str:
        return next(
            (n for n, g in self.grids.items() if (m := _marked(g)) and m["table"] == ""), ""
        )

    def _day(self, sheet: str, period: Period) -> dt.date | None:
        text = _cell(self.grids[sheet], *DAY)
        if not text:
            self._wrong("The day is not filled in on which the form was.", sheet, DAY)
            return None
        day = as_day(text)
        if day is None:
            self._wrong(f"'{text}' is no day such as 14/03/2018.", sheet, DAY)
        elif not period.start <= day <= period.latest:
            self._wrong(
                f"{long_date(day)} is a day of another term: {period.term} is from "
                f"{long_date(period.start)} to {long_date(period.end)}.",
                sheet, DAY,
            )  # fmt: skip
            return None
        return day

    def _table(
        self, table: str, marks: Mapping[str, Mapping[str, Any]], period: Period
    ) -> list[Answer]:
        """A table's lines, from the sheet that has it, whatever it is called."""
        names = [name for name, found in marks.items() if found["table"] == table]
        if table not in self.material.frames or table not in MAKERS:
            self._wrong(f"The study has no table '{table}' any more.", names[0], (MARK, 0),
                        "Name its file under strands in study.yaml, or make new forms.")  # fmt: skip
            return []
        read = [self._sheet(name, table, marks[name], period) for name in names]
        if len(names) > 1:
            said = [{(a.key, *sorted(a.values.items())) for a in each} for each in read]
            if any(each != said[0] for each in said):
                self._wrong(f"The sheet is there {len(names)} times ({', '.join(names)}), and not "
                            "alike.", names[1], (FIRST, 1),
                            "Ask the school which of them is meant.")  # fmt: skip
                return []
            self.notes.append(f"the sheet {names[0]} is there {len(names)} times, alike")
        return read[0]

    def _sheet(
        self, name: str, table: str, mark: Mapping[str, Any], period: Period
    ) -> list[Answer]:
        grid, known = self.grids[name], registry.table(table)
        for number, heading in enumerate(mark["headings"], 1):
            if _cell(grid, HEADS, number) != heading:
                self._wrong(f"The heading says '{_cell(grid, HEADS, number)}', the form "
                            f"'{heading}': columns were changed.", name, (HEADS, number))  # fmt: skip
                return []
        columns = self._columns(known, mark)
        before = len(self.mistakes.errors)
        answers = []
        for row in range(FIRST, max(FIRST + mark["lines"], len(grid))):
            line = _json(_cell(grid, row, 0))
            if line is None:
                if any(_cell(grid, row, n) for n in range(1, len(mark["columns"]) + 1)):
                    self._wrong("Something stands outside the form's lines.", name, (row, 1))
                continue
            answer = self._line(name, row, known, columns, mark["columns"], line, period)
            answers += [answer] if answer else []
        if len(self.mistakes.errors) == before:
            self._refuse_twice(name, answers)
            self._check_as_table(name, known, answers)
        return answers

    def _columns(self, table: Table, mark: Mapping[str, Any]) -> dict[str, Column]:
        """The columns of a sheet as this study asks them: the same that made the form."""
        school = str(mark["school"])
        made = (
            audit(self.material, school, REVIEWS[-1])
            if mark["kind"] == ASSESSMENT
            else MAKERS[table.name](self.material, school)
        )
        now = {c.name: c for c in made.columns}
        unknown = [name for name in mark["columns"] if name and name not in now]
        return now | {c.name: c for c in columns_of(self.material, table, unknown, {})}

    def _line(
        self, sheet: str, row: int, table: Table, columns: Mapping[str, Column],
        order: list[str], line: Mapping[str, Any], period: Period,
    ) -> Answer | None:  # fmt: skip
        """One line: what is filled in and differs from what the form had already."""
        if line["fixed"].get("school") != self._whole_school():
            self._wrong("The line is of another school.", sheet, (row, 0))
            return None
        grid, values, places = self.grids[sheet], dict[str, str](), dict[str, int]()
        for number, name in enumerate(order, 1):
            text = _cell(grid, row, number)
            if not name or name in line["fixed"]:
                had = line["shown"][number - 1] if not name else self._as_shown(
                    columns[name], line["fixed"][name]
                )  # fmt: skip
                if _plain(text) != _plain(had) and (not name or not self._same(
                    columns[name], text, line["fixed"][name]
                )):  # fmt: skip
                    self._wrong(f"A locked cell was changed: it says '{text}', the form '{had}'.",
                                sheet, (row, number))  # fmt: skip
                continue
            if (row + 1, number) in self.formulas[sheet]:
                self._wrong("A formula has no result in the file.", sheet, (row, number),
                            "Ask the school to write the number itself.")  # fmt: skip
            values[name], places[name] = (
                self._value(columns[name], text, sheet, row, number, period),
                number,
            )
        had = {name: str(line["filled"].get(name, "")) for name in values}
        if all(_equal(values[name], had[name]) for name in values):
            return None
        if not any(values.values()):
            name = next((n for n in values if had[n] and columns[n].needed), "")
            if not name:
                return None
            self._wrong("What the form had filled in was emptied; a line cannot be taken back so.",
                        sheet, (row, places[name]),
                        "Ask what is meant; take the row out of the table by hand.")  # fmt: skip
            return None
        for name in values:
            if columns[name].needed and not values[name]:
                self._wrong(f"'{columns[name].heading.rstrip(' *')}' is not filled in.",
                            sheet, (row, places[name]))  # fmt: skip
        return Answer(table.name, line["fixed"], values, self.at(sheet, (row, 1)))

    def _whole_school(self) -> str:
        found = (_marked(grid) for grid in self.grids.values())
        return next(str(each["school"]) for each in found if each)

    def _as_shown(self, column: Column, value: str) -> str:
        return column.choices.get(value, value)

    def _same(self, column: Column, text: str, value: str) -> bool:
        """Whether a locked cell says what it did, however the spreadsheet wrote it."""
        day = as_day(text) if column.kind == "date" else None
        return day is not None and day.isoformat() == value

    def _value(
        self, column: Column, text: str, sheet: str, row: int, number: int, period: Period
    ) -> str:
        """A cell's value as the table has it; empty, and said, where it cannot be."""
        if not text:
            return ""
        expected = ""
        if text in workbook.ERRORS:
            expected = "no error of the spreadsheet"
        elif column.kind == "choice":
            for value, words in column.choices.items():
                if _plain(text) in (_plain(words), _plain(value)):
                    return value
            expected = f"one of {', '.join(column.choices.values())}"
        elif column.kind in ("number", "decimal"):
            found = as_number(text)
            if found is not None and (column.kind == "decimal" or "." not in found):
                return found
            expected = (
                "a whole number" if column.kind == "number" else "a number"
            ) + " of 0 or more"
        elif column.kind == "date":
            day = as_day(text)
            if day is not None and period.start <= day <= period.end:
                return day.isoformat()
            expected = f"a day of {period.term}, from {long_date(period.start)} to " \
                       f"{long_date(period.end)}"  # fmt: skip
        elif len(text) > LONGEST:
            expected = f"a text of at most {LONGEST} characters"
        else:
            return " ".join(text.split())
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        self._wrong(f"'{shown}' is not {expected}.", sheet, (row, number))
        return ""

    def _refuse_twice(self, sheet: str, answers: list[Answer]) -> None:
        seen: dict[tuple[str, ...], Answer] = {}
        for answer in answers:
            before = seen.setdefault(answer.key, answer)
            if before is not answer:
                cell = before.place.rpartition("cell ")[2]
                self.mistakes.add(AnalystError(
                    f"The line says the same thing as the one at {cell} "
                    f"({', '.join(filter(None, answer.key[1:]))}).",
                    where=answer.place, fix=SEND_AGAIN,
                ))  # fmt: skip

    def _check_as_table(self, sheet: str, table: Table, answers: list[Answer]) -> None:
        """What the table's own reader would refuse."""
        check = CHECKED.get(table.name)
        if check is None or not answers:
            return
        rows = [int(re.sub(r"\D", "", a.place.rpartition("cell ")[2])) for a in answers]
        frame = pd.DataFrame([{**a.fixed, **a.values} for a in answers], index=rows, dtype="str")
        for column in (*table.columns, *table.optional):
            if column not in frame:
                frame[column] = ""
        where = Path(self.at(sheet, None))
        with self.mistakes.also():
            for column in registry.named(frame.columns, table.numbers):
                frame[column] = tables.whole_numbers(frame, column, where)
            for column in registry.named(frame.columns, table.decimals):
                frame[column] = tables.decimal_numbers(frame, column, where)
            check(self.material.study, frame.fillna(dict.fromkeys(frame.select_dtypes("str"), "")),
                  dict(self.material.documents), where)  # fmt: skip


def _ratings(path: Path, material: Material) -> Returned:
    """A filled table of the self-assessment: school, area, rating and the day, one row an area."""
    table = registry.table("whole_school_audit")
    if table.name not in material.frames:
        raise AnalystError("The study has no whole-school audit.", where=str(path),
                           fix="Name a file under strands.audit in study.yaml.")  # fmt: skip
    frame = tables.read(path, ("school", "area", "rating", "date"), key=("school", "area"))
    mistakes = Collected()
    schools = frame["school"].unique()
    if len(schools) != 1 or schools[0] not in material.schools.index:
        raise AnalystError(
            f"The ratings are of {', '.join(map(repr, schools)) or 'no school'}: they have to be of "
            "one school of the study.",
            where=f"{path}, column school",
            fix=f"Give one file for each school, with its id from {material.study.schools}.",
        )
    school = str(schools[0])
    sheet = audit(material, school, REVIEWS[-1])
    (column,) = sheet.columns
    known = {_plain(w): v for v, word in column.choices.items() for w in (v, word)}
    areas = {_plain(word): str(line.fixed["area"]) for line in sheet.lines
             for word in (str(line.fixed["area"]), line.shown[0])}  # fmt: skip
    answers, days = [], set()
    for row, entry in frame.iterrows():
        area, rating = areas.get(_plain(entry["area"])), known.get(_plain(entry["rating"]))
        day = as_day(entry["date"])
        for found, name, allowed in (
            (area, "area", ", ".join(str(line.shown[0]) for line in sheet.lines)),
            (rating, "rating", ", ".join(column.choices.values())),
            (day, "date", "a day such as 14/03/2018"),
        ):
            if found is None:
                mistakes.add(AnalystError(
                    f"'{entry[name]}' is not {'one of ' if name != 'date' else ''}{allowed}.",
                    where=f"{path}, row {row}, column {name}", fix=SEND_AGAIN,
                ))  # fmt: skip
        if area and rating and day:
            days.add(day)
            fixed = {"school": school, "area": area, "review": REVIEWS[-1]}
            answers.append(Answer(table.name, fixed, {"rating": rating}, f"{path}, row {row}"))
    if len(days) > 1:
        mistakes.add(AnalystError("The ratings are of several days.", where=f"{path}, column date",
                                  fix="Give one file for each session."))  # fmt: skip
    outside = [d for d in days if not material.period.start <= d <= material.period.latest]
    if outside:
        mistakes.add(AnalystError(
            f"{long_date(min(outside))} is a day of another term.", where=f"{path}, column date",
            fix=f"{material.period.term} begins on {long_date(material.period.start)}."))  # fmt: skip
    mistakes.raise_any()
    if not answers:
        raise AnalystError("There is no rating.", where=str(path), fix=SEND_AGAIN)
    return Returned(path, sha256(path), ASSESSMENT, school, material.period.edition, days.pop(),
                    f"{path}, column date", tuple(answers))  # fmt: skip


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def address(row: int, column: int) -> str:
    """A cell's address, from its row and column from nought: ``B7``."""
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(column + 1)}{row + 1}"


def as_day(text: str) -> dt.date | None:
    """A day from a cell: a date of the spreadsheet, its bare number, or as people type it."""
    plain = " ".join(text.split()).removesuffix(" 00:00:00")
    try:
        return dt.date.fromisoformat(plain)
    except ValueError:
        pass
    if re.fullmatch(r"\d{5}(\.0+)?", plain):
        return EPOCH + dt.timedelta(days=int(float(plain)))
    tidied = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", plain, flags=re.IGNORECASE)
    for form in DAYS:
        try:
            return dt.datetime.strptime(tidied, form).date()
        except ValueError:
            continue
    return None


def as_number(text: str) -> str | None:
    """A number of nought or more from a cell, as the tables have it; nothing if it is none.

    Figures to which a spreadsheet gave a format of dates are days of its first years; commas between
    thousands are left out.
    """
    plain = "".join(text.split()).replace("\u00a0", "")
    if found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:00:00:00)?", plain):
        year, month, day = map(int, found.groups())
        if year in COUNTS_AS_DAYS:
            # Spreadsheets have a 29 February 1900, which was none.
            shown = dt.date(year, month, day)
            return str((shown - EPOCH).days - (shown < dt.date(1900, 3, 1)))
        return None
    if re.fullmatch(r"00:00:00", plain):
        return "0"
    if re.fullmatch(r"\d{1,3}(,\d{3})+", plain):
        plain = plain.replace(",", "")
    if not re.fullmatch(r"\d+(\.\d+)?", plain):
        return None
    return re.sub(r"\.0+$", "", plain)


def _marked(grid: list[list[str]]) -> dict[str, Any] | None:
    """A sheet's mark, if it is one of a form."""
    found = _json(_cell(grid, MARK, 0))
    whole = {"form", "kind", "study", "school", "edition", "term", "start", "end", "table"}
    return found if found is not None and whole <= found.keys() else None


def _json(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text) if text.startswith("{") else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _cell(grid: list[list[str]] | None, row: int, column: int) -> str:
    """A cell's text, without space around it; empty where there is none."""
    if grid is None or row >= len(grid) or column >= len(grid[row]):
        return ""
    return grid[row][column].replace("\u00a0", " ").strip()


def _equal(one: str, other: str) -> bool:
    """Whether two values are the same, as texts or as numbers."""
    if one == other or " ".join(other.split()) == one:
        return True
    first, second = as_number(one), as_number(other)
    return first is not None and second is not None and float(first) == float(second)


def _plain(text: str) -> str:
    """A text as compared."""
    return normalised(str(text).replace("\u00a0", " "))


def files(folder: Path) -> Iterator[Path]:
    """The files of a folder of returns, in order of their names; no hidden ones, no locks."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path
