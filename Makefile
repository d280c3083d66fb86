# Everything that a person, a hook or the build server runs. `make help` lists it.

BIN := .venv/bin
ARGS ?=
# Tests run in as many processes as there are cores, eight at the most; WORKERS=0 runs them in one.
WORKERS ?= auto

# A run starts dozens of processes; without bytecode files each would compile all of our modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run sandbox test soak mutants check lint types walls drift fmt migrate openapi bench bench-quick ratio bench-log count lock
.NOTPARALLEL:
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

setup: ## virtual environment, hash-locked packages, libsodium (PYTHON=... picks the interpreter)
	@PYTHON="$(PYTHON)" scripts/setup

run: setup ## the whole system on loopback with the sample; ARGS=--once ends when the story is told
	@$(BIN)/clearline demo $(ARGS)

sandbox: setup ## fixed identities for every decision, on loopback (docs/sandbox.md); ARGS=--reset brings them back
	@$(BIN)/clearline demo --sandbox $(ARGS)

test: setup ## every test, on SQLite and on a real PostgreSQL; ARGS=tests/crypto picks some
	@TMPDIR="$$(scripts/test-folder)" $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8 --dist worksteal $(ARGS)

soak: setup ## long stories and property tests in full, five and a half years of bad nights first (ARGS="-k sqlite")
	@SOAK=full TMPDIR="$$(scripts/test-folder)" $(BIN)/python -m pytest -n 2 --dist worksteal tests/soak \
		tests/stateful tests/usecases/test_mass_withdrawal.py tests/crypto tests/protocol tests/gateway/bulk $(ARGS)

mutants: setup ## break lines of rules and cryptography one by one; ARGS="--count 40 --seed 7 --only registry/policy"
	@TMPDIR="$$(scripts/test-folder)" $(BIN)/python scripts/mutants.py $(ARGS)

check: setup lint types walls drift ## what a change must pass besides the tests

lint:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types:
	$(BIN)/mypy

walls:
	$(BIN)/lint-imports

drift:
	$(BIN)/clearline openapi --check
	$(BIN)/clearline openapi --gateway --check
	$(BIN)/python -m scripts.sandbox_page --check
	$(BIN)/python -m scripts.credit_page --check
	$(BIN)/python scripts/check_locks.py

fmt: setup ## format, and fix what can be fixed without thinking
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

migrate: setup ## bring the registry's database to the newest schema
	$(BIN)/clearline registry migrate $(ARGS)

openapi: setup ## write openapi.yaml and openapi-gateway.yaml from the code
	$(BIN)/clearline openapi > openapi.yaml.partial
	@mv openapi.yaml.partial openapi.yaml
	$(BIN)/clearline openapi --gateway > openapi-gateway.yaml.partial
	@mv openapi-gateway.yaml.partial openapi-gateway.yaml

bench: setup ## what a token, a bulk report and a look-up cost
	@scripts/bench-peers
	@for each in benchmarks/bench_*.py; do echo "== $$each"; $(BIN)/python $$each $(ARGS) || exit 1; done

bench-quick: setup ## single inquiries beside a plain service and bare Flask, in two minutes
	@scripts/bench-peers
	@$(BIN)/python -m benchmarks.bench_inquiry --records 3000 --rounds 3 --requests 300 --connections 1 16 $(ARGS)

ratio: setup ## what an inquiry costs beside bare Flask, against a generous bound (a quarter of a minute)
	@$(BIN)/python -m benchmarks.check_ratio

bench-log: setup ## what the access log costs, against its bounds (some minutes); ARGS="--leaves 100000" for less
	@$(BIN)/python benchmarks/bench_log.py --json benchmarks/results/log.json $(ARGS)

count: setup ## files, spellings and walks beside those of an earlier revision; ARGS=--list names what is counted
	@$(BIN)/python -m scripts.count $(ARGS)

lock: ## resolve requirements/*.lock again (needs a package index)
	@PYTHON="$(PYTHON)" scripts/lock
