# Kawat: two commands matter, `make run` and `make test`. All of it happens in .venv and .kawat; remove both to start anew.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet

.PHONY: run test test-crash check bench bench-articles bench-tags bench-search bench-rules train constraints clean

run: $(VENV)/.run
	@$(BIN)/kawat up

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else "Kawat needs Python 3.11 or later, %s is %d.%d. Say which: make PYTHON=python3.12" % (sys.executable, v[0], v[1]))'
	@echo "Setting up a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed: on Debian and Ubuntu, install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.run: $(VENV)/.python pyproject.toml constraints.txt
	@echo "Installing Kawat and its pinned packages (about 150 MB the first time) …"
	@$(PIP) install -c constraints.txt -e '.[local]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run pyproject.toml constraints.txt
	@$(PIP) install -c constraints.txt -e '.[local,test,check]'
	@touch $@

test: $(VENV)/.dev        ## everything but the long crash test, on real services that the tests start for themselves
	@$(BIN)/python -m pytest $(ARGS)

test-crash: $(VENV)/.dev  ## the long crash test: five seeds
	@$(BIN)/python -m pytest -m crash tests/integration/test_crash.py tests/integration/test_alert_crash.py $(ARGS)

check: $(VENV)/.dev       ## lint, types, the import rule
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/unit/test_architecture.py

bench: $(VENV)/.dev       ## the flow's figures, beside bare trafilatura in the same run; writes .kawat/bench/flow.json
	@$(BIN)/python -m tests.bench.flow $(ARGS)
	@$(BIN)/python -m tests.bench.polls

bench-articles: $(VENV)/.dev  ## quality and speed of extraction on the real pages of KAWAT_CORPUS, beside bare trafilatura
	@$(BIN)/python -m tests.bench.articles $(ARGS)

bench-tags: $(VENV)/.dev  ## quality and speed of tags on the sets of KAWAT_CORPUS
	@$(BIN)/python -m tests.bench.tags $(ARGS)

bench-search: $(VENV)/.dev    ## how fast 8 readers at once are answered over 200,000 articles; writes .kawat/bench/search.json
	@$(BIN)/python -m tests.bench.search $(ARGS)

bench-rules: $(VENV)/.dev     ## what 100 to 100,000 alert rules cost; writes .kawat/bench/rules.json (ARGS="--backtest 200000")
	@$(BIN)/python -m tests.bench.rules $(ARGS)

train: $(VENV)/.dev       ## make the weights of the names' models anew, from the sets of KAWAT_CORPUS
	@$(PIP) install -c constraints.txt -e '.[data]'
	@$(BIN)/python -m ingest.tagging.training $(ARGS)

constraints:              ## pin anew what a fresh environment resolves to
	@rm -rf .venv-pin && $(PYTHON) -m venv .venv-pin && .venv-pin/bin/python -m pip install --quiet '.[local,test,check]'
	@{ echo "# Every package, pinned. Made by: make constraints. Names and versions only."; .venv-pin/bin/python -m pip freeze --exclude kawat; } > constraints.txt
	@rm -rf .venv-pin

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
