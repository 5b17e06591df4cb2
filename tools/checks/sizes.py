"""Files stay short, and the list of those that do not may only shrink.

A Rust file has at most 400 lines without its tests, a TypeScript file 300. Function length and
parameter counts are clippy's; what is held here is how often a file asks clippy to look away.
An entry of exceptions.toml states the exact number, so it must be lowered when a file gets
better; over 600 lines there is no exception.
"""

import re
import tomllib

from checks.common import is_test, without_inline_tests

NAME = "sizes"
MEND = ("split the file along its ideas (api/create.rs, api/list.rs); after making one smaller, "
        "lower or remove its entry in tools/checks/exceptions.toml")

LIST = "tools/checks/exceptions.toml"
LIMITS = {".rs": 400, ".ts": 300, ".tsx": 300}
HARD = 600
LOOKS_AWAY = re.compile(r"#!?\[(?:cfg_attr\([^\]]*)?expect\([^\]]*?"
                        r"clippy::(?:too_many_lines|too_many_arguments)", re.DOTALL)


def check(repo):
    listed = parse(repo.text(LIST))
    return (compare("lines", listed["lines"], lengths(repo))
            + compare("expects", listed["expects"], lookaways(repo))
            + [f"{path}: no exception goes beyond {HARD} lines"
               for path, lines in listed["lines"].items() if lines > HARD]
            + grown(repo))


def parse(text):
    """The two tables of the list; both may be empty, nothing else may be there."""
    tables = tomllib.loads(text)
    unknown = set(tables) - {"lines", "expects"}
    if unknown:
        raise ValueError(f"{LIST}: unknown tables {sorted(unknown)}")
    return {"lines": tables.get("lines", {}), "expects": tables.get("expects", {})}


def lengths(repo):
    """Product files that are over their limit, with their length."""
    over = {}
    for path in repo.matching(*LIMITS):
        limit = LIMITS[path[path.rindex("."):]]
        if path.endswith(".rs"):
            if is_test(path):
                continue
            lines = len(without_inline_tests(repo.text(path)))
        else:
            lines = len(repo.text(path).splitlines())
        if lines > limit and "/generated/" not in path:
            over[path] = lines
    return over


def lookaways(repo):
    """Files that ask clippy to accept a long function or many parameters, and how often."""
    counts = {p: len(LOOKS_AWAY.findall(repo.text(p))) for p in repo.matching(".rs")}
    return {path: count for path, count in counts.items() if count}


def compare(table, listed, found):
    problems = []
    for path, number in found.items():
        allowed = listed.get(path)
        if allowed is None:
            what = (f"{number} lines" if table == "lines"
                    else f"{number} times `expect(clippy::too_many_...)`")
            problems.append(f"{path}: {what}, and no entry in {LIST} [{table}]")
        elif number > allowed:
            problems.append(f"{path}: {number}, its entry in [{table}] allows {allowed}")
        elif number < allowed:
            problems.append(f"{path}: {number}, its entry in [{table}] is too generous: {allowed}")
    problems += [f"{path}: its entry in [{table}] is stale" for path in listed if path not in found]
    return problems


def grown(repo):
    """Entries that were added or raised for a file that its parent commit already had."""
    problems = []
    for where, parents, text in repo.versions(LIST):
        old_texts = [repo.text_at(parent, LIST) for parent in parents]
        if text is None or not parents or None in old_texts:
            if text is None and any(old_texts):
                problems.append(f"{where}: {LIST} was removed")
            continue
        olds = [parse(old) for old in old_texts]
        for table, entries in parse(text).items():
            for path, number in entries.items():
                before = max(old[table].get(path, 0) for old in olds)
                if number > before and any(repo.exists_at(p, path) for p in parents):
                    problems.append(f"{where}: {LIST} [{table}] grew for {path}: "
                                    f"{before or 'no entry'} -> {number}")
    return problems
