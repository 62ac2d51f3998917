# Everything works from a fresh checkout: each target makes what it needs first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
BENCHES := actors pipeline kills soak faults compaction memory tokens
SOURCES := butler actors supervision ops tests
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup run test check format bench clean

help: ## show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-8s %s\n", $$1, $$2}'

setup: $(STAMP) ## make the environment: .venv/bin/butler

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "expected Python 3.11 or newer, got " + sys.version.split()[0] + "; set PYTHON=python3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,speech]'
	@touch $(STAMP)

run: $(STAMP) ## serve (the playground, unless TELEGRAM_BOT_TOKEN is set)
	$(BIN)/butler run

test: $(STAMP) ## run all tests
	$(BIN)/pytest -q -n auto --dist loadfile $(PYTEST_ARGS)

check: $(STAMP) ## format, lint, types, arrows
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## format in place
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)

bench: $(STAMP) ## run the benchmarks, short
	set -e; for bench in $(BENCHES); do echo "== $$bench"; $(BIN)/python -m ops.bench.$$bench --quick; done

clean: ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
