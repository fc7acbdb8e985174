# Every command starts here and sets up what it needs; nothing has to be installed by hand (docs/adr/0003).
# ARGS is passed on: make test ARGS="tests/unit -x", make demo ARGS=--json

PYTHON ?= python3
BIN := .venv/bin
# Where Python may not keep what it compiles, each of the processes that the tests start compiles everything again.
unexport PYTHONDONTWRITEBYTECODE

# What measures a receiver at work has the machine to itself.
ALONE := tests/journeys/test_receiver_under_load.py tests/journeys/test_receiver_attacked.py

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench soak docs lock wheel bundle

help: ## what can be made
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: ## the virtual environment in .venv, from the lock (the others do it themselves)
	@$(PYTHON) tools/bootstrap.py

demo: setup ## from record system to registry: a synthetic municipality's changes travel to a registry, with a proof
	@$(BIN)/ktt demo $(ARGS)

test: setup ## every test, on every core; ARGS=tests/unit/wire for some of them
	@$(BIN)/python -m pytest $(ARGS)

check: setup ## format, lint, types, imports, docs, lock, words: runs all, counts failures
	@$(BIN)/python tools/check.py

bench: setup ## the benchmarks, each beside its bound from the same run
	@$(BIN)/python -m bench $(ARGS)

soak: setup ## every test with all the made-up input it can take, then kill -9 under load and attacks, 30 s each
	@KTT_EFFORT=full $(BIN)/python -m pytest --timeout 3600 $(addprefix --ignore ,$(ALONE)) $(ARGS)
	@KTT_EFFORT=full $(BIN)/python -m pytest -s $(ALONE)

docs: setup ## write docs/reference anew from the code
	@$(BIN)/python tools/docs.py

lock: setup ## resolve requirements.lock anew (ARGS=--upgrade for the newest)
	@$(PYTHON) tools/lock.py $(ARGS)

wheel: setup ## the wheel in dist/, for pipx, uvx and pip, with the versions that it was tried with
	@$(BIN)/python tools/make_wheel.py

bundle: setup ## a zip in dist/ that installs ktt where there is no network; ARGS=--python 3.12 for another Python
	@$(BIN)/python tools/bundle.py $(ARGS)
