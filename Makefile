# demo: one finding, all the way, on this machine.   test: everything.   deploy: into your account.
.DEFAULT_GOAL := help
.PHONY: help demo test check deploy tools
SHELL := /bin/sh

VENV := .venv
TOOLS := $(VENV)/installed
SCENARIO ?= high
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
SAM := $(VENV)/bin/sam
CONFIG := --config-file $(CURDIR)/samconfig.toml
ENVIRONMENT ?= default

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

demo: $(TOOLS) ## One finding, all the way, on this machine; FINDING=file, SCENARIO=high|quiet|failed|stuck, PORT=number
	@cargo run -q -p local-cloud -- --scenario $(SCENARIO) $(if $(FINDING),--finding "$(FINDING)") $(if $(PORT),--port $(PORT))

test: $(TOOLS) ## Unit, contract and end-to-end tests
	cargo test --workspace --locked --doc
	cargo test --workspace --locked --lib --bins --test service
	cargo test --workspace --locked --test contract --test end_to_end

check: $(TOOLS) ## Formatting, lints, documentation, licences, templates
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
	@if command -v cargo-deny >/dev/null; then cargo deny check; else echo "cargo-deny is not installed: licences and advisories are not checked"; fi
	$(SAM) validate --template infra/template.yaml --lint --region us-east-1

deploy: $(TOOLS) ## Into your AWS account; ENVIRONMENT=default|dev|prod
	$(SAM) build $(CONFIG) --config-env $(ENVIRONMENT)
	$(SAM) deploy $(CONFIG) --config-env $(ENVIRONMENT) $(if $(wildcard .aws-sam/guided-$(ENVIRONMENT)),,--guided)
	@touch .aws-sam/guided-$(ENVIRONMENT)

tools: $(TOOLS) ## The pinned Python tools, in .venv

$(TOOLS): requirements.txt
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust, https://rustup.rs"; exit 1; }
	@command -v cc >/dev/null || { echo "cc is missing: install a C compiler, such as Debian's package gcc"; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "python3 is missing or older than 3.10"; exit 1; }
	@python3 -c 'import venv, ensurepip' || { echo "Python's venv is missing: install Debian's package python3-venv"; exit 1; }
	@echo "Installing the Python tools into $(VENV); this takes a minute or two"
	@python3 -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@
