"""Crates depend on each other in one direction only.

The table says which of our crates each crate may use. A crate that is not in the table fails,
so that adding one is a decision. `testkit`, `modelmock` and `oidcmock` are for tests alone, and none of
our crates has Cargo features: what differs at run time is chosen at run time.
"""

import os

NAME = "layers"
MEND = ("call through a small trait that the crate in need declares and `server` wires, or "
        "publish an outbox event; a new crate gets its line in tools/checks/layers.py, and a new slice "
        "goes through the checklist 'Adding a slice' in CONTRIBUTING.md")

FLOOR = {"kernel", "vault", "db", "audit", "identity", "consent", "httpkit"}

# crate: the crates of ours that its product code may use
ALLOWED = {
    "kernel": set(),
    "crisis-engine": set(),  # also runs in a browser
    "crisis-wasm": {"crisis-engine"},
    "outbound": {"kernel"},
    "vault": {"kernel"},
    "db": {"kernel", "vault"},
    "audit": {"kernel", "vault", "db"},
    "httpkit": {"kernel"},
    "llm": {"kernel", "outbound"},
    "embed": {"kernel", "outbound"},
    "privacy": {"kernel"},
    "care": {"kernel"},
    "identity": FLOOR - {"identity", "consent"} | {"outbound"},
    "consent": FLOOR - {"identity", "consent"},
    # slices: the floor, and the arrows drawn in ARCHITECTURE.md
    "billing": FLOOR,
    "clinical": FLOOR | {"health"},
    # docs/decisions/0022 and 0026
    "companion": FLOOR | {"llm", "crisis", "care", "providers", "privacy"},
    "crisis": FLOOR | {"care", "crisis-engine", "outbound"},  # its breaker; docs/decisions/0029
    "documents": FLOOR | {"llm"},
    "health": FLOOR,
    "insights": FLOOR,
    "journal": FLOOR | {"crisis"},  # what people write is looked at; docs/decisions/0024
    "mcp": FLOOR | {"llm", "outbound"},  # reads streams of events; docs/decisions/0032
    "memory": FLOOR | {"crisis"},  # what people write is looked at; docs/decisions/0024, 0027
    "notify": FLOOR | {"outbound"},
    "nutrition": FLOOR | {"llm", "health"},
    "wellbeing": FLOOR | {"care", "crisis", "journal"},  # docs/decisions/0024
    "providers": FLOOR | {"llm", "privacy"},
    "sealed": FLOOR | {"llm", "crisis"},
}
# These may use all others, and are used by nothing but what is named.
EDGE = {"server": {"testkit", "bench"}, "testkit": set(), "modelmock": set(), "oidcmock": set(),
        "bench": set()}
# What speaks to the network, and which of our crates may: all connections are made by `outbound`,
# which knows where the program may connect, or come in through `httpkit`.
WIRES = {"hyper": {"httpkit", "llm", "outbound"}, "hyper-util": {"httpkit", "llm", "outbound"},
         "tokio-rustls": {"outbound"}, "lettre": {"notify"}, "reqwest": set(), "ureq": set()}
# Only for tests and measurements.
FOR_TESTS = {"testkit", "modelmock", "oidcmock"}


def check(repo):
    problems = []
    for name, package in sorted(repo.workspace.items()):
        where = os.path.relpath(package["manifest_path"], repo.root)
        if package["features"]:
            problems.append(f"{where}: our crates have no [features]: {sorted(package['features'])}")
        if name not in ALLOWED and name not in EDGE:
            problems.append(f"{where}: `{name}` is not in the table of tools/checks/layers.py")
            continue
        problems += [f"{where}: {message}" for message in wrong_edges(repo, name, package)]
    return problems


def wrong_edges(repo, name, package):
    for dependency in package["dependencies"]:
        other = dependency["name"]
        if other in WIRES and dependency["kind"] is None and name not in WIRES[other] | EDGE.keys() - {"server"}:
            yield f"`{name}` may not use `{other}`: the network is reached through `outbound`"
        if other not in repo.workspace:
            continue
        if dependency["optional"]:
            yield f"`{other}` is optional, which makes a feature of it"
        if other in FOR_TESTS:
            if dependency["kind"] != "dev" and name not in {"bench", "testkit"}:
                yield f"`{other}` may only be a dev-dependency"
        elif name not in EDGE and other not in ALLOWED[name]:
            yield f"`{name}` may not depend on `{other}`"
        elif other in EDGE and name not in EDGE[other]:
            yield f"nothing but {sorted(EDGE[other])} may use `{other}`"
