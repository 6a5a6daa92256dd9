"""No word of the demonstration study stands in the engine: what is shown is the study's own.

The words are taken from the study's own files where they can be, so that a word that comes to the study
is looked for from then on. ``demo`` makes the demonstration study, ``scaffold`` an example for a project
of one's own, ``bench`` measures with the first, and ``upgrade`` reads study files that were written when
the engine knew one study only: these may say them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

ENGINE = ROOT / "analysis"
RAW = ROOT / "data" / "raw"
NOT_LOOKED_AT = ("demo", "upgrade.py", "scaffold", "bench.py")
#: Words that mean something else where they stand: colours, wordings by which columns are known,
#: what the tables of a strand call their columns.
MEANT = {
    # Kept free, so that no school goes by what may be the name of a group of schools.
    "names.py": {"primary", "secondary"},
    # What a column of sessions is called.
    "forms/asked.py": {"leader"},
    # Examples in what docs/study.md says of a key.
    "study.py": {"primary", "staff", "teacher"},
    "cli/exports.py": {"staff"},
    "cli/projects.py": {"primary", "pupils", "secondary", "staff"},
    "prepare/mapping_proposal.py": {"pupil", "staff"},
    "prepare/survey.py": {"during"},
    "present/delivery.py": {"leader", "staff"},
    "questions.py": {"leader", "leaders"},
    "statistics/delivery.py": {"leader"},
    "publish/builtin/brand.py": {"primary", "secondary"},
    "present/palette.py": {"primary"},
    "present/figures.py": {"primary"},
    "sources/personal.py": {"post", "pupil", "staff", "teacher"},
}
#: Names that no other study has: nowhere in a module, not even where it explains itself.
NAMES = (
    r"Durham", r"\bDRP\b", r"Resilience Framework", r"resilience_framework", r"Pyramid of Need",
    r"pyramid_of_need", r"non[_-]teach\w*",
)  # fmt: skip
#: Words that others may use to explain, and that nothing may be decided by or shown with.
WORDS = (
    "staff", "pupil", "pupils", "teacher", "teachers", "leader", "leaders", "primary", "secondary",
    "during", "post", "review_1",
)  # fmt: skip


def modules() -> list[Path]:
    left_out = {ENGINE / name for name in NOT_LOOKED_AT}
    return [path for path in sorted(ENGINE.rglob("*.py")) if not left_out & {path, *path.parents}]


@cache
def of_the_study() -> tuple[list[str], list[str]]:
    """Patterns and words from the demonstration study's files."""
    codebook = yaml.safe_load((RAW / "codebook.yaml").read_text(encoding="utf-8"))
    study = yaml.safe_load((RAW / "study.yaml").read_text(encoding="utf-8"))
    themes = "|".join(theme["id"] for theme in codebook["themes"])
    instruments = [name for survey in study["surveys"] for name in survey["instruments"]]
    patterns = [rf"\b(?:{themes})[._]\d\d\b", rf"(?i)\b(?:{'|'.join(instruments)})\b"]
    values = [value["id"] for group in study["groups"] for value in group.get("values", ())]
    named = [part["id"] for key in ("levels", "groups") for part in codebook[key]]
    # The field's words: a strand and one of its people, and what programmes are for.
    own = sorted({*values, *named} - {"facilitators", "facilitator", "school"})
    return patterns, own


def said(path: Path) -> Iterator[tuple[int, str]]:
    """Every text in a module that is no docstring, with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    explained = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in explained:
            yield node.lineno, text


def found_in(path: Path) -> list[str]:
    patterns, own = of_the_study()
    found = []
    meant = MEANT.get(path.relative_to(ENGINE).as_posix(), set()) if ENGINE in path.parents else ()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for pattern in (*NAMES, *patterns):
            found += [f"{number}: {hit.group(0)}" for hit in re.finditer(pattern, line)]
    words = re.compile(rf"(?i)(?<![\w-])(?:{'|'.join((*WORDS, *own))})(?![\w-])")
    for number, text in said(path):
        found += [
            f"{number}: {hit.group(0)}"
            for hit in words.finditer(text)
            if hit.group(0).lower() not in meant
        ]
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ENGINE)))
def test_no_word_of_the_demonstration_study(path: Path) -> None:
    assert not found_in(path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('LABEL = "Resilience Framework"', 1),
        ('"""The Pyramid of Need."""', 1),
        ('if role == "non_teacher": pass', 2),
        ('"""What staff say."""', 0),
        ('NOTE = f"{n} staff said so"', 1),
        ('at = ("interviews", "themes", "count", name, "during", "all")', 1),
        ('code = "CTX.01"', 1),
        ('column = "staff_on_roll"', 0),
        ('level = "local_authority"', 1),
    ],
)
def test_words_are_found_where_they_stand(text: str, found: int, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(text, encoding="utf-8")
    assert len(found_in(path)) == found
