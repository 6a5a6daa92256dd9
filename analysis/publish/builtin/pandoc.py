"""Warm Pandoc processes that read Markdown into syntax trees and write trees out again.

Starting Pandoc takes longer than converting a school's report, so a process is kept for each
Python process, and answers batches of jobs over its standard input and output.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import subprocess
import threading
from bisect import bisect
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from itertools import accumulate, chain
from pathlib import Path
from queue import LifoQueue
from typing import Any

import pypandoc

from analysis.publish.builtin.tree import Nodes

API_VERSION = [1, 23, 1, 1]

# What Quarto reads: Pandoc's Markdown. Front matter is taken off before, with its line numbers.
CHAPTER_FORMAT = "markdown-yaml_metadata_block"

# Text that may hold people's own words: no raw HTML, no TeX, no maths, no macros. Citations stay
# on, because cross-references look like citations; unknown ones are put back as they were typed.
DATA_FORMAT = (
    "markdown-yaml_metadata_block-raw_html-raw_tex-raw_attribute-tex_math_dollars"
    "-native_divs-native_spans-markdown_in_html_blocks-latex_macros-auto_identifiers"
    "-implicit_figures-fancy_lists-example_lists-inline_code_attributes-fenced_code_attributes"
    "-link_attributes-footnotes-inline_notes-pandoc_title_block"
)


#: Processes for one Python process, and the characters from which a request is divided between
#: them. A school's report stays below.
PROCESSES, LARGE = 2, 100_000
Job = dict[str, Any]
#: In Pandoc's JSON, from the end of one word to the start of the next. Within a text, quotation
#: marks are escaped, so this cannot be part of one; nor may it begin in the name of a node.
BETWEEN_WORDS = re.compile(
    r'(?<!"t":"Space)(?<!"t":"SoftBreak)(?<!"t":"LineBreak)'
    r'"\},\{"t":"Space"\},\{"t":"Str","c":"'
)


class PandocError(RuntimeError):
    """Pandoc refused a document."""


class Pandoc:
    """Warm Pandoc: safe to share between threads, not between processes.

    One process answers what is asked. A second one is started when two threads ask at the same
    time, or when a request is so large that it is quicker answered in halves.
    """

    def __init__(self) -> None:
        self._idle: LifoQueue[_Process] = LifoQueue()
        self._lock = threading.Lock()
        self._processes = [_Process()]
        self._idle.put(self._processes[0])

    def read(self, texts: Sequence[str], source_format: str) -> list[Nodes]:
        """Parse each Markdown text; the blocks of each, in the same order.

        In data, words with a space between them come as one ``Str``: they make most of a report,
        and every word of its own is a node to walk through and to write. (In what authors wrote,
        shortcodes are looked for word by word.)
        """
        jobs = [{"text": text, "from": source_format, "to": "json"} for text in texts]
        answers = self._ask(jobs)
        if source_format == DATA_FORMAT:
            answers = [BETWEEN_WORDS.sub(" ", answer) for answer in answers]
        return [json.loads(answer)["blocks"] for answer in answers]

    def write(self, documents: Sequence[Nodes], target_format: str) -> list[str]:
        """Write each list of blocks as ``html5`` or ``typst``."""
        jobs = [
            {
                "text": json.dumps(
                    {"pandoc-api-version": API_VERSION, "meta": {}, "blocks": blocks}
                ),
                "from": "json",
                "to": target_format,
            }
            for blocks in documents
        ]
        return self._ask(jobs)

    def write_file(
        self,
        blocks: Nodes,
        metadata: dict[str, Any],
        target_format: str,
        path: Path,
        reference: Path,
        media: Mapping[str, Path],
    ) -> None:
        """Write blocks to a file, as a format that is no text, with the looks of another file.

        ``media`` are the pictures in it, by the names that the blocks call them.
        """
        document = {"pandoc-api-version": API_VERSION, "meta": metadata, "blocks": blocks}
        self._answered(
            [
                {"text": json.dumps(document), "from": "json", "to": target_format,
                 "file": str(path), "reference": str(reference),
                 "media": {name: str(place) for name, place in media.items()}}
            ]
        )  # fmt: skip

    @property
    def alive(self) -> bool:
        """Whether every process that was started still runs."""
        return all(process.alive for process in self._processes)

    def close(self) -> None:
        """End the processes by closing their input."""
        for process in self._processes:
            process.close()

    def _ask(self, jobs: list[Job]) -> list[str]:
        if not jobs:
            return []
        parts = _halves(jobs)
        if len(parts) == 1:
            return self._answered(jobs)
        with ThreadPoolExecutor(len(parts)) as threads:
            return list(chain.from_iterable(threads.map(self._answered, parts)))

    def _answered(self, jobs: list[Job]) -> list[str]:
        process = self._idle_one()
        try:
            return process.ask(jobs)
        finally:
            self._idle.put(process)

    def _idle_one(self) -> _Process:
        with self._lock:
            if self._idle.empty() and len(self._processes) < PROCESSES:
                self._processes.append(_Process())
                return self._processes[-1]
        return self._idle.get()


class _Process:
    """A running ``pandoc lua``, which answers one request at a time."""

    def __init__(self) -> None:
        script = resources.files(__package__).joinpath("worker.lua")
        self._process = subprocess.Popen(
            [pypandoc.get_pandoc_path(), "lua", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, jobs: list[Job]) -> list[str]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        stdin.write(json.dumps(jobs).encode("ascii") + b"\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise PandocError("pandoc ended without an answer")
        answers: list[dict[str, Any]] = json.loads(line)
        for answer in answers:
            if not answer["done"]:
                raise PandocError(str(answer["text"]))
        return [str(answer["text"]) for answer in answers]

    def close(self) -> None:
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait(timeout=10)


def _halves(jobs: list[Job]) -> list[list[Job]]:
    """A large request as two of about the same length; a small one as it is."""
    ends = list(accumulate(len(job["text"]) for job in jobs))
    if ends[-1] < LARGE or len(jobs) == 1:
        return [jobs]
    middle = max(1, bisect(ends, ends[-1] // 2))
    return [part for part in (jobs[:middle], jobs[middle:]) if part]


_warm: dict[int, Pandoc] = {}
_warm_lock = threading.Lock()


def warm_pandoc() -> Pandoc:
    """This process's Pandoc. A forked child gets its own, since a pipe has one reader."""
    with _warm_lock:
        pandoc = _warm.get(os.getpid())
        if pandoc is None or not pandoc.alive:
            pandoc = Pandoc()
            _warm.clear()
            _warm[os.getpid()] = pandoc
            atexit.register(_close, os.getpid())
        return pandoc


def _close(pid: int) -> None:
    pandoc = _warm.pop(pid, None)
    if pandoc is not None and pid == os.getpid():
        pandoc.close()
