"""Whatever a crate declares for the whole program is listed in crates/server/src/registry.rs.

Statements, sealed columns, actions and error codes are declared next to their use. The coverage
tests (every statement prepares on both databases, every sealed column has a migration, every
action and code is in its table) walk the lists of the registry, so a block that is missing there
would be tested by nobody. Likewise routes that crates/server/src/router.rs does not name are neither
served nor documented, and no test knows of them.
"""

import re

from checks.common import is_test, without_inline_tests

NAME = "registry"
MEND = ("what the message names is missing: the routes in `slices` of crates/server/src/router.rs, or "
        "`<crate>::<LIST>`, or `<crate>::<module>::<LIST>` if the module is public, in the list of "
        "the same name of crates/server/src/registry.rs")

REGISTRY = "crates/server/src/registry.rs"
ROUTER = "crates/server/src/router.rs"
ROUTES = re.compile(r"^pub fn routes\(\) -> OpenApiRouter<", re.M)
LISTS = {"statements": "STATEMENTS", "columns": "COLUMNS", "actions": "ACTIONS",
         "error_codes": "CODES"}
BLOCK = re.compile(r"^(\s*)(?:\w+::)*(statements|columns|actions|error_codes)! ?[{(]")
MODULE = re.compile(r"^(\s*)(?:pub(?:\([\w: ]+\))? )?mod (\w+) \{")


def check(repo):
    if REGISTRY not in repo.files:
        return [f"{REGISTRY}: is missing"]
    registry = strip_comments(repo.text(REGISTRY))
    problems = []
    for path in repo.matching(".rs", under="crates/"):
        crate, inside = path.split("/")[1], path.split("/")[2:]
        if is_test(path) or inside[0] != "src" or path == REGISTRY:
            continue
        for module, name in blocks(path, without_inline_tests(repo.text(path))):
            if not listed(repo, registry, crate, module, name):
                problems.append(f"{path}: its {name} are not in {REGISTRY}")
    return problems + unserved(repo)


def unserved(repo):
    """The slices whose routes the router does not have."""
    router = strip_comments(repo.text(ROUTER)) if ROUTER in repo.files else ""
    problems = []
    for path in repo.matching(".rs", under="crates/"):
        _, crate, src, *inside = path.split("/")
        if src != "src" or crate in ("server", "httpkit") or not ROUTES.search(repo.text(path)):
            continue
        name = "::".join([crate, *inside[:-1], "routes()"])
        if not re.search(rf"(?<!:)\b{re.escape(name)}", router):
            problems.append(f"{path}: `{name}` is not in {ROUTER}")
    return problems


def strip_comments(text):
    return re.sub(r"//.*", "", text)


def blocks(path, lines):
    """The (module, list name) of every declaring block in a file."""
    stack = []
    for line in lines:
        if opened := MODULE.match(line):
            stack.append((len(opened.group(1)), opened.group(2)))
        elif stack and line.rstrip() == " " * stack[-1][0] + "}":
            stack.pop()
        elif found := BLOCK.match(line):
            yield (stack[-1][1] if stack else file_module(path)), LISTS[found.group(2)]


def file_module(path):
    """The name of the module that a file is; empty for the root of a crate."""
    *_, folder, name = path.split("/")
    stem = name.removesuffix(".rs")
    stem = folder if stem == "mod" else stem
    return "" if stem in ("lib", "main", "src") else stem


def listed(repo, registry, crate, module, name):
    """Whether the registry names the list itself, or the crate's list that contains it."""
    us = "(?:crate|super)" if crate == "server" else crate
    step = f"{module}::" if module else ""
    if re.search(rf"\b{us}::(?:\w+::)*{step}{name}\b", registry):
        return True
    passed_on = re.compile(rf"\b{module}::(?:{name}\b|\{{[^}}]*\b{name}\b)")
    collected = any(passed_on.search(strip_comments(repo.text(path)))
                    for path in repo.matching(".rs", under=f"crates/{crate}/src/"))
    return collected and re.search(rf"\b{us}::(?:\w+::)*{name}\b", registry) is not None
