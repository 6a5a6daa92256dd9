# Two commands for a newcomer: `make report` and `make test`. Both make the environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: report test verify lint environment lock docs words clean

report: environment
	$(BIN)/drp render --unit all --to html,pdf --jobs 2

test: environment lint
	$(BIN)/pytest

verify: environment
	$(BIN)/pytest -m "verify or not verify"

lint: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy report/pre_render.py report/post_render.py

environment: $(READY)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'Python 3.11 or later is needed; make PYTHON=python3.12 …')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

docs: environment
	$(BIN)/python -m analysis.handbook docs/_site

# Bring the catalogues of reports in other languages up to date with the messages in the code.
words: environment
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ -k sentence -k nsentence:1,2 -k pgettext:1c,2 --no-location --sort-output -o .words.pot .
	$(BIN)/pybabel -q update -D report -i .words.pot -d analysis/locale --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	rm .words.pot

# Resolve the lock again (needs uv): all platforms, hashes, no addresses.
lock:
	uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 \
		--extra dev --no-emit-index-url --no-annotate --no-header --quiet -o requirements.lock

clean:
	rm -rf data/processed report/_site docs/_site assets
