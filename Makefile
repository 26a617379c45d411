# Every target sets up what it needs. `make` alone lists them.
# PYTHON: which Python sets up .venv (3.11 to 3.13).   ARGS: passed on to JupyterLab, pytest, `chisel claims` or `chisel bench`.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help lab test quick book notebooks results bench lint lock clean learn-env author-env test-env
MAKEFLAGS += --no-print-directory

help:
	@echo 'make lab        set up and open the exercises in JupyterLab (ARGS="--no-browser --port=N" is passed on)'
	@echo 'make test       set up and check everything'
	@echo 'make quick      the fast tests only (ARGS goes to pytest)'
	@echo 'make book       build the book into _build/html'
	@echo 'make notebooks  write exercises/ and solutions/ from their one source'
	@echo 'make results    measure every claim anew where its settings changed'
	@echo 'make bench      time the notebooks, and what is stacked against what is not'
	@echo 'make lint       ruff (rules and format) and pyright'
	@echo 'make lock       write requirements.lock and environment.yml anew (ARGS=--upgrade for the newest versions)'
	@echo 'make clean      remove what was built; .venv stays'

learn-env:
	@$(PYTHON) utils/bootstrap.py learn

author-env:
	@$(PYTHON) utils/bootstrap.py author

test-env:
	@$(PYTHON) utils/bootstrap.py test --browser

lab: learn-env
	@echo 'lab: opening the exercises in JupyterLab; Ctrl-C twice ends it'
	@$(BIN)/chisel notebooks --if-missing
	@$(BIN)/python utils/lab.py $(ARGS)

# One thread each: on shared cores, torch's threads spin and wait for one another.
test quick: export OMP_NUM_THREADS = 1
test: lint
	@$(PYTHON) utils/bootstrap.py test --model
	@echo 'test: all tests and both folders of notebooks, on two workers'
	@$(BIN)/python -m pytest -n 2 --dist loadscope --nbval --nbval-cell-timeout=180 $(ARGS) tests $(wildcard exercises solutions)

quick: export GALLERY_SEEDS = 3
quick: test-env
	@echo 'quick: the tests that take seconds'
	@$(BIN)/python -m pytest -n 2 --dist loadscope -m 'not slow and not browser' $(ARGS) tests

lint: test-env
	@echo 'lint: ruff (rules and format) and pyright'
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/pyright --pythonpath $(BIN)/python

# Always from clean: an incremental build hides warnings.
book: author-env
	@echo 'book: building _build/html'
	@$(BIN)/python utils/unchanged.py book --inputs _config.yml _toc.yml book exercises solutions utils CHANGELOG.md \
		requirements.lock --outputs _build/html --remove _build \
		-- $(BIN)/jupyter-book build . -W -n --keep-going

notebooks: author-env
	@echo 'notebooks: writing exercises/ and solutions/'
	@$(BIN)/python utils/unchanged.py notebooks --inputs utils/chisel requirements.lock --outputs exercises solutions \
		-- $(BIN)/chisel notebooks

results: author-env
	@echo 'results: measuring every claim'
	@$(BIN)/chisel claims --all $(ARGS)

bench: author-env
	@echo 'bench: timing'
	@$(BIN)/chisel bench $(ARGS)

lock: test-env
	@$(BIN)/python utils/lock.py $(ARGS)

clean:
	@echo 'clean: removing what was built (.venv stays; `rm -r .venv` removes it)'
	@rm -rf _build .make .pytest_cache .ruff_cache .hypothesis .jupyter_cache .ipynb_checkpoints utils/*.egg-info
	@find utils tests solutions exercises -name __pycache__ -prune -exec rm -rf {} +
