#!/usr/bin/env python3
"""Runs the project's own checks and says, for each that fails, how to mend it.

    tools/check.py                            all of them
    tools/check.py sizes text                 only these
    tools/check.py --update-migrations-lock   adds the lines of new migrations
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from checks import (advisories, layers, licences, links, migrations, registry,  # noqa: E402
                    sizes, text, unused)
from checks.common import CommandFailed, Repo  # noqa: E402

CHECKS = {check.NAME: check for check in
          (sizes, text, links, layers, unused, migrations, registry, licences, advisories)}

NOT_CHECKED = "could not be checked: "
TOOL_FAILED = ("make that command succeed; where `--locked` refuses to change Cargo.lock, run "
               "`cargo check` once and commit the file")


def run(check, repo):
    """The problems of one check; a tool that fails is a problem too."""
    try:
        return check.check(repo)
    except (CommandFailed, ValueError, KeyError, FileNotFoundError) as error:
        return [f"{NOT_CHECKED}{error}"]


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="check", help=", ".join(CHECKS))
    options.add_argument("--root", default=Path(__file__).resolve().parent.parent, type=Path)
    options.add_argument("--update-migrations-lock", action="store_true")
    chosen = options.parse_args()
    if unknown := set(chosen.names) - set(CHECKS):
        options.error(f"no such check: {', '.join(sorted(unknown))}")
    repo = Repo(chosen.root)
    if chosen.update_migrations_lock:
        for path in migrations.update(repo):
            print(f"locked {path}")
        return 0
    if repo.is_shallow:
        print("note: this is a shallow clone; commits that it lacks are not looked at")
    failed = False
    for name in chosen.names or CHECKS:
        started = time.monotonic()
        problems = run(CHECKS[name], repo)
        took = time.monotonic() - started
        print(f"{'FAIL' if problems else 'ok  '} {name:<11} {took:5.1f} s")
        for problem in problems:
            print(f"     {problem}")
        if problems:
            failed = True
            stopped = problems[0].startswith(NOT_CHECKED)
            print(f"     how to mend it: {TOOL_FAILED if stopped else CHECKS[name].MEND}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
