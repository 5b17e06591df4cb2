"""What we build with: its licences, its sources, and the crates we refuse.

The rules are those of deny.toml, so that a machine with `cargo deny` gives the same answers.
Licences and bans look at what cargo would really compile for any platform (`cargo tree`), not at
Cargo.lock, which also lists crates that no feature of ours turns on.
"""

import tomllib

from checks.spdx import Unreadable, satisfied

NAME = "licences"
MEND = ("choose another crate, turn off the feature that brings it (`cargo tree -i CRATE`), or "
        "argue for the licence in docs/decisions and add it to deny.toml")

CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"


def check(repo):
    rules = tomllib.loads(repo.text("deny.toml"))
    problems = sources(repo, rules)
    return problems or bans(repo, rules) + licences(repo, rules)


def sources(repo, rules):
    """Everything comes from crates.io with a checksum, and from nowhere else."""
    if "Cargo.lock" not in repo.files:
        return ["Cargo.lock: must be committed"]
    problems = []
    if rules["sources"]["unknown-registry"] != "deny" or rules["sources"]["unknown-git"] != "deny":
        problems.append("deny.toml: [sources] must deny unknown registries and git")
    for package in tomllib.loads(repo.text("Cargo.lock"))["package"]:
        source = package.get("source")
        if source is None:
            if package["name"] not in repo.workspace:
                problems.append(f"Cargo.lock: {package['name']} is a path outside the workspace")
        elif source != CRATES_IO or "checksum" not in package:
            problems.append(f"Cargo.lock: {package['name']} does not come from crates.io: {source}")
    for name, package in repo.workspace.items():
        problems += [f"crates/{name}/Cargo.toml: `{dep['name']}` comes from {dep['source']}"
                     for dep in package["dependencies"]
                     if dep["source"] not in (None, CRATES_IO)]
    return problems


def compiled(repo):
    """(name, version, licence) of everything in the build, for every platform."""
    tree = repo.run("cargo", "tree", "--workspace", "--locked", "--target", "all",
                    "--edges", "normal,build,dev", "--prefix", "none", "--no-dedupe",
                    "--format", "{p}|{l}")
    for line in sorted(set(filter(None, tree.splitlines()))):
        package, _, licence = line.removesuffix(" (*)").partition("|")
        name, version, *_ = package.split(" ")
        yield name, version.removeprefix("v"), licence


def bans(repo, rules):
    denied = {entry["crate"]: entry["reason"] for entry in rules["bans"]["deny"]}
    return [f"{name} {version} is refused: {denied[name]}"
            for name, version, _ in compiled(repo) if name in denied]


def licences(repo, rules):
    allowed = set(rules["licenses"]["allow"])
    special = {entry["crate"]: set(entry["allow"])
               for entry in rules["licenses"].get("exceptions", [])}
    problems = []
    for name, version, licence in compiled(repo):
        try:
            if not licence or not satisfied(licence, allowed | special.get(name, set())):
                problems.append(f"{name} {version}: licence `{licence}` is not in deny.toml")
        except Unreadable as error:
            problems.append(f"{name} {version}: cannot read its licence: {error}")
    return problems
