# Two commands: `make app` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
DB ?= cotscope.duckdb
PORT ?= 8501
JOBS ?= 2
# pytest ends in 5 where PYTEST_ARGS leaves none of a half's tests.
NONE_CHOSEN = { [ $$? -eq 5 ] && [ -n "$(PYTEST_ARGS)" ]; }
ENGINES = $(CURDIR)/.venv-engines$(if $(MODEL),/gpu)
SAMPLES := $(wildcard sample_traces/*)

.PHONY: help app install samples test test-aside test-alone engines test-engines check format browser display bench constraints docs clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

app: install samples ## install, load the sample traces, open the app on 127.0.0.1
	@$(BIN)/cotscope app --db "$(DB)" --port "$(PORT)"

install: $(VENV)/.base ## create .venv and install CoTScope in it

$(VENV)/.base: pyproject.toml constraints.txt scripts/install.sh
	@scripts/install.sh "$(VENV)" .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt scripts/install.sh
	@scripts/install.sh "$(VENV)" ".[dev]"
	@touch $@ $(VENV)/.base

samples: install ## load sample_traces/ into the database and analyse them
	@echo "==> Loading sample_traces/ into $(DB)"
	@$(BIN)/cotscope import sample_traces --db "$(DB)" || [ $$? -eq 1 ]
	@$(BIN)/cotscope analyze --db "$(DB)"

browser: $(VENV)/.dev ## make sure that the tests have a Chromium
	@scripts/ensure_chromium.sh "$(BIN)/python"

display: $(VENV)/.dev ## make sure that the tests have what a desktop window needs
	@scripts/ensure_display.sh "$(BIN)/python"

check: $(VENV)/.dev ## lint, format, types, import rules
	@echo "==> ruff";         $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "==> mypy";         $(BIN)/mypy
	@echo "==> import rules"; $(BIN)/lint-imports
	@echo "==> scripts";      $(BIN)/python -m scripts.lint_js

test: check browser display test-aside test-alone ## everything but real engines: checks, unit, property, page and browser tests

test-aside: browser
	@echo "==> tests, side by side"
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not alone" $(PYTEST_ARGS) || $(NONE_CHOSEN)

test-alone: display
	@echo "==> tests that watch times and processes"
	@$(BIN)/python -m pytest -m alone $(PYTEST_ARGS) || $(NONE_CHOSEN)

engines: ## make the environments of test-engines (3.5 GB)
	@scripts/install_engines.sh $(ENGINES) $(if $(MODEL),gpu)

test-engines: engines ## tests with real engines: vLLM, transformers, Ray; MODEL=Qwen/Qwen3-0.6B on a machine with a GPU
	@COTSCOPE_TEST_MODEL="$(MODEL)" COTSCOPE_VLLM_PYTHON="$${COTSCOPE_VLLM_PYTHON:-$(ENGINES)/vllm/bin/python}" \
	  $(ENGINES)/app/bin/python -m pytest -m engines tests/engines --durations=15 $(PYTEST_ARGS)

format: $(VENV)/.dev ## rewrite the code in the project's style
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: $(VENV)/.dev ## measure speed against peers and limits (see benchmarks/)
	@$(BIN)/python -m benchmarks.run

docs: $(VENV)/.dev ## rewrite the docs that come from code, and the screenshots
	@$(BIN)/python -m scripts.make_docs --images

constraints: $(VENV)/.dev ## resolve the newest versions into constraints.txt
	@scripts/constraints.sh "$(BIN)"

clean: ## remove .venv, .venv-engines, caches and the database
	rm -rf $(VENV) .venv-engines .mypy_cache .ruff_cache .pytest_cache .hypothesis "$(DB)" "$(DB).wal"
