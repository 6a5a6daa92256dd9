"""``drp serve``: the reports on this machine, with a page of all of them and where each stands.

Only for whoever sits at this machine: the server listens on the loopback address, answers only to its
own names, gives out files of the site and nothing else, and changes nothing.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from analysis.errors import AnalystError
from analysis.publish import start_page
from analysis.publish.signing import State

ADDRESS = "127.0.0.1"
NAMES = (ADDRESS, "localhost")
#: The page that shows a report beside the last edition's.
BESIDE = "/beside/"


@dataclass(frozen=True)
class Row:
    """One report on the page of all: where it stands, and where it lies, now and in the last edition.

    ``page``, ``pdf`` and ``before`` are paths within the site, empty if there is none; ``on_record`` whether
    it was published as it is.
    """

    name: str
    state: State
    page: str
    pdf: str
    before: str
    on_record: bool


def server(
    site: Path, port: int, rows: Callable[[], tuple[str, str, list[Row]]]
) -> ThreadingHTTPServer:
    """A server of a site; it serves once ``serve_forever`` is called.

    Parameters
    ----------
    site
        The folder of the reports.
    port
        0 takes one that is free.
    rows
        Called for each look at the page of all: its title, the last edition's words, and the reports.

    Raises
    ------
    AnalystError
        If something listens at the port already.
    """

    class Handler(_Handler):
        pass

    Handler.site, Handler.rows = site.resolve(), staticmethod(rows)
    try:
        return ThreadingHTTPServer((ADDRESS, port), Handler)
    except OSError as error:
        raise AnalystError(
            f"Nothing can listen at port {port}: {error.strerror}.",
            where=f"--port {port}",
            fix="Give another one, or --port 0 for one that is free.",
        ) from None


class _Handler(BaseHTTPRequestHandler):
    site: Path
    rows: Callable[[], tuple[str, str, list[Row]]]
    server_version, sys_version = "drp", ""

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: who looks at what is nobody's business."""

    def _answer(self, *, body: bool) -> None:
        # Another site could have its name lead here, and read what is served.
        if self.headers.get("Host", "").rsplit(":", 1)[0] not in NAMES:
            return self._send(HTTPStatus.FORBIDDEN, "text/plain", b"not this machine", body)
        path = unquote(urlsplit(self.path).path)
        if path == "/":
            return self._page(overview(*type(self).rows()), body)
        if path.startswith(BESIDE):
            _, last, rows = type(self).rows()
            name = path.removeprefix(BESIDE)
            found = next((row for row in rows if row.name == name and row.before), None)
            if found is None:
                return self._send(HTTPStatus.NOT_FOUND, "text/plain", b"not found", body)
            return self._page(beside(found, last), body)
        file = within(self.site, path)
        if file is None:
            return self._send(HTTPStatus.NOT_FOUND, "text/plain", b"not found", body)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return self._send(HTTPStatus.OK, kind, file.read_bytes(), body)

    def _page(self, content: str, body: bool) -> None:
        self._send(HTTPStatus.OK, "text/html; charset=utf-8", content.encode(), body)

    def _send(self, status: HTTPStatus, kind: str, content: bytes, body: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if body:
            self.wfile.write(content)


def within(site: Path, path: str) -> Path | None:
    """The file of a site at an address; nothing if it is none, or lies elsewhere.

    No part of the address may lead up, or be hidden; nor may a link lead out of the site.
    """
    parts = path.strip("/").split("/")
    if any(part.startswith(".") or "\\" in part or not part.isprintable() for part in parts):
        return None
    try:
        file = site.joinpath(*parts).resolve()
        if not file.is_relative_to(site.resolve()):
            return None
        return file if file.is_file() else None
    except (OSError, ValueError):
        return None


def overview(title: str, last: str, rows: list[Row]) -> str:
    """The page of all reports."""
    lines = []
    for row in rows:
        links = [_link(row.page, row.name), *([_link(row.pdf, "PDF")] if row.pdf else [])]
        before = [_link(row.before, last), _link(f"{BESIDE[1:]}{row.name}", "side by side")]
        made = "as it was made" if not row.state.changed else escape(row.state.changed[0])
        lines.append(
            f'<tr><th scope="row">{" · ".join(links) if row.page else escape(row.name)}</th>'
            f"<td>{escape(row.state.words())}</td>"
            f"<td>{made if row.state.state else '–'}</td>"
            f"<td>{'yes' if row.on_record else 'no'}</td>"
            f"<td>{' · '.join(before) if row.before else '–'}</td></tr>"
        )
    heads = ("Report", "State", "Files", "On record as it is", "Last edition")
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = (
        f'<div class="table-scroll"><table{start_page.searchable(len(rows))}>'
        f"<caption>Every report of this edition, and where it stands</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>\n"
        '<p><a href="/index.html">All studies and editions</a></p>\n'
    )
    return start_page.document(title, body, wide=True)


def _link(path: str, words: str) -> str:
    return f'<a href="/{quote(path)}">{escape(words)}</a>'


def beside(row: Row, last: str) -> str:
    """A report and the last edition's, each in a frame of its own."""
    frames = "".join(
        f'<figure style="flex:1 1 24rem;margin:0"><figcaption>{escape(words)}</figcaption>'
        f'<iframe src="/{quote(path)}" title="{escape(words)}" '
        'style="width:100%;height:80vh;border:1px solid #888"></iframe></figure>'
        for words, path in ((last, row.before), ("This edition", row.page))
    )
    body = f'<p><a href="/">All reports</a></p><div class="table-scroll" style="display:flex;flex-wrap:wrap;gap:1rem">{frames}</div>'
    return start_page.document(row.name, body, wide=True, top="../")
