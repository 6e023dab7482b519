# Everything a developer or CI does. It needs make and python3 (3.11 or newer, with venv); the tests of the web pages
# also a Chromium (see CONTRIBUTING.md).
PYTHON ?= python3
WORKERS ?= 2
CRASHES ?= 50

FLOORS := bot handlers models scheduler
VENV := .venv
RUN := $(VENV)/bin/python
RIVALS := .venv-bench

POT := build/wangge.pot
PO := locales/en/LC_MESSAGES/wangge.po
MO := $(PO:.po=.mo)
BABEL := $(RUN) -m babel.messages.frontend --quiet
# No line numbers, no fuzzy guesses and the dates of the .po kept: the same source always gives the same bytes.
EXTRACT := $(BABEL) extract --no-default-keywords -k _ -k N_ --sort-by-file --add-location=file --no-wrap \
	--project=wangge --version=1 --output-file=$(POT) $(FLOORS)
UPDATE := $(BABEL) update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap \
	--locale=en --input-file=$(POT) --output-file=$(PO)

.DEFAULT_GOAL := help
.PHONY: help install demo test crash migration check lint types layers catalogues bench bench-rivals locale lock

help:  ## show this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/p' Makefile | expand -t 14

install: $(VENV)/.installed  ## the virtual environment .venv with everything, nothing else

demo: install  ## a demo county, the bot, and the web chat on http://127.0.0.1:8080
	$(RUN) -m bot demo

test: install  ## the whole test suite (WORKERS=2)
	$(RUN) -m pytest -n $(WORKERS)

crash: install  ## the long crash run: kill -9 the bot CRASHES=50 times on each database
	WANGGE_CRASHES=$(CRASHES) $(RUN) -m pytest -s -p no:randomly tests/crash

migration: install  ## write the migration that leads to the models (NAME="Add the visits", TABLES= for some of them)
	$(RUN) -m models.migrate "$(NAME)" $(TABLES)
	$(RUN) -m ruff format --quiet models/migrations

check: lint types layers catalogues test  ## lint, types, import rules, catalogues, tests: what CI runs

lint: install  ## ruff: rules and format
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

types: install  ## mypy --strict over the four packages
	$(RUN) -m mypy --strict $(FLOORS:%=--package %)

layers: install  ## import-linter: who may import whom
	$(RUN) -c 'from importlinter.cli import lint_imports_command as run; run()' --no-logo

catalogues: install  ## is the English catalogue up to date with the source?
	@mkdir -p $(dir $(POT))
	@$(EXTRACT)
	@$(UPDATE) --check 2>/dev/null || { echo "$(PO) is behind the source: run 'make locale' and translate." >&2; exit 1; }

locale: install  ## extract, update and compile the English catalogue
	@mkdir -p $(dir $(POT))
	$(EXTRACT)
	$(UPDATE)
	$(BABEL) compile --input-file=$(PO) --output-file=$(MO) --locale=en

bench: install  ## the benchmarks
	$(RUN) -m benchmarks

bench-rivals: $(RIVALS)/.installed  ## the benchmarks beside other libraries, in an environment of their own
	$(RIVALS)/bin/python -m benchmarks

lock:  ## compile requirements*.in to hash-pinned requirements*.txt (UPGRADE=--upgrade for newer releases)
	sh requirements-lock.sh $(UPGRADE)

# The stamp is newer than the pins it was made from, so a second run does nothing.
$(VENV)/.installed: requirements-dev.txt
$(RIVALS)/.installed: requirements-bench.txt
$(VENV)/.installed $(RIVALS)/.installed:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "wangge needs Python 3.11 or newer; name one with 'make PYTHON=python3.x install'." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "This Python has no venv module; install it first (Debian: apt install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@
