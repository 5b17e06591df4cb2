"""What every check needs: the files of the repository, its history, and what cargo says of it.

Nothing here decides anything; it only reads. A check gets a `Repo` and returns a list of
problems, each one line that names the file.
"""

import functools
import json
import re
import subprocess
from pathlib import Path


class CommandFailed(Exception):
    """A tool that a check relies on ended with an error."""


class Repo:
    """A checkout: its files, its commits, its cargo workspace."""

    def __init__(self, root):
        self.root = Path(root)

    def run(self, *command):
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = done.stderr.strip() or done.stdout.strip()
            raise CommandFailed(f"`{' '.join(command)}` failed: {last}")
        return done.stdout

    def git(self, *args):
        return self.run("git", *args)

    @functools.cached_property
    def files(self):
        """Every file that is, or is about to be, committed, as paths relative to the root."""
        listed = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        return sorted(p for p in set(listed.split("\0")) if p and (self.root / p).is_file())

    def text(self, path):
        """The text of a file, or nothing if it is not text."""
        try:
            return (self.root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return ""

    def matching(self, *suffixes, under=""):
        return [p for p in self.files if p.endswith(suffixes) and p.startswith(under)]

    @functools.cached_property
    def has_commits(self):
        return subprocess.run(["git", "rev-parse", "-q", "--verify", "HEAD"], cwd=self.root,
                              capture_output=True, check=False).returncode == 0

    @functools.cached_property
    def is_shallow(self):
        return self.git("rev-parse", "--is-shallow-repository").strip() == "true"

    def exists_at(self, commit, path):
        return bool(self.git("ls-tree", "--name-only", commit, "--", path).strip())

    def text_at(self, commit, path):
        """The text of a file in a commit, or None if it is not there."""
        return self.git("show", f"{commit}:{path}") if self.exists_at(commit, path) else None

    def versions(self, path):
        """Every change of a file as (where, parents, text), newest first.

        The working tree comes first, as a child of HEAD; text is None where the file is absent.
        """
        if not self.has_commits:
            return
        here = self.root / path
        yield "the working tree", ["HEAD"], here.read_text() if here.is_file() else None
        log = self.git("log", "--full-history", "--format=%H %P", "--", path)
        for line in log.splitlines():
            commit, *parents = line.split()
            yield f"commit {commit[:12]}", parents, self.text_at(commit, path)

    @functools.cached_property
    def workspace(self):
        """Our own crates as cargo reads them, by name."""
        metadata = json.loads(self.run(
            "cargo", "metadata", "--format-version", "1", "--no-deps", "--offline"))
        return {package["name"]: package for package in metadata["packages"]}


def is_test(path):
    """Whether a Rust file is test code by its place or name."""
    parts = path.split("/")
    return ("tests" in parts or "benches" in parts or "testkit" in parts
            or re.search(r"(^|_)tests?\.rs$", parts[-1]) is not None)


def without_inline_tests(text):
    """The lines of a Rust file without `#[cfg(test)] mod name { ... }` blocks.

    rustfmt keeps the closing brace in the column of the attribute, which ends the block.
    """
    kept, until = [], None
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if until is not None:
            until = None if line == until else until
            continue
        start = re.match(r"(\s*)#\[cfg\(test\)\]\s*$", line)
        follows = lines[number + 1] if number + 1 < len(lines) else ""
        if start and re.match(r"\s*(pub(\(\w+\))? )?mod \w+ \{$", follows):
            until = start.group(1) + "}"
            continue
        kept.append(line)
    return kept
