# Called by .ci/run; each target can also be run alone.
GO     ?= go
LINT    = $(GO) tool -modfile=$(CURDIR)/tools/go.mod golangci-lint
FUZZ   ?= 10s
BENCH  ?= .
DIR    ?= .
SAMPLE ?= 50

# The modules of this repository.
ALL    := $(sort $(dir $(shell find . -name go.mod -not -path '*/node_modules/*')))
NESTED := $(filter-out ./ ./tools/,$(ALL))

# For go vet alone: without optimization, what other platforms need compiles in two thirds of the time.
QUICK  := -gcflags='all=-N -l'

# npm writes this file last.
NPM    := $(patsubst %/package-lock.json,%/node_modules/.package-lock.json,$(wildcard interop/*/package-lock.json bench/node/package-lock.json))

# $(call in,FOLDERS,COMMAND) runs the command in each folder.
in = for dir in $(1); do echo "$$dir: $(2)"; (cd $$dir && $(2)) || exit 1; done

.PHONY: help all test race cover matrix vet lint fuzz bench examples newcomer modules interop npm platforms test-386 docs mutate
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' Makefile

all: vet lint test race examples ## what most often fails in review

test: ## the README's command: go test ./...
	$(GO) test ./...

race: ## the same with the race detector, shuffled
	$(GO) test -race -shuffle=on ./...

cover: ## the same with coverage per package
	GOFLAGS="$(GOFLAGS) -cover" $(MAKE) test

matrix: ## the whole fault matrix, of which the other targets run a sample
	$(GO) test -count=1 ./internal/proof/faultmatrix -matrix.whole

vet: ## go vet, go mod tidy and gofmt, in every module
	@$(call in,$(ALL),$(GO) vet ./...)
	@$(call in,$(ALL),$(GO) mod tidy -diff)
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }

lint: ## golangci-lint, pinned in tools/go.mod, in every module
	@$(call in,$(ALL),$(LINT) run ./...)

platforms: ## go vet for 32-bit machines, Windows and macOS
	GOARCH=386 CGO_ENABLED=0 $(GO) vet ./...
	GOARCH=arm CGO_ENABLED=0 $(GO) vet $(QUICK) ./...
	GOOS=windows CGO_ENABLED=0 $(GO) vet $(QUICK) ./...
	GOOS=darwin CGO_ENABLED=0 $(GO) vet $(QUICK) ./...

test-386: ## the tests that depend on the size of an int, on 32 bits; needs an x86 machine
	GOARCH=386 CGO_ENABLED=0 $(GO) test . ./internal/jsonstream ./messembedtest/... ./platform/...

fuzz: ## each fuzz target for $(FUZZ)
	./.ci/fuzz $(FUZZ)

mutate: ## places that no test misses: make mutate DIR=internal/httpcall SAMPLE=100
	$(GO) run -C tools ./mutate -dir $(CURDIR)/$(DIR) -sample $(SAMPLE)

bench: ## benchmarks, and the figures of bench/README.md
	$(GO) test -run=NONE -bench=$(BENCH) -benchmem ./...
	$(MAKE) -C bench

examples: ## the quickstart: alone, and against the fake in another process
	./.ci/examples

newcomer: ## an empty module, the README's program and test
	./.ci/newcomer

modules: ## the tests of the nested modules, interop/ among them
	@$(call in,$(NESTED),$(GO) test ./...)

interop: npm ## the tests of interop/, with the services' own packages from npm
	cd interop && $(GO) test -count=1 -v ./...

npm: $(NPM) ## what the tests of interop/ and bench/ need from npm, unless it is there
$(NPM): %/node_modules/.package-lock.json: %/package-lock.json
	@if command -v npm >/dev/null; then cd $* && npm ci --no-audit --no-fund; \
	else echo "no npm on this machine: skipping the tests that need the packages of $*"; fi

docs: ## what is generated in the README and in docs/
	$(GO) generate ./...
