"""Words before every table: a chapter's own, or the sentence that is made for the table.

A reader who meets a table after a heading, or after another table, does not know what to look for.
The notebook keeps a sentence for each table (:mod:`analysis.present.leads`), in a cell of its own;
here it is put where the chapter has no words.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from analysis.publish.cutting import EMBED, Lines
from analysis.publish.notebooks import LEAD

#: What ends the words before it: a heading, a fence of a div, a rule.
NO_WORDS = re.compile(r"^\s*(#{1,6}\s|:{3,}|-{3,}\s*$)")


def led(lines: Lines, known: Collection[str]) -> Lines:
    """A chapter's lines with a sentence before each table that no words stand before.

    ``known`` are the labels of cells that have anything to show.
    """
    made: Lines = []
    words = False
    for line, origin in lines:
        for path, label in EMBED.findall(line):
            if label.startswith("tbl-"):
                if not words and LEAD + label in known:
                    made += [(f"{{{{< embed {path}#{LEAD}{label} >}}}}", origin), ("", origin)]
                words = False
            else:
                words = not label.startswith("fig-")
        if line.strip() and not EMBED.search(line):
            words = NO_WORDS.match(line) is None
        made.append((line, origin))
    return made
