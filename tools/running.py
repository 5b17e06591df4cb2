"""Starts the built program for a test and stops it again."""

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASE = ROOT / "target/release/salus"
READY = re.compile(r"Salus is ready at (http://\S+)")
PATIENCE = 30


class Server:
    """A running `salus serve` with a data folder of its own."""

    def __init__(self, process, url, folder, log, took):
        self.process, self.url, self.folder = process, url, folder
        self.log, self.took = log, took

    def call(self, method, path, body=None, token=None):
        """The status and the decoded body of one request."""
        headers = {"content-type": "application/json"} if body is not None else {}
        if token:
            headers["authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@contextlib.contextmanager
def running(binary=RELEASE, settings=None):
    """A server for the length of a `with`; its output is printed if it does not start."""
    with tempfile.TemporaryDirectory(prefix="salus-run-") as folder:
        started = time.monotonic()
        process = subprocess.Popen(
            [binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", folder],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=os.environ | (settings or {}))
        log, address = [], queue.SimpleQueue()
        threading.Thread(target=follow, args=(process, log, address), daemon=True).start()
        try:
            try:
                url = address.get(timeout=PATIENCE)
            except queue.Empty:
                url = None
            if url is None:
                raise SystemExit("the server did not say that it is ready:\n" + "".join(log))
            yield Server(process, url, Path(folder), log, time.monotonic() - started)
        finally:
            stop(process)


def follow(process, log, address):
    """Keeps what the server prints, and finds the address in it."""
    for line in process.stdout:
        log.append(line)
        if found := READY.search(line):
            address.put(found.group(1))
    address.put(None)


def stop(process):
    """Asks the server to end as an operator would; returns its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
