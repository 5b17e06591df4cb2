#!/usr/bin/env python3
"""Starts the release build as a newcomer would and looks at what it shows.

Health, readiness, metrics and the API description answer; a person can register and log in;
`salus doctor` finds nothing wrong; the server ends by itself when asked to.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from running import RELEASE, running, stop

PAGES = ["/health", "/health/deep", "/ready", "/metrics", "/api/openapi.json"]
LOGIN = {"username": "smoke", "password": "a long pass phrase of five words"}


def look(server):
    for page in PAGES:
        expect(server.call("GET", page), 200, f"GET {page}")
    consents = {"consents": {"terms": True, "health_data": True}}
    expect(server.call("POST", "/api/auth/register", LOGIN | consents), 201, "register")
    expect(server.call("POST", "/api/auth/login", LOGIN), 200, "log in")


def expect(answer, status, what):
    got, body = answer
    if got != status:
        sys.exit(f"{what}: expected {status}, got {got}: {body[:300]}")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--binary", type=Path, default=RELEASE)
    chosen = options.parse_args()
    with running(chosen.binary) as server:
        look(server)
        doctor = subprocess.run([chosen.binary, "doctor", "--data-dir", server.folder],
                                capture_output=True, text=True, check=False)
        if doctor.returncode != 0:
            sys.exit(f"salus doctor: {doctor.stdout}{doctor.stderr}")
        if code := stop(server.process):
            sys.exit(f"the server ended with {code} when asked to stop:\n{''.join(server.log)}")
    print(f"ready after {server.took:.2f} s, every page answers, the doctor finds nothing wrong")


if __name__ == "__main__":
    main()
