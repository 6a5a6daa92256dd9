"""What is sent and shown: a package for each school, and the reports on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from http.server import ThreadingHTTPServer
from pathlib import Path

from analysis import approval, whole
from analysis.disclosure import changes, store
from analysis.places import inside, project_root
from analysis.publish import package as packaging
from analysis.publish import rendering, serving
from analysis.results import COHORT
from analysis.study import Study


def package(
    study: Study, units: Sequence[str] = (), target: Path | None = None
) -> tuple[list[packaging.Packed], dict[str, str]]:
    """Package reports to be sent (:mod:`analysis.publish.package`); and why others are not.

    Of all schools, if no units are named.
    """
    root = project_root(study.folder)
    site, table = rendering.site(root), whole.schools(study)
    every = store.units(table)
    names = dict(zip(map(str, table["id"]), map(str, table["name"]), strict=True))
    to = packaging.recipients(study, every)
    wanted = list(units) or every[1:]
    left = {unit: why for unit in wanted if (why := packaging.why_not(study, site, unit))}
    chosen = {u: packaging.called(study, names, u) for u in wanted if u not in left}
    place = target or inside(root, "report", "_packages", study.id, study.edition.id)
    return packaging.package(study, site, place, chosen, to, left), left


def served(study: Study, port: int) -> ThreadingHTTPServer:
    """The reports on this machine (:mod:`analysis.publish.serving`)."""
    site = rendering.site(project_root(study.folder))

    def rows() -> tuple[str, str, list[serving.Row]]:
        last = changes.last(study)
        names = dict(whole.schools(study)[["id", "name"]].itertuples(index=False, name=None))
        found = []
        for unit, stands in approval.states(study).items():
            place = rendering.destination(site, study, unit)
            below = place.parts[-1:] if unit == COHORT else place.parts[-2:]
            before = inside(site, study.id, last.edition, *below, "index.html") if last else None

            def there(path: Path | None) -> str:
                return path.relative_to(site).as_posix() if path and path.exists() else ""

            found.append(
                serving.Row(
                    "programme" if unit == COHORT else f"{unit}, {names[unit]}",
                    stands,
                    there(place / "index.html"),
                    there(place / "report.pdf"),
                    there(before),
                    bool(stands.state) and packaging.why_not(study, site, unit) == "",
                )
            )
        title = f"{study.title}: {study.edition.term}"
        return title, last.term if last else "", found

    return serving.server(site, port, rows)
