"""Signatures hold for what a report shows, and lapse with it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from analysis import study as studies
from analysis.errors import AnalystError
from analysis.publish import manifest, signing
from analysis.study import Study
from tests.studies import made

DAY = dt.date(2031, 7, 1)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return studies.load(made.baseline(tmp_path / "study"))


def report(site: Path, content: str, *, draft: bool = True) -> Path:
    place = site / "reading/start/schools/B1"
    place.mkdir(parents=True, exist_ok=True)
    (place / "index.html").write_text("<p>")
    found = {"schema_version": 1, "content": content, "draft": draft,
             "outputs": manifest.outputs(place)}  # fmt: skip
    (place / "manifest.json").write_text(json.dumps(found))
    return place


def test_a_report_goes_from_draft_to_approved_and_back(study: Study, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert signing.state(study, site, "B1").words() == "not made"
    report(site, "abc")
    assert signing.state(study, site, "B1").state == signing.DRAFT
    with pytest.raises(AnalystError, match="Nobody has checked"):
        signing.sign(study, {"B1": "abc"}, approved_by="Head", date=DAY)
    assert signing.signed(study) == {}
    signing.sign(study, {"B1": "abc"}, checked_by="Reader", date=DAY)
    assert signing.state(study, site, "B1").words() == "checked by Reader on 2031-07-01"
    assert signing.approved_content(study, "B1") == ""
    signing.sign(study, {"B1": "abc"}, approved_by="Head", date=DAY)
    assert signing.approved_content(study, "B1") == "abc"
    assert signing.state(study, site, "B1").words() == "approved by Head on 2031-07-01"
    # Another word in it, and it is a draft again; nobody's signature goes over to the new one.
    place = report(site, "abd")
    assert signing.state(study, site, "B1").words() == "draft, changed since it was signed"
    with pytest.raises(AnalystError, match="Nobody has checked"):
        signing.sign(study, {"B1": "abd"}, approved_by="Head", date=DAY)
    # So it is if a file is changed by hand.
    report(site, "abc")
    (place / "index.html").write_text("<p>!")
    found = signing.state(study, site, "B1")
    assert found.state == signing.DRAFT and found.changed == ("index.html was changed",)


def test_another_pair_of_waves_is_signed_by_itself(study: Study) -> None:
    signing.sign(study, {"B1": "abc"}, "Reader", "Head", DAY)
    other = study.model_copy(update={"baseline": "W0"})
    assert signing.signed(other) == {}
    signing.sign(other, {"B1": "xyz"}, "Reader", "", DAY)
    assert signing.approved_content(study, "B1") == "abc"


@pytest.mark.parametrize("content", ["[", "W1: 3", "w1-w1: {B1: {checked: {by: A}}}"])
def test_a_register_that_cannot_be_read_stops(study: Study, content: str) -> None:
    signing.sign(study, {"B1": "abc"}, "Reader", "", DAY)
    path = study.folder.parent / "releases/reading/start/signed.yaml"
    path.write_text(content)
    with pytest.raises(AnalystError, match="cannot be read"):
        signing.signed(study)
