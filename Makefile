# Two commands for a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test test-slow lint types bench clean

demo: $(VENV)/.installed ## install and train the first system on real digits
	$(BIN)/insitu run shi2018

test: $(VENV)/.test-tools lint types ## lint, types and tests
	$(BIN)/pytest -n 2 --dist loadfile # each file on one worker, so that no kernel is compiled twice

test-slow: $(VENV)/.test-tools ## the long tests, minutes more
	$(BIN)/pytest -n 2 --dist loadfile -m slow

lint: $(VENV)/.test-tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test-tools
	$(BIN)/mypy

bench: $(VENV)/.installed ## speed and memory, side by side with BindsNET where it is installed
	$(BIN)/python benchmarks/shi2018_speed.py

clean:
	rm -rf $(VENV) runs .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("insitu needs Python 3.11 to 3.13, this is " + sys.version.split()[0] + "; use make PYTHON=...") if not (3, 11) <= sys.version_info < (3, 14) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.test-tools: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@
