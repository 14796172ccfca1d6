SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

SOURCES := Sources Tests Package.swift

# What the tests need was put here by scripts/install-deps.sh. SHEAF_TEST_PYTHON names the interpreter that has the
# packages; it is also the first python3 in PATH.
TEST_TOOLS := $(CURDIR)/.build/test-tools
TEST_VENV := $(CURDIR)/.build/test-venv
SHEAF_TEST_PYTHON ?= $(TEST_VENV)/bin/python3
SWIFT_TEST := PATH="$(TEST_TOOLS):$(TEST_VENV)/bin:$$PATH" SHEAF_TEST_PYTHON="$(SHEAF_TEST_PYTHON)" \
	swift test --skip-build

# Imports of what a target does not name as a dependency are refused.
TEST_BUILD_FLAGS := --build-tests --explicit-target-dependency-import-check error

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: deps ## Build Sheaf and watch the demo until Ctrl-C
	@echo "Building sheaf. The first build takes several minutes, later ones a few seconds."
	@swift build -c release --product sheaf
	@exec "$$(swift build -c release --show-bin-path)/sheaf" demo

.PHONY: test
test: deps-test ## Install what the tests need, and run all of them
	@swift build $(TEST_BUILD_FLAGS)
	@status=0; \
	$(SWIFT_TEST) || status=$$?; \
	PATH="$(TEST_TOOLS):$(TEST_VENV)/bin:$$PATH" "$(SHEAF_TEST_PYTHON)" Tests/Acceptance/run.py \
		--sheaf "$$(swift build --show-bin-path)/sheaf" || status=$$?; \
	exit $$status

.PHONY: bench
bench: deps ## Measure speed and memory, and write .build/bench.json
	@echo "Building sheaf-bench. The first build takes several minutes, later ones a few seconds."
	@swift build -c release --product sheaf-bench
	@"$$(swift build -c release --show-bin-path)/sheaf-bench"

.PHONY: lint
lint: ## Check format and rules; needs no build
	@status=0; \
	swift format lint --strict --parallel --recursive $(SOURCES) || status=1; \
	scripts/lint.sh || status=1; \
	exit $$status

.PHONY: format
format: ## Bring the sources into form
	@swift format --in-place --parallel --recursive $(SOURCES)

.PHONY: deps
deps: ## Install the system libraries that are missing
	@scripts/install-deps.sh run

.PHONY: deps-test
deps-test: ## The same, and what the tests need
	@scripts/install-deps.sh test
