"""A project of one's own: the given layout for another programme, with invented data to begin with."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from analysis import resources, study, synthetic
from analysis.errors import AnalystError
from analysis.places import inside
from analysis.publish import stage
from analysis.scaffold import answers, pages, written
from analysis.scaffold.plan import Plan, planned

__all__ = ["Plan", "make", "planned", "refuse_used"]

STUDY = "data/raw"
#: What Quarto has to find in a project before anything runs.
FOR_QUARTO = ("index.md", "report/pre_render.py", "report/post_render.py")


def make(folder: Path, plan: Plan) -> list[str]:
    """Make a project in a folder that is not there yet, or is empty.

    Returns
    -------
    list of str
        Names of the files written, sorted.

    Raises
    ------
    AnalystError
        If the folder holds anything, or cannot be written to. Nothing is left then.
    """
    refuse_used(folder)
    target = folder.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".drp-init-", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from None
    try:
        for name, text in _files(plan).items():
            path = inside(made, *name.split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for name in FOR_QUARTO:
            path = inside(made, *name.split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(resources.shipped() / name, path)
        (made / "_quarto.yml").write_text(_settings(study.load(made / STUDY)), encoding="utf-8")
        names = sorted(p.relative_to(made).as_posix() for p in made.rglob("*") if p.is_file())
        target.mkdir(exist_ok=True)
        for path in made.iterdir():
            path.rename(inside(target, path.name))
    except OSError as error:
        raise _unwritable(target, error) from None
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return names


def refuse_used(folder: Path) -> None:
    """Stop at a folder that holds anything: nothing is written over."""
    try:
        used = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise _unwritable(folder, error) from None
    if used:
        raise AnalystError(
            f"{folder} is not empty, and nothing is written over."
            if folder.is_dir()
            else f"{folder} is a file.",
            where=str(folder.resolve()),
            fix="Name a folder that is not there yet.",
        )


def _unwritable(folder: Path, error: OSError) -> AnalystError:
    return AnalystError(
        f"The project cannot be written: {error.strerror or error}.",
        where=str(folder),
        fix="Name a folder in a place where you may write.",
    )


def _files(plan: Plan) -> dict[str, str]:
    """Everything that is written as text, by its name in the project."""
    invented = {"schools.csv": answers.csv(answers.schools(plan)), **answers.exports(plan)}
    of_study = {
        "study.yaml": written.study(plan),
        **invented,
        synthetic.NAME: pages.SYNTHETIC + "".join(f"{name}\n" for name in sorted(invented)),
        f"instruments/{written.INSTRUMENT}.yaml": written.instrument(),
        "brand/_brand.yml": written.brand(plan),
        **{f"mappings/{asked.id}.yaml": written.mapping(asked) for asked in plan.populations},
        **{f"texts/{name}": text for name, text in written.texts().items()},
    }
    for strand in plan.strands:
        of_study |= {name: text for _, name, text in written.files(strand)}
    if written.needs_codebook(plan):
        of_study[written.CODEBOOK] = written.codebook()
    return {f"{STUDY}/{name}": text for name, text in of_study.items()} | {
        "README.md": pages.readme(plan),
        ".gitignore": pages.GIT,
        "notebooks/README.md": pages.NOTEBOOKS,
        "report/README.md": pages.REPORT,
    }


def _settings(found: study.Study) -> str:
    """``_quarto.yml``: the package's, with the study's own title, edition and brand."""
    settings: dict[str, Any] = dict(study.read_yaml(resources.shipped() / "_quarto.yml"))
    settings["book"] |= {
        "title": found.title,
        "subtitle": found.subtitle,
        "author": found.organisation,
        "date": found.edition.date.isoformat(),
        "page-footer": {"center": found.notice_short or found.title},
    }
    settings |= stage.study_metadata(found) | {"brand": f"{STUDY}/{found.brand}"}
    stage.refer(settings, found, f"{STUDY}/texts")
    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True, width=10_000)
    return pages.SETTINGS + text
