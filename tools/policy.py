#!/usr/bin/env python3
"""Writes docs/security/policy.md: who may call what, and what comes of it.

The facts are the program's own: what each operation declares (docs/openapi.json) and how it answered
everyone when it was called (the authorization matrix, which a test compares with each run).
`--check` only says whether the committed page is what they give.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MATRIX = (ROOT / "crates/server/tests/it/coverage/snapshots"
          / "it__coverage__authorization__authorization_matrix.snap")
OPENAPI = ROOT / "docs/openapi.json"
PAGE = ROOT / "docs/security/policy.md"
WHO = ["nobody", "expired", "user", "premium", "provider", "responder", "auditor", "admin", "other"]
HEAD = """# Policy

Who may call what. Written by `tools/policy.py` from what each operation declares and from how it
answered when it was called as everyone; do not edit it.

*Access* is what the operation declares: `own` is about what belongs to the caller, `role:` needs one
of these roles, `operator` is for the networks of whoever runs the installation. *Two factors* marks
what wants a fresh proof. The other columns are statuses. Each role calls on its *own* things;
*expired* is the owner with a log-in that has ended, *other* is someone else who is logged in and
names the owner's things: what they may not see is 404. Nothing can be *granted* to another person
but in an emergency; [its scope](#emergency-grants) is at the end.

"""
GRANTS = """
## Emergency grants

What each form opens at most, for reading, to whoever has the token (a card) or to the responder who
made it (an override, with two factors, for an hour). Everything else stays as in the table above,
with or without a token; an expired grant opens nothing.

"""


def scope():
    """The scope table, as the model declares it."""
    text = (ROOT / "crates/consent/src/emergency/model.rs").read_text()
    table = text[text.index("pub const SCOPE"):]
    table = table[:table.index("];")]
    lines = []
    for row in table.split("(Form::")[1:]:
        form, classes = row.split(",", 1)
        names = [part.split(",")[0].split("]")[0].strip() for part in classes.split("Class::")[1:]]
        lines.append(f"| {form.lower()} | {', '.join(name.lower() for name in names)} | 404 |")
    return ["| Form | Granted | Everything else |", "|---|---|---|", *lines]


def page():
    paths = json.loads(OPENAPI.read_text())["paths"]
    columns = ["Operation", "Access", "Two factors", *WHO]
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for line in MATRIX.read_text().split("---\n", 2)[2].splitlines():
        if not line.strip():
            continue
        method, path, *cells = line.split()
        operation = paths[path][method.lower()]
        answers = dict(cell.split("=") for cell in cells)
        row = [f"`{method} {path}`", operation["x-access"].replace("|", " or "),
               "yes" if operation["x-step-up"] else ""]
        lines.append("| " + " | ".join(row + [answers.get(who, "") for who in WHO]) + " |")
    return HEAD + "\n".join(lines) + "\n" + GRANTS + "\n".join(scope()) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="change nothing, fail if out of date")
    fresh = page()
    if options.parse_args().check:
        if not PAGE.is_file() or PAGE.read_text() != fresh:
            sys.exit("docs/security/policy.md is out of date: run `make generate`")
    else:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(fresh)


if __name__ == "__main__":
    main()
