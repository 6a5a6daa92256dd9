"""CSV of KoboToolbox and ODK Central: one heading row of question names, answers as names.

Both may put a question's group before its name (``you/school``, ``you-school``).
"""

from __future__ import annotations

import re

from analysis.sources.grid import Grid
from analysis.sources.layout import Layout

#: What each tool adds to every export: KoboToolbox, ODK Central.
SIGNATURES = (frozenset({"_uuid", "_submission_time"}), frozenset({"submissiondate", "key"}))
#: The id of a response, by tool.
RESPONSES = ("_uuid", "key")
#: What stands before a question's own name; headings in words are left as they are.
GROUPS = re.compile(r"^\S*[/-](?=[^\s/-]+$)")
PERSONAL = frozenset(
    {"username", "deviceid", "phonenumber", "_submitted_by", "submitterid", "submittername"}
)


def layout(grid: Grid) -> Layout | None:
    """The layout, if the headings hold those that KoboToolbox or ODK Central add."""
    head = grid.head(1)
    if not head:
        return None
    found = {name.casefold(): name for name in head[0]}
    if not any(own <= found.keys() for own in SIGNATURES):
        return None
    return Layout(
        names=head[0],
        questions=[GROUPS.sub("", name) for name in head[0]],
        header_rows=1,
        personal=PERSONAL,
        response_number=next(found[name] for name in RESPONSES if name in found),
    )
