# demo: one finding, all the way, on this machine.   test: everything.   bench: figures.   deploy: into your account.
.DEFAULT_GOAL := help
.PHONY: help demo explain test fuzz bench check deploy tools machine browser
SHELL := /bin/sh

VENV := .venv
TOOLS := $(VENV)/installed
SCENARIO ?= high
ENVIRONMENT ?= prod
MUTATIONS ?= 1000000
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
SAM := $(VENV)/bin/sam
CONFIG := --config-file "$(CURDIR)/samconfig.toml" --config-env $(ENVIRONMENT)
GUIDED := .aws-sam/guided-$(ENVIRONMENT)

help: ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' Makefile

demo: machine $(TOOLS) ## One finding, all the way, on this machine; FINDING=file, SCENARIO=high|quiet|failed|stuck, PORT=number
	@echo "Building the demo"
	@cargo build --locked -p local-cloud
	@cargo run --quiet --locked -p local-cloud -- --scenario "$(SCENARIO)" $(if $(FINDING),--finding "$(FINDING)") $(if $(PORT),--port "$(PORT)")

explain: ## Whom findings lead to and what would become of them; FINDING="files"
	@cargo run --quiet --locked -p open-case --example explain -- $(FINDING)

test: machine $(TOOLS) browser ## Unit, contract and end-to-end tests
	cargo test --workspace --locked --doc
	cargo test --workspace --locked --lib --bins --test findings --test service --test keeper --test demo
	cargo test --workspace --locked --test contract --test end_to_end

fuzz: ## A million mutated findings; MUTATIONS=number, FINDINGS_CORPUS=folder with more to mutate
	MUTATIONS=$(MUTATIONS) cargo test --release --locked -p gumshoe-domain --test findings mutations

bench: machine ## Figures against their bounds, into target/benchmark
	cargo build --release --locked -p simulator -p benchmark
	target/release/benchmark

check: $(TOOLS) ## Formatting, lints, documentation, licences, templates
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
	@if command -v cargo-deny >/dev/null; then cargo deny check; else echo "cargo-deny is not installed: licences and advisories are not checked"; fi
	$(SAM) validate --template infra/template.yaml --lint --region us-east-1
	$(VENV)/bin/cfn-lint infra/member-role.yaml

deploy: $(TOOLS) ## Into your AWS account; ENVIRONMENT=prod|dev
	$(SAM) build $(CONFIG)
	$(SAM) deploy $(CONFIG) $(if $(wildcard $(GUIDED)),,--guided)
	@touch $(GUIDED)

tools: $(TOOLS) ## The pinned Python tools, in .venv

machine:
	@test "$$(uname -sm)" = "Linux x86_64" || { echo "make: the demo and the tests run the functions themselves and need Linux on x86_64; this is $$(uname -sm)" >&2; exit 1; }
	@command -v cargo >/dev/null || { echo "make: cargo is missing; install Rust 1.94.1 or newer from https://rustup.rs" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "make: cc is missing; install a C compiler, such as Debian's package gcc" >&2; exit 1; }

# The report's pages are looked at in it; without one, those tests say so and pass.
browser:
	@for browser in chromium chromium-browser google-chrome; do command -v $$browser >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing chromium, to look at the report's pages; this takes a minute"; \
		(apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium) \
			</dev/null >/dev/null 2>&1 || echo "chromium cannot be installed: the report's pages are not looked at"; \
	else echo "chromium is missing: the report's pages are not looked at (Debian's package chromium)"; fi

$(TOOLS): requirements.txt
	@command -v python3 >/dev/null || { echo "make: python3 is missing; install Python 3.10 or newer" >&2; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "make: $$(python3 --version) is too old; install Python 3.10 or newer" >&2; exit 1; }
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "make: Python's venv is missing; install it, such as Debian's package python3-venv" >&2; exit 1; }
	@echo "Installing the Python tools into $(VENV); this takes a minute or two"
	@rm -rf $(VENV) && python3 -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt || { echo "make: the Python tools could not be installed; pip says why above, often that the package registry cannot be reached" >&2; exit 1; }
	@touch $@
