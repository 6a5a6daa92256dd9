"""Who has withdrawn: kept as keyed hashes only, beside the key, outside git."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import strands as registry
from analysis.errors import AnalystError
from analysis.places import plain_file
from analysis.prepare.respondents import comparable, keyed_hash, loose

#: In place of a survey or school: any.
ANY = "*"
#: The column of each table that says whose row it is.
PERSON = {table.name: table.person for _, table in registry.tables() if table.person}
#: Begins the line that tells under which key the list was written.
KEY = "key "


def entry(code: str, key: bytes, survey: str = ANY, school: str = ANY) -> str:
    """The hash under which a withdrawal is kept."""
    return keyed_hash(key, "withdrawn", survey, school, loose(comparable(code)))


def read(folder: Path, key: bytes) -> frozenset[str]:
    """All withdrawals in ``folder/withdrawn``; none if there is no such file.

    Raises
    ------
    AnalystError
        If the file cannot be read, holds anything but hashes, or was written under another key: a
        withdrawal must not be passed over.
    """
    path = folder / "withdrawn"
    if not path.exists():
        return frozenset()
    try:
        lines = plain_file(path).read_text(encoding="ascii").splitlines()
        marks = {line.removeprefix(KEY) for line in lines if line.startswith(KEY)}
        hashes = {line for line in lines if not line.startswith(KEY)}
        if any(len(bytes.fromhex(line)) != 8 for line in marks | hashes):
            raise ValueError
    except (OSError, ValueError):
        raise AnalystError(
            "The list of withdrawals cannot be read.",
            where=str(path),
            fix="Restore it from your backup; each line is a hash of 16 digits.",
        ) from None
    if marks - {mark(key)}:
        raise AnalystError(
            "The list of withdrawals was written under another key than the one that is there: "
            "everybody on it would return to the reports.",
            where=f"{folder / 'key'} and {path}",
            fix="Restore both files from one backup. If the old key is lost for good, look up "
            f"every code that was withdrawn, remove {path}, and give each code again with drp "
            "withdraw.",
        )
    return frozenset(hashes)


def add(folder: Path, hashed: str, key: bytes) -> None:
    """Add one withdrawal to the list, which notes under which key it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "withdrawn"
    lines = [f"{KEY}{mark(key)}", *sorted(read(folder, key) | {hashed})]
    # In one step: a list cut short would let people return.
    temporary = folder / "withdrawn.part"
    temporary.touch(mode=0o600)
    temporary.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    temporary.replace(path)


def mark(key: bytes) -> str:
    """What tells one key from another, and nothing of either."""
    return keyed_hash(key, "key")


@dataclass(frozen=True)
class Withdrawals:
    """The withdrawals of a study, and the key to find them by."""

    listed: frozenset[str]
    key: bytes

    def rows(self, codes: pd.Series, schools: pd.Series | None, source: str) -> pd.Series:
        """Which rows belong to somebody who has withdrawn.

        Parameters
        ----------
        codes
            Codes, as written or as compared.
        schools
            School ids of the rows, or nothing where there are none.
        source
            The survey's id, or the name of another source.
        """
        found = pd.Series(False, index=codes.index)
        if not self.listed:
            return found
        frame = pd.DataFrame({"code": codes, "school": ANY if schools is None else schools})
        for named, part in frame.groupby(["code", "school"], sort=False):
            code, school = map(str, named)
            hashes = {
                entry(code, self.key, of_source, of_school)
                for of_source in (source, ANY)
                for of_school in (school, ANY)
            }
            if comparable(code) and hashes & self.listed:
                found.loc[part.index] = True
        return found

    def reasons(self, frame: pd.DataFrame, strand: str) -> pd.Series:
        """``withdrawn`` for a strand's rows that belong to such a person, else empty text."""
        reasons = pd.Series("", index=frame.index, dtype="str")
        column = PERSON.get(strand)
        if self.listed and column in frame:
            schools = frame.get("school", None)
            unique = frame.reset_index(drop=True)
            gone = self.rows(unique[column], None if schools is None else unique["school"], strand)
            reasons[gone.to_numpy()] = "withdrawn"
        return reasons


#: Where nobody has withdrawn.
NOBODY = Withdrawals(frozenset(), b"")
