"""Links between documents lead somewhere: each relative link names a committed file."""

import posixpath
import re

NAME = "links"
MEND = "correct the path, or remove the link"

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def check(repo):
    problems = []
    files = set(repo.files)
    for path in repo.matching(".md"):
        for target in LINK.findall(without_code(repo.text(path))):
            if re.match(r"[a-z]+:", target):
                continue
            named = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if named not in files and not any(file.startswith(named + "/") for file in files):
                problems.append(f"{path}: {target} does not exist")
    return problems


def without_code(text):
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
