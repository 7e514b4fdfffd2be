# Everything the project does, from a bare machine with Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

.DEFAULT_GOAL := help
.PHONY: help study report test notebooks peers pages lab check format codebook lock release bench faults soak mutants altered cluster clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

study: ## run the default study into output/, build its report and refresh results/ and the README's figures
	@$(PYTHON) bootstrap.py report
	@$(BIN)/study run --results results
	@$(BIN)/study report
	@$(BIN)/python -m helpers.run.readme

report: ## build the report of the default study again
	@$(PYTHON) bootstrap.py report
	@$(BIN)/study report

# Bytecode is kept even where PYTHONDONTWRITEBYTECODE is set: pytest compiles its tests anew otherwise.
test: ## run the tests, but for those that execute whole studies or open a browser
	@$(PYTHON) bootstrap.py test
	@$(PYTHON) bootstrap.py report
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n auto --dist loadfile -m "not notebooks and not browser and not faults"

# Clients of papermill that run in the tests' own process leave their event loops unclosed.
notebooks: ## execute the study for two places and check what every page shows
	@$(PYTHON) bootstrap.py test
	@$(BIN)/python -m pytest -q -m notebooks -W "ignore:unclosed:ResourceWarning" tests

peers: ## compare the statistics with other libraries, which are installed for it (about 280 MB)
	@$(PYTHON) bootstrap.py test
	@$(PYTHON) bootstrap.py peers
	@STUDY_PEERS=1 $(BIN)/python -m pytest -q -m peers tests

pages: ## open the default study's report in Chromium and check it there, in Word's format and as PDF; open notebooks in JupyterLab
	@$(PYTHON) bootstrap.py test
	@$(PYTHON) bootstrap.py lab
	@$(PYTHON) bootstrap.py report
	@$(PYTHON) bootstrap.py browser
	@test -f output/liaoning_anshan/run.json || $(BIN)/study run --quiet
	@STUDY_BROWSER=1 $(BIN)/python -m pytest -q -m browser tests

# JupyterLab refuses to run as root, which is who works in most containers.
lab: AS_ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)
lab: ## open the notebooks in JupyterLab
	@$(PYTHON) bootstrap.py lab
	@JUPYTER_PREFER_ENV_PATH=1 $(BIN)/jupyter lab $(AS_ROOT) notebooks

check: ## check format, lint, types and the codebook
	@$(PYTHON) bootstrap.py test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m helpers.evidence.codebook --check
	@$(BIN)/python -m helpers.run.templates --check
	@$(BIN)/python -m helpers.publish.labels --check

format: ## format code and notebooks
	@$(PYTHON) bootstrap.py test
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

codebook: ## write data/labels.csv, data/README.md, datapackage.json and data/templates from code, schemas and fields
	@$(PYTHON) bootstrap.py base
	@$(BIN)/python -m helpers.publish.labels
	@$(BIN)/python -m helpers.evidence.codebook
	@$(BIN)/python -m helpers.run.templates

cluster: ## add what batches on a Dask cluster need
	@$(PYTHON) bootstrap.py cluster

faults: ## break batches: killed processes, full disks, bad notebooks, a lost worker of a cluster
	@$(PYTHON) bootstrap.py test
	@$(PYTHON) bootstrap.py cluster
	@$(BIN)/python -m pytest -q -m faults tests

soak: ## feed malformed lists to the import and break batches for long: kill -9 at random moments, 60 rounds and more with ROUNDS=...
	@$(PYTHON) bootstrap.py test
	@$(PYTHON) bootstrap.py cluster
	@$(BIN)/python tests/faults.py --rounds $(or $(ROUNDS),60)
	@$(BIN)/python tests/soak.py $(or $(INPUTS),2000)
	@STUDY_SOAK=1 $(BIN)/python -m pytest -q tests/test_completion.py tests/test_criteria.py

mutants: ## break evidence and analysis in NUMBER=240 small ways drawn by SEED=20231231 and list what no test notices
	@$(PYTHON) bootstrap.py test
	@$(BIN)/python tests/mutants.py --number $(or $(NUMBER),240) --seed $(or $(SEED),20231231)

altered: ## alter a figure in each column of each data table and list what nothing notices
	@$(PYTHON) bootstrap.py test
	@$(BIN)/python tests/altered.py $(TABLES)

bench: ## measure against other ways to execute notebooks (hours); goes on where it was; writes docs/benchmark.md
	@$(PYTHON) bootstrap.py test
	@$(BIN)/python tests/bench_runs.py measure --rounds $(or $(ROUNDS),5) --provinces $(or $(PROVINCES),1,10,31)
	@$(BIN)/python tests/bench.py

lock: ## resolve the locks again from pyproject.toml
	@$(PYTHON) bootstrap.py base
	@echo 'uv>=0.9,<0.14' | $(LOCK) - -o requirements-bootstrap.lock
	@$(LOCK) pyproject.toml -o requirements.lock
	@$(LOCK) pyproject.toml --extra test -c requirements.lock -o requirements-test.lock
	@$(LOCK) pyproject.toml --extra lab -c requirements.lock -o requirements-lab.lock
	@$(LOCK) pyproject.toml --extra peers -c requirements.lock -c requirements-test.lock \
		-c requirements-lab.lock -o requirements-peers.lock
	@$(LOCK) pyproject.toml --extra report -c requirements.lock -c requirements-test.lock \
		-c requirements-lab.lock -c requirements-peers.lock -o requirements-report.lock
	@$(LOCK) pyproject.toml --extra browser -c requirements.lock -c requirements-test.lock \
		-c requirements-lab.lock -c requirements-peers.lock -c requirements-report.lock \
		-o requirements-browser.lock
	@$(LOCK) pyproject.toml --extra cluster -c requirements.lock -c requirements-test.lock \
		-o requirements-cluster.lock

VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
NAME = srdi-anshan-$(VERSION)

# The same commit gives the same bytes: git dates the files by the commit, and gzip -n writes no date.
release: ## write dist/srdi-anshan-<version>.tar.gz, the source archive of what is committed
	@test -z "$$(git status --porcelain)" || { echo "release: commit or remove what git status lists" >&2; exit 1; }
	@grep -q '^## $(VERSION) (' CHANGELOG.md || \
		{ echo "release: CHANGELOG.md has no section '## $(VERSION) (date)'" >&2; exit 1; }
	@mkdir -p dist
	@git archive --format=tar --prefix=$(NAME)/ HEAD | gzip -n -9 > dist/$(NAME).tar.gz
	@$(PYTHON) -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest(), sys.argv[1])' dist/$(NAME).tar.gz

clean: ## remove the environment and all output
	rm -rf .venv .bootstrap.lock output
