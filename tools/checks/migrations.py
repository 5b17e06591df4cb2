"""Migrations are append-only.

migrations.lock holds the SHA-256 of every migration. Files and lock must agree, a number is used
once over all crates, every file is named in the `migrations![]` of its crate, and no line of the
lock was ever changed or removed after it was committed.
"""

import hashlib
import re

NAME = "migrations"
MEND = ("name a new migration in the `migrations![]` of its crate's lib.rs and let "
        "`tools/check.py --update-migrations-lock` add its line; restore one that was committed "
        "and write a new one with the next free number")

LOCK = "migrations.lock"
FILE = re.compile(r"^crates/([\w-]+)/migrations/(\d{4})_[a-z0-9_]+\.sql$")


def check(repo):
    found = hashes(repo)
    locked = parse(repo.text(LOCK)) if LOCK in repo.files else {}
    problems = [f"{path}: not named crates/<crate>/migrations/NNNN_name.sql"
                for path in repo.files if "/migrations/" in path and not FILE.match(path)]
    problems += duplicates(found)
    for path, digest in found.items():
        if not named(repo, path):
            problems.append(f"{path}: no migrations![] of its crate names it")
        if path not in locked:
            problems.append(f"{path}: not in {LOCK}")
        elif locked[path] != digest:
            problems.append(f"{path}: differs from what {LOCK} holds")
    problems += [f"{path}: is in {LOCK} but gone" for path in locked if path not in found]
    return problems + rewritten(repo)


def hashes(repo):
    return {path: hashlib.sha256((repo.root / path).read_bytes()).hexdigest()
            for path in repo.files if FILE.match(path)}


def parse(text):
    """Lines of `path sha256`; comments and empty lines are left out."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split(" ") for line in lines)


def named(repo, path):
    """Whether the crate of a migration runs it."""
    folder, name = path.split("/migrations/")
    stem = f'"{name.removesuffix(".sql")}"'
    return any(stem in repo.text(source) for source in repo.matching(".rs", under=f"{folder}/src/"))


def duplicates(found):
    by_number = {}
    for path in found:
        by_number.setdefault(FILE.match(path).group(2), []).append(path)
    return [f"number {number} is used more than once: {', '.join(paths)}"
            for number, paths in by_number.items() if len(paths) > 1]


def rewritten(repo):
    """Lines that a commit changed or took away."""
    problems = []
    for where, parents, text in repo.versions(LOCK):
        now = parse(text or "")
        for parent in parents:
            for path, digest in parse(repo.text_at(parent, LOCK) or "").items():
                if now.get(path) != digest:
                    what = "changed" if path in now else "removed"
                    problems.append(f"{where}: the line of {path} in {LOCK} was {what}")
    return problems


def update(repo):
    """Adds the missing lines; never touches one that is there. Returns what was added."""
    found = hashes(repo)
    locked = parse(repo.text(LOCK)) if LOCK in repo.files else {}
    added = {path: digest for path, digest in found.items() if path not in locked}
    entries = sorted((locked | added).items(), key=lambda entry: entry[0].rsplit("/", 1)[-1])
    head = "# Written by `tools/check.py --update-migrations-lock`. Lines are only ever added.\n"
    (repo.root / LOCK).write_text(head + "".join(f"{p} {d}\n" for p, d in entries))
    return sorted(added)
