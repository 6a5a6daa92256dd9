"""What is sent: zips of the same bytes, and e-mails to those whom the study names."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
import yaml

from analysis import study as studies
from analysis.errors import AnalystError
from analysis.publish import manifest, package, signing
from analysis.study import Study
from tests.studies import made
from tests.unit.test_signing import DAY, report

UNITS = ["cohort", "B1", "B2"]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return studies.load(made.baseline(tmp_path / "study"))


def approved(study: Study, site: Path) -> Path:
    place = report(site, "abc", draft=False)
    found = json.loads((place / "manifest.json").read_text()) | {"share_with": "Oak Academy"}
    (place / "manifest.json").write_text(json.dumps(found))
    signing.sign(study, {"B1": "abc"}, "Reader", "Head", DAY)
    return place


def on_record(study: Study, place: Path) -> None:
    folder = study.folder.parent / "releases/reading/start/1"
    folder.mkdir(parents=True)
    digest = hashlib.sha256((place / "manifest.json").read_bytes()).hexdigest()
    approval = {"waves": ["W1", "W1"], "reports": {"B1": {"manifest": digest}}}
    (folder / "approval.yaml").write_text(yaml.safe_dump(approval))


def test_only_what_is_approved_and_on_record_may_leave(study: Study, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert package.why_not(study, site, "B1") == "not made"
    place = report(site, "abc")
    assert package.why_not(study, site, "B1") == "draft"
    place = approved(study, site)
    assert "not on record" in package.why_not(study, site, "B1")
    on_record(study, place)
    assert package.why_not(study, site, "B1") == ""
    (place / "index.html").write_text("<p>another")
    assert "index.html was changed" in package.why_not(study, site, "B1")


def test_a_package_is_the_same_bytes_and_can_be_proved(study: Study, tmp_path: Path) -> None:
    site = tmp_path / "site"
    approved(study, site)
    to = {"B1": [package.Recipient("Ada Head", "head@oak.example")]}
    (one,) = package.package(study, site, tmp_path / "one", {"B1": "Oak Academy"}, to)
    (two,) = package.package(study, site, tmp_path / "two", {"B1": "Oak Academy"}, to)
    assert one.file.read_bytes() == two.file.read_bytes()
    with zipfile.ZipFile(one.file) as archive:
        assert archive.namelist() == ["SHA256SUMS", "B1/index.html", "B1/manifest.json"]
        archive.extractall(tmp_path / "out")
        # Whoever else gets the report is told to nobody.
        assert all(b"oak.example" not in archive.read(name) for name in archive.namelist())
    assert manifest.differences(tmp_path / "out/B1") == []
    for line in (tmp_path / "out/SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest
    email = one.email.read_text()
    assert email.startswith("To: Ada Head <head@oak.example>\nSubject: Reading For Joy")
    assert hashlib.sha256(one.file.read_bytes()).hexdigest() in email
    assert (tmp_path / "one/SHA256SUMS").read_text().endswith("  B1.zip\n")
    assert "head@oak.example,B1.zip" in (tmp_path / "one/recipients.csv").read_text()
    # Another package beside it, and both are listed; one that may not be sent any more goes.
    (tmp_path / "one/B2.zip").write_bytes(b"")
    package.package(study, site, tmp_path / "one", {"B1": "Oak Academy"}, to)
    assert len((tmp_path / "one/SHA256SUMS").read_text().splitlines()) == 2
    package.package(study, site, tmp_path / "one", {"B1": "Oak Academy"}, to, ["B2"])
    assert (tmp_path / "one/SHA256SUMS").read_text().endswith("  B1.zip\n")
    assert not (tmp_path / "one/B2.zip").exists()


def test_the_studys_own_words_for_the_email(study: Study, tmp_path: Path) -> None:
    site = tmp_path / "site"
    approved(study, site)
    path = study.path(package.EMAIL)
    path.parent.mkdir()
    path.write_text("Subject: Here it is\n\n$names, this is $unit. It costs $$0.\n")
    (made_,) = package.package(study, site, tmp_path / "out", {"B1": "Oak Academy"}, {})
    assert "colleagues, this is Oak Academy. It costs $0." in made_.email.read_text()
    assert made_.email.read_text().startswith("To: (nobody: see recipients.csv)\n")
    path.write_text("Dear $headteacher")
    with pytest.raises(AnalystError, match="headteacher"):
        package.package(study, site, tmp_path / "out", {"B1": "Oak Academy"}, {})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("B9,Ada,a@b.example", "'B9' is neither"),
        ("B1,Ada,nowhere", "no e-mail address"),
        ("B1,Ada,a@b.example\nB1,Ada,a@b.example", "twice for B1"),
        ("B1,,a@b.example", "Nobody is named"),
        ('B1,"Ada\nBcc: x@y.example",a@b.example', "cannot stand as a name"),
        ('B1,"Ada <x@y.example>, Bo",a@b.example', "cannot stand as a name"),
    ],
)
def test_mistakes_in_the_table_of_recipients(rows: str, message: str, study: Study) -> None:
    study.path(package.RECIPIENTS).write_text(f"school,name,email\n{rows}\n")
    with pytest.raises(AnalystError, match=message) as refused:
        package.recipients(study, UNITS)
    assert "recipients.csv, line" in str(refused.value)


def test_a_table_without_a_column_is_refused_and_none_at_all_is_no_mistake(study: Study) -> None:
    assert package.recipients(study, UNITS) == {}
    study.path(package.RECIPIENTS).write_text("school,name\nB1,Ada\n")
    with pytest.raises(AnalystError, match="lacks the column email"):
        package.recipients(study, UNITS)
    study.path(package.RECIPIENTS).write_text(
        "school,name,email\nB1,Ada,a@b.example\ncohort,Bo,b@b.example\n"
    )
    assert set(package.recipients(study, UNITS)) == {"B1", "cohort"}
