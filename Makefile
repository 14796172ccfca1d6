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
export SHEAF_TEST_PYTHON
export PATH := $(TEST_TOOLS):$(TEST_VENV)/bin:$(PATH)
SWIFT_TEST := swift test --skip-build
WITH_SERVERS := scripts/with-servers.py

# Tests on the clocks of real servers. Each runs by itself, and a few at a time: beside hundreds of others on two cores
# they would measure nothing but each other. Which they are shows in the variables by which they find their servers.
SERVER_TESTS := BlockingIOTests $(shell grep -rlE 'SHEAF_TEST_[A-Z]+_URL' --include='*.swift' Tests | cut -d/ -f2 | sort -u)
empty :=
SERVER_TEST_PATTERN := $(subst $(empty) ,|,$(strip $(SERVER_TESTS)))
# Classes of acceptance tests that run side by side.
JOBS ?= 2
FEW := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8

# Imports of what a target does not name as a dependency are refused.
TEST_BUILD_FLAGS := --build-tests --explicit-target-dependency-import-check error

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: deps ## Build Sheaf and watch the demo until Ctrl-C
	@echo "Building sheaf. The first build takes about 10 minutes on two cores, later ones a few seconds; [done/all] counts."
	@swift build -c release --product sheaf
	@exec "$$(swift build -c release --show-bin-path)/sheaf" demo

.PHONY: dist
dist: deps ## Make a package in .build/dist that runs without a compiler
	@scripts/make-dist.sh

.PHONY: test
test: deps-test build-tests ## Install what the tests need, and run all of them
	@status=0; \
	for part in test-unit test-servers test-acceptance; do $(MAKE) $$part || status=$$?; done; \
	exit $$status

.PHONY: build-tests
build-tests:
	@swift build $(TEST_BUILD_FLAGS)

.PHONY: test-unit
test-unit: ## Of what is built, test what needs no server
	@$(SWIFT_TEST) --skip '$(SERVER_TEST_PATTERN)'

.PHONY: test-servers
test-servers: ## Of what is built, test the drivers on real servers
	@status=0; \
	for suite in $(SERVER_TESTS); do \
		$(FEW) $(WITH_SERVERS) $(SWIFT_TEST) --filter $$suite || status=$$?; \
	done; \
	exit $$status

.PHONY: test-acceptance
test-acceptance: ## Of what is built, test the programs from outside
	@$(WITH_SERVERS) "$(SHEAF_TEST_PYTHON)" Tests/Acceptance/run.py --jobs $(JOBS) \
		--sheaf "$$(swift build --show-bin-path)/sheaf"

.PHONY: test-long
test-long: ## Of what is built, test what takes minutes: 1,000,000 messages through PostgreSQL's outbox
	@SHEAF_TEST_LONG=1 $(WITH_SERVERS) $(SWIFT_TEST) --filter OutboxConsumerTests

.PHONY: bench
bench: deps-test ## Measure speed and memory, and write .build/bench.json
	@echo "Building sheaf-bench. The first build takes several minutes, later ones a few seconds."
	@swift build -c release --product sheaf-bench
	@$(WITH_SERVERS) "$$(swift build -c release --show-bin-path)/sheaf-bench" $(SCENARIOS)

.PHONY: docs
docs: ## Build the modules' documentation with DocC into .build/docs
	@swift build --target SheafEngine
	@swift build --target SheafTesting
	@scripts/build-docs.sh

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
