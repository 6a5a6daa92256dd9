"""No name leads out of the folder that it belongs to, and nothing but plain files is opened."""

from __future__ import annotations

import ast
import os
import socket
from pathlib import Path

import pytest

from analysis.errors import AnalystError
from analysis.names import fault, folded
from analysis.places import inside, plain_file, refuse_strange
from analysis.publish import incremental, notebooks, rendering
from analysis.study import load
from tests.conftest import ROOT

STEPS_OUT = [
    "", ".", "..", "../raw", "../../raw", "a/b", "/etc/passwd", "a\\b", "..\\raw", "C:", "C:\\x",
    "C:x", "a/", "a/..", "./a", "a\0b", "a\nb", "x" * 300, "\u202eb", "//host/share",
]  # fmt: skip


@pytest.mark.parametrize("name", STEPS_OUT, ids=ascii)
def test_a_name_is_one_step_down(tmp_path: Path, name: str) -> None:
    with pytest.raises(AnalystError, match="cannot name a file"):
        inside(tmp_path, name)
    with pytest.raises(AnalystError, match="cannot name a file"):
        inside(tmp_path, "released", name)


def test_names_lead_down(tmp_path: Path) -> None:
    assert inside(tmp_path, "released", "S01.texts.parquet") == (
        tmp_path / "released" / "S01.texts.parquet"
    )


def test_a_link_out_is_no_way_in(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "processed", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / "notebooks").symlink_to(elsewhere)
    (folder / "round").symlink_to(folder / "round")
    (folder / "here").symlink_to(folder)
    for names in (("notebooks",), ("notebooks", "S01"), ("round", "S01"), ("here",)):
        with pytest.raises(AnalystError, match="leads out"):
            inside(folder, *names)


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "processed").symlink_to(tmp_path / "disk")
    assert inside(tmp_path / "processed", "S01").parent == tmp_path / "processed"


@pytest.mark.parametrize("unit", ["../../raw", "../S01", "/tmp", "a/b", "S\u200b1/.."], ids=ascii)
def test_a_unit_leads_out_of_no_folder(tmp_path: Path, unit: str) -> None:
    study = load(ROOT / "data/raw")
    for made in (
        lambda: rendering.destination(tmp_path, study, unit),
        lambda: incremental.report_record(tmp_path, unit),
        lambda: notebooks.runs(ROOT, tmp_path, unit, study),
        lambda: incremental.released_files(tmp_path, unit),
    ):
        with pytest.raises(AnalystError, match="cannot name a file"):
            made()


