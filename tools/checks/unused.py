"""Every dependency is used: a crate's by its code, a workspace's by a crate.

A name counts as used when it appears as a word in a line of code that is not a comment. What is
there only to turn on a feature of something else is named in
`[package.metadata.unused] ignored = [...]` with a comment.
"""

import re
import tomllib

NAME = "unused"
MEND = ("use it (a crate of ours is named in crates/server/Cargo.toml), remove the line from "
        "Cargo.toml, or name it in [package.metadata.unused] and say why")


def check(repo):
    problems, used_by_any = [], set()
    for manifest in repo.matching("/Cargo.toml"):
        table = tomllib.loads(repo.text(manifest))
        folder = manifest.removesuffix("Cargo.toml")
        ignored = table.get("package", {}).get("metadata", {}).get("unused", {}).get("ignored", [])
        product = code(repo, folder + "src/")
        everything = product + "".join(code(repo, f"{folder}{part}/") for part in ("tests", "benches", "examples"))
        build = "".join(repo.text(p) for p in repo.files if p == folder + "build.rs")
        for kind, text in (("dependencies", product), ("dev-dependencies", everything),
                           ("build-dependencies", build)):
            for name in table.get(kind, {}):
                used_by_any.add(name)
                if name not in ignored and not mentioned(name, text):
                    problems.append(f"{manifest}: [{kind}] `{name}` is not used")
    shared = tomllib.loads(repo.text("Cargo.toml"))["workspace"].get("dependencies", {})
    problems += [f"Cargo.toml: [workspace.dependencies] `{name}` is used by no crate"
                 for name in shared if name not in used_by_any]
    return problems


def code(repo, folder):
    """All Rust text in a folder, without comments."""
    texts = (repo.text(path) for path in repo.matching(".rs", under=folder))
    return "\n".join(re.sub(r"(?m)^\s*//.*$", "", text) for text in texts)


def mentioned(name, text):
    return re.search(rf"\b{re.escape(name.replace('-', '_'))}\b", text) is not None
