# The two commands of a newcomer: `make reproduce` and `make test`. Everything else is for those who stay.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
OUT ?= out

.PHONY: help reproduce test conformance fuzz setup check sbom container-test scale-test replay-faults replays requirements docs clean soak soak-short

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

reproduce: $(VENV)/run.stamp ## set up and replay the 2024 event into out/doj-2024-09-04
	$(BIN)/tracker replay doj-2024-09-04 --format table --out $(OUT)/doj-2024-09-04

test: $(VENV)/dev.stamp ## set up and pass the tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup -rs -m "not slow"

conformance: $(VENV)/dev.stamp ## against other people's software, where it is installed; says what was skipped
	$(BIN)/python -m pytest tests/conformance -rs

INPUTS ?= 1000000
fuzz: $(VENV)/dev.stamp ## every decoder with INPUTS spoiled inputs each; findings to out/fuzz
	$(BIN)/python -W ignore -m benchmarks.fuzz --inputs $(INPUTS) --keep $(OUT)/fuzz

soak: $(VENV)/dev.stamp ## a year in the lab: 2,000 names, 20 kills, 180 losses of memory, sources away a fifth of the days
	$(BIN)/python -W ignore -m benchmarks.soak

soak-short: $(VENV)/dev.stamp ## the same with fewer names and days, in a minute or two
	$(BIN)/python -W ignore -m benchmarks.soak --names 60 --suffixes 8 --days 60 --kills 3 --losses 12 --looks 0

setup: $(VENV)/dev.stamp ## prepare .venv with everything a developer needs

check: $(VENV)/dev.stamp ## lint, types, import rules, known vulnerabilities
	$(BIN)/ruff check tracker tests benchmarks migrations
	$(BIN)/ruff format --check tracker tests benchmarks migrations
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/audit.py || test $$? -eq 3

sbom: $(VENV)/dev.stamp ## the bill of materials of the image (CycloneDX) into out/sbom.cdx.json
	@mkdir -p $(OUT)
	$(BIN)/python -W ignore -m cyclonedx_py requirements requirements/image.txt --pyproject pyproject.toml --output-reproducible --of JSON -o $(OUT)/sbom.cdx.json

replay-faults: $(VENV)/run.stamp ## the 2024 event with every source failing a fifth of the days
	$(BIN)/tracker replay doj-2024-09-04 --faults --format table --out $(OUT)/replay-faults

SEEDS ?= 20
MIXED ?= 200
replays: $(VENV)/run.stamp ## the generated scenario SEEDS times, the mixed wave MIXED times; how errors and widths are spread
	seq 1 $(SEEDS) | xargs -P 2 -I SEED $(BIN)/tracker replay generated --seed SEED --quiet --bare --out $(OUT)/generated/SEED
	rm -rf $(OUT)/mixed-wave
	seq 1 $(MIXED) | xargs -P 2 -I SEED $(BIN)/tracker replay mixed-wave --seed SEED --quiet --bare --out $(OUT)/mixed-wave/SEED || true
	$(BIN)/python -m benchmarks.spread $(OUT)/mixed-wave $(MIXED)

.PHONY: sensitivity
sensitivity: $(OUT)/doj-2024-09-04/tracker.db ## which verdicts of the 2024 replay turn when one weight is halved or doubled
	$(BIN)/python -m benchmarks.sensitivity $(OUT)/doj-2024-09-04/tracker.db

$(OUT)/doj-2024-09-04/tracker.db:
	$(MAKE) reproduce

requirements: $(VENV)/dev.stamp ## compile the hash-locked sets from pyproject.toml (needs uv)
	printf 'hatchling\neditables\n' | uv pip compile -q - --generate-hashes --no-header --no-annotate --universal --python-version 3.11 -o requirements/build.txt
	uv pip compile -q pyproject.toml --generate-hashes --no-header --no-annotate --universal --python-version 3.11 -o requirements/run.txt
	uv pip compile -q pyproject.toml --extra notify -c requirements/run.txt --generate-hashes --no-header --no-annotate --universal --python-version 3.11 -o requirements/image.txt
	uv pip compile -q pyproject.toml --extra dev -c requirements/image.txt --generate-hashes --no-header --no-annotate --universal --python-version 3.11 -o requirements/dev.txt

container-test: $(VENV)/dev.stamp ## lint, build and run the image without an engine (root, buildah, debootstrap, umoci)
	$(BIN)/python tests/container.py $(OUT)/container

scale-test: $(VENV)/dev.stamp ## 100,000 names, four workers on PostgreSQL, one killed; speeds of 1, 2 and 4 workers
	$(BIN)/python -m benchmarks.scale

docs: $(VENV)/dev.stamp ## write the generated pages: codebook, report.json, commands, settings
	$(BIN)/python -m tracker.cli.reference docs

clean: ## remove what was made, the environment included
	rm -rf $(VENV) $(OUT) .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/run.stamp: pyproject.toml requirements/build.txt requirements/run.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/build.txt
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
