"""Ids, links and odd files that could lead a command out of its folders: each gets a message."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis import study as studies
from analysis.disclosure import store
from analysis.errors import AnalystError
from analysis.prepare import schools
from analysis.present import open_page
from analysis.publish import stage
from tests.conftest import Rendered, copy_project
from tests.hostile import IDS
from tests.integration.test_bad_input import assert_one_clear_message, drp


def set_id(project: Path, name: str, row: int = 0) -> None:
    """Give the school of a row another id."""
    path = project / "data/raw/schools.csv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    lines[row + 1][0] = name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def tree(folder: Path) -> dict[str, str]:
    """What every file, folder and link below a folder is, by name; but for a study's lock."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.endswith(("data/processed", "data/processed/.lock")):
            continue  # an empty file that keeps two commands from working on a study at once
        if path.is_symlink():
            found[name] = f"link to {os.readlink(path)}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[name] = str(path.lstat().st_mode)
    return found


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project between folders that nothing may touch, with something processed and published."""
    around = tmp_path_factory.mktemp("around")
    for name in ("raw/notes.csv", "outside/notes.csv", "project/data/other/notes.csv"):
        (around / name).parent.mkdir(parents=True)
        (around / name).write_text("kept")
    project = copy_project(around / "project")
    for name in ("processed/projects/S02/x", "processed/notebooks/S02/x", "processed/released/x"):
        (project / "data" / name).parent.mkdir(parents=True)
        (project / "data" / name).write_text("processed")
    site = project / "report/_site/2018-summer/schools/S02"
    site.mkdir(parents=True)
    (site / "index.html").write_text("published")
    return project


def commands(unit: str) -> list[list[str]]:
    """Every command that reads a study's schools."""
    return [
        ["prepare"],
        ["run"],
        ["render", f"--unit={unit}", "--jobs", "1", "--renderer", "pandoc"],
        ["render", "--again", "--jobs", "1", "--renderer", "pandoc"],
        ["check"],
        ["withdraw", "MB14", f"--school={unit}"],
        ["reproduce"],
        ["map", "data/raw/pupil_survey_t2.csv", "--survey", "pupils"],
        ["sign", f"--unit={unit}", "--checked-by", "A. Nalyst"],
        ["publish", "--approved-by", "A. Nalyst"],
        ["package", f"--unit={unit}"],
        ["texts"],
        ["response"],
        ["forms", f"--unit={unit}"],
        ["collect", "data/raw"],
        ["pack", f"--unit={unit}"],
        ["check", "--attack"],
    ]


#: So many cases share out the commands among them; `make verify` gives every case to every command.
SHARED_BY = 9


def some(place: int, unit: str = "S01") -> list[list[str]]:
    """The commands of one case of many: one or two."""
    return commands(unit)[place % SHARED_BY :: SHARED_BY]


def test_all_commands_are_shared_out() -> None:
    given = [each for place in range(SHARED_BY) for each in some(place)]
    assert sorted(given) == sorted(commands("S01"))
    assert len(IDS) > len(FILES) > len(OUTSIDE) > SHARED_BY


@pytest.mark.parametrize("place", range(len(IDS)), ids=lambda place: ascii(IDS[place]))
def test_a_hostile_id_stops_a_command_and_nothing_is_touched(shared: Path, place: int) -> None:
    _stops(shared, IDS[place], some(place, IDS[place]))


@pytest.mark.verify
@pytest.mark.parametrize("name", IDS, ids=ascii)
def test_a_hostile_id_stops_every_command_and_nothing_is_touched(shared: Path, name: str) -> None:
    _stops(shared, name, commands(name))


def _stops(shared: Path, name: str, given: list[list[str]]) -> None:
    set_id(shared, name)
    before = tree(shared.parent)
    for arguments in given:
        done = drp(shared, *arguments)
        assert done.code == 1, arguments
        assert_one_clear_message(done, "schools.csv", "row 2" if name != "s02" else "row 3")
    assert tree(shared.parent) == before


def test_all_wrong_ids_are_named_at_once(project: Path) -> None:
    for row, name in enumerate(["../../raw", "CON", "", "s06", "cohort"]):
        set_id(project, name, row)
    done = drp(project, "prepare")
    assert_one_clear_message(
        done, "5 school ids", "row 2, column id: '../../raw'", "row 3, column id: 'CON'",
        "row 4, column id: ''", "row 7, column id: 'S06' is used in row 5", "'cohort'",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["S-1", "_", "NA", "nan", "a" * 32, "009"])
def test_other_ids_are_read_as_they_are(project: Path, name: str) -> None:
    set_id(project, name)
    found = schools.read(studies.load(project / "data/raw"))
    assert found.index[0] == found["id"].iloc[0] == name


