"""Archives from coding tools, opened without trusting them.

An archive is a file that somebody sent. Nothing of it is written to disk: members are read into
memory, one by one, under limits, and a member that points out of the archive is refused.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from analysis.errors import AnalystError

#: Largest member and largest total, in bytes, that are unpacked; transcripts are far smaller.
LARGEST_MEMBER = 64 * 1024 * 1024
LARGEST_TOTAL = 256 * 1024 * 1024
MOST_MEMBERS = 10_000
#: A member that grows more than this when unpacked is made to fill a machine's memory.
MOST_GROWTH = 200


class Archive:
    """A zip archive whose members can be read by name."""

    def __init__(self, path: Path, content: zipfile.ZipFile) -> None:
        self.path = path
        self._content = content
        self._read = 0
        infos = content.infolist()
        if len(infos) > MOST_MEMBERS:
            raise self._refused(f"holds {len(infos):,} files; at most {MOST_MEMBERS:,} are read")
        for info in infos:
            self._refuse_odd(info)
        self.names = [info.filename for info in infos if not info.is_dir()]

    def read(self, name: str) -> bytes:
        """A member's content.

        Raises
        ------
        AnalystError
            If there is no such member, or it is larger than it says or than is read.
        """
        if name not in self.names:
            raise self._refused(f"has no file '{name}'")
        try:
            with self._content.open(name) as member:
                # One byte more than allowed: the header may understate the size.
                content = member.read(LARGEST_MEMBER + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
            raise self._refused(f"holds a file that cannot be unpacked: '{name}'") from None
        self._read += len(content)
        if len(content) > LARGEST_MEMBER or self._read > LARGEST_TOTAL:
            raise self._refused(f"is larger than is read when unpacked, at '{name}'")
        return content

    def _refuse_odd(self, info: zipfile.ZipInfo) -> None:
        name = info.filename.replace("\\", "/")
        path = PurePosixPath(name)
        drive = len(name) > 1 and name[1] == ":"
        if path.is_absolute() or drive or ".." in path.parts or "\0" in name:
            raise self._refused("holds a file whose path leads out of the archive")
        if (info.external_attr >> 16) & 0o170000 == 0o120000:
            raise self._refused("holds a link instead of a file")
        if info.flag_bits & 0x1:
            raise self._refused("is locked with a password")
        if info.file_size > LARGEST_MEMBER:
            raise self._refused(f"holds a file of {info.file_size:,} bytes")
        if info.file_size > 1_000_000 and info.file_size > MOST_GROWTH * max(info.compress_size, 1):
            raise self._refused("holds a file that grows without measure when unpacked")

    def _refused(self, why: str) -> AnalystError:
        return AnalystError(
            f"{self.path.name} {why}.",
            where=str(self.path),
            fix="Export the project again from the coding tool, with text sources only.",
        )


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive at ``path``, closed afterwards.

    Raises
    ------
    AnalystError
        If it is no zip archive, or holds anything that is not read.
    """
    try:
        content = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError):
        raise AnalystError(
            f"{path.name} is not a project archive (zip) that can be opened.",
            where=str(path),
            fix="Export the project again from the coding tool.",
        ) from None
    with content:
        yield Archive(path, content)
