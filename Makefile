# Needs Python 3.11 or newer and nothing else; `make graphiql` needs Node besides.

SHELL := /bin/sh
BIN := .venv/bin

# The first Python on the path that is new enough; another one: make clean install PYTHON=/path/to/it
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && break; done)

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format lock schema docs graphiql bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

install: ## Build .venv from requirements/dev.txt, if it is not there and up to date
	@$(IS_INSTALLED) || $(MAKE) --no-print-directory .alone

demo: install ## Serve the gateway over an offline SageMaker [PORT= TWIN_PORT= JOBS= SEED= ARGS=]
	@exec $(BIN)/sagemaker-gateway demo $(if $(PORT),--port $(PORT)) \
	  $(if $(TWIN_PORT),--twin-port $(TWIN_PORT)) $(if $(JOBS),--jobs $(JOBS)) \
	  $(if $(SEED),--seed $(SEED)) $(ARGS)

# A worker for each core, eight at most. `worksteal` gives each worker tests that stand together, so
# that servers which a module shares start once, and what is left in the end to whoever is idle.
test: install ## Run the tests on all cores [ARGS="-k words -x", on one core: ARGS=-n0]
	@$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal $(ARGS)

# `benchmarks` is named only once it exists: mypy refuses a folder that does not.
lint: install ## Check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy gateway tests $(wildcard benchmarks)

format: install ## Format the code and mend what ruff can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: install ## Rewrite schema.graphql from the code
	@$(BIN)/sagemaker-gateway schema > schema.graphql.new || { rm schema.graphql.new; exit 1; }
	@mv schema.graphql.new schema.graphql

docs: install ## Rewrite the tables in docs/settings.md from the code
	@$(BIN)/python -m tests.test_docs

graphiql: ## Rebuild the GraphiQL page that the package contains
	cd graphiql && npm ci && npm run build

bench: install ## Run the benchmarks [ARGS="--against CHECKOUT --only w1,journeys"]
	@$(BIN)/python -m benchmarks $(ARGS)

clean: ## Delete everything that can be made again
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis \
	  graphiql/node_modules tests/*/node_modules
	find gateway tests $(wildcard benchmarks) -name __pycache__ -type d -prune -exec rm -rf {} +


# The environment. `.venv/of` says what it was made of: the place (an environment cannot be moved),
# the lock and, since it holds the commands, pyproject.toml.

PLACE_AND_LOCK = pwd -P; cksum requirements/dev.txt
ALL_OF_IT = { $(PLACE_AND_LOCK); cksum pyproject.toml; }
IS_INSTALLED = { $(BIN)/python -c '' && [ "$$($(ALL_OF_IT))" = "$$(cat .venv/of)" ]; } 2>/dev/null
HAS_LOCKED = { $(BIN)/python -c '' \
	&& [ "$$($(PLACE_AND_LOCK))" = "$$(cat .venv/of-locked)" ]; } 2>/dev/null

CHECK_PYTHON = { "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	|| { echo "This needs Python 3.11 or newer. Install one, or name it:" \
	  "make install PYTHON=/path/to/python" >&2; exit 1; }; \
	"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null \
	|| { echo "$(PYTHON) has no venv module (on Debian and Ubuntu: apt-get install" \
	  "python3-venv)." >&2; exit 1; }; }

# Two shells must not build at once: the second waits, then finds the work done. The lock is let go
# when the last process that holds the file ends, however it ends.
ALONE = "$(PYTHON)" -c 'import fcntl, os, sys; lock = os.open("Makefile", os.O_RDONLY); \
	fcntl.flock(lock, fcntl.LOCK_EX); os.set_inheritable(lock, True); \
	os.execvp(sys.argv[1], sys.argv[1:])'

PIP_INSTALL = $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: .alone .install .locked
.alone:
	@$(CHECK_PYTHON)
	@$(ALONE) $(MAKE) --no-print-directory .install

.install:
	@$(IS_INSTALLED) || $(MAKE) --no-print-directory .locked

.locked:
	@$(HAS_LOCKED) || { \
	  echo "Building .venv with $$("$(PYTHON)" -V)"; \
	  "$(PYTHON)" -m venv --clear .venv \
	  && $(PIP_INSTALL) --require-hashes -r requirements/dev.txt \
	  && { $(PLACE_AND_LOCK); } > .venv/of-locked; }
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@$(ALL_OF_IT) > .venv/of


# The locks: versions and hashes for every platform and every Python from 3.11 on. What is locked stays
# as it is while pyproject.toml allows it; newest versions: make lock UPGRADE=1

UV := build/uv/bin/uv
UV_VERSION := 0.13.9
COMPILE = $(UV) --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-emit-index-url --custom-compile-command "make lock"

# dev.txt first: the other two take their versions from it.
lock: $(UV) ## Rewrite requirements/*.txt from pyproject.toml [UPGRADE=1]
	$(COMPILE) $(if $(UPGRADE),--upgrade) --extra twin --group dev \
	  -o requirements/dev.txt pyproject.toml requirements/build.in
	$(COMPILE) --upgrade -c requirements/dev.txt -o requirements/runtime.txt pyproject.toml
	$(COMPILE) --upgrade -c requirements/dev.txt -o requirements/build.txt requirements/build.in

$(UV):
	@$(CHECK_PYTHON)
	"$(PYTHON)" -m venv build/uv
	build/uv/bin/python -m pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)
