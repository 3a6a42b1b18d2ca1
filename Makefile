# `make` sets everything up and shows your progress; `make test` runs the tests.
PYTHON ?= python3
NEWEST ?= python3.13
# Which build of torch: cpu, cuda, or auto (cuda where a GPU is seen).
TORCH ?= auto
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := --quiet --disable-pip-version-check -c constraints.txt

.PHONY: progress test newest pictures test-slow check check-quick diagnose bench figures lint clean

progress: $(STAMP)
	@$(BIN)/grad status --grade

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Gradschool needs Python 3.11, 3.12 or 3.13; say make PYTHON=python3.12 or so"; exit 1; }
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV); the first time this takes a few minutes."
	@$(BIN)/python scripts/install_torch.py $(TORCH) $(PIP)
	@$(BIN)/pip install $(PIP) -e '.[classroom,test]'
	@$(BIN)/python scripts/install_torch.py told
	@touch $@

test: $(STAMP)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests -n 2 --dist loadgroup --durations=10

test-slow: $(STAMP)
	@$(BIN)/python -m pytest tests -m slow

check: $(STAMP)
	@$(BIN)/grad dev check

check-quick: $(STAMP)
	@$(BIN)/grad dev check --every 3 --no-neighbors --no-mutants --no-weakenings

diagnose: $(STAMP)
	@$(BIN)/grad dev diagnose --least 0.75 --most-misled 0.02 tests/wrong/*.toml tests/wrong/unseen/*.toml

bench: $(STAMP)
	@$(BIN)/python -m benchmarks

figures: $(STAMP)
	@$(BIN)/python -m benchmarks.figures

newest:
	@$(NEWEST) scripts/newest.py

pictures: $(STAMP)
	@$(BIN)/python -m scripts.pictures

lint: $(STAMP)
	@$(BIN)/ruff check autograder tests benchmarks scripts && $(BIN)/ruff format --check autograder tests benchmarks scripts
	@$(BIN)/mypy

clean:
	@rm -rf $(VENV)
