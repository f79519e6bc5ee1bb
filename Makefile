# `make` alone lists what there is. Every target works from a clean clone.

# The first Python that is new enough and can make virtual environments; name another with `make PYTHON=...`.
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))) python3)
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help venv check lint types imports migrations test test-deps php demo smoke bench run lock clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1\t/' | \
		while IFS="$$(printf '\t')" read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done

venv: $(INSTALLED)  ## a virtual environment with exactly the locked packages

$(INSTALLED): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sluss needs Python 3.11 or newer: make PYTHON=/path/to/python")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

check: lint types imports migrations  ## style, types, who imports whom, models against migrations

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: venv
	$(BIN)/mypy

imports: venv
	$(BIN)/lint-imports

migrations: venv
	@if test -f shared/ledger/migrations/env.py; then $(BIN)/python -m tests.support.migration_drift; \
		else echo "no migrations yet: nothing to compare"; fi

test: test-deps check  ## everything: brings what is missing, checks, then the whole suite
	$(BIN)/python -m pytest -ra -n auto --maxprocesses 8 --dist loadfile -m "not kill and not slow"
	$(BIN)/python -m pytest -ra -n 2 --dist loadfile -m kill  # each has workers of its own: not more at once
	$(BIN)/python -m pytest -ra -m "slow and not kill"  # clocks: alone, or they measure others

test-deps: venv
	$(BIN)/python -m tests.support.bring_postgres
	$(BIN)/python -m tests.support.bring_php

php: venv  ## the shop module alone: syntax, style and tests of its PHP
	$(BIN)/python -m tests.support.bring_php
	$(BIN)/python -m pytest -ra tests/deploy/magento

demo: venv  ## the product with stand-ins for Svea, Magento and Fortnox, and sales to watch
	$(BIN)/python -m services.local.demo

smoke: venv  ## the demo without a person: starts everything, books a sale, compares, stops
	$(BIN)/python -m services.local.demo --smoke

bench: venv test-deps  ## how fast it is on this machine
	$(BIN)/python -m tests.bench

run: venv  ## the product on this machine: SQLite, an own Redis, and every process
	$(BIN)/sluss up

lock: venv  ## the lock files again, from the ranges in pyproject.toml
	$(BIN)/uv pip compile pyproject.toml $(LOCK_FLAGS) --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --constraint requirements.lock $(LOCK_FLAGS) \
		--output-file requirements-dev.lock

# --no-annotate and the like keep names of package indexes and machines out of the files.
LOCK_FLAGS := --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links --no-annotate

clean:  ## removes what the other targets made, not your ledger in state/
	rm -rf .venv build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
