# `make` sets everything up and shows your progress; `make test` runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: progress test test-slow check bench figures lint clean

progress: $(STAMP)
	@$(BIN)/grad status --grade

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Gradschool needs Python 3.11 or newer; say make PYTHON=python3.12 or so"; exit 1; }
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV); the first time this takes a few minutes."
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[classroom,test]'
	@touch $@

test: $(STAMP)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests -n 2 --dist loadgroup --durations=10

test-slow: $(STAMP)
	@$(BIN)/python -m pytest tests -m slow

check: $(STAMP)
	@$(BIN)/grad dev check

bench: $(STAMP)
	@$(BIN)/python -m benchmarks

figures: $(STAMP)
	@$(BIN)/python -m benchmarks.figures

lint: $(STAMP)
	@$(BIN)/ruff check autograder tests benchmarks && $(BIN)/ruff format --check autograder tests benchmarks
	@$(BIN)/mypy

clean:
	@rm -rf $(VENV)