def rename_a_school(project: Path, name: str) -> None:
    """Call the first school otherwise in every file."""
    folder = project / "data/raw"
    for path in [*folder.glob("*.csv"), *folder.glob("mappings/*.yaml")]:
        path.write_bytes(re.sub(rb"\bS01\b", name.encode(), path.read_bytes()))


@pytest.mark.verify
def test_a_school_called_na_is_released(project: Path) -> None:
    rename_a_school(project, "NA")
    study = studies.load(project / "data/raw")
    assert drp(project, "run").code == 0
    saved = store.read(study, "NA")
    assert saved is not None
    assert saved.schools.loc["NA", "name"] == "Larkmoor Primary School"
    assert "NA" in set(saved.released.frame["unit"])


@pytest.mark.verify
@pytest.mark.parametrize("name", ["../../raw", "../released/../../../outside/S01"])
def test_an_id_that_was_let_in_all_the_same_still_leads_nowhere(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_project(tmp_path / "around/project")
    (tmp_path / "around/project/data/outside").mkdir()
    rename_a_school(project, name)
    monkeypatch.setattr(schools, "fault", lambda name: "")
    before = tree(tmp_path)
    for arguments in (
        ["run"],
        ["render", f"--unit={name}", "--renderer", "pandoc", "--jobs", "1"],
    ):
        done = drp(project, *arguments)
        assert done.code == 1
        assert "cannot name a file or folder" in done.output
    after = tree(tmp_path)
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    own = ("around/project/data/processed", "around/project/.drp", "around/project/report/_site")
    assert {path for path in changed if not path.startswith(own)} == set()


def in_study_file(project: Path, old: str, new: str) -> None:
    path = project / "data/raw/study.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


#: Entries of the study file that lead out of the study, and the key that is named.
OUTSIDE = (
    ("  id: 2018-summer", "  id: ../../data/raw", "edition.id"),
    ("  id: 2018-summer", "  id: ..", "edition.id"),
    ("  id: 2018-summer", "  id: nul", "edition.id"),
    ("  id: 2018-summer", "  id: schools", "edition.id"),
    ("  id: 2018-summer", f"  id: {'x' * 33}", "edition.id"),
    ("\nid: ", "\nid: ../", "id"),
    ("brand: brand/_brand.yml", "brand: ../../../brand.yml", "brand"),
    ("brand: brand/_brand.yml", "brand: /etc/hostname", "brand"),
    ("brand: brand/_brand.yml", "brand: 'brand\\..\\..\\x'", "brand"),
    ("file: pupil_survey_t2.csv", "file: ../../notebooks/pupil.csv", "file"),
    ("mapping: mappings/pupils_t2.yaml", "mapping: ../m.yaml", "mapping"),
    ("schools: schools.csv", "schools: ../schools.csv", "schools"),
    ("schools: schools.csv", "schools: 'C:schools.csv'", "schools"),
    ("readiness: readiness*.csv", "readiness: ../*.csv", "strands.plans.readiness"),
)


@pytest.mark.parametrize("place", range(len(OUTSIDE)), ids=lambda place: OUTSIDE[place][1])
def test_the_study_file_names_nothing_outside(project: Path, place: int) -> None:
    _names_nothing_outside(project, place, some(place))


@pytest.mark.verify
@pytest.mark.parametrize("place", range(len(OUTSIDE)), ids=lambda place: OUTSIDE[place][1])
def test_no_command_is_led_outside_by_the_study_file(project: Path, place: int) -> None:
    _names_nothing_outside(project, place, commands("S01"))


def _names_nothing_outside(project: Path, place: int, given: list[list[str]]) -> None:
    old, new, key = OUTSIDE[place]
    in_study_file(project, old, new)
    before = tree(project)
    for arguments in given:
        assert_one_clear_message(drp(project, *arguments), "study.yaml", key)
    assert tree(project) == before


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def link_out(path: Path) -> None:
    outside = next(p for p in path.parents if (p / "_quarto.yml").exists()) / "secret.txt"
    outside.write_text("secret")
    path.symlink_to(outside)


def link_away(path: Path) -> None:
    path.symlink_to("/nowhere/at/all")


def bound(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    finally:
        os.chdir(before)


#: Where a study's files are opened or staged.
FILES = (
    "texts/staff.md", "brand/_brand.yml", "pupil_survey_t2.csv", "staff_survey_t2_forms.xlsx",
    "pupil_survey_t1.sav", "schools.csv", "action_plans.csv", "mappings/pupils_t2.yaml",
    "instruments/spsc.yaml", "instruments/kidscreen10_tvalues.csv", "interview_segments.csv",
    "codebook.yaml", "study.yaml", "value_stories/2018-summer.yaml", "published/figures.csv",
    "claims.yaml", "texts/value/learnt.md", "SYNTHETIC",
)  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("make", [pipe, device, link_out, link_away, bound])
def test_links_out_and_anything_but_files_are_refused(
    shared: Path, name: str, make: Callable[[Path], None]
) -> None:
    set_id(shared, "S01")
    path, aside = shared / "data/raw" / name, shared / "aside"
    if path.exists():
        path.rename(aside)
    begun = time.monotonic()
    try:
        make(path)
        for arguments in (["prepare"], ["render", "--unit", "S01", "--jobs", "1"]):
            assert_one_clear_message(drp(shared, *arguments), path.name)
    finally:
        path.unlink()
        if aside.exists():
            aside.rename(path)
    assert time.monotonic() - begun < 20
    published = shared / "report/_site/2018-summer/schools"
    assert [place.name for place in published.iterdir()] == ["S02"]


NAMED = [name for name in FILES if name != "SYNTHETIC"]


@pytest.mark.parametrize("name", NAMED)
def test_a_folder_that_is_called_like_a_file(shared: Path, name: str) -> None:
    _is_no_file(shared, name, some(NAMED.index(name)))


@pytest.mark.verify
@pytest.mark.parametrize("name", NAMED)
def test_no_command_reads_a_folder_that_is_called_like_a_file(shared: Path, name: str) -> None:
    _is_no_file(shared, name, commands("S01"))


def _is_no_file(shared: Path, name: str, given: list[list[str]]) -> None:
    set_id(shared, "S01")
    path, aside = shared / "data/raw" / name, shared / "aside"
    if path.exists():
        path.rename(aside)
    try:
        path.mkdir()
        for arguments in given:
            assert_one_clear_message(drp(shared, *arguments), path.name)
    finally:
        path.rmdir()
        if aside.exists():
            aside.rename(path)


@pytest.mark.parametrize("make", [pipe, device, bound, folder])
def test_a_file_given_on_the_command_line(
    shared: Path, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    set_id(shared, "S01")
    path = tmp_path / "given.csv"
    make(path)
    assert_one_clear_message(drp(shared, "map", str(path), "--survey", "pupils"), "given.csv")
    assert_one_clear_message(drp(shared, "audit", str(path)), "given.csv")


@pytest.mark.parametrize("make", [pipe, link_out])
def test_fonts_are_looked_at_before_they_are_staged(
    rendered: Rendered, project: Path, make: Callable[[Path], None]
) -> None:
    page = open_page("S01", str(rendered.study.folder))
    made = rendered.root / "data/processed/notebooks/S01"
    target = project / "data/processed/projects/S01"
    stage.stage(page, project, made, target, ("html",), "pandoc")
    make(project / "_extensions/report/fonts/extra.otf")
    with pytest.raises(AnalystError, match=r"extra\.otf"):
        stage.stage(page, project, made, target, ("html",), "pandoc")
    assert not [path for path in target.rglob("*") if path.name == "extra.otf"]


class TestALostKey:
    """A key that is gone, or another, with withdrawals on record."""

    def withdrawn(self, project: Path) -> Path:
        from analysis.prepare import withdrawn
        from analysis.prepare.respondents import read_or_make_key

        keys = project / ".drp"
        key = read_or_make_key(keys)
        withdrawn.add(keys, withdrawn.entry("MB14", key), key)
        return keys

    @pytest.mark.parametrize("command", ["prepare", "run", "render", "withdraw"])
    def test_stops_the_run(self, shared: Path, command: str) -> None:
        set_id(shared, "S01")
        keys = self.withdrawn(shared)
        (keys / "key").unlink()
        before = tree(shared)
        try:
            for arguments in commands("S01"):
                if arguments[0] == command:
                    done = drp(shared, *arguments)
                    assert_one_clear_message(done, "key", "backup", "drp withdraw", "withdrawn")
            after = tree(shared)
            changed = {n for n in {*before, *after} if before.get(n) != after.get(n)}
            assert all(name.startswith("data/processed/made") for name in changed)
            assert not (keys / "key").exists()
        finally:
            shutil.rmtree(keys)

    def test_another_key_stops_it_too(self, shared: Path) -> None:
        set_id(shared, "S01")
        keys = self.withdrawn(shared)
        (keys / "key").write_text("ab" * 32)
        try:
            done = drp(shared, "prepare")
            assert_one_clear_message(done, "another key", "drp withdraw")
        finally:
            shutil.rmtree(keys)

    def test_without_withdrawals_a_new_key_is_made(self, shared: Path) -> None:
        set_id(shared, "S01")
        assert drp(shared, "prepare").code == 0
        assert (shared / ".drp/key").exists()
        shutil.rmtree(shared / ".drp")
