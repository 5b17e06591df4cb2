#!/usr/bin/env python3
"""Writes the files under docs/ that the program itself describes.

`tools/generate.py` writes them; `tools/generate.py --check` only says which are out of date.
The table is the whole list: a file and the arguments of `salus` that print it.
"""

import argparse
import difflib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

GENERATED = {
    "docs/openapi.json": ["openapi"],
    "docs/config.schema.json": ["config", "schema"],
    "docs/operate/commands.md": ["help-markdown"],
}


def render(binary, arguments):
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"`salus {' '.join(arguments)}` failed:\n{done.stderr}")
    return done.stdout


def difference(path, fresh):
    """Nothing if the committed file is fresh, else the first lines that differ."""
    old = path.read_text() if path.is_file() else ""
    lines = difflib.unified_diff(old.splitlines(), fresh.splitlines(), "committed", "generated",
                                 lineterm="", n=1)
    return "\n".join(list(lines)[:20])


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="change nothing, fail if out of date")
    options.add_argument("--binary", default=ROOT / "target/debug/salus", type=Path)
    options.add_argument("--docs", default=ROOT, type=Path, help="where docs/ is")
    chosen = options.parse_args()
    stale = False
    for name, arguments in GENERATED.items():
        path, fresh = chosen.docs / name, render(chosen.binary, arguments)
        differs = difference(path, fresh)
        if chosen.check and differs:
            stale = True
            print(f"{name} is out of date:\n{differs}\n")
        elif differs:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fresh)
            print(f"wrote {name}")
    if stale:
        sys.exit("run `make generate` and commit the result")


if __name__ == "__main__":
    main()
