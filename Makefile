# Everything runs from here. The machine needs Python 3.11 or newer, git and make; the rest goes into .venv.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# How many processes share the tests: one for each core.
WORKERS ?= auto
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test lint types format pytest snapshot bench bench-all bench-faults bench-data clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: $(INSTALLED)  ## serve the example application on http://127.0.0.1:8000
	$(BIN)/python -m examples.bookshelf

test: lint types pytest  ## run every gate, in this order

lint: $(INSTALLED)  ## check format and rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(INSTALLED)  ## check types
	$(BIN)/mypy

pytest: $(INSTALLED)  ## run the tests and measure their coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses $(WORKERS) --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

format: $(INSTALLED)  ## write the format, and mend the rules that mend themselves
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

snapshot: $(INSTALLED)  ## write down the public names
	$(BIN)/python -m tests.architecture.public_names

bench: $(INSTALLED)  ## measure the speed beside the bare limits and the best of other frameworks
	$(BIN)/python -m benchmarks

bench-all: $(INSTALLED)  ## measure the speed beside more frameworks, on more servers, in more rounds
	$(BIN)/python -m benchmarks --all

bench-faults: $(INSTALLED)  ## measure what slow clients, aborted transfers, restarts and a minute of load cost
	$(BIN)/python -m benchmarks.faults

bench-data: $(INSTALLED)  ## measure rows, pages made of rows and sockets beside plain SQLAlchemy, other frameworks and bare servers
	$(BIN)/python -m benchmarks.data

clean:  ## remove what these targets made, .venv included
	rm -rf .venv .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none is on the PATH; \
	name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[test]" --group dev
	touch $@
