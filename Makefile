# Called by .ci/run; each target can also be run alone.
GO     ?= go
LINT    = $(GO) tool -modfile=tools/go.mod golangci-lint
FUZZ   ?= 10s
BENCH  ?= .

.PHONY: all test race cover vet lint fuzz bench examples newcomer modules interop docs
all: vet lint test race examples

test: ## the README's command
	$(GO) test ./...

race: ## with the race detector, shuffled
	$(GO) test -race -shuffle=on ./...

cover: ## the README's command, with coverage per package
	GOFLAGS="$(GOFLAGS) -cover" $(MAKE) test

vet:
	$(GO) vet ./...
	$(GO) mod tidy -diff
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }

lint: ## golangci-lint, pinned in tools/go.mod
	$(LINT) run ./...

fuzz: ## each fuzz target for $(FUZZ)
	./.ci/fuzz $(FUZZ)

bench:
	$(GO) test -run=NONE -bench=$(BENCH) -benchmem ./...
	$(MAKE) -C bench

examples: ## the quickstart: alone, and against the fake in another process
	./.ci/examples

newcomer: ## an empty module, the README's program and test
	./.ci/newcomer

modules: ## the other modules of this repository
	for dir in examples/telemetry examples/events-to-nats bench; do (cd $$dir && $(GO) vet ./... && $(GO) test ./...) || exit 1; done

interop: ## the real socket.io-client@2 against the fake; needs node
	cd interop && npm ci --no-audit --no-fund
	$(GO) test -count=1 -v ./interop/...

docs: ## what is generated in the README and in docs/
	$(GO) generate ./...
