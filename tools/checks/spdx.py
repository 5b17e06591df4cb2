"""Reads licence expressions such as `(MIT OR Apache-2.0) AND Unicode-3.0`.

Follows the SPDX grammar (WITH binds before AND, AND before OR) and the old slash of crates.io,
which means OR.
"""

import re

TOKEN = re.compile(r"\s*([()]|[A-Za-z0-9.+-]+)")


class Unreadable(ValueError):
    """The text is not a licence expression."""


def satisfied(expression, allowed):
    """Whether the licences that are allowed are enough to use something under this expression."""
    tokens = tokenize(expression.replace("/", " OR "))
    value = any_of(tokens, allowed)
    if tokens:
        raise Unreadable(f"unexpected `{tokens[0]}` in `{expression}`")
    return value


def tokenize(text):
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            raise Unreadable(f"`{text}`")
        tokens.append(found.group(1))
        at = found.end()
    return tokens


def any_of(tokens, allowed):
    value = all_of(tokens, allowed)
    while tokens[:1] == ["OR"]:
        tokens.pop(0)
        right = all_of(tokens, allowed)
        value = value or right
    return value


def all_of(tokens, allowed):
    value = one(tokens, allowed)
    while tokens[:1] == ["AND"]:
        tokens.pop(0)
        right = one(tokens, allowed)
        value = value and right
    return value


def one(tokens, allowed):
    if not tokens or tokens[0] in (")", "AND", "OR", "WITH"):
        raise Unreadable("a licence name is missing")
    name = tokens.pop(0)
    if name == "(":
        value = any_of(tokens, allowed)
        if tokens[:1] != [")"]:
            raise Unreadable("a bracket is not closed")
        tokens.pop(0)
        return value
    if tokens[:1] == ["WITH"]:
        tokens.pop(0)
        if not tokens:
            raise Unreadable("an exception name is missing")
        name = f"{name} WITH {tokens.pop(0)}"
    return name in allowed
