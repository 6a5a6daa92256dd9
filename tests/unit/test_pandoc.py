"""Warm Pandoc: the same answers in the same order, however a request is divided."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from analysis.publish.builtin import pandoc
from analysis.publish.builtin.pandoc import CHAPTER_FORMAT, Pandoc, PandocError, warm_pandoc


@pytest.fixture
def own() -> Iterator[Pandoc]:
    """A Pandoc of the test's own."""
    made = Pandoc()
    yield made
    made.close()


TEXTS = [f"# Section {n}\n\n{'word ' * (50 * n)}*end {n}*" for n in range(12)]


def test_a_divided_request_is_answered_in_order(
    own: Pandoc, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = own.read(TEXTS, CHAPTER_FORMAT)
    monkeypatch.setattr(pandoc, "LARGE", 100)
    assert own.read(TEXTS, CHAPTER_FORMAT) == whole
    # Whether a second process is needed depends on how soon the first is done.
    assert len(pandoc._halves([{"text": text} for text in TEXTS])) == 2
    assert own.write(whole, "typst") == [own.write([blocks], "typst")[0] for blocks in whole]


def test_one_long_text_among_short_ones_is_not_lost(
    own: Pandoc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pandoc, "LARGE", 100)
    for place in range(3):
        texts = ["short"] * 3
        texts[place] = "long " * 200
        read = own.read(texts, CHAPTER_FORMAT)
        assert [blocks[0]["c"][0]["c"] for blocks in read] == [t.split()[0] for t in texts]


def test_threads_share_it(own: Pandoc) -> None:
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda text: own.read([text], CHAPTER_FORMAT), TEXTS))
    assert answers == [own.read([text], CHAPTER_FORMAT) for text in TEXTS]
    assert len(own._processes) <= 2


def test_what_is_refused_says_so_and_leaves_it_usable(own: Pandoc) -> None:
    with pytest.raises(PandocError):
        own.write([[{"t": "Nonsense"}]], "html5")
    assert own.read(["still there"], CHAPTER_FORMAT)


def test_a_dead_process_is_replaced() -> None:
    first = warm_pandoc()
    for process in first._processes:
        process._process.kill()
        process._process.wait()
    with pytest.raises((PandocError, BrokenPipeError)):
        first.read(["text"], CHAPTER_FORMAT)
    second = warm_pandoc()
    assert second is not first
    assert second.read(["text"], CHAPTER_FORMAT)
