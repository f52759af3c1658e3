"""An OpenAI-compatible endpoint of which a third of the answers are bad, in every way there is.

What a good answer says depends on the prompt alone, so that every undisturbed run gets the same.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
import socket
import struct
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FAULTS = (
    "busy",
    "busy with a time",
    "broken",
    "refused",
    "reset",
    "not JSON",
    "empty",
    "cut off",
    "too long",
    "filtered",
    "prose",
    "wrong keys",
    "no usage",
    "late",
)
NO_ANSWER = (*FAULTS[: FAULTS.index("empty")], "cut off", "late", "held")


def answer(prompt: str) -> dict[str, Any]:
    """Return what a good model says to `prompt`."""
    mark = hashlib.sha256(prompt.encode()).hexdigest()[:8]
    if match := re.search(r"book number (\d+)", prompt.partition("# Your task")[0]):
        chapters = [f"c{match[1]}_{n}" for n in range(1, 5)]
        return {"title": f"Book {match[1]}", "chapters": chapters}
    title = re.search(r"Book \d+", prompt)
    if "Write one page" in prompt:
        return {"name": "any", "text": f"{title and title[0]}: {mark}"}
    return {"text": f"All about {title and title[0]}: {mark}"}


class Endpoint:
    """The server; `share` is the part of the answers that are bad.

    Attributes:
        delivered: how often each prompt got a whole answer that costs money.
        refused: how often each prompt got none.
        faults: how often each fault was served.
        most: how many requests are served; those behind that wait for `open`, unanswered.
        held: set once one of them waits.
    """

    def __init__(self, share: float, seed: int = 7) -> None:
        self.share, self.random = share, random.Random(seed)
        self.delivered: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.most, self.held, self._door = math.inf, threading.Event(), threading.Event()
        self._lock = threading.Lock()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.serve(self, body)

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *args: object) -> None:
                pass  # a client that was killed is no news here

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def close_after(self, more: float) -> None:
        """Serve so many more requests, and let all that follow wait."""
        with self._lock:
            self.most = sum(self.faults.values()) + more
            self.held.clear()
            self._door.clear()

    def open(self) -> None:
        """Drop those that wait."""
        self._door.set()

    def serve(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        prompt = body["messages"][1]["content"]
        with self._lock:
            full = sum(self.faults.values()) >= self.most
            bad = self.random.random() < self.share
            fault = "held" if full else self.random.choice(FAULTS) if bad else ""
            self.faults[fault] += 1
            self.refused[prompt] += fault in NO_ANSWER
        content = json.dumps(answer(prompt))
        match fault:
            case "busy":
                self.send(handler, {"error": {"message": "busy"}}, 429)
            case "busy with a time":
                self.send(handler, {"error": {"message": "busy"}}, 429, {"Retry-After": "0"})
            case "broken":
                self.send(handler, {"error": {"message": "oops"}}, 500)
            case "refused":
                self.send(handler, {"error": {"message": "who are you?"}}, 401)
            case "reset":
                linger = struct.pack("ii", 1, 0)
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                handler.connection.close()
                handler.close_connection = True
            case "not JSON":
                self.send(handler, "<html>gateway</html>", 200)
            case "empty":
                self.say(handler, prompt, "")
            case "cut off":
                self.send(handler, self.reply(content), 200, short=True)
            case "too long":
                self.say(handler, prompt, content[: len(content) // 2], finish="length")
            case "filtered":
                self.say(handler, prompt, "", finish="content_filter")
            case "prose":
                self.say(handler, prompt, "I would rather talk about the weather.")
            case "wrong keys":
                self.say(handler, prompt, '{"answer": 42}')
            case "no usage":
                self.say(handler, prompt, content, usage=False)
            case "held":
                self.held.set()
                self._door.wait()
                handler.close_connection = True
            case "late":
                handler.connection.settimeout(30)
                handler.connection.recv(1)  # the client gives up first
                handler.close_connection = True
            case _:
                self.say(handler, prompt, content)

    def say(self, handler: BaseHTTPRequestHandler, prompt: str, text: str, **more: Any) -> None:
        with self._lock:
            self.delivered[prompt] += 1
        self.send(handler, self.reply(text, **more), 200)

    def reply(self, text: str, finish: str = "stop", usage: bool = True) -> dict[str, Any]:
        message = {"role": "assistant", "content": text}
        body: dict[str, Any] = {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "chaos",
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        }
        if usage:
            tokens = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
            body["usage"] = tokens
        return body

    def send(
        self,
        handler: BaseHTTPRequestHandler,
        body: Any,
        status: int,
        headers: dict[str, str] | None = None,
        *,
        short: bool = False,
    ) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2] if short else data)
        handler.wfile.flush()
        if short:
            handler.close_connection = True
