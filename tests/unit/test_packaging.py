"""What installs the project says the same everywhere."""

from __future__ import annotations

import re
import tomllib

import yaml

from tests.conftest import ROOT

#: Packages that conda users install with pip, because conda-forge lacks them or names another
#: program so (its ``typst`` is the command line, not the Python package).
BY_PIP = {
    "axe-playwright-python", "editables", "playwright", "pypandoc-binary",
    "pyxform", "typst",
}  # fmt: skip
#: Packages that only conda has.
ONLY_CONDA = {"python", "quarto", "pip"}


def name(requirement: str) -> str:
    """A requirement's package, as the registries compare names."""
    return re.sub(r"[._-]+", "-", re.split(r"[<>=!~;\[ ]", requirement)[0].lower())


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements() -> set[str]:
    found = project()
    return {name(r) for r in found["dependencies"] + found["optional-dependencies"]["dev"]}


def test_environment_and_pyproject_name_the_same_packages() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    conda = {name(entry) for entry in listed if isinstance(entry, str)}
    pip = {name(entry) for entry in listed if isinstance(entry, dict) for entry in entry["pip"]}
    assert pip == BY_PIP
    assert conda - ONLY_CONDA == requirements() - BY_PIP
    assert conda >= ONLY_CONDA


def test_quarto_is_recent_enough_in_the_environment() -> None:
    assert "quarto>=1.9" in (ROOT / "environment.yml").read_text(encoding="utf-8")


def test_the_lock_covers_every_requirement_with_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {name(line) for line in lock.splitlines() if re.match(r"[a-z0-9]", line)}
    assert requirements() <= locked
    assert "://" not in lock
    entries = re.split(r"\n(?=[a-z0-9])", lock.strip())
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_licence_is_the_gpl() -> None:
    assert project()["license"] == "GPL-3.0-or-later"
    assert "GNU GENERAL PUBLIC LICENSE" in (ROOT / "LICENSE").read_text(encoding="utf-8")[:200]
