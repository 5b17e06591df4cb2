"""A real SMTP server for the tests of `notify`: aiosmtpd on a port of its own.

Prints its port on the first line, then each letter it takes as a line of JSON, and ends when its
standard input does. The first argument is JSON: `mode` is plain, starttls or implicit; `cert` and
`key` are files; `replies` are answers to DATA before letters are taken; `user` and `password`.
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, replies):
        self.replies = list(replies)

    async def handle_DATA(self, server, session, envelope):
        if self.replies:
            return self.replies.pop(0)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        wrapped = server.transport.get_extra_info("ssl_object") is not None
        parts = {part.get_content_type(): part.get_content() for part in letter.walk()
                 if not part.is_multipart()}
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None or wrapped,
            "subject": letter["subject"], "id": letter["message-id"], "date": letter["date"],
            "plain": parts.get("text/plain"), "html": parts.get("text/html"),
        }), flush=True)
        return "250 Taken"


async def main():
    wants = json.loads(sys.argv[1])
    context = None
    if wants["mode"] != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(wants["cert"], wants["key"])
    handler = Handler(wants.get("replies", []))

    def check(server, session, envelope, mechanism, data):
        ok = (data.login.decode(), data.password.decode()) == (wants["user"], wants["password"])
        return AuthResult(success=ok, handled=False)

    options = {"hostname": "mail.test"}
    if wants["mode"] == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if "user" in wants:
        options |= {"authenticator": check, "auth_required": True,
                    "auth_require_tls": wants["mode"] == "starttls"}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, loop=loop, **options), "127.0.0.1", 0,
        ssl=context if wants["mode"] == "implicit" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
