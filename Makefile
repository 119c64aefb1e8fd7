# demo: one finding from GuardDuty to the alert, on this machine.   unit: one minute.   test: all tests.   deploy: to your account.
.DEFAULT_GOAL := help
.PHONY: help demo explain unit test chaos fuzz bench check wording advisories hack authorization release deploy verify-aws graph-plan graph-apply \
	redrive tools machine browser valgrind definition parameters pictures member-role paths node sfnx
SHELL := /bin/sh

VENV := .venv
TOOLS := $(VENV)/installed
DENY_VERSION := 0.20.2
DENY := target/tools/cargo-deny-$(DENY_VERSION)/bin/cargo-deny
HAKARI_VERSION := 0.9.39
HAKARI := target/tools/cargo-hakari-$(HAKARI_VERSION)/bin/cargo-hakari
MACHETE_VERSION := 0.9.2
MACHETE := target/tools/cargo-machete-$(MACHETE_VERSION)/bin/cargo-machete
CYCLONEDX_VERSION := 0.5.9
CYCLONEDX := target/tools/cargo-cyclonedx-$(CYCLONEDX_VERSION)/bin/cargo-cyclonedx
CHECKS := target/tools/checks
PYTHON_FUNCTIONS := target/tools/benchmark
NODE_TOOLS := target/tools/node
SFNX := target/tools/sfnx
FUZZ_VERSION := 0.13.2
FUZZ := target/tools/cargo-fuzz-$(FUZZ_VERSION)/bin
ADVISORIES := https://github.com/RustSec/advisory-db
SCENARIO ?= high
ENVIRONMENT ?= prod
# The kind of stack: case, graph or member.
STACK ?= case
# The architecture of the functions, for the build and the deployment.
ARCHITECTURE ?= x86_64
QUEUE ?= findings
MUTATIONS ?= 1000000
SECONDS ?= 600
RUNS ?= 1
FINDINGS ?= 500
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
# The Cargo profile of the functions in the demo and the tests: local (the default) or release.
export GUMSHOE_PROFILE = $(PROFILE)
# Inside the project, because the path of the linker wrapper in it is part of every fingerprint; by default it depends on HOME.
export CARGO_ZIGBUILD_CACHE_DIR := $(CURDIR)/target/zigbuild
SAM := $(VENV)/bin/sam

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z -]+:.*## / { printf "%-22s %s\n", $$1, $$2 }' Makefile

demo: machine $(TOOLS) ## Process one finding up to the alert, on this machine; FINDING=file, SCENARIO=high|quiet|failed|stuck, GUARDDUTY=all, PORT=number
	@echo "Building the demo"
	@cargo build --locked -p local-cloud
	@cargo run --quiet --locked -p local-cloud -- --scenario "$(SCENARIO)" $(if $(FINDING),--finding "$(FINDING)") $(if $(GUARDDUTY),--guardduty "$(GUARDDUTY)") $(if $(PORT),--port "$(PORT)")

explain: ## Print the principals of findings and what Gumshoe would do with each finding; FINDING="files"
	@cargo run --quiet --locked -p open-case --example explain -- $(FINDING)

unit: ## Run unit and contract tests, which need only Rust: the default-members of Cargo.toml
	cargo test --locked

