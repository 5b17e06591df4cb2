"""A real server of tools for the tests of `server`: the official SDK of MCP on a port of its own.

Prints its port on the first line, and ends when its standard input does. The first argument is JSON:
`description` is that of its tool `add`; `token` is the key that it wants, if any.
"""

import asyncio
import json
import socket
import sys

import uvicorn
from mcp.server.mcpserver import MCPServer
from starlette.responses import PlainTextResponse


def served(wants):
    server = MCPServer("sums")

    @server.tool(description=wants.get("description", "Adds two numbers."))
    def add(a: int, b: int) -> str:
        return f"The sum is {a + b}."

    @server.tool(description="Always fails.")
    def fail() -> str:
        raise ValueError("no")

    app = server.streamable_http_app()

    async def guarded(scope, receive, send):
        headers = dict(scope.get("headers", []))
        token = wants.get("token")
        if token and scope["type"] == "http" and headers.get(b"authorization") != f"Bearer {token}".encode():
            return await PlainTextResponse("no", 401)(scope, receive, send)
        if wants.get("greeted") and scope["type"] == "http":
            # As a server that knows only revisions with sessions.
            if headers.get(b"mcp-protocol-version") == b"2026-07-28":
                return await PlainTextResponse("no", 400)(scope, receive, send)
        return await app(scope, receive, send)

    return guarded


async def main():
    wants = json.loads(sys.argv[1])
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(served(wants), log_level="critical", lifespan="on")
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    print(listener.getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.should_exit = True
    await serving


asyncio.run(main())
