#!/usr/bin/env python3
"""Every check is seen to fail: copies the repository, breaks one thing, expects its message.

A test states what it breaks and a part of the message that must then appear, and that was not
there before. Run by `make selftest` and in CI.
"""

import functools
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import check as runner  # noqa: E402
from checks.common import Repo  # noqa: E402
from checks.semver import matches  # noqa: E402
from checks.spdx import Unreadable, satisfied  # noqa: E402

KERNEL = "crates/kernel/src/rng.rs"
KERNEL_MANIFEST = "crates/kernel/Cargo.toml"
EXCEPTIONS = "tools/checks/exceptions.toml"


@functools.cache
def scratch():
    """A folder for all copies, removed when the run ends."""
    return tempfile.TemporaryDirectory(prefix="salus-selftest-")


@functools.cache
def original():
    """One copy of what would be committed now, with a first commit of its own."""
    base = Path(scratch().name) / "original"
    for path in Repo(ROOT).files:
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, base / path)
    (base / "migrations.lock").unlink(missing_ok=True)
    tree = Tree(base)
    tree.git("init", "-q")
    tree.git("config", "core.logAllRefUpdates", "false")
    tree.commit("begin")
    return base


@functools.cache
def before(name):
    """What a check says of the unbroken copy."""
    return runner.run(runner.CHECKS[name], Repo(original()))


class Tree:
    """A copy that a test may break. Its files are links to the original until they are written."""

    def __init__(self, root):
        self.root = root

    def git(self, *args):
        identity = ["-c", "user.name=selftest", "-c", "user.email=selftest@localhost",
                    "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *args], cwd=self.root, check=True, capture_output=True)

    def commit(self, message="change"):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).unlink(missing_ok=True)
        (self.root / path).write_text(text)

    def append(self, path, text):
        file = self.root / path
        self.write(path, (file.read_text() if file.exists() else "") + text)

    def replace(self, path, old, new):
        text = (self.root / path).read_text()
        assert old in text, f"{path} has no {old!r}"
        self.write(path, text.replace(old, new, 1))

    def crate(self, name, manifest=""):
        self.write(f"crates/{name}/Cargo.toml",
                   f'[package]\nname = "{name}"\nversion.workspace = true\n'
                   f'edition.workspace = true\n{manifest}')
        self.write(f"crates/{name}/src/lib.rs", "")


