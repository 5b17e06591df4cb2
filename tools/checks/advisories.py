"""No crate in Cargo.lock has a security advisory that we know of.

The list is tools/advisories.toml, kept by hand because CI cannot fetch the live database; it
must have been reviewed within a year. An accepted advisory is an `ignore` entry with a reason in
deny.toml, and one that no longer applies must go.
"""

import datetime
import tomllib

from checks.semver import matches

NAME = "advisories"
MEND = ("update the crate (`cargo update -p CRATE`) or, if the fault cannot be reached, say why "
        "in deny.toml [advisories] ignore; review tools/advisories.toml with `make advisories`")

LIST = "tools/advisories.toml"
A_YEAR = datetime.timedelta(days=365)


def check(repo):
    known = tomllib.loads(repo.text(LIST))
    packages = tomllib.loads(repo.text("Cargo.lock"))["package"]
    ignored = {entry["id"] for entry in tomllib.loads(repo.text("deny.toml"))["advisories"]["ignore"]}
    problems, met = [], set()
    for advisory in known["advisory"]:
        for package in packages:
            if package["name"] != advisory["crate"] or not affected(package["version"], advisory):
                continue
            met.add(advisory["id"])
            if advisory["id"] not in ignored:
                problems.append(f"{package['name']} {package['version']}: {advisory['id']}, "
                                f"{advisory['about']}")
    problems += [f"deny.toml: {gone} is ignored but affects nothing" for gone in ignored - met]
    if datetime.date.today() - known["reviewed"] > A_YEAR:
        problems.append(f"{LIST}: last reviewed {known['reviewed']}, more than a year ago")
    return problems


def affected(version, advisory):
    fine = advisory["patched"] + advisory.get("unaffected", [])
    return not any(matches(version, requirement) for requirement in fine)
