# Two commands for a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test tools test-slow attack lint types bench docs notebooks audit release clean

demo: $(VENV)/.installed ## install and train the first system on real digits
	$(BIN)/insitu run shi2018
	@echo "Next: source $(BIN)/activate, then insitu --help"

test: $(VENV)/.test-tools lint types ## lint, types and tests
	$(BIN)/pytest -n 2 --dist loadfile # each file on one worker, so that no kernel is compiled twice

tools: $(VENV)/.test-tools ## what lint, types and tests need, into .venv

test-slow: $(VENV)/.test-tools ## the long tests, minutes more
	$(BIN)/pytest -n 2 --dist loadfile -m slow

attack: $(VENV)/.test-tools ## kills, signals and mutated files by chance; INSITU_ATTACK=100 for a night
	INSITU_ATTACK=$${INSITU_ATTACK:-5} $(BIN)/pytest -s tests/attack

lint: $(VENV)/.test-tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test-tools
	$(BIN)/mypy

bench: $(VENV)/.installed ## speed and memory, side by side with BindsNET where it is installed
	$(BIN)/python benchmarks/shi2018_speed.py

docs: $(VENV)/.docs-tools ## the site, into site/; a broken link or anchor, or a public name without a docstring, stops it
	$(BIN)/mkdocs build --strict

notebooks: $(VENV)/.docs-tools ## the three tutorials as executed notebooks, into notebooks/
	$(BIN)/python tools/notebooks.py

audit: $(VENV)/.release-tools ## known vulnerabilities of what is installed
	mkdir -p build
	$(BIN)/python -m pip freeze --exclude-editable > build/installed.txt
	$(BIN)/pip-audit --strict --no-deps --disable-pip --requirement build/installed.txt # strict: what cannot be looked up is a failure

release: $(VENV)/.release-tools ## sdist and wheel, checked, installed into a fresh environment and run there
	rm -rf dist build/fresh
	$(BIN)/cffconvert --validate
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(PYTHON) -m venv build/fresh
	build/fresh/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	build/fresh/bin/insitu doctor
	build/fresh/bin/insitu run shi2018 --quick --out build/fresh/runs

clean:
	rm -rf $(VENV) runs site notebooks dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("insitu needs Python 3.11 to 3.13, this is " + sys.version.split()[0] + "; use make PYTHON=...") if not (3, 11) <= sys.version_info < (3, 14) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.test-tools: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

$(VENV)/.docs-tools: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@

$(VENV)/.release-tools: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[release]'
	touch $@
