# The commands of this project. Each sets up what it needs first; `make` alone lists them.

VENV := .venv
BIN := $(VENV)/bin
RUNS := $(VENV)/.runs
STAMP := $(VENV)/.setup
DOCS := $(VENV)/.docs
PYTHON ?= $(shell for python in python3.13 python3.14 python3.12 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && echo $$python && break; done)

RADON := "log_radon ~ floor + (1 + floor | county)" --data examples/radon/data/radon.csv --prior "sd(county) ~ exponential(1)"

.DEFAULT_GOAL := help
.PHONY: help setup demo test docs dist check lint types format clean

help:  ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

setup: $(STAMP)  ## make .venv, with the command tildemc and all that tests need

$(RUNS): pyproject.toml constraints.txt
	@if [ ! -x $(BIN)/python ] && [ -z "$(PYTHON)" ]; then \
		echo "tildemc needs Python 3.12 or newer, and none was found on the PATH."; \
		echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; fi
	@if [ ! -x $(BIN)/python ] && ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$(PYTHON) comes without venv and ensurepip; on Debian and Ubuntu they are in the package python3-venv."; exit 1; fi
	@test -x $(BIN)/python || { echo "Making $(VENV) with $(PYTHON)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing tildemc and what it needs into $(VENV): some minutes the first time"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[play]'
	@touch $(RUNS)

$(STAMP): $(RUNS)
	@echo "Installing what the tests need into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

demo: $(RUNS)  ## the radon model: its translation, a fit, a summary, a report
	@echo '$$ tildemc translate' '$(RADON)'; echo
	@$(BIN)/tildemc translate $(RADON)
	@echo; echo '$$ tildemc fit' '$(RADON) --draws 2000 --seed 1'; echo
	@$(BIN)/tildemc fit $(RADON) --draws 2000 --seed 1
	@echo; echo '$$ tildemc report' '$(RADON) --draws 2000 --out build/radon.html'; echo
	@$(BIN)/tildemc report $(RADON) --draws 2000 --out build/radon.html

test: setup  ## the tests
	@$(BIN)/pytest -n auto --dist loadfile

$(DOCS): $(RUNS)
	@echo "Installing what the documentation needs into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $(DOCS)

docs: $(DOCS)  ## the documentation as a site, build/site/index.html, with all its links checked
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "Open build/site/index.html: it needs no server."

dist: setup  ## the wheel and the sdist in dist/, looked at as an index would
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[release]'
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist . > /dev/null
	@$(BIN)/twine check --strict dist/*
	@$(BIN)/check-wheel-contents dist/*.whl

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

check: lint types test  ## lint, types and tests; CI builds the documentation too

format: setup  ## format the code, and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:  ## remove .venv and all caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build
