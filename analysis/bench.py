"""How fast it is: each measure compares two ways in one run, and is a median of several.

Ratios are what counts: both sides of one are measured on the same machine within minutes, in
turns, so that a busy machine slows both.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from analysis.errors import AnalystError
from analysis.places import inside, processed, project_root
from analysis.publish import incremental

#: Rendered by the measures of the demonstration study, unless all are asked for.
UNITS = ("cohort", "S01", "S12", "S14", "S04")
#: What no way of running notebooks could do without.
LIMIT = ("pandoc", "typst", "figures")
#: Schools made in turns to find the cost of one.
SAMPLE = 20
FEW, MANY, MOST = 60, 600, 5000
PACKAGES = ("papermill", "ipykernel", "distributed", "pandas", "matplotlib", "plotly", "typst")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Measure:
    """One line of the table: ``ours`` against ``other``, in seconds unless ``unit`` says else.

    ``bar`` is what ``ratio`` has to reach (``at_least``) or not to exceed.
    """

    name: str
    ours: list[float]
    other: list[float]
    bar: float
    aim: float
    at_least: bool
    unit: str = "s"
    note: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """How many times faster ours is; or, for a cost, how many times as much it takes."""
        ours, other = statistics.median(self.ours), statistics.median(self.other)
        return other / ours if self.at_least else ours / other

    @property
    def passed(self) -> bool:
        """Whether the bar is met."""
        return self.ratio >= self.bar if self.at_least else self.ratio <= self.bar


class Bench:
    """The measures of a study, in a copy of its project, so that nothing of it is changed."""

    def __init__(self, study: Path, folder: Path, repeats: int, *, full: bool, say: Say) -> None:
        self.source, self.folder, self.repeats, self.say = study.resolve(), folder, repeats, say
        self.root = _copied(self.source, folder / "project")
        self.study = self.root / "data" / "raw"
        self.units = [] if full else [word for unit in UNITS for word in ("--unit", unit)]
        self._studies: dict[int, Path] = {}

    def render(self) -> Iterator[Measure]:
        """All reports against the plain way, and how long it takes until the first notebook begins;
        and again with nothing changed."""
        self.drp("run", "--study", str(self.study))
        plain: list[float] = []
        first: list[float] = []
        warm: list[float] = []
        unchanged: list[float] = []
        place = processed(self.study)
        for turn in range(self.repeats):
            # What is timed here is only the notebooks and the documents: imports are not counted
            # against the plain way.
            plain.append(float(self.python(f"from analysis import bench; {self._plainly()}")))
            self.say(f"  plain way, turn {turn + 1}: {plain[-1]:.1f} s")
            for part in ("reports", "commands", "notebooks", "drawings"):
                shutil.rmtree(place / incremental.STATE / part, ignore_errors=True)
            shutil.rmtree(place / "notebooks", ignore_errors=True)
            with ThreadPoolExecutor(1) as beside:
                # Its folder is made when a notebook begins.
                begun = beside.submit(_when_there, place / "notebooks")
                started = time.time()
                warm.append(self.reports("--jobs", "2"))
                first.append(begun.result() - started)
            self.say(f"  warm, turn {turn + 1}: {warm[-1]:.1f} s, of which {first[-1]:.1f} s before "
                     "the first notebook")  # fmt: skip
            before = self._executed()
            unchanged += [self.reports() for _ in range(3)]
            run = sum(1 for path, when in self._executed().items() if before.get(path) != when)
        many = "all reports" if not self.units else f"programme and {len(UNITS) - 1} schools"
        yield Measure(f"{many}, HTML and PDF, 2 jobs", warm, plain, 25, 40, True)
        yield Measure("from the command to the first notebook: seconds", first, [1.0], 2.5, 2,
                      False)  # fmt: skip
        yield Measure("the same, nothing changed", unchanged, plain, 1000, 1000, True,
                      note={"notebooks run": run})  # fmt: skip

    def _plainly(self) -> str:
        return f"bench.print_plain({str(self.study)!r}, {self.units[1::2]!r})"

    def one_school(self) -> Iterator[Measure]:
        """Something of one school changed: the reports made again, and those that show it."""
        self.drp("run", "--study", str(self.study))
        self.reports()
        # The last row of each goes: of one pupil, and of one school's plan.
        for what, path in (("pupil's answers", self._pupils()), ("line of a plan", self._plans())):
            before = self._shown()
            content = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join(content[:-1]), encoding="utf-8")
            said = self.drp("render", "--study", str(self.study), "--explain", *self.units)
            after = self._shown()
            changed = [unit for unit, rows in before.items() if after[unit] != rows]
            lines = said.splitlines()
            again = [
                line.split()[0]
                for line, why in pairwise(lines)
                if why.startswith("         ") and "left as it is" not in why
            ]
            if not set(changed) <= set(again):
                raise AnalystError(f"{changed} changed, but {again} were made again.")
            yield Measure(f"one {what} gone: reports made, over reports that show it",
                          [len(again)], [len(changed)], 1, 1, False, "reports",
                          note={"made again": ", ".join(again)})  # fmt: skip

    def one_more(self) -> Iterator[Measure]:
        """One more school against Pandoc, Typst and the drawing of its figures, all warm."""
        self.drp("run", "--study", str(self.study))
        costs = self.costs(self.study)
        yield Measure("one more school, over pandoc, typst and its figures", costs["all"],
                      costs["limit"], 2.5, 1.6, False, note=_where(costs))  # fmt: skip
        programme = self.costs(self.study, incremental.COHORT)
        self.say(f"  where the programme's time goes: {_where(programme)}")

    def scale(self) -> Iterator[Measure]:
        """Among many schools against among few: time for one, and memory."""
        found = {}
        for schools in (FEW, MANY):
            study = self.study_of(schools)
            started = time.perf_counter()
            self.drp("run", "--study", str(study))
            released = time.perf_counter() - started
            self.say(f"  {schools} schools prepared, computed and released in {released:.0f} s")
            found[schools] = self.costs(study) | {"released": released}
        note = {f"release of {n} schools, s": round(c["released"], 1) for n, c in found.items()}
        name = f"{MANY} schools against {FEW}"
        yield Measure(f"{name}: time for one", found[MANY]["all"], found[FEW]["all"], 1.15, 1.05,
                      False, note=note)  # fmt: skip
        yield Measure(f"{name}: peak memory of a worker", [found[MANY]["memory"]],
                      [found[FEW]["memory"]], 1.15, 1.05, False, "MB")  # fmt: skip

    def compute(self) -> Iterator[Measure]:
        """The questions of an earlier commit, of many schools: processor time, in one process.

        On a study that the earlier commit made, which it can read; once, since it takes minutes.
        Time of the processor is taken, since machines have other things to do. What is asked since
        then stands apart, where it is computed apart.
        """
        earlier = self.folder / "earlier"
        repository = incremental.PACKAGE.parent
        self._timed(["git", "-C", str(repository), "worktree", "add", "--detach", str(earlier),
                     EARLIER])  # fmt: skip
        try:
            study = self.folder / f"earlier-{MANY}"
            made = (
                "from pathlib import Path; from analysis.demo import scale; "
                f"scale.make(Path('data/raw'), Path({str(study)!r}), {MANY})"
            )
            self._in(earlier, made)
            _without_what_it_lacks(study / "data" / "raw" / "study.yaml")
            code = f"STUDY = {str(study / 'data' / 'raw')!r}\n" + COMPUTED
            then, now = (
                json.loads(self._in(place, code).splitlines()[-1])
                for place in (earlier, repository)
            )
            self.say(f"  {then['whole']:.1f} s then, {now['whole']:.1f} s now")
        finally:
            self._timed(["git", "-C", str(repository), "worktree", "remove", "--force",
                         str(earlier)])  # fmt: skip
        known = set(then["analyses"])
        new = sum(seconds for names, seconds in now["parts"] if not known & set(names))
        yield Measure(f"{MANY} schools, questions of {EARLIER}: processor time of compute",
                      [now["whole"] - new], [then["whole"]], 4, 10, True,
                      note={"questions since then, s": round(new, 1), "rows then": then["rows"],
                            "rows now": now["rows"]})  # fmt: skip

    def prepare(self) -> Iterator[Measure]:
        """Preparing against reading the same files alone, in one process each and in turns.

        Time of the processor, since machines have other things to do; what either imports is not
        counted.
        """
        from analysis.demo.scale import RESPONDENTS

        study = self.study_of(MANY)
        code = (
            "import time; from pathlib import Path; from analysis import study\n{imports}\n"
            "found = study.load({study!r}); clock, cpu = time.perf_counter(), time.process_time()\n"
            "{work}\nprint(time.process_time() - cpu, time.perf_counter() - clock)"
        )
        ready = "import pyarrow.parquet; from analysis import pipeline; from analysis.prepare import schemas\n"
        csv = "[pandas.read_csv(path) for path in sorted(found.folder.glob('*.csv'))]"
        ways = {
            "ours": (ready, "pipeline.prepare(found)"),
            "pandas.read_csv": ("import pandas, pyarrow", csv),
        }
        times: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for turn in range(self.repeats):
            for way, (imports, work) in ways.items():
                text = code.format(imports=imports, work=work, study=str(study))
                cpu, clock = map(float, self.python(text).split())
                times[way].append((cpu, clock))
                self.say(f"  {way}, turn {turn + 1}: {cpu:.2f} s, {clock:.2f} s by the clock")
        ours, other = ([cpu for cpu, _ in each] for each in times.values())
        note = {
            f"{way}, by the clock, s": round(statistics.median(clock for _, clock in each), 2)
            for way, each in times.items()
        }
        yield Measure(f"prepare {MANY * RESPONDENTS:,} respondents, over pandas.read_csv", ours,
                      other, 10, 6, False, note=note)  # fmt: skip

    def help(self) -> Iterator[Measure]:
        """``drp --help`` against importing its command line library."""
        ours: list[float] = []
        other: list[float] = []
        for _ in range(max(self.repeats, 7)):
            ours.append(self._timed([sys.executable, "-m", "analysis.cli", "--help"])[0])
            other.append(self._timed([sys.executable, "-c", "import typer"])[0])
        yield Measure("drp --help, over import typer", ours, other, 3, 2, False)

    def data(self) -> Iterator[Measure]:
        """The data side of very many schools: how long it takes, and the memory of a process."""
        study = self.study_of(MOST)
        started = time.perf_counter()
        peak = self._peak([sys.executable, "-m", "analysis.cli", "run", "--study", str(study)])
        minutes = (time.perf_counter() - started) / 60
        name = f"{MOST:,} schools prepared, computed and released"
        yield Measure(f"{name}: minutes", [minutes], [1.0], 15, 6, False, "min")
        yield Measure(f"{name}: peak memory of a process", [peak], [1.0], 3, 2, False, "GiB")

    def answer(self) -> Iterator[Measure]:
        """One answer of one school is another: until the school's report is made."""
        unit = self._school_of(self._pupils())
        self.drp("run", "--study", str(self.study))
        self.drp("render", "--study", str(self.study), "--unit", unit)
        times = []
        for turn in range(self.repeats):
            self._another_answer(self._pupils(), turn)
            started = time.perf_counter()
            self.drp("render", "--study", str(self.study), "--unit", unit)
            times.append(time.perf_counter() - started)
        yield Measure("one answer is another, to its report: seconds", times, [1.0], 4, 1.5, False)

    def workers(self) -> Iterator[Measure]:
        """Two workers against one: everything computed, and reports made."""
        some = f"programme and {len(UNITS) - 1} schools"
        for name, units in {some: self.units, "all": ["--unit", "all"]}.items():
            if not units:
                continue
            times: dict[int, list[float]] = {1: [], 2: []}
            for turn in range(self.repeats):
                for jobs, found in times.items():
                    shutil.rmtree(processed(self.study), ignore_errors=True)
                    found.append(self.reports("--jobs", str(jobs), "--again", units=units))
                    self.say(f"  {jobs} of {name}, turn {turn + 1}: {found[-1]:.1f} s")
            yield Measure(f"two workers against one, compute and reports of {name}", times[2],
                          times[1], 1.6, 1.9, True)  # fmt: skip

    def _school_of(self, path: Path) -> str:
        """The id of the school of an export's first row."""
        import pandas as pd

        from analysis import study as studies
        from analysis.prepare import schools

        table = schools.read(studies.load(self.study))
        name = str(pd.read_csv(path, dtype="str")["school"].iloc[0])
        return str(table.loc[table["name"] == name, "id"].iloc[0])

    def _another_answer(self, path: Path, turn: int) -> None:
        """Write another last answer into an export's first row."""
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        cells = lines[1].rstrip("\n").split(",")
        cells[-1] = "2" if cells[-1] == "3" or turn % 2 else "3"
        lines[1] = ",".join(cells) + "\n"
        path.write_text("".join(lines), encoding="utf-8")

    def _peak(self, command: list[str]) -> float:
        """The largest memory of any process of a command, in GiB."""
        import psutil

        peak = 0
        with subprocess.Popen(command, cwd=self.root, env=self._environment) as running:
            top = psutil.Process(running.pid)
            while running.poll() is None:
                for each in (top, *top.children(recursive=True)):
                    with suppress(psutil.Error):
                        peak = max(peak, each.memory_info().rss)
                time.sleep(0.2)
        if running.returncode:
            raise AnalystError("What was to be measured failed.", where=" ".join(command[1:]))
        return peak / 2**30

    def study_of(self, schools: int) -> Path:
        """A study of this many schools."""
        if schools not in self._studies:
            from analysis.demo import scale

            place = self.folder / f"schools-{schools}"
            self._studies[schools] = scale.make(self.source, place, schools)
        return self._studies[schools]

    def reports(self, *options: str, units: Sequence[str] | None = None) -> float:
        """Seconds that ``drp render`` takes, of the units named or of those of this bench."""
        units = self.units if units is None else units
        started = time.perf_counter()
        self.drp("render", "--study", str(self.study), *units, *options)
        return time.perf_counter() - started

    def costs(self, study: Path, *units: str) -> dict[str, Any]:
        """What reports of a study cost: see :func:`print_costs`."""
        code = f"from analysis import bench; bench.print_costs({str(study)!r}, {units!r})"
        found: dict[str, Any] = json.loads(self.python(code))
        return found

    def drp(self, *arguments: str) -> str:
        """Run the command; what it prints."""
        return self._timed([sys.executable, "-m", "analysis.cli", *arguments])[1]

    def _in(self, place: Path, code: str) -> str:
        """Run code with the package of another folder; what it prints."""
        environment = os.environ | {"PYTHONPATH": str(place), "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=place, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise AnalystError(
                f"What was to be measured failed: {done.stderr.strip()[-1500:]}", where=str(place)
            )
        return done.stdout

    def python(self, code: str) -> str:
        """Run code in a process of its own; what it prints."""
        return self._timed([sys.executable, "-c", code])[1]

    def _timed(self, command: list[str]) -> tuple[float, str]:
        started = time.perf_counter()
        done = subprocess.run(
            command, cwd=self.root, env=self._environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        took = time.perf_counter() - started
        if done.returncode:
            raise AnalystError(
                f"What was to be measured failed: {done.stderr.strip()[-1500:]}",
                where=" ".join(command[1:])[:300],
            )
        return took, done.stdout

    @property
    def _environment(self) -> dict[str, str]:
        package = str(incremental.PACKAGE.parent)
        return os.environ | {"PYTHONPATH": package, "PYTHONWARNINGS": "ignore"}

    def _executed(self) -> dict[Path, int]:
        folder = processed(self.study) / "notebooks"
        return {path: path.stat().st_mtime_ns for path in folder.rglob("*.ipynb")}

    def _shown(self) -> dict[str, list[Any]]:
        """What each report made so far shows: the released rows its notebooks asked for, texts."""
        import pandas as pd

        released = processed(self.study) / "released"
        programme = pd.read_parquet(released / f"{incremental.COHORT}.parquet")
        shown = {}
        for record in sorted((processed(self.study) / incremental.STATE / "reports").iterdir()):
            unit = record.stem
            if self.units and unit not in self.units:
                continue
            own = pd.read_parquet(released / f"{unit}.parquet")
            rows = pd.concat([programme, own]).drop_duplicates(["unit", "id"])
            asked_for = incremental.read(record)["rows"]
            asked = rows[(rows["unit"] + " " + rows["id"]).isin(list(asked_for))]
            texts = pd.read_parquet(released / f"{unit}.texts.parquet")
            shown[unit] = [asked.to_csv(), texts.to_csv()]
        return shown

    def _plans(self) -> Path:
        from analysis import study as studies

        plans = studies.load(self.study).file("action_plans")
        return sorted(self.study.glob(str(plans)))[-1]

    def _pupils(self) -> Path:
        from analysis import study as studies

        study = studies.load(self.study)
        names = [
            export.file
            for survey in study.surveys
            for export in survey.exports
            if survey.population == "pupils" and export.file.endswith(".csv")
        ]
        return self.study / names[-1]


#: In the order in which they run; ``data`` only when asked for.
def _without_what_it_lacks(path: Path) -> None:
    """Take out of a study file of the earlier commit what its own made-up answers do not have."""

    def lacking(part: Any) -> Any:
        if isinstance(part, dict):
            return {k: lacking(v) for k, v in part.items() if k not in NOT_ANSWERED}
        if isinstance(part, list):
            return [lacking(each) for each in part if each not in NOT_ANSWERED]
        return part

    content = lacking(yaml.safe_load(path.read_text(encoding="utf-8")))
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


#: Attributes that the earlier commit's study names and its made-up answers lack.
NOT_ANSWERED = ("year_group", "sen", "looked_after", "white", "english_first")
MEASURES = (
    "help", "render", "one_school", "one_more", "answer", "workers", "prepare", "scale", "data",
    "compute",
)  # fmt: skip
#: The last two take long; the last needs the repository's history.
USUAL = MEASURES[:-2]
#: The commit whose questions are computed again.
EARLIER = "ac6f665"
#: Computes STUDY in one process: seconds of the processor, of all and, where it is done in pieces, of
#: each; and the analyses there are.
COMPUTED = """
import json, time
from dataclasses import replace
from pathlib import Path
from analysis import compute as computing, study as studies
from analysis.prepare import prepare
found = prepare(studies.load(Path(STUDY)), Path(STUDY).parent / "key")
parts = []
started = time.process_time()
if hasattr(computing, "_pieces"):
    from analysis import questions, results
    # The earlier commit imported what it computes with before it was asked to.
    pieces = list(computing._pieces(found))
    for piece in pieces:
        for name in piece.functions:
            computing._function(name)
    data, tables = computing.Data(found), []
    started = time.process_time()
    for piece in pieces:
        for name in piece.functions:
            begun = time.process_time()
            tables.append(computing._computed(data, replace(piece, functions=(name,))))
            named = [q.name for q in questions.QUESTIONS if q.function == name]
            parts.append((named, time.process_time() - begun))
    ledger = results.together(tables)
else:
    ledger = computing.compute(found)
whole = time.process_time() - started
print(json.dumps({"whole": whole, "rows": len(ledger), "parts": parts,
                  "analyses": sorted(set(ledger["analysis"]))}))
"""


def run(
    study: Path,
    target: Path,
    only: tuple[str, ...] = USUAL,
    repeats: int = 3,
    *,
    full: bool = False,
    say: Say = print,
) -> list[Measure]:
    """Measure, print a table, and write ``bench.json`` and ``bench.svg`` to ``target``."""
    found: list[Measure] = []
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="drp-bench-") as folder:
        bench = Bench(study, Path(folder), repeats, full=full, say=say)
        for name in only:
            say(f"{name} …")
            for measure in getattr(bench, name)():
                found.append(measure)
                say(f"  {measure.name}: {measure.ratio:.2f} (bar {measure.bar:g})")
                # At once: what comes later may fail.
                _write(found, repeats, target)
    for line in table(found, about()):
        say(line)
    return found


