#!/usr/bin/env python3
"""Sends made-up requests to the release build and judges every answer by the OpenAPI document.

Starts the server, registers a person, and lets schemathesis work with that person's token, in
rounds with seeds 1, 2, ... until enough requests were made. Any server error, any answer that
the document does not describe, and any broken promise about authorization fails the run; the
report under target/fuzz-api/ has a command to repeat each failure.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from running import RELEASE, ROOT, running

REPORTS = ROOT / "target/fuzz-api"
HOOKS = Path(__file__).resolve().parent / "schemathesis/hooks.py"
CONFIG = HOOKS.parent / "schemathesis.toml"

# The limits that keep one address from asking so much would end the test after a few requests;
# passwords at full cost would take most of its time.
SETTINGS = {
    "SALUS__HTTP__RATES": "generous",
    "SALUS__ACCOUNTS__ATTEMPTS__FAILURES": "60000",
    "SALUS__ACCOUNTS__PASSWORD__MEMORY_KIB": "19456",
    "SALUS__ACCOUNTS__PASSWORD__PASSES": "2",
    "SALUS__ACCOUNTS__PASSWORD__EVEN_ANSWER_MS": "0",
}


def one_round(server, seed, examples):
    """Runs schemathesis once; returns its exit code and how many requests it made."""
    report = REPORTS / f"round-{seed}.ndjson"
    done = subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "--config-file", CONFIG, "run",
         f"{server.url}/api/openapi.json", "--seed", str(seed), "--max-examples", str(examples),
         "--report", "ndjson", "--report-ndjson-path", report],
        env=os.environ | {"SCHEMATHESIS_HOOKS": str(HOOKS), "SALUS_URL": server.url,
                          "PYTHONPATH": str(HOOKS.parent)},
        check=False)
    return done.returncode, requests_in(report)


def requests_in(report):
    """How many test cases a report holds."""
    return sum(len(event["ScenarioFinished"]["recorder"].get("cases", {}))
               for event in map(json.loads, report.open()) if "ScenarioFinished" in event)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--cases", type=int, default=5000, help="requests to make at least")
    options.add_argument("--binary", type=Path, default=RELEASE)
    chosen = options.parse_args()
    REPORTS.mkdir(parents=True, exist_ok=True)
    made, seed = 0, 0
    with running(chosen.binary, SETTINGS) as server:
        operations = count_operations(server)
        while made < chosen.cases:
            seed += 1
            examples = max(2, min(100, (chosen.cases - made) // (2 * operations)))
            code, more = one_round(server, seed, examples)
            made += more
            print(f"round {seed}: {more} requests, {made} of {chosen.cases} so far", flush=True)
            if code != 0 or more == 0:
                sys.exit(f"schemathesis ended with {code}; see above and {REPORTS}")
        if server.process.poll() is not None:
            sys.exit("the server ended during the test:\n" + "".join(server.log[-50:]))
    print(f"{made} requests to {operations} operations: no server error, nothing undocumented")


def count_operations(server):
    status, body = server.call("GET", "/api/openapi.json")
    if status != 200:
        sys.exit(f"GET /api/openapi.json answers {status}")
    return sum(len(set(methods) & {"get", "put", "post", "delete", "patch"})
               for methods in json.loads(body)["paths"].values())


if __name__ == "__main__":
    main()
