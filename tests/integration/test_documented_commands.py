"""Every command that the documentation shows runs, in the order of a year, in one project.

The tutorial's own are run as they stand (``test_tutorial.py``). A name that only an example has (an
export, an edition, an id) stands here for one that this project has; whatever the documentation comes
to show has to have its line here.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis import study as studies
from analysis.disclosure import store
from tests.conftest import ROOT
from tests.unit.test_handbook import called

pytestmark = pytest.mark.verify

#: Each command as it is shown, and as it is run where it names what only its example has.
YEAR = {
    "drp init my-programme": "drp init my-programme --yes",
    "drp init calm-schools": "drp init calm-schools --yes",
    "drp doctor ~/Downloads/*.csv": "drp doctor data/raw/staff_t1.csv data/raw/pupils_t1.csv",
    "drp doctor data/raw/autumn.csv": "",
    "drp prepare": "",
    "drp status": "",
    "drp map FILE --survey staff": "drp map data/raw/other.csv --survey staff",
    "drp map data/raw/autumn.csv --survey staff": "",
    "drp map data/raw/autumn.xlsx --sheet Responses": (
        "drp map data/raw/answers.xlsx --sheet Responses --survey staff"
    ),
    "drp questionnaire staff --to limesurvey --output staff.lss": "",
    "drp upgrade": "",
    "drp render": "",
    "drp render --unit S01": "",
    "drp render --unit S01 --unit S07 --to html": "drp render --unit S01 --unit S03 --to html",
    "drp render --unit cohort": "",
    "drp trace staff.wellbeing.level.total.t2.all.mean --unit S01": (
        "drp trace staff.school_life.level.total.t2.all.mean --unit S01"
    ),
    "drp response": "",
    "drp response staff": "",
    "drp response staff --wave T2 --output response.csv": "",
    "drp texts": "",
    "drp texts --all": "",
    "drp texts --reviewed staff": "drp texts --reviewed introduction",
    "drp sign": "",
    'drp sign --checked-by "Ann Reader"': "",
    'drp sign --unit S01 --approved-by "Head of research"': "",
    'drp publish --approved-by "Head of research"': "",
    "drp package": "",
    "drp package --unit S01 --unit cohort": "",
    "drp withdraw CODE": "drp withdraw {code} --survey staff",
    "drp diff 2025-autumn/1 2025-autumn/2": "drp diff 2027-summer/1 2027-summer/2",
    "drp retire": "",
    "drp wave add T3 --start 2019-01-07 --end 2019-03-31 --export staff=staff_t3.csv": (
        "drp wave add T3 --start 2028-01-07 --end 2028-03-31 --export staff=staff_t3.csv"
    ),
    'drp edition new 2019-spring --date 2019-04-30 --term "Spring term 2019"': (
        'drp edition new 2028-spring --date 2028-04-30 --term "Spring term 2028"'
    ),
    "drp render --baseline T1 --followup T3": "",
    "drp diff 2025-autumn 2026-spring": "drp diff 2027-summer 2028-spring",
}
#: Run elsewhere: what they need is made there.
ELSEWHERE = {
    "drp map data/raw/autumn.csv --qsf autumn.qsf": "unit/test_prepare_mapping_proposal.py",
    "drp map data/raw/autumn.csv --lss autumn.lss": "unit/test_prepare_mapping_proposal.py",
    "drp map data/raw/autumn.csv --dictionary dictionary.csv": "unit/test_prepare_mapping_proposal.py",
    'drp sign --language cy --checked-by "Ann Reader"': "integration/test_languages.py",
    "drp serve": "unit/test_serving.py",
}


def test_each_has_its_line() -> None:
    shown = {line for page, line in called() if page != "tutorial.md"}
    assert shown == YEAR.keys() | ELSEWHERE.keys()
    assert all((ROOT / "tests" / name).is_file() for name in ELSEWHERE.values())


def test_every_command_runs(tmp_path: Path) -> None:
    place = tmp_path
    for shown, run in YEAR.items():
        if shown.startswith("drp diff"):
            # Somebody has withdrawn, so that the edition is published again; and the next is.
            for again in ("drp render", 'drp publish --approved-by "Head of research"'):
                _run(again, place)
        if shown.startswith("drp render --baseline"):
            later = pd.read_csv(place / "data/raw/staff_t2.csv", dtype="str")
            later.assign(completed="2028-02-01 10:00:00").to_csv(
                place / "data/raw/staff_t3.csv", index=False
            )
        code = ""
        if "{code}" in run:
            code = str(pd.read_csv(place / "data/raw/staff_t1.csv")["code"].dropna().iloc[0])
        _run((run or shown).format(code=code), place)
        if shown == "drp init calm-schools":
            place = tmp_path / "calm-schools"
            _exports(place / "data" / "raw")
    study = studies.load(place / "data/raw")
    assert {each.id for each in study.waves} == {"T1", "T2", "T3"}
    assert (store.processed(study) / "released").is_dir()


def _exports(raw: Path) -> None:
    """Exports as the documentation names them, made of one that is there; and what items ask."""
    path = raw / "instruments" / "school_life.yaml"
    instrument = yaml.safe_load(path.read_text(encoding="utf-8"))
    for item in instrument["items"]:
        item["wording"] = f"How much do you agree: {item['label']}?"
    path.write_text(yaml.safe_dump(instrument, sort_keys=False), encoding="utf-8")
    answers = pd.read_csv(raw / "staff_t2.csv", dtype="str")
    for name in ("autumn.csv", "other.csv"):
        answers.to_csv(raw / name, index=False)
    answers.to_excel(raw / "answers.xlsx", sheet_name="Responses", index=False)


def _run(line: str, place: Path) -> None:
    words = shlex.split(line)
    done = subprocess.run(
        [sys.executable, "-m", "analysis.cli", *words[1:]],
        cwd=place, env={**os.environ, "COLUMNS": "120"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = re.sub(r"\s+", " ", f"{done.stdout[-1500:]} {done.stderr[-1500:]}")
    assert done.returncode == 0, f"{line}: {said}"
    assert "Traceback" not in said, line
