"""Things that no committed file may contain.

Each rule is a pattern, the files it looks at, and what to do instead. Patterns are written so
that they do not match themselves.
"""

import re

NAME = "text"
MEND = "see the rule named in each line; tools/checks/text.py has them all"

CODE = (".rs", ".ts", ".tsx", ".py", ".sh", ".sql", ".toml", ".yml", ".yaml", "Makefile")
ANY = ("",)

RULES = [
    (CODE, r"\b(?:[T]ODO|[F]IXME|[X]XX|[H]ACK)\b(?!\(#\d+\)|:? #\d+)",
     "a marker without an issue number; write the number, or do the work"),
    ((".rs",), r"#!?\[(?:cfg_attr\(.*)?ignore\b",
     "a test that does not run; mend it or remove it"),
    ((".rs",), r"#!?\[(?:cfg_attr\(.*)?allow\((?!.*clippy::allow_attributes.*reason = )",
     "use #[expect(lint, reason = \"...\")], which fails when it is no longer needed; only code "
     "that a macro writes may have `clippy::allow_attributes` and a reason instead"),
    ((".rs",), r"^\s*#!?\[expect\((?:(?!reason).)*\)\]$",
     "#[expect] needs a reason"),
    ((".rs",), r"^\s*// ?(?:let |pub |fn |use |impl |return |self\.|#\[|\}|[\w:.]+!?\(.*\)).*[;{}\])]$",
     "commented-out code; remove it, git remembers"),
    (ANY, r"(?<![\w.])/(?:[r]oot|[h]ome/\w+|[U]sers/\w+|[w]ork)/[\w.-]",
     "a path of one machine"),
    (ANY, r"\b(?:(?:index|static)\.crates\.io|pypi\.org|pythonhosted\.org|registry\.npmjs\.org|"
          r"deb\.debian\.org|[a]rtifactory)\b",
     "the host of a package registry; name the package instead"),
    (ANY, r"^(?:<{7} |>{7} |={7}$)",
     "a merge conflict"),
]


def check(repo):
    compiled = [(ends, re.compile(pattern), why) for ends, pattern, why in RULES]
    problems = []
    for path in repo.files:
        if path.endswith((".png", ".ico", ".woff2", ".zst", ".bin")):
            continue
        rules = [(pattern, why) for ends, pattern, why in compiled if path.endswith(ends)]
        for number, line in enumerate(repo.text(path).splitlines(), 1):
            problems += [f"{path}:{number}: {why}" for pattern, why in rules if pattern.search(line)]
    return problems