def _write(found: list[Measure], repeats: int, target: Path) -> None:
    record = {
        "machine": about(),
        "repeats": repeats,
        "measures": [asdict(m) | {"ratio": round(m.ratio, 2), "passed": m.passed} for m in found],
    }
    (target / "bench.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    draw(found, target / "bench.svg")


def about() -> dict[str, str]:
    """The machine and the versions measured with."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), model)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f"{os.getloadavg()[0]:.1f}"
    return {
        "processor": model,
        "cores": str(cores),
        "load at the end": load,
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def table(found: list[Measure], machine: dict[str, str]) -> list[str]:
    """The results as lines of text."""
    lines = [f"{'measure':64}{'ours':>9}{'other':>9}{'ratio':>9}{'bar':>8}{'aim':>7}"]
    for m in found:
        ours, other = statistics.median(m.ours), statistics.median(m.other)
        ratio, mark = (
            f"{m.ratio:.2f}" if m.ratio < 10 else f"{m.ratio:.0f}",
            "" if m.passed else " *",
        )
        lines.append(
            f"{m.name:64}{ours:>9.2f}{other:>9.2f}{ratio:>9}{m.bar:>8g}{m.aim:>7g} {m.unit}{mark}"
        )
        if m.note:
            lines.append("    " + "; ".join(f"{k}: {v}" for k, v in m.note.items()))
    lines.append("* misses the bar")
    lines.append("; ".join(f"{name} {value}" for name, value in machine.items()))
    return lines


def draw(found: list[Measure], path: Path) -> None:
    """How far each measure is from its bar, on one scale: right of the line meets it."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    share = [m.ratio / m.bar if m.at_least else m.bar / m.ratio for m in found]
    aims = [m.aim / m.bar if m.at_least else m.bar / m.aim for m in found]
    with mpl.rc_context({"svg.hashsalt": "bench", "font.size": 9}):
        figure = Figure(figsize=(8, 0.5 + 0.4 * len(found)), layout="constrained")
        axes = figure.subplots()
        rows = range(len(found))
        axes.barh(rows, share, color=["#12436D" if m.passed else "#801650" for m in found])
        axes.scatter(aims, rows, color="#F46A25", marker="|", s=150, zorder=3, label="aim")
        axes.axvline(1, color="#1D2429", linewidth=1)
        axes.set_yticks(rows, [m.name for m in found])
        axes.invert_yaxis()
        axes.set_xscale("log")
        for ticks in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
            ticks("{x:g}")
        axes.set_xlabel("times as good as the bar")
        axes.legend(frameon=False, loc="lower right")
        figure.savefig(path, metadata={"Date": None})


def _when_there(folder: Path, seconds: float = 60) -> float:
    """When a folder is first there, to a hundredth of a second; looks for it for so long."""
    until = time.time() + seconds
    while not folder.exists() and time.time() < until:
        time.sleep(0.01)
    return time.time()


def print_plain(study: str, units: list[str]) -> None:
    """Make reports the plain way, and print how many seconds it took, without imports.

    Every notebook that a unit's report embeds (all units, if none is named), by Papermill with its
    stock engine, one after the other; then each report by the same renderer, one after the other.
    """
    from analysis import study as studies
    from analysis.disclosure import store
    from analysis.prepare import schools
    from analysis.present import open_page
    from analysis.publish import beside, notebooks, rendering, stage

    found = studies.load(study)
    root, folder = project_root(Path(study)), processed(Path(study))
    units = units or store.units(schools.read(found))
    started = time.perf_counter()
    for unit in units:
        for run in notebooks.runs(root, folder, unit, found):
            notebooks.execute(run, found, "stock")
    for unit in units:
        page = open_page(unit, study, found.edition.id, found.baseline, found.followup)
        made, into = inside(folder, "notebooks", unit), inside(folder, "projects", unit)
        places = rendering.destinations(root / "report" / "_site", found, unit)
        staged = stage.stage(page, root, made, into, ("html", "pdf"), "pandoc")
        for each, place in zip(staged, places, strict=True):
            rendering.render(
                each, place, found, ("html", "pdf"), "pandoc",
                lambda _: None, partial(beside.write, page, root),
            )  # fmt: skip
        rendering.put_all(places)
    print(time.perf_counter() - started)


def print_costs(study: str, units: tuple[str, ...]) -> None:
    """Make reports in this process, one after the other, and print what each took.

    Of the units named; of some schools, if none is. ``limit`` is the part of it spent in Pandoc,
    in Typst and in drawing figures, which no way of running notebooks could do without; ``parts``
    also tells the time of notebooks, figures included, and of the steps after them. ``memory`` is
    the process's peak in MB.
    """
    import resource

    from analysis import study as studies
    from analysis.disclosure import store
    from analysis.prepare import schools as tables
    from analysis.publish import shell
    from analysis.publish.unit import UnitTask

    found = studies.load(study)
    root = project_root(Path(study))
    task = UnitTask(found, root, ("html", "pdf"), "pandoc", "warm")
    shell.warm_up()
    # The first three fill caches.
    cold = 0 if units else 3
    units = units or tuple(store.units(tables.read(found))[1 : SAMPLE + cold + 1])
    every: list[float] = []
    limits: list[float] = []
    parts: dict[str, list[float]] = {}
    for unit in units:
        incremental.report_record(processed(Path(study)), unit).unlink(missing_ok=True)
        for part in ("notebooks", "drawings"):
            shutil.rmtree(processed(Path(study)) / incremental.STATE / part, ignore_errors=True)
        with _counted() as spent:
            started = time.perf_counter()
            task(unit)
            every.append(time.perf_counter() - started)
        limits.append(sum(spent[name] for name in LIMIT))
        for name, seconds in spent.items():
            parts.setdefault(name, []).append(seconds)
    shown = {name: round(statistics.median(values[cold:]), 3) for name, values in parts.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found_out = {"all": every[cold:], "limit": limits[cold:], "parts": shown, "memory": peak}
    print(json.dumps(found_out))


def _where(costs: dict[str, Any]) -> dict[str, float]:
    """Seconds of a report, and of its parts."""
    return {"all": round(statistics.median(costs["all"]), 2), **costs["parts"]}


@contextmanager
def _counted() -> Iterator[dict[str, float]]:
    """Seconds spent in notebooks, in Pandoc, in Typst and in matplotlib's drawing; and in the steps
    of a report's way to its place, which hold these."""
    import typst

    from analysis.present import figures
    from analysis.publish import beside, builtin, check, notebooks, stage
    from analysis.publish.builtin.pandoc import Pandoc

    places: list[tuple[Any, str, str]] = [
        (Pandoc, "_ask", "pandoc"),
        (Pandoc, "write_file", "pandoc"),
        (typst, "compile", "typst"),
        (figures, "_drawn", "figures"),
        (notebooks, "execute", "notebooks"),
        (stage, "stage", "laid out"),
        (builtin, "read", "read"),
        (builtin, "write", "pages and PDF"),
        (beside, "write", "workbook, CSV, Word, panels"),
        (check, "check", "checked"),
    ]
    spent = dict.fromkeys((name for *_, name in places), 0.0)

    def counted(name: str, function: Any) -> Any:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                spent[name] += time.perf_counter() - started

        return wrapped

    before = [getattr(owner, attribute) for owner, attribute, _ in places]
    for (owner, attribute, name), function in zip(places, before, strict=True):
        setattr(owner, attribute, counted(name, function))
    try:
        yield spent
    finally:
        for (owner, attribute, _), function in zip(places, before, strict=True):
            setattr(owner, attribute, function)


def _copied(study: Path, target: Path) -> Path:
    """A project of its own, with what reports are made from; its folder."""
    root = project_root(study)
    shutil.copytree(study, target / "data" / "raw")
    for name in ("notebooks", "_extensions"):
        if (root / name).is_dir():
            shutil.copytree(root / name, target / name)
    shutil.copytree(root / "report", target / "report", ignore=shutil.ignore_patterns("_site"))
    for name in ("_quarto.yml", incremental.LOCK):
        if (root / name).exists():
            shutil.copyfile(root / name, target / name)
    return target
