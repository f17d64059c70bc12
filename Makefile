# make demo | make test | make bench: see README.md. `make help` lists every target.
SHELL := /bin/bash
CARGO ?= cargo
ONCE ?=

.PHONY: help demo test bench ci deb phone lint fuzz clean prerequisites

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

demo: ## the gateway beside a simulated network: a tour, then the addresses (ONCE=1 ends after the tour)
	@$(CARGO) build --locked -p wherefore -p testbed
	@$(CARGO) run --locked -q -p xtask -- demo $(if $(ONCE),--once)

test: ## every test, with the third-party peers that they need
	@$(CARGO) run --locked -q -p xtask -- ci

bench: ## every figure of docs/performance.md, beside its floor in the same run
	@$(CARGO) run --locked -q -p xtask -- bench

deb: ## Debian packages of an optimised build, of the gateway and of the agent for routers, in target/package
	@$(CARGO) build --locked --release -p wherefore -p testbed -p mdt-agent
	@packaging/debian/build target/release target/package
	@packaging/debian/build-agent target/release target/package

phone: ## the phone library in C, built for size, and how large it is
	@$(CARGO) run --locked -q -p xtask -- phone

lint: ## layers, sizes, format and clippy alone
	@$(CARGO) run --locked -q -p xtask -- ci --only layers,tidy,fmt,clippy

fuzz: ## every fuzz target for a minute each
	@$(CARGO) run --locked -q -p xtask -- fuzz --seconds 60

clean: ## remove what was built
	@$(CARGO) clean
