#!/usr/bin/env bash
# Runs every stage of `make test`, cheapest first, each a make target that can be run alone.
# Stops at the first that fails. Ends with the times and the summary of the tests.
set -euo pipefail
cd "$(dirname "$0")/.."

stages=(formatted spelling check selftest web web-check lint unit doctests docs generated release
    crisis-fresh crisis-vectors smoke e2e sdk fuzz-api-quick)

# What is tested contains the web app as it is now, or is not built at all.
export SALUS_WEB_REQUIRED=1

mkdir -p target/ci
began=$SECONDS
report=()
for stage in "${stages[@]}"; do
    started=$SECONDS
    printf '\n--- %s (%d s so far)\n' "$stage" $((started - began))
    if ! make --no-print-directory "$stage" 2>&1 | tee "target/ci/$stage.log"; then
        printf '\nFAILED: make %s, after %d s\n' "$stage" $((SECONDS - started))
        exit 1
    fi
    report+=("$(printf '%5d s  %s' $((SECONDS - started)) "$stage")")
done

printf '\n--- all stages passed in %d s\n' $((SECONDS - began))
printf '%s\n' "${report[@]}"
grep -E '^ +Summary \[' target/ci/unit.log | tail -1
