"""The reports on this machine: files of the site, to whoever sits at it, and nothing else."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.errors import AnalystError
from analysis.publish import serving
from analysis.publish.signing import State


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "s/two/schools/B1").mkdir(parents=True)
    (site / "s/two/schools/B1/index.html").write_text("<p>the report")
    (site / ".hidden").write_text("secret")
    (tmp_path / "secret.txt").write_text("secret")
    (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    return site


@pytest.fixture
def port(site: Path) -> Iterator[int]:
    page = "s/two/schools/B1/index.html"
    rows = [
        serving.Row("B1, <Oak>", State("B1", "draft"), page, "", page, False),
        serving.Row("B2", State("B2", ""), "", "", "", False),
    ]
    server = serving.server(site, 0, lambda: ("Joy: 2032", "Summer 2031", rows))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    server.server_close()
    thread.join()


def ask(port: int, path: str, method: str = "GET", host: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def test_it_shows_every_report_where_it_stands_and_beside_the_last_edition(port: int) -> None:
    status, page = ask(port, "/")
    assert status == 200 and "B1, &lt;Oak&gt;" in page and "not made" in page
    assert 'href="/beside/B1%2C%20%3COak%3E"' in page
    status, both = ask(port, "/beside/B1%2C%20%3COak%3E")
    assert status == 200 and both.count("<iframe") == 2 and "Summer 2031" in both
    assert ask(port, "/beside/B2")[0] == 404
    assert ask(port, "/s/two/schools/B1/index.html") == (200, "<p>the report")
    assert ask(port, "/s/two/schools/B1/index.html", "HEAD") == (200, "")


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/s/%2e%2e/%2e%2e/secret.txt", "/..%2fsecret.txt",
     "/..%5csecret.txt", "//../secret.txt", "/link.txt", "/.hidden", "/s/two", "/%00", "/etc/passwd",
     "/s/two/schools/B1/index.html%00.txt", "/nothing"],
)  # fmt: skip
def test_nothing_but_files_of_the_site_is_given_out(port: int, path: str) -> None:
    status, text = ask(port, path)
    assert status == 404 and "secret" not in text


def test_it_answers_to_its_own_names_only_and_takes_nothing(port: int) -> None:
    assert ask(port, "/", host="evil.example")[0] == 403
    assert ask(port, "/", host=f"localhost:{port}")[0] == 200
    assert ask(port, "/", "POST")[0] == 501
    assert ask(port, "/", "DELETE")[0] == 501


def test_it_listens_on_this_machine_only_and_says_if_a_port_is_taken(port: int, site: Path) -> None:
    with pytest.raises(AnalystError, match=f"port {port}"):
        serving.server(site, port, lambda: ("", "", []))
    free = serving.server(site, 0, lambda: ("", "", []))
    assert free.server_address[0] == "127.0.0.1"
    free.server_close()
