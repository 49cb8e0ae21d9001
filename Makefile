# Each target sets up what it needs: a virtual environment with the locked packages and this package, editable.
PYTHON ?= python3
DATA ?= ../data
ENGINE ?= neural
BIN := .venv/bin
OPEN := reports/index.html

.DEFAULT_GOAL := help
.PHONY: help setup report test check lab benchmark train lock clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready ## the virtual environment

# Debian's Python may lack ensurepip: then the environment is made without pip and filled by the outer one.
.venv/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("framing needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip .venv
	@if $(BIN)/python -m pip --version >/dev/null 2>&1; then pip="$(BIN)/python -m pip"; \
	 else pip="$(PYTHON) -m pip --python $(BIN)/python"; fi; \
	 echo "installing the locked packages into .venv (once; a minute or two)"; \
	 $$pip install --quiet --disable-pip-version-check -r requirements.txt && \
	 $$pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

report: setup ## the comparative report on the sample articles, into reports/
	$(BIN)/framing report comparative -f data/comparative.yaml
	@echo "open $(OPEN)"

# Tests start many interpreters: compiled once, whatever the environment says.
test: setup ## the test suite
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest

check: setup ## lint, types, and notebooks without outputs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/nbstripout --verify --extra-keys "metadata.papermill cell.metadata.papermill" notebooks/*.ipynb

lab: setup ## JupyterLab on the notebooks
	$(BIN)/jupyter lab --notebook-dir=. notebooks/explore.ipynb

benchmark: setup ## the instrument against annotated data: make benchmark DATA=folder ENGINE=neural
	$(BIN)/framing benchmark --data $(DATA) --engine $(ENGINE) --out reports/benchmark-$(ENGINE).json

train: setup ## train an engine anew: make train DATA=folder ENGINE=linear
	$(BIN)/framing train --data $(DATA) --engine $(ENGINE)

lock: ## resolve the locked packages again (needs uv)
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra lab --extra web --extra dask --extra train --extra dev pyproject.toml -o requirements.txt

clean: ## remove what was generated, the reports excepted
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