class Case(unittest.TestCase):
    """Gives each test a fresh copy and the one assertion they all make."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(dir=scratch().name)
        self.addCleanup(self.folder.cleanup)
        root = Path(self.folder.name) / "copy"
        shutil.copytree(original(), root, copy_function=os.link)
        self.tree = Tree(root)

    def problems(self, name):
        return runner.run(runner.CHECKS[name], Repo(self.tree.root))

    def assert_fails(self, name, message):
        self.assertFalse([p for p in before(name) if message in p], "failed before it was broken")
        found = self.problems(name)
        self.assertTrue([p for p in found if message in p], f"expected {message!r} in {found}")

    def assert_as_before(self, name):
        self.assertEqual(self.problems(name), before(name))


class Sizes(Case):
    def test_a_file_over_400_lines_is_refused(self):
        self.tree.append(KERNEL, "// a line\n" * 400)
        self.assert_fails("sizes", f"{KERNEL}: 4")

    def test_lines_of_inline_tests_do_not_count(self):
        self.tree.append(KERNEL, "\n#[cfg(test)]\nmod more {\n" + "    // x\n" * 400 + "}\n")
        self.assert_as_before("sizes")

    def test_looking_away_from_a_long_function_is_refused(self):
        self.tree.append(KERNEL, "#[expect(\n    clippy::too_many_lines,\n    reason = \"x\"\n)]\n")
        self.assert_fails("sizes", "1 times `expect(clippy::too_many_...)`")

    def test_a_stale_entry_is_refused(self):
        self.tree.replace(EXCEPTIONS, "[lines]", f'[lines]\n"{KERNEL}" = 450')
        self.assert_fails("sizes", f"{KERNEL}: its entry in [lines] is stale")

    def test_a_generous_entry_is_refused(self):
        self.tree.append("crates/kernel/src/new.rs", "// a line\n" * 450)
        self.tree.replace(EXCEPTIONS, "[lines]", '[lines]\n"crates/kernel/src/new.rs" = 500')
        self.assert_fails("sizes", "is too generous: 500")

    def test_no_entry_goes_beyond_600(self):
        self.tree.append("crates/kernel/src/new.rs", "// a line\n" * 700)
        self.tree.replace(EXCEPTIONS, "[lines]", '[lines]\n"crates/kernel/src/new.rs" = 700')
        self.assert_fails("sizes", "no exception goes beyond 600 lines")

    def test_an_entry_for_a_new_file_is_accepted_once_committed_with_it(self):
        self.tree.append("crates/kernel/src/new.rs", "// a line\n" * 450)
        self.tree.replace(EXCEPTIONS, "[lines]", '[lines]\n"crates/kernel/src/new.rs" = 450')
        self.assert_as_before("sizes")
        self.tree.commit()
        self.assert_as_before("sizes")

    def test_an_entry_for_an_old_file_is_refused_even_many_commits_later(self):
        self.tree.append(KERNEL, "// a line\n" * 430)
        lines = runner.sizes.lengths(Repo(self.tree.root))[KERNEL]
        self.tree.replace(EXCEPTIONS, "[lines]", f'[lines]\n"{KERNEL}" = {lines}')
        self.tree.commit()
        self.tree.append("README.md", "\n")
        self.tree.commit()
        self.assert_fails("sizes", f"grew for {KERNEL}: no entry -> {lines}")


class Text(Case):
    """Built from parts so that this file obeys the rules too."""

    def test_a_marker_without_an_issue_is_refused(self):
        self.tree.append(KERNEL, "// TO" "DO: later\n")
        self.assert_fails("text", "a marker without an issue number")

    def test_a_marker_with_an_issue_is_accepted(self):
        self.tree.append(KERNEL, "// TO" "DO(#12): later\n")
        self.assert_as_before("text")

    def test_an_ignored_test_is_refused(self):
        self.tree.append(KERNEL, "#[igno" "re]\n")
        self.assert_fails("text", f"{KERNEL}:")

    def test_allowing_a_lint_is_refused(self):
        self.tree.append(KERNEL, "#[all" "ow(dead_code)]\n")
        self.assert_fails("text", f"{KERNEL}:")

    def test_expecting_a_lint_without_a_reason_is_refused(self):
        self.tree.append(KERNEL, "#[expect(dead_code)]\n")
        self.assert_fails("text", "#[expect] needs a reason")

    def test_commented_out_code_is_refused(self):
        self.tree.append(KERNEL, "    // let " "x = old_way(y);\n")
        self.assert_fails("text", "commented-out code")

    def test_a_path_of_one_machine_is_refused(self):
        self.tree.append("README.md", "see /ho" "me/someone/salus\n")
        self.assert_fails("text", "a path of one machine")

    def test_a_registry_host_is_refused(self):
        self.tree.append("README.md", "https://pypi.or" "g/simple\n")
        self.assert_fails("text", "the host of a package registry")

    def test_a_merge_conflict_is_refused(self):
        self.tree.append("README.md", "<" * 7 + " ours\n")
        self.assert_fails("text", "a merge conflict")


class Links(Case):
    def test_a_link_to_nothing_is_refused(self):
        self.tree.append("README.md", "[there](docs/not-there.md)\n")
        self.assert_fails("links", "README.md: docs/not-there.md does not exist")


class Layers(Case):
    def test_an_edge_against_the_direction_is_refused(self):
        self.tree.replace(KERNEL_MANIFEST, "[dependencies]",
                          '[dependencies]\nhttpkit = { path = "../httpkit" }')
        self.assert_fails("layers", "`kernel` may not depend on `httpkit`")

    def test_one_slice_using_another_is_refused(self):
        self.tree.crate("billing")
        self.tree.crate("insights", '[dependencies]\nbilling = { path = "../billing" }\n')
        self.assert_fails("layers", "`insights` may not depend on `billing`")

    def test_the_drawn_arrow_between_slices_is_accepted(self):
        self.tree.crate("crisis")
        self.tree.crate("companion", '[dependencies]\ncrisis = { path = "../crisis" }\n')
        self.assert_as_before("layers")

    def test_an_unknown_crate_is_refused(self):
        self.tree.crate("utils")
        self.assert_fails("layers", "`utils` is not in the table")

    def test_a_cargo_feature_is_refused(self):
        self.tree.append(KERNEL_MANIFEST, "\n[features]\nextra = []\n")
        self.assert_fails("layers", "our crates have no [features]")

    def test_testkit_in_product_code_is_refused(self):
        self.tree.replace(KERNEL_MANIFEST, "[dependencies]",
                          '[dependencies]\ntestkit = { path = "../testkit" }')
        self.assert_fails("layers", "`testkit` may only be a dev-dependency")

    def test_a_crate_that_connects_by_itself_is_refused(self):
        self.tree.replace(KERNEL_MANIFEST, "[dependencies]", "[dependencies]\nhyper.workspace = true")
        self.assert_fails("layers", "`kernel` may not use `hyper`")

    def test_using_the_program_itself_is_refused(self):
        self.tree.replace(KERNEL_MANIFEST, "[dependencies]",
                          '[dependencies]\nserver = { path = "../server" }')
        self.assert_fails("layers", "`kernel` may not depend on `server`")


class Unused(Case):
    def test_a_dependency_that_no_code_uses_is_refused(self):
        self.tree.replace(KERNEL_MANIFEST, "[dependencies]",
                          "[dependencies]\nserde_urlencoded.workspace = true")
        self.assert_fails("unused", "[dependencies] `serde_urlencoded` is not used")

    def test_a_shared_dependency_that_no_crate_uses_is_refused(self):
        self.tree.replace("Cargo.toml", "[workspace.dependencies]",
                          '[workspace.dependencies]\nnobody = "1"')
        self.assert_fails("unused", "[workspace.dependencies] `nobody` is used by no crate")

    def test_a_comment_is_not_a_use(self):
        self.tree.append(KERNEL, "// serde_urlencoded\n")
        self.test_a_dependency_that_no_code_uses_is_refused()


class Migrations(Case):
    ONE = "crates/kernel/migrations/9001_one.sql"

    def setUp(self):
        super().setUp()
        self.tree.write(self.ONE, "CREATE TABLE one (id {uuid});\n")
        self.tree.append(KERNEL, 'const NAMES: [&str; 2] = ["9001_one", "9002_two"];\n')
        runner.migrations.update(Repo(self.tree.root))
        self.tree.commit()

    def test_a_locked_migration_is_accepted(self):
        self.assertFalse([p for p in self.problems("migrations") if self.ONE in p])

    def test_a_migration_that_its_crate_does_not_run_is_refused(self):
        self.tree.write("crates/kernel/migrations/9003_three.sql", "SELECT 1;\n")
        self.assert_fails("migrations", "9003_three.sql: no migrations![] of its crate names it")

    def test_a_migration_that_is_not_locked_is_refused(self):
        self.tree.write("crates/kernel/migrations/9002_two.sql", "SELECT 1;\n")
        self.assert_fails("migrations", "9002_two.sql: not in migrations.lock")

    def test_a_changed_migration_is_refused(self):
        self.tree.append(self.ONE, "-- a harmless remark\n")
        self.assert_fails("migrations", f"{self.ONE}: differs from what migrations.lock holds")

    def test_a_removed_migration_is_refused(self):
        (self.tree.root / self.ONE).unlink()
        self.assert_fails("migrations", f"{self.ONE}: is in migrations.lock but gone")

    def test_a_number_used_twice_is_refused(self):
        self.tree.write("crates/httpkit/migrations/9001_other.sql", "SELECT 1;\n")
        self.assert_fails("migrations", "number 9001 is used more than once")

    def test_a_misnamed_migration_is_refused(self):
        self.tree.write("crates/kernel/migrations/two.sql", "SELECT 1;\n")
        self.assert_fails("migrations", "two.sql: not named")

    def test_rewriting_the_lock_is_refused_even_many_commits_later(self):
        self.tree.append(self.ONE, "-- a harmless remark\n")
        (self.tree.root / "migrations.lock").unlink()
        runner.migrations.update(Repo(self.tree.root))
        self.tree.commit()
        self.tree.append("README.md", "\n")
        self.tree.commit()
        self.assert_fails("migrations", f"the line of {self.ONE} in migrations.lock was changed")

    def test_removing_the_lock_is_refused(self):
        (self.tree.root / "migrations.lock").unlink()
        self.assert_fails("migrations", f"the line of {self.ONE} in migrations.lock was removed")

    def test_updating_the_lock_never_touches_a_line(self):
        self.tree.append(self.ONE, "-- a harmless remark\n")
        self.tree.write("crates/kernel/migrations/9002_two.sql", "SELECT 1;\n")
        added = runner.migrations.update(Repo(self.tree.root))
        self.assertEqual(added, ["crates/kernel/migrations/9002_two.sql"])
        self.assert_fails("migrations", f"{self.ONE}: differs")


class Registry(Case):
    def setUp(self):
        super().setUp()
        self.tree.crate("billing")
        self.tree.write("crates/billing/src/plans/store.rs", "db::statements! { \"billing\";\n}\n")
        self.tree.write("crates/billing/src/error.rs",
                        "pub mod codes {\n    kernel::error_codes! {\n    }\n}\n")

    def test_a_missing_registry_is_refused(self):
        (self.tree.root / "crates/server/src/registry.rs").unlink()
        self.assert_fails("registry", "crates/server/src/registry.rs: is missing")

    def test_an_unlisted_block_is_refused(self):
        self.assert_fails("registry", "plans/store.rs: its STATEMENTS are not in")
        self.assert_fails("registry", "billing/src/error.rs: its CODES are not in")

    def test_a_listed_block_is_accepted(self):
        self.tree.append("crates/server/src/registry.rs",
                         "// billing::plans::store::STATEMENTS\n")
        self.assert_fails("registry", "plans/store.rs: its STATEMENTS are not in")
        self.tree.append("crates/server/src/registry.rs",
                         "&[billing::plans::store::STATEMENTS, billing::codes::CODES]\n")
        self.assertFalse([p for p in self.problems("registry") if "billing" in p])

    def test_routes_that_nobody_serves_are_refused(self):
        self.tree.write("crates/billing/src/plans/api.rs",
                        "pub fn routes() -> OpenApiRouter<Plans> {\n}\n")
        unserved = "plans/api.rs: `billing::plans::routes()` is not in"
        self.assert_fails("registry", unserved)
        self.tree.append("crates/server/src/router.rs", "// billing::plans::routes()\n")
        self.assert_fails("registry", unserved)
        self.tree.append("crates/server/src/router.rs", "billing::plans::routes()\n")
        self.assertFalse([p for p in self.problems("registry") if unserved in p])

    def test_a_block_that_the_crate_collects_is_accepted(self):
        self.tree.append("crates/server/src/registry.rs",
                         "&[billing::STATEMENTS, billing::CODES]\n")
        self.tree.write("crates/billing/src/lib.rs", "pub use error::codes::{CODES, OTHER};\n"
                        "const STATEMENTS: &[&[&Statement]] = &[plans::store::STATEMENTS];\n")
        self.assertFalse([p for p in self.problems("registry") if "billing" in p])


class Licences(Case):
    def test_a_licence_that_is_not_allowed_is_refused(self):
        self.tree.replace("deny.toml", '    "Unicode-3.0",\n', "")
        self.assert_fails("licences", "licence `(MIT OR Apache-2.0) AND Unicode-3.0` is not in")

    def test_a_banned_crate_is_refused(self):
        self.tree.replace("deny.toml", "deny = [",
                          'deny = [\n    { crate = "uuid", reason = "for this test" },')
        self.assert_fails("licences", "is refused: for this test")

    def test_a_crate_from_git_is_refused(self):
        self.tree.replace("Cargo.lock", "registry+https://github.com/rust-lang/crates.io-index",
                          "git+https://example.org/crate#0123456")
        self.assert_fails("licences", "does not come from crates.io: git+https://example.org")

    def test_a_git_dependency_is_refused(self):
        self.tree.replace(KERNEL_MANIFEST, "[dependencies]",
                          '[dependencies]\nother = { git = "https://example.org/other" }')
        self.assert_fails("licences", "`other` comes from git+https://example.org/other")

    def test_a_missing_lock_file_is_refused(self):
        (self.tree.root / "Cargo.lock").unlink()
        self.assert_fails("licences", "Cargo.lock: must be committed")

    def test_expressions_are_read_as_spdx_says(self):
        free = {"MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"}
        for expression, expected in [
            ("MIT", True), ("GPL-3.0-only", False), ("MIT OR GPL-3.0-only", True),
            ("MIT AND GPL-3.0-only", False), ("GPL-3.0-only OR MIT AND Apache-2.0", True),
            ("(GPL-3.0-only OR MIT) AND ISC", False), ("MIT/GPL-2.0", True),
            ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", True),
            ("MIT WITH LLVM-exception", False),
        ]:
            with self.subTest(expression):
                self.assertEqual(satisfied(expression, free), expected)
        for expression in ["", "MIT OR", "(MIT", "MIT Apache-2.0", "AND MIT", "MIT WITH"]:
            with self.subTest(expression), self.assertRaises(Unreadable):
                satisfied(expression, free)


class Advisories(Case):
    def test_an_affected_version_is_refused(self):
        self.tree.append("tools/advisories.toml",
                         '[[advisory]]\nid = "TEST-1"\ncrate = "uuid"\npatched = [">=99.0.0"]\n'
                         'about = "made up"\n')
        self.assert_fails("advisories", "TEST-1, made up")

    def test_an_ignored_advisory_that_affects_nothing_is_refused(self):
        self.tree.replace("deny.toml", "ignore = [",
                          'ignore = [{ id = "RUSTSEC-2022-0090", reason = "for this test" },')
        self.assert_fails("advisories", "RUSTSEC-2022-0090 is ignored but affects nothing")

    def test_a_list_that_nobody_reviewed_for_a_year_is_refused(self):
        text = (self.tree.root / "tools/advisories.toml").read_text()
        lines = ["reviewed = 2020-01-01" if line.startswith("reviewed =") else line
                 for line in text.splitlines()]
        self.tree.write("tools/advisories.toml", "\n".join(lines))
        self.assert_fails("advisories", "last reviewed 2020-01-01, more than a year ago")

    def test_versions_are_ordered_as_semver_says(self):
        for version, requirement, expected in [
            ("0.23.46", ">=0.23.45", True), ("0.23.9", ">=0.23.45", False),
            ("0.104.0-alpha.2", ">=0.103.12, <0.104.0-alpha.1", False),
            ("0.104.0-alpha.10", ">=0.104.0-alpha.6", True), ("1.0.0-rc.1", ">=1.0.0", False),
            ("1.0.0", "<=1.0.0", True), ("1.0.0+build", "=1.0.0", True),
        ]:
            with self.subTest(version=version, requirement=requirement):
                self.assertEqual(matches(version, requirement), expected)


class Generated(Case):
    """The program itself is played by a script, so that this needs no build."""

    def setUp(self):
        super().setUp()
        self.program = self.tree.root / "salus"
        self.tree.write("salus", "#!/bin/sh\necho \"$@\"\n")
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)
        shutil.rmtree(self.tree.root / "docs", ignore_errors=True)

    def generate(self, *options):
        return subprocess.run(
            [sys.executable, self.tree.root / "tools/generate.py", "--binary", self.program,
             *options], capture_output=True, text=True, check=False)

    def test_fresh_files_are_accepted_and_a_changed_one_is_refused(self):
        self.assertEqual(self.generate().returncode, 0)
        self.assertEqual(self.generate("--check").returncode, 0)
        self.tree.append("docs/openapi.json", "by hand\n")
        stale = self.generate("--check")
        self.assertNotEqual(stale.returncode, 0)
        self.assertIn("docs/openapi.json is out of date", stale.stdout)
        self.assertIn("run `make generate`", stale.stderr)

    def test_a_missing_file_is_refused(self):
        self.assertIn("docs/openapi.json is out of date", self.generate("--check").stdout)


if __name__ == "__main__":
    try:
        unittest.main(verbosity=1)
    finally:
        scratch().cleanup()
