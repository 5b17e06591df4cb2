"""Orders versions and reads requirements such as `>=0.22.4, <0.23.0`."""

import re

VERSION = re.compile(r"^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$")
COMPARISONS = {
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, "=": lambda a, b: a == b,
    ">": lambda a, b: a > b, "<": lambda a, b: a < b,
}


def parse(text):
    """A value that compares as semver orders versions: a pre-release comes before its release."""
    found = VERSION.match(text.strip())
    if not found:
        raise ValueError(f"not a version: {text}")
    numbers = tuple(int(n) for n in found.group(1, 2, 3))
    if found.group(4) is None:
        return numbers, (1,)
    parts = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in found.group(4).split("."))
    return numbers, (0, parts)


def matches(version, requirement):
    """Whether a version meets every comparison of a requirement."""
    for comparison in requirement.split(","):
        found = re.match(r"\s*(>=|<=|=|>|<)\s*(\S+)\s*$", comparison)
        if not found:
            raise ValueError(f"not a comparison: {comparison}")
        if not COMPARISONS[found.group(1)](parse(version), parse(found.group(2))):
            return False
    return True
