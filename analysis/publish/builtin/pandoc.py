"""One warm Pandoc process that reads Markdown into syntax trees and writes trees out again.

Starting Pandoc takes longer than converting a school's report, so one process per Python process
is kept and answers batches of jobs over its standard input and output.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import threading
from collections.abc import Sequence
from importlib import resources
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
    "-link_attributes-footnotes-inline_notes"
)


class PandocError(RuntimeError):
    """Pandoc refused a document."""


class Pandoc:
    """A running ``pandoc lua`` process. Safe to share between threads, not between processes."""

    def __init__(self) -> None:
        script = resources.files(__package__).joinpath("worker.lua")
        self.requests = 0
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [pypandoc.get_pandoc_path(), "lua", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def read(self, texts: Sequence[str], source_format: str) -> list[Nodes]:
        """Parse each Markdown text; the blocks of each, in the same order."""
        jobs = [{"text": text, "from": source_format, "to": "json"} for text in texts]
        return [json.loads(answer)["blocks"] for answer in self._ask(jobs)]

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

    def close(self) -> None:
        """End the process by closing its input."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait(timeout=10)

    def _ask(self, jobs: list[dict[str, str]]) -> list[str]:
        if not jobs:
            return []
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        with self._lock:
            self.requests += 1
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


_warm: dict[int, Pandoc] = {}
_warm_lock = threading.Lock()


def warm_pandoc() -> Pandoc:
    """This process's Pandoc. A forked child gets its own, since a pipe has one reader."""
    with _warm_lock:
        pandoc = _warm.get(os.getpid())
        if pandoc is None or pandoc._process.poll() is not None:
            pandoc = Pandoc()
            _warm.clear()
            _warm[os.getpid()] = pandoc
            atexit.register(_close, os.getpid())
        return pandoc


def _close(pid: int) -> None:
    pandoc = _warm.pop(pid, None)
    if pandoc is not None and pid == os.getpid():
        pandoc.close()