class TestPlainFiles:
    def test_a_file_and_nothing_are_let_pass(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("a")
        (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
        for name in ("a.csv", "link.csv", "missing.csv", "a.csv/b"):
            assert plain_file(tmp_path / name) == tmp_path / name

    def test_anything_else_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        os.mkfifo(tmp_path / "pipe.csv")
        (tmp_path / "folder.csv").mkdir()
        (tmp_path / "round.csv").symlink_to(tmp_path / "round.csv")
        monkeypatch.chdir(tmp_path)  # the whole path would be too long for a socket
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket.csv")
        for path, word in (
            (tmp_path / "pipe.csv", "a pipe"),
            (tmp_path / "folder.csv", "a folder"),
            (tmp_path / "socket.csv", "a socket"),
            (Path("/dev/zero"), "a device"),
            (tmp_path / "round.csv", "cannot be opened"),
            (tmp_path / "nul\0.csv", "cannot be opened"),
        ):
            with pytest.raises(AnalystError, match=word):
                plain_file(path)

    def test_a_folder_is_looked_through_to_its_end(self, tmp_path: Path) -> None:
        study, outside = tmp_path / "raw", tmp_path / "secret.md"
        (study / "texts").mkdir(parents=True)
        outside.write_text("secret")
        (study / "texts/staff.md").write_text("text")
        (study / "texts/own.md").symlink_to("staff.md")
        (study / ".hidden").symlink_to(outside)
        refuse_strange(study)
        (study / "texts/out.md").symlink_to(outside)
        (study / "texts/gone.md").symlink_to(tmp_path / "not there")
        (study / "up").symlink_to("..")
        os.mkfifo(study / "texts/pipe.md")
        (study / "texts/to_pipe.md").symlink_to("pipe.md")
        with pytest.raises(AnalystError) as refused:
            refuse_strange(study)
        assert "5 things" in refused.value.what
        for name in ("texts/out.md", "texts/gone.md", "up", "texts/pipe.md", "texts/to_pipe.md"):
            assert f"'{name}'" in refused.value.what
        assert "own.md" not in refused.value.what


def test_ids_that_differ_only_to_a_computer_are_one() -> None:
    assert folded("S01") == folded("s01") == folded("\uff33\uff10\uff11")


@pytest.mark.parametrize("name", ["S01", "a", "-", "NA", "9" * 32, "school_1", "communal", "COM10"])
def test_ids_that_can_be_used(name: str) -> None:
    assert fault(name) == ""


#: Parts of the package that write, and make paths from names that no data hold.
ASIDE = {
    "places.py": "makes the paths",
    "demo": "writes a made-up study, of its own names, where it is told to",
    "bench.py": "measures copies of the demonstration study, in folders of its own",
    "publish/builtin": "writes into the project that was staged; its paths are checked there",
    "statistics": "computes, and knows no paths: what is divided there are numbers",
    "publish/quarto.py": "moves what Quarto wrote within the folder it wrote to",
}
#: Made otherwise in modules that write: paths that are read only, or made from names in the code,
#: and divisions of numbers.
KNOWN = {
    "cli/projects.py: root / each",
    "cli/projects.py: root / name",
    "prepare/strands.py: study.folder / pattern",
    "publish/stage.py: root / folder",
    "resources.py: root / folder",
    "resources.py: root / name",
    "resources.py: shipped() / folder",
    "resources.py: shipped() / name",
    "scaffold/__init__.py: resources.shipped() / name",
    "publish/chapters.py: folder / f'{name}.md'",
    "publish/chapters.py: origin[0].parent / name",
    "publish/chapters.py: self.root / TEMPLATES / str(error.name)",
    "publish/chapters.py: study / name.removeprefix('../data/raw/')",
    # Read, and beside a file that is the study's; languages are those of the catalogues.
    "publish/chapters.py: path.with_suffix(f'.{now()}.md')",
    "publish/translating.py: path.with_suffix(f'.{language}.md')",
    "publish/stage.py: Path(chapters.FOLDER) / f'{chapters.SCHOOL}.qmd'",
    "disclosure/store.py: target / f'{COHORT}.parquet'",
    "prepare/mapping_proposal.py: len(ours & theirs) / max(len(ours | theirs), 1)",
    "publish/incremental.py: study / brand",
    "compute.py: path.with_suffix(f'.{os.getpid()}.part')",
    "publish/incremental.py: path.with_suffix(f'.{os.getpid()}.part')",
    "publish/notebooks.py: path.with_suffix(f'.{os.getpid()}.part')",
    "publish/rendering.py: place / path.relative_to(making)",
    # Numbers.
    "cli/progress.py: left * took / made",
    "publish/word.py: WIDTH / drawn['width']",
    "publish/word.py: HEIGHT / drawn['height']",
    "publish/stage.py: path.parent / file",
}
WRITING = {
    "copy2", "copyfile", "copytree", "mkdir", "move", "rename", "rmdir", "rmtree",
    "symlink_to", "to_csv", "to_parquet", "touch", "unlink", "write_bytes", "write_text",
}  # fmt: skip


def _writes(node: ast.AST) -> bool:
    """Whether a call writes or removes files."""
    if _called(node) == "replace":
        return isinstance(node.func, ast.Attribute) and len(node.args) == 1  # type: ignore[attr-defined]
    if _called(node) == "open":
        modes = {part.value for part in node.args if isinstance(part, ast.Constant)}  # type: ignore[attr-defined]
        return bool(modes & {"w", "a", "x", "wb", "ab", "xb"})
    return _called(node) in WRITING


def _called(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Attribute):
            return function.attr
        return function.id if isinstance(function, ast.Name) else ""
    return ""


def _from_a_name(node: ast.AST) -> bool:
    """Whether a path is put together from something that is not written in the code."""
    if _called(node) in ("joinpath", "with_name", "with_stem", "with_suffix"):
        return not all(isinstance(part, ast.Constant) for part in node.args)  # type: ignore[attr-defined]
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
        return False
    part = node.right
    constant = part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "")
    return not (isinstance(part, ast.Constant) or constant.isupper())


def test_paths_that_are_written_or_removed_are_made_by_one_function() -> None:
    found = set()
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        name = path.relative_to(ROOT / "analysis").as_posix()
        if any(name == aside or name.startswith(f"{aside}/") for aside in ASIDE):
            continue
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        if any(map(_writes, nodes)):
            found |= {f"{name}: {ast.unparse(node)}" for node in nodes if _from_a_name(node)}
    assert sorted(found - KNOWN) == [], "make these paths with analysis.places.inside"
