"""What is published where: nothing over another's, and a start page that lists it all."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from analysis import study as studies
from analysis.publish import rendering, start_page
from tests.conftest import ROOT


def test_no_two_studies_editions_or_pairs_of_waves_share_a_place() -> None:
    study = studies.load(ROOT / "data/raw")
    edition = study.edition.model_copy(update={"id": "2019-summer"})
    others = [
        study,
        study.model_copy(update={"id": "other"}),
        study.model_copy(update={"edition": edition}),
        study.model_copy(update={"followup": "T3"}),
        study.model_copy(update={"baseline": "T2", "followup": "T3"}),
    ]
    places = [rendering.destination(Path("s"), s, u) for s in others for u in ("cohort", "S01")]
    assert len(set(places)) == len(places)
    assert places[:2] == [
        Path("s/drp/2018-summer/programme"),
        Path("s/drp/2018-summer/schools/S01"),
    ]
    assert places[-1] == Path("s/drp/2018-summer/T2-T3/schools/S01")
    assert not [p for p in places for q in places if p != q and p.is_relative_to(q)]


def page(path: Path, title: str) -> None:
    path.parent.mkdir(parents=True)
    head = f'<title>{title}</title><meta name="dcterms.date" content="2018-07-31">'
    path.write_text(f"<html><head>{head}</head></html>", encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    page(tmp_path / "a/2018/programme/index.html", "Study &amp; more")
    (tmp_path / "a/2018/programme/report.pdf").write_bytes(b"%PDF")
    page(tmp_path / "a/2018/schools/S01/index.html", "Oak School")
    page(tmp_path / "a/2018/T2-T3/schools/S01/index.html", "Oak School")
    page(tmp_path / "a/2019/schools/S01/index.html", "Oak School")
    page(tmp_path / "b/2018/schools/.S02.old/index.html", "Half")
    (tmp_path / "c/2018/schools/S03").mkdir(parents=True)
    start_page.write(tmp_path, ROOT)
    return tmp_path


def test_the_start_page_lists_every_report_once_and_leads_to_it(site: Path) -> None:
    soup = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    links = [a["href"] for a in soup.select("main a")]
    assert sorted(links) == [
        "a/2018/T2-T3/schools/S01/index.html", "a/2018/programme/index.html",
        "a/2018/programme/report.pdf", "a/2018/schools/S01/index.html",
        "a/2019/schools/S01/index.html",
    ]  # fmt: skip
    assert all((site / link).is_file() for link in links)
    assert [h.get_text() for h in soup.select("h1, h2")] == ["Evaluation reports", "Study & more"]
    # The latest edition first, and another pair of waves apart.
    assert [h.get_text() for h in soup.find_all("h3")] == [
        "2019 (2018-07-31)", "2018 (2018-07-31)", "2018, T2 and T3 (2018-07-31)",
    ]  # fmt: skip


def test_the_start_page_is_whole_by_itself_and_accessible(site: Path) -> None:
    soup = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert soup.html["lang"] and soup.title.get_text() and soup.find("main", id="content")
    assert soup.select_one("a.skip-link")["href"] == "#content"
    used = [link["href"] for link in soup.select("link[rel=stylesheet]")]
    assert used and all((site / name).is_file() for name in used)
    fonts = (site / "_start/styles/components.css").read_text(encoding="utf-8")
    assert "../fonts/" in fonts and list((site / "_start/fonts").glob("*.otf"))


def test_a_long_list_of_reports_can_be_searched(tmp_path: Path) -> None:
    for number in range(start_page.LONG + 1):
        page(tmp_path / f"a/2018/schools/S{number:03}/index.html", f"School {number}")
    page(tmp_path / "a/2019/schools/S001/index.html", "School 1")
    start_page.write(tmp_path, ROOT)
    soup = BeautifulSoup((tmp_path / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert ["data-filter" in each.attrs for each in soup.select("main ul")] == [False, True]
    (script,) = soup.select("script")
    assert (tmp_path / script["src"]).is_file()


def test_where_nothing_is_published_there_is_no_start_page(tmp_path: Path) -> None:
    start_page.write(tmp_path / "site", ROOT)
    assert not (tmp_path / "site").exists()