test: machine $(TOOLS) browser node sfnx ## Run all tests, including those on the local cloud; PROFILE=release tests the functions as deployed
	cargo test --workspace --locked --no-run
	$${CARGO_TARGET_DIR:-target}/debug/local-cloud --build
	@# Tests on the local cloud mostly wait, so the other tests run at the same time. The output of a target is printed when it ends.
	@test -n "$(shell $(CLOUD_TESTS))" || { echo "make: cargo metadata lists no test targets of tests/end-to-end" >&2; exit 1; }
	@rm -rf target/tests
	@GUMSHOE_BUILT=$(or $(PROFILE),local) CHAOS_SEED=$(or $(SEED),1) $(MAKE) --no-print-directory --keep-going --jobs=4 \
		--output-sync=target test-others $(addprefix test-,$(shell $(CLOUD_TESTS)))
	@cat target/tests/* | awk '/^test result: / { passed += $$4; failed += $$6; ignored += $$8 } \
		END { printf "%d passed, %d failed, %d skipped\n", passed, failed, ignored }'

# The test targets of tests/end-to-end. Each starts its own local cloud.
CLOUD_TESTS = cargo metadata --locked --no-deps --format-version 1 | python3 -c 'import json, sys; \
	packages = {package["name"]: package["targets"] for package in json.load(sys.stdin)["packages"]}; \
	print(*(target["name"] for target in packages["end-to-end"] if "test" in target["kind"]))'

test-others:
	@$(call log_output,nice cargo test --workspace --exclude end-to-end --locked)

# `engines` takes longest and mostly waits, so it has the highest priority.
test-%:
	@$(call log_output,$(if $(filter engines,$*),,nice -n 5 )cargo test -p end-to-end --locked --test $*)

# Runs a command and stores its output, for the sum at the end.
log_output = mkdir -p target/tests; echo "$(1)"; $(1) >target/tests/$@ 2>&1; status=$$?; cat target/tests/$@; exit $$status

chaos: machine $(TOOLS) ## Process hundreds of findings with injected faults, then check that each is accounted for; RUNS=number, SEED=number, FINDINGS=number
	CHAOS_RUNS=$(RUNS) CHAOS_FINDINGS=$(FINDINGS) $(if $(SEED),CHAOS_SEED=$(SEED)) cargo test --workspace --locked --test chaos

fuzz: $(FUZZ)/cargo-fuzz ## Parse a million mutated findings, then random bytes; MUTATIONS=number, SECONDS=per target, FINDINGS_CORPUS=folder with more findings
	MUTATIONS=$(MUTATIONS) cargo test --release --locked -p gumshoe-domain --test findings mutations
	@# To add new inputs to the archive: cargo fuzz cmin, then tar.
	@for target in parse receive; do \
		tar xzf fuzz/corpus/$$target.tar.gz -C fuzz/corpus; \
		PATH="$(CURDIR)/$(FUZZ):$$PATH" cargo fuzz run --sanitizer none $$target -- -max_total_time=$(SECONDS) -max_len=65536 -timeout=10 || exit 1; \
	done

bench: machine $(TOOLS) $(PYTHON_FUNCTIONS)/installed valgrind ## Compare measurements with their limits and with the last release, in target/benchmark; PARTS="start-up size …"
	cargo build --release --locked -p simulator -p benchmark
	target/release/benchmark $(PARTS)
	@# A complete run of keep-graph against the simulator, not optimized: an optimized SDK takes minutes to build.
	@mkdir -p target/benchmark
	cargo test --quiet --workspace --locked --bin keep-graph -- --ignored --nocapture is_fast >target/benchmark/keep-graph.txt \
		|| { cat target/benchmark/keep-graph.txt; exit 1; }
	@grep '^A plan' target/benchmark/keep-graph.txt

check: $(TOOLS) $(DENY) $(HAKARI) $(MACHETE) $(CHECKS)/installed ## Check formatting, lints, documentation, dependencies, templates and workflows
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo check --manifest-path fuzz/Cargo.toml --locked --target-dir target/fuzz
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
	@# tests/workspace-hack does not use its dependencies.
	$(MACHETE) $(filter-out tests/workspace-hack,cli $(wildcard functions/* shared/* patches/* tests/*)) fuzz
	$(HAKARI) hakari verify
	$(HAKARI) hakari generate --diff
	$(DENY) --locked check licenses bans sources
	@$(MAKE) --no-print-directory advisories
	$(SAM) validate --template infra/case/template.yaml --lint --region us-east-1
	$(SAM) validate --template infra/graph/template.yaml --lint --region us-east-1
	$(SAM) validate --template infra/graph/member.yaml --lint --region us-east-1
	@# W1100: merge keys; SAM expands them, and CloudFormation itself does not support them.
	$(VENV)/bin/cfn-lint --ignore-checks W1100 -- infra/case/template.yaml infra/case/rights.yaml infra/case/alarms.yaml infra/case/member-role.yaml infra/graph/template.yaml infra/graph/member.yaml infra/graph/management-role.yaml infra/case/forward.yaml
	@# cfn-lint checks a definition only inside a template.
	@$(VENV)/bin/python infra/case-definition.py --template target/case-definition.json
	$(VENV)/bin/cfn-lint target/case-definition.json
	$(CHECKS)/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@# checkov ignores files that it cannot parse, so parsing errors fail the target. Its configuration is .checkov.yaml.
	@$(VENV)/bin/python infra/nested.py target/templates
	@CKV_SKIP_PACKAGE_UPDATE_CHECK=true $(CHECKS)/bin/checkov >$(CHECKS)/report 2>&1 && ! grep -q 'Parsing errors' $(CHECKS)/report \
		|| { cat $(CHECKS)/report; exit 1; }
	@grep '^Passed checks' $(CHECKS)/report
	$(CHECKS)/bin/python tests/contract/service_authorization.py --check
	$(CHECKS)/bin/python tests/contract/client_models.py
	@$(MAKE) --no-print-directory wording

wording: $(CHECKS)/installed ## Spelling, and the words that docs/GLOSSARY.md retires
	@# Each configuration is given words first that it has to find: British spelling, a word within a name, and the whole dictionary.
	@printf 'colour\n' | $(CHECKS)/bin/codespell --config .codespell/spelling.cfg - | grep -q 'colour ==> color'
	@printf 'was_to%sOnce\n' ld | $(CHECKS)/bin/codespell --config .codespell/terms.cfg - | grep -q 'to[l]d ==>'
	@found=$$(sed 's/->.*//' docs/retired-words.txt | $(CHECKS)/bin/codespell --config .codespell/terms.cfg - | grep -c ' ==> '); \
		expected=$$(grep -c -e '->' docs/retired-words.txt); test "$$found" -ge "$$expected" \
		|| { echo "make wording: of $$expected retired words only $$found are found" >&2; exit 1; }
	git ls-files -z | xargs -0 $(CHECKS)/bin/codespell --config .codespell/spelling.cfg
	git ls-files -z | xargs -0 $(CHECKS)/bin/codespell --config .codespell/terms.cfg

