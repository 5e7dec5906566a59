# Everything happens in VENV, from the locks; PYTHON picks the interpreter (3.11 or newer).
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

.DEFAULT_GOAL := help
.PHONY: help demo check lint types test unit lock wheel bench clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.ready  ## explain the bundled case of February 2026, without network or key
	$(BIN)/causemap explain 2026-02-seed

check: lint types test  ## everything a change must pass: lint, types, tests

lint: $(VENV)/.dev  ## style and the order of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.dev  ## mypy --strict
	$(BIN)/mypy

test: $(VENV)/.dev  ## the tests, without network
	$(BIN)/pytest -n 2 --dist worksteal

unit: $(VENV)/.dev  ## the unit tests alone: no program started, no page opened, no real data
	$(BIN)/pytest -n 2 --dist worksteal -m "not whole and not slow"

lock:  ## resolve the two locks again (needs uv)
	$(LOCK) --group build --output-file requirements.lock
	$(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock

wheel: $(VENV)/.dev  ## the source archive, and the wheel built from it, into dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist .

bench: $(VENV)/.ready  ## medians of the times a user feels (DATA_DIR=folder adds a fresh window)
	$(BIN)/python benchmarks/speed.py $(if $(DATA_DIR),--data-dir $(DATA_DIR))

clean:  ## remove what the targets made
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.ready
	$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@
