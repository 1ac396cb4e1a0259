# The commands of topicd; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
ARGS ?=
TESTS ?= tests
# Most tests wait for processes; so many at once, whatever the machine has.
WORKERS ?= 4

.PHONY: help setup setup-dev run test test-fast test-browser test-real bench format lock screenshots clean
help:
	@echo 'make run           start the bot, or the sandbox if there is no configuration (ARGS="…")'
	@echo 'make test          format, lint, types, import layers, tests'
	@echo 'make test-browser  the sandbox page in headless Chromium'
	@echo 'make test-real     the real agent CLIs against a scripted model API'
	@echo 'make bench         measure; prints a table, writes JSON to benchmarks/results/'
	@echo 'make screenshots   take the pictures in docs/ again'

$(VENV)/.setup: requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"topicd needs Python 3.11 or newer; {sys.executable} is {v.major}.{v.minor}. Try: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV) >/dev/null || { echo 'Could not make a virtual environment. On Debian: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Installing into $(VENV), once…'
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.setup-dev: $(VENV)/.setup requirements-dev.lock
	@echo 'Installing what the tests need, once…'
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.setup
setup-dev: $(VENV)/.setup-dev

run: setup
	@exec $(PY) -m bot run $(ARGS)

test: setup-dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m pytest -n $(WORKERS) --dist worksteal -m 'not browser and not real' $(TESTS)

test-fast: setup-dev
	$(PY) -m pytest -m 'not browser and not real' -x -q tests/unit

test-browser: setup-dev
	$(PY) -m pytest -m browser tests/browser

test-real: setup-dev
	$(PY) -m tests.real.install
	$(PY) -m pytest -n 2 --dist worksteal -m real tests/real

bench: setup-dev
	$(PY) -m benchmarks $(ARGS)

screenshots: setup-dev
	$(PY) -m scripts.screenshots

format: setup-dev
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# Needs uv. The lock names hashes and no index.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --extra dev -o requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