advisories: $(DENY) ## Check advisories and yanked crates; prints a warning if the database is older than 30 days
	@if GIT_TERMINAL_PROMPT=0 git ls-remote --exit-code $(ADVISORIES) main >/dev/null 2>&1; then \
		$(DENY) --locked check advisories; \
	elif set -- "$${CARGO_HOME:-$$HOME/.cargo}"/advisory-dbs/advisory-db-* && [ -d "$$1/crates" ]; then \
		days=$$(( ($$(date +%s) - $$(git -C "$$1" log -1 --format=%ct)) / 86400 )); \
		echo "The advisory database cannot be reached: checking with a copy that is $$days days old"; \
		[ "$$days" -le 30 ] || echo "WARNING: advisories of the last $$days days are not checked; run this where $(ADVISORIES) can be reached" >&2; \
		mkdir -p target && sed 's/"P30D"/"P3650D"/' deny.toml >target/deny.toml; \
		$(DENY) --locked --offline --config target/deny.toml check advisories; \
	else echo "WARNING: advisories and yanked crates are not checked; run this where $(ADVISORIES) can be reached" >&2; fi

# cargo-cyclonedx writes a bill of materials next to every Cargo.toml; it has no other output folder.
BILL_OF_MATERIALS := gumshoe-bill
VERSION = $(shell sed -n 's/^version = "\(.*\)"$$/\1/p' Cargo.toml | head -n 1)
RELEASE = target/gumshoe-$(VERSION)
FUNCTIONS = $(patsubst %/Cargo.toml,%,$(wildcard functions/*/Cargo.toml functions/*/*/Cargo.toml))

