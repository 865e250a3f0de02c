# All that a user or a contributor needs. Each target sets up what it needs first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
WITH_PEERS := $(VENV)/with-peers

# Each process would translate all modules and tests anew, if Python were told to keep nothing
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help book test check units notebooks pages peers processors lab bench lite browser pins readme validity evidence lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 17

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(WITH_PEERS): $(INSTALLED) requirements-bench.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bench.lock
	touch $@

book: $(INSTALLED) ## run every chapter and lab afresh, write the pages to _build/html
	$(BIN)/jupyter-book build . --all -W -n --keep-going
	@echo "Open _build/html/index.html"

check: $(INSTALLED) ## linters and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell $$(git ls-files)
	$(BIN)/nbstripout --verify $$(git ls-files '*.ipynb')

units: $(INSTALLED) ## the tests that need no book
	$(BIN)/python -m pytest --ignore=tests/book -n 3 --dist loadscope

peers: $(WITH_PEERS) ## the tests beside libcachesim, which not every machine can install
	$(BIN)/python -m pytest tests/test_validity.py tests/sim/test_caches.py tests/workloads/test_traces.py

processors: $(INSTALLED) ## the texts must be equal on processors of three kinds
	cd tests && ../$(BIN)/python -m support.processors

notebooks: $(INSTALLED) ## run every notebook, as a reader does
	SCALELAB_PROGRESS=off $(BIN)/python -m pytest -o addopts= -q -p no:cacheprovider -W default --nbval-lax book labs -n 3 --dist loadfile

pages: $(INSTALLED) ## the tests of the built book that need no browser
	$(BIN)/python -m pytest tests/book -m "not browser" -n 2 --dist loadscope

# Tests and notebooks often wait for a server, and so run side by side: their dots mix
test: check book ## everything that needs no browser
	$(MAKE) --no-print-directory --jobs 2 units notebooks
	$(MAKE) --no-print-directory pages

lab: $(INSTALLED) ## open JupyterLab on the list of chapters and labs
	$(BIN)/jupyter-lab --LabApp.default_url=/lab/tree/start.ipynb

bench: $(WITH_PEERS) ## time the kernels against their peers, in one interleaved run
	$(BIN)/python -m benchmarks

lite: ## put the labs for the browser into the built book (needs npm; takes Pyodide's files by their sums)
	$(PYTHON) -m venv .venv-lite
	.venv-lite/bin/python -m pip install --quiet --require-hashes -r lite/requirements.lock
	.venv-lite/bin/python -m lite $(LITE_FLAGS)

browser: $(INSTALLED) ## look at the built pages in Chromium, and run the labs where make lite built them
	$(BIN)/python -m pytest tests/book -m browser -n 2 --dist loadscope

pins: $(INSTALLED) ## tie the numbers of the built pages that are tied to nothing yet, and name the orphans
	cd tests && ../$(BIN)/python -m support.orphans

readme: $(INSTALLED) ## write what the README takes from the course anew, its picture from the built book
	cd tests && ../$(BIN)/python -m support.readme

validity: $(WITH_PEERS) ## write the book's table of models beside their authorities anew
	cd tests && ../$(BIN)/python -m support.validity

evidence: $(INSTALLED) ## count anew what the checks see; needs the book
	cd tests && ../$(BIN)/python -m support.evidence

COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header
LOCKED := book labs real fast formats sweeps test

lock: ## pin the newest versions that pyproject.toml allows (needs uv)
	$(COMPILE) --all-extras --upgrade -o requirements-bench.lock
	$(COMPILE) $(addprefix --extra ,$(LOCKED)) -c requirements-bench.lock -o requirements.lock
	$(subst pyproject.toml,lite/requirements.in,$(COMPILE)) --upgrade -o lite/requirements.lock

clean: ## remove the virtual environment, the pages and every cache
	rm -rf $(VENV) .venv-* _build .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
