# Strata: every target installs what it needs, once. `make help` lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

BIN     := $(CURDIR)/.build/bin
NODE    := $(CURDIR)/node_modules/.bin/node
PYTHON  := $(CURDIR)/.venv/bin/python
GOLANGCI_VERSION := v2.15.0
GOLANGCI := $(BIN)/golangci-lint-$(GOLANGCI_VERSION)

# The pinned Node.js and CDK come first; jsii, below the CDK in Go, runs the same Node.js.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export JSII_NODE := $(NODE)

# Any configuration of the app can be given: make synth STRATA='{"stage":"prod"}'.
CONTEXT := $(if $(STRATA),-c strata='$(STRATA)')

# With STRATA_REQUIRE_PYTHON=1, as in CI, a missing Python fails the tests instead of skipping a part of them.
STRATA_REQUIRE_PYTHON ?=

.PHONY: help doctor tools prime python test test-fast test-pattern lint test-go test-templates test-consumer test-e2e snapshots diagrams dashboards \
	synth diff bootstrap deploy deploy-local destroy-local stop-local bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

doctor: ## say what this machine lacks, and how to get it
	@sh scripts/doctor.sh

## Tools -----------------------------------------------------------------------------------------------------------------

tools: node_modules/.stamp ## install the pinned Node.js and CDK command line into node_modules

node_modules/.stamp: package.json package-lock.json .npmrc
	npm ci --no-progress
	@touch $@

# jsii's type index makes each start of the CDK in Go about three times as fast; see package jsiiprime.
prime: .build/.primed ## write jsii's type index, once for each version of the CDK

.build/.primed: node_modules/.stamp go.mod
	@mkdir -p .build
	go run ./cmd/jsiiprime
	@touch $@

python: .venv/.stamp ## install the local AWS emulator and cfn-lint into .venv

.venv/.stamp: e2e/requirements.txt
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --requirement e2e/requirements.txt
	@touch $@

$(GOLANGCI):
	@mkdir -p $(BIN)
	GOBIN=$(BIN) GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv $(BIN)/golangci-lint $@

## Tests -----------------------------------------------------------------------------------------------------------------

test: lint test-go test-templates test-consumer test-e2e ## run every test

test-fast: tools ## run the tests in Go that need nothing but Go and Node.js
	CDK_VALIDATION=false go test -short ./...

test-pattern: tools ## run the tests of one pattern, the quickest loop: make test-pattern PATTERN=network
	CDK_VALIDATION=false go test ./constructs/$(PATTERN)/
	cd constructs && CDK_VALIDATION=false go test main_test.go $(PATTERN)*_test.go

lint: $(GOLANGCI) ## check format, go vet and golangci-lint
	@unformatted=$$(git ls-files '*.go' | xargs gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run gofmt -w:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go vet -tags e2e ./e2e/... ./constructs/recovery/
	$(GOLANGCI) run ./...

test-go: .build/.primed ## run the unit, snapshot and whole-app tests
	CDK_VALIDATION=false go test -count=1 -short ./...

snapshots: .build/.primed ## write the snapshots anew
	UPDATE_SNAPS=true go test -count=1 . ./constructs

diagrams: ## draw the stacks, from the snapshots of their templates, into docs/diagrams
	go run ./internal/diagrams

dashboards: ## draw the CloudWatch dashboards of the app, and a Monitor's, into docs/dashboards, and say what is wrong with them
	go run ./internal/dashboards --out docs/dashboards $(filter testdata/dev_% constructs/testdata/monitoring/defaults_%,$(TEMPLATES))

test-consumer: .build/.primed ## build and run a module that vendors Strata
	go test -count=1 -tags e2e ./e2e/consumer

# Runs a Python part, or skips it loudly.
define with_python
	@if $(MAKE) --silent --no-print-directory .venv/.stamp; then $(1); \
	elif [ -n "$(STRATA_REQUIRE_PYTHON)" ]; then echo "FAILED: $@ needs Python 3.10 or later with venv, and its packages"; exit 1; \
	else echo "########## SKIPPED: $@ needs Python 3.10 or later with venv, and its packages (make doctor) ##########"; fi
endef

TEMPLATES := $(sort $(shell git ls-files 'testdata/*.snap.json' 'constructs/testdata/*.snap.json'))

# The tests of Go hold that the snapshots are what a synth gives, so these are the templates.
test-templates: ## run cfn-lint on the template of every snapshot
	$(call with_python,.venv/bin/cfn-lint --config-file .cfnlintrc.yaml $(TEMPLATES) && echo "cfn-lint: nothing found in $(words $(TEMPLATES)) templates")

test-e2e: .build/.primed ## deploy to the emulator, use what was deployed, change it, delete it
	$(call with_python,go test -count=1 -timeout 30m -tags e2e ./e2e/ ./e2e/emulator/... ./e2e/local/... ./internal/preflight/... ./constructs/recovery/)

bench: .build/.primed ## print speed ratios, measured side by side
	npm ci --no-progress --prefix bench
	go run ./bench $(BENCH)

## AWS -------------------------------------------------------------------------------------------------------------------

synth: .build/.primed ## write the CloudFormation templates to cdk.out
	cdk synth --quiet $(CONTEXT)

diff: .build/.primed ## compare the stacks with what is deployed
	cdk diff $(CONTEXT)

bootstrap: .build/.primed ## prepare the account and region of your AWS credentials for the CDK
	go run ./internal/preflight --bootstrap $(if $(STRATA),--strata '$(STRATA)')
	cdk bootstrap $(CONTEXT)

deploy: .build/.primed ## deploy to the account and region of your AWS credentials
	go run ./internal/preflight $(if $(STRATA),--strata '$(STRATA)')
	cdk deploy --all $(CONTEXT)

## The local emulator ----------------------------------------------------------------------------------------------------

deploy-local: .build/.primed .venv/.stamp ## start a local AWS emulator, deploy to it and call the API
	@go run ./e2e/local up $(if $(API),--api $(API))

destroy-local: .venv/.stamp ## delete the stacks from the emulator and check that nothing is left
	@go run ./e2e/local down

stop-local: .venv/.stamp ## stop the emulator
	@go run ./e2e/local stop

clean: ## remove what was built and installed here
	rm -rf .build cdk.out node_modules .venv bench/node_modules