release: $(TOOLS) $(CYCLONEDX) ## Build a release in target/gumshoe-VERSION: zip files and bills of materials of the functions, checksums
	@rm -rf $(RELEASE) && mkdir -p $(RELEASE)
	cargo lambda build --release --locked --output-format zip --lambda-dir $(RELEASE)/build
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(CYCLONEDX) cyclonedx --quiet --format json --spec-version 1.5 --override-filename $(BILL_OF_MATERIALS)
	@for function in $(FUNCTIONS); do name=$${function##*/}; \
		mv $(RELEASE)/build/$$name/bootstrap.zip $(RELEASE)/$$name-$$(uname -m).zip && mv $$function/$(BILL_OF_MATERIALS).json $(RELEASE)/$$name.cdx.json || exit 1; \
	done
	@find functions shared patches tests -name $(BILL_OF_MATERIALS).json -delete && rm -r $(RELEASE)/build
	@cd $(RELEASE) && sha256sum *.zip *.json >SHA256SUMS && cat SHA256SUMS

deploy: $(TOOLS) ## Deploy to your AWS account; STACK=case|graph|member, ENVIRONMENT=prod|dev, ARCHITECTURE=x86_64|arm64, PARAMETERS="Name=value …", NAME=stack's name
	@$(VENV)/bin/python infra/deploy.py --stack "$(STACK)" --environment "$(ENVIRONMENT)" --architecture "$(ARCHITECTURE)" --parameters '$(PARAMETERS)' $(if $(NAME),--name "$(NAME)")

# In these targets NAME is the stack's name. In version 0.1.0, STACK was the name.
reject_stack_variable = $(if $(filter case,$(STACK)),,$(error STACK is the kind of stack of make deploy; use NAME=$(STACK) with $@))

verify-aws: $(TOOLS) ## Check templates, roles and state machine with AWS, without changing anything; ENVIRONMENT=prod|dev, NAME=stack's name, ONLY=definition|states|policies|templates
	@$(reject_stack_variable)$(VENV)/bin/python infra/verify-aws.py --environment "$(ENVIRONMENT)" $(if $(NAME),--name "$(NAME)") $(if $(ONLY),--only "$(ONLY)")

graph-plan graph-apply: $(TOOLS) ## Show or apply the changes that the behavior graph needs; ENVIRONMENT=prod|dev, NAME=stack's name
	@$(reject_stack_variable)$(VENV)/bin/python infra/keep-graph.py --mode "$(@:graph-%=%)" --environment "$(ENVIRONMENT)" $(if $(NAME),--name "$(NAME)")

redrive: $(TOOLS) ## Move dead letters back to their queue; ENVIRONMENT=prod|dev, QUEUE=findings|relay|graph|membership, NAME=stack's name
	@$(reject_stack_variable)$(VENV)/bin/python infra/redrive.py --environment "$(ENVIRONMENT)" --queue "$(QUEUE)" $(if $(NAME),--name "$(NAME)")

hack: $(HAKARI) ## Regenerate tests/workspace-hack after a change of dependencies
	$(HAKARI) hakari generate

authorization: $(CHECKS)/installed ## Regenerate the extract of the Service Authorization Reference after a change of the actions in infra/
	$(CHECKS)/bin/python tests/contract/service_authorization.py

definition: $(TOOLS) ## Generate infra/case/case.asl.json from infra/case/case.asl.yaml
	@$(VENV)/bin/python infra/case-definition.py

parameters: $(TOOLS) ## Generate the tables of parameters in docs/CONFIGURATION.md and docs/GRAPH.md from the templates
	@$(VENV)/bin/python infra/parameters.py

pictures: browser ## Generate docs/pictures/report.png and slack.png from the fixtures; check them afterwards
	UPDATE_PICTURES=1 cargo test --locked -p report-pages --test pictures

member-role: $(TOOLS) ## Copy the permissions of lookups from infra/case/template.yaml to infra/case/member-role.yaml
	@$(VENV)/bin/python infra/member_role.py

paths: node ## Regenerate tests/fixtures/paths from their attempts after a change of the definition
	@NODE_PATH=$(NODE_TOOLS)/node_modules node tests/protocol/interpreters/paths.js write

tools: $(TOOLS) ## Install the pinned Python tools in .venv

machine:
	@test "$$(uname -sm)" = "Linux x86_64" || { echo "make: the demo and the tests run the functions themselves and need Linux on x86_64; this is $$(uname -sm)" >&2; exit 1; }
	@command -v cargo >/dev/null || { echo "make: cargo is missing; install Rust 1.94.1 or newer from https://rustup.rs" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "make: cc is missing; install a C compiler, such as Debian's package gcc" >&2; exit 1; }

# The tests of the report's pages run in it; without a browser, they are reported as ignored.
browser:
	@for browser in chromium chromium-browser google-chrome; do command -v $$browser >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing chromium for the tests of the report's pages; this takes a minute"; \
		(apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium) \
			</dev/null >/dev/null 2>&1 || echo "chromium cannot be installed: the report's pages are not tested"; \
	else echo "chromium is missing: the report's pages are not tested (Debian's package chromium)"; fi

