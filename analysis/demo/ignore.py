"""Keep ``.gitignore`` and ``SYNTHETIC`` alike: git admits the listed data files, and no others."""

from __future__ import annotations

from pathlib import Path

from analysis.synthetic import listed

BEGIN = (
    "# Synthetic files of the demonstration study, from data/raw/SYNTHETIC (drp demo writes these)"
)
END = "# end of the synthetic files"


def lines(folder: Path, root: Path) -> list[str]:
    """The lines of ``.gitignore`` that admit a study folder's synthetic files."""
    place = folder.resolve().relative_to(root.resolve()).as_posix()
    return [BEGIN, *(f"!/{place}/{name}" for name in sorted(listed(folder))), END]


def write(folder: Path, root: Path) -> None:
    """Put the lines into ``root``'s ``.gitignore``, in place of those that were there.

    A ``.gitignore`` without the block, or a study outside the project, is left as it is.
    """
    path = root / ".gitignore"
    if not path.exists() or not folder.resolve().is_relative_to(root.resolve()):
        return
    kept = path.read_text(encoding="utf-8").splitlines()
    if BEGIN not in kept or END not in kept:
        return
    new = kept[: kept.index(BEGIN)] + lines(folder, root) + kept[kept.index(END) + 1 :]
    path.write_text("\n".join(new) + "\n", encoding="utf-8")
