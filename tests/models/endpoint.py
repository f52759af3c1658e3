"""An OpenAI-compatible endpoint on this machine that misbehaves as a test tells it to."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """Answers with what the test put on the server."""

    protocol_version = "HTTP/1.1"
    server: Endpoint

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        self.server.seen.append((self.path, self.headers.get("Authorization", "")))
        self.server.answer(self, body)

    def send(self, status: int, body: Any, kind: str = "application/json", **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)


class Endpoint(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.server_bind()  # nobody listens before `begin`: connections are refused
        self.answer: Answer = says("ok")
        self.bodies: list[dict[str, Any]] = []
        self.seen: list[tuple[str, str]] = []
        self.released = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        self.server_activate()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._thread.start()

    def end(self) -> None:
        self.released.set()
        if self._thread:
            self.shutdown()
            self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


def completion(content: Any = "ok", **changes: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "tiny-2026-01-01",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
    } | changes


def choice(**changes: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": None} | changes.pop("message", {})
    return {"choices": [{"index": 0, "finish_reason": "stop", "message": message} | changes]}


def says(content: Any, **changes: Any) -> Answer:
    return lambda handler, _: handler.send(200, completion(content, **changes))


def refuses(status: int, message: str = "no", code: str | None = None, **headers: str) -> Answer:
    body = {"error": {"message": message, "type": "x", "param": None, "code": code}}
    return lambda handler, _: handler.send(status, body, **headers)


@contextmanager
def serving(*, listening: bool = True) -> Iterator[Endpoint]:
    """Serve until the block ends; without `listening`, from `begin` on."""
    with Endpoint() as server:
        if listening:
            server.begin()
        yield server
        server.end()


def resets(handler: Handler, _: dict[str, Any]) -> None:
    linger = struct.pack("ii", 1, 0)  # close with a reset instead of an end
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()
    handler.close_connection = True


def stops_midway(handler: Handler, _: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"id": "c1", "choices": [')
    handler.close_connection = True


def waits(handler: Handler, _: dict[str, Any]) -> None:
    assert isinstance(handler.server, Endpoint)
    handler.server.released.wait(30)
    handler.close_connection = True


def trickles(handler: Handler, _: dict[str, Any]) -> None:
    """Send a byte often enough that no read ever times out."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.close_connection = True
    try:
        while not handler.server.released.wait(0.02):
            handler.wfile.write(b" ")
    except OSError:
        pass  # the client has left, as it should