# Node.js runs the policy evaluator of tests/iam, the reference JSONata, and asl-validator; without it, those tests are reported as
# ignored.
node:
	@if ! command -v npm >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing nodejs and npm, for tools of the tests; this takes a minute"; \
		(apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends nodejs npm) </dev/null >/dev/null 2>&1 || true; \
	fi; \
	if command -v npm >/dev/null; then $(MAKE) --silent $(NODE_TOOLS)/installed; \
	else echo "npm is missing: policies and the paths in the reference JSONata are not tested (Debian's packages nodejs and npm)"; fi

$(NODE_TOOLS)/installed: tests/node/package.json tests/node/package-lock.json
	@echo "Installing the tests' tools in Node.js into $(NODE_TOOLS)"
	@rm -rf $(NODE_TOOLS) && mkdir -p $(NODE_TOOLS) && cp $^ $(NODE_TOOLS)
	@npm ci --prefix $(NODE_TOOLS) --ignore-scripts --no-audit --no-fund --loglevel=error \
		|| { echo "make: the tools in Node.js could not be installed; the reason of npm is above" >&2; exit 1; }
	@touch $@

# Another interpreter of the States Language; without it, its tests are reported as ignored.
sfnx:
	@$(MAKE) --silent $(SFNX)/installed || echo "sfnx cannot be installed: its tests are not run"

$(SFNX)/installed: requirements-sfnx.txt
	@echo "Installing sfnx into $(SFNX)"
	@rm -rf $(SFNX) && python3 -m venv $(SFNX)
	@$(call install,$(SFNX))
	@touch $@

# The benchmark uses it to count instructions.
valgrind:
	@command -v valgrind >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing valgrind to count instructions; this takes a minute"; \
		(apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends valgrind) </dev/null >/dev/null 2>&1 && exit 0; \
	fi; \
	echo "make: valgrind is missing; install it, such as Debian's package valgrind" >&2; exit 1

# Installs exactly the packages of a requirements file, which lists every dependency.
install = $(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $< || { echo "make: the Python tools could not be installed; the reason of pip is above; often the package registry cannot be reached" >&2; exit 1; }

$(TOOLS): requirements.txt
	@command -v python3 >/dev/null || { echo "make: python3 is missing; install Python 3.10 or newer" >&2; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "make: $$(python3 --version) is too old; install Python 3.10 or newer" >&2; exit 1; }
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "make: Python's venv is missing; install it, such as Debian's package python3-venv" >&2; exit 1; }
	@echo "Installing the Python tools into $(VENV); this takes a minute or two"
	@rm -rf $(VENV) && python3 -m venv $(VENV)
	@$(call install,$(VENV))
	@touch $@

$(CHECKS)/installed: requirements-check.txt | $(TOOLS)
	@echo "Installing the tools of make check into $(CHECKS); this takes a minute"
	@rm -rf $(CHECKS) && python3 -m venv $(CHECKS)
	@$(call install,$(CHECKS))
	@touch $@

$(PYTHON_FUNCTIONS)/installed: requirements-benchmark.txt | $(TOOLS)
	@echo "Installing the Python functions of the benchmark into $(PYTHON_FUNCTIONS)"
	@rm -rf $(PYTHON_FUNCTIONS) && python3 -m venv $(PYTHON_FUNCTIONS)
	@$(call install,$(PYTHON_FUNCTIONS))
	@touch $@

# Little optimization, because the tools run for a second.
cargo_install_fast = echo "Building $(@F) into $(@D); this takes a minute or two"; \
	CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
		cargo install --quiet --locked --root $(patsubst %/bin,%,$(@D)) $(@F)@$(1)

$(DENY):
	@$(call cargo_install_fast,$(DENY_VERSION))

$(HAKARI):
	@$(call cargo_install_fast,$(HAKARI_VERSION))

$(MACHETE):
	@$(call cargo_install_fast,$(MACHETE_VERSION))

$(CYCLONEDX):
	@$(call cargo_install_fast,$(CYCLONEDX_VERSION))

$(FUZZ)/cargo-fuzz:
	@$(call cargo_install_fast,$(FUZZ_VERSION))
