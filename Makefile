# The verbs of a developer. `make` alone lists them; each can be run by itself.
.DEFAULT_GOAL := help
.PHONY: help run test formatted fmt spelling check selftest lint unit doctests docs generated \
        generate release smoke sdk fuzz-api fuzz-api-quick kill-test bench advisories \
        passwords-fresh crisis-report crisis-fresh crisis-vectors web web-check web-if-possible e2e

VENV := .venv/ready
WITH_POSTGRES := tools/with_postgres.py
NEXTEST := cargo nextest run --locked
NPM := npm --prefix web --silent
MODULES := web/node_modules/.package-lock.json
ENGINE := web/packages/crisis/engine.wasm

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 18

run: web-if-possible ## build Salus, start it and print its address
	cargo run --locked --release --bin salus -- serve

test: ## everything that CI checks, cheapest first
	tools/ci.sh

formatted:
	cargo fmt --all --check

fmt: ## format the code
	cargo fmt --all

spelling: $(VENV) ## find misspelt words
	.venv/bin/typos

check: ## the project's own rules: sizes, layers, migrations, licences, advisories ...
	tools/check.py

selftest: ## break a copy of the repository to see every check fail
	tools/checks/selftest.py

lint: ## clippy over everything, warnings are errors
	cargo clippy --locked --workspace --all-targets -- -D warnings

unit: nextest $(VENV) target/models/ready ## all tests, on SQLite and on a throw-away PostgreSQL, with a real mail server
	SALUS_TEST_PYTHON=$(CURDIR)/.venv/bin/python $(WITH_POSTGRES) --forgetful $(NEXTEST) --workspace

doctests: ## the examples in the documentation of the code
	cargo test --locked --workspace --doc --quiet

docs: ## the documentation of the code, warnings are errors
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

generated: ## fail if a file that the program writes is out of date
	cargo build --locked --bin salus && tools/generate.py --check && tools/policy.py --check

generate: ## write openapi.json, the configuration schema and the command reference
	cargo build --locked --bin salus && tools/generate.py && tools/policy.py
	@if [ -e $(MODULES) ]; then $(NPM) run generate; else \
		echo "also run \`npm --prefix web run generate\` where Node is"; fi

passwords-fresh: ## fail if the list of common passwords is not what its source gives; needs the network
	cargo build --locked --bin salus && tools/passwords.py --check

release: ## build the program as it is shipped
	cargo build --locked --release --bin salus

web: $(MODULES) $(ENGINE) ## build the web app, which the next build of the program then contains
	$(NPM) run build

web-check: $(MODULES) ## the web app: licences, fresh client, style, types, unused code, unit tests
	$(NPM) run licences
	$(NPM) run generate -- --check
	$(NPM) run lint
	$(NPM) run types
	$(NPM) run unused
	$(NPM) run unit

# Without them the program is built all the same; it says itself that the web app is missing.
web-if-possible:
	@if ! tools/node.sh --quiet; then \
		echo "No Node 20.19 or newer here: Salus starts without its web app."; \
	elif ! tools/wasm.sh --quiet; then \
		echo "No Rust that builds for browsers here (\`rustup target add wasm32-unknown-unknown\`):"; \
		echo "Salus starts without its web app."; \
	else $(MAKE) --no-print-directory web; fi

e2e: release $(MODULES) ## every flow of the web app in a real browser, against the release build
	tools/chromium.sh
	$(NPM) run e2e

crisis-vectors: $(ENGINE) $(MODULES) ## the engine in a browser answers as that of the server
	cargo build --locked --release --quiet -p crisis-wasm --example answers
	$(NPM) run vectors

$(ENGINE): tools/wasm.sh Cargo.lock crates/crisis-wasm/Cargo.toml \
		$(shell find crates/crisis-wasm/src crates/crisis-engine/src data/crisis/rules data/crisis/learned -type f)
	tools/wasm.sh

$(MODULES): web/package-lock.json
	tools/node.sh
	npm --prefix web ci --no-progress
	@touch $@

smoke: release ## start the release build, look at its pages, let `salus doctor` judge it
	tools/smoke.py

sdk: target/sdk/ready target/sdk/node ## the official clients of OpenAI and Anthropic read what we write
	cargo build --locked -p modelmock --bin modelmock -p server --bin salus
	target/sdk/bin/python tools/sdk_oracles.py
	target/sdk/bin/python tools/sdk_server.py

fuzz-api: release $(VENV) ## at least 5,000 made-up requests against the release build
	.venv/bin/python tools/fuzz_api.py --cases 5000

fuzz-api-quick: release $(VENV) ## the same with fewer requests
	.venv/bin/python tools/fuzz_api.py --cases 500

kill-test: nextest ## kill the server 50 times in the middle of writing, on each database
	SALUS_KILL_ROUNDS=50 $(WITH_POSTGRES) $(NEXTEST) -p server --no-capture -E 'test(/^kill::/)'

bench: ## measure; bench/README.md says what and how
	cargo build --locked --release -p bench
	$(WITH_POSTGRES) sh -ec 'for name in bench/src/bin/*.rs; do \
		target/release/$$(basename $$name .rs); done'

crisis-report: ## measure how well danger is recognised, and write the page about it
	cargo run --locked --release -q -p crisis-engine --example report -- --write

crisis-fresh: ## fail if that page is out of date
	cargo run --locked --release -q -p crisis-engine --example report -- --check

advisories: ## compare Cargo.lock with the live RustSec database; needs the network
	command -v cargo-audit >/dev/null || cargo install --locked cargo-audit
	cargo audit

.PHONY: nextest
nextest:
	@cargo nextest --version >/dev/null 2>&1 || cargo install --locked cargo-nextest

models: target/models/ready ## put the models where tests look for them

target/models/ready: crates/embed/models.lock tools/models.py $(VENV)
	.venv/bin/python tools/models.py
	@touch $@

target/sdk/ready: tools/sdk/requirements.txt
	python3 -m venv target/sdk
	target/sdk/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

target/sdk/node: tools/sdk/package-lock.json target/sdk/ready
	tools/node.sh
	npm --prefix tools/sdk ci --no-progress
	@touch $@

$(VENV): tools/requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
