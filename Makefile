# Everything a newcomer needs: `make demo`, then `make test`. Both do their own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUST_SOURCES := $(shell find rust_core/src -name '*.rs' 2>/dev/null) rust_core/Cargo.toml Cargo.toml Cargo.lock .cargo/config.toml
# One profile for the extension everywhere: a debug build is 10 to 100 times slower.
ENGINE := $(VENV)/.engine

.DEFAULT_GOAL := help
.PHONY: help demo test bench soak docs format lint rust-test stubs python-test lock clean

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' \
		|| { echo "oracle needs Python 3.11 to 3.14; set PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements/demo.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/demo.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@ $(VENV)/.demo

$(ENGINE): $(RUST_SOURCES) pyproject.toml | $(VENV)/.demo
	VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/maturin develop --quiet --release --locked >/dev/null
	@touch $@

demo: $(ENGINE) ## Check, test and backtest the shipped strategies on real prices; write reports/
	$(BIN)/oracle demo

test: $(VENV)/.dev $(ENGINE) lint rust-test stubs python-test ## The whole gate: lint, types, import rules, cargo tests, pytest

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	rustfmt --check $$(git ls-files '*.rs')
	$(BIN)/mypy
	cargo clippy --quiet --locked --all-targets -- -D warnings
	cargo clippy --quiet --locked --features python -- -D warnings
	$(BIN)/lint-imports --no-cache

rust-test:
	cargo test --quiet --locked

stubs: $(ENGINE)
	$(BIN)/python -m mypy.stubtest oracle._engine

python-test: $(ENGINE)
	$(BIN)/python -m pytest -n 2

bench: $(VENV)/.dev $(ENGINE) ## Speed and memory beside other engines, as ratios in one run
	$(BIN)/python benchmarks/run.py --write

soak: $(VENV)/.dev $(ENGINE) ## The long versions of the property tests and fuzzers
	PROPTEST_CASES=20000 cargo test --release --quiet --locked
	$(BIN)/python -m pytest --soak -n 2

docs: $(ENGINE) ## Write the generated pages again
	$(BIN)/python docs/generate.py

format: $(VENV)/.dev ## Format everything
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	rustfmt $$(git ls-files '*.rs')

lock: $(VENV)/.dev ## Resolve the requirement locks anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra demo requirements/build.in pyproject.toml -o requirements/demo.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra demo --extra dev --extra engines requirements/build.in pyproject.toml -o requirements/dev.txt

clean: ## Remove everything that was built
	rm -rf $(VENV) target var reports
