"""Logs in for schemathesis, and keeps it from spoiling its own account.

Most requests are made as one person. Operations after which that person could do less (log out,
delete the account, withdraw a consent) are made as a newcomer who was registered for this one
request.
"""

import json
import os
import re
import urllib.request
import uuid

import schemathesis

URL = os.environ["SALUS_URL"]
PASSWORD = "a long pass phrase of five words"

# Operations after which a person could do less: (method, path).
SPOILS = [
    ("POST", r"^/api/auth/logout"),
    ("DELETE", r"^/api/auth/"),
    ("POST", r"^/api/consent/withdraw"),
]


def call(path, body):
    request = urllib.request.Request(URL + path, json.dumps(body).encode(),
                                     {"content-type": "application/json"}, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def newcomer():
    """Registers a person and returns a token of theirs."""
    person = {"username": f"fuzz-{uuid.uuid4().hex[:16]}", "password": PASSWORD,
              "consents": {"terms": True, "health_data": True}}
    return call("/api/auth/register", person)["access_token"]


@schemathesis.auth(refresh_interval=300)
class Login:
    """One person for all ordinary requests; a new one every five minutes."""

    def get(self, case, context):
        return newcomer()

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
        case.headers["X-Fuzz-Own-Token"] = "1"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives a newcomer's token to a request that would spoil the account of its caller."""
    headers = case.headers or {}
    if headers.pop("X-Fuzz-Own-Token", None) and any(
            case.method.upper() == method and re.search(path, case.path)
            for method, path in SPOILS):
        headers["Authorization"] = f"Bearer {newcomer()}"
