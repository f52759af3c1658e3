"""Pages are fetched from allowed hosts alone, whatever names, redirects and pages say."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from metaco.core.errors import ConfigurationError
from metaco.tools import Fetch, ToolResult
from metaco.tools.fetch import _is_public

HTML = """<!doctype html><html><head><title> A  page </title><style>p {}</style></head><body>
<script>alert("no")</script><h1>Head &amp; tail</h1><p>One <b>bold</b>
word.</p><ul><li>first<li>second</ul><a href="/next?a=1#x">next</a><a href="javascript:x()">js</a>
<a href="http://[bad">bad</a><a href="https://other.example/">other</a></body></html>"""


class Handler(BaseHTTPRequestHandler):
    """Answers as the path says, and notes what was asked."""

    asked: list[str]
    go: dict[str, str]

    def do_GET(self) -> None:
        self.asked.append(f"{self.headers['Host']} {self.path}")
        name = self.path.partition("?")[0]
        kind, body, status = "text/plain", b"plain", 200
        if name in self.go:
            self.send_response(302)
            self.send_header("Location", self.go[name])
            self.end_headers()
            return
        if name == "/html":
            kind, body = "text/html; charset=utf-8", HTML.encode()
        elif name == "/huge":
            body = b"x" * 3_000_000
        elif name == "/png":
            kind = "image/png"
        elif name == "/latin":
            kind, body = "text/plain; charset=iso-8859-1", "é".encode("latin-1")
        elif name == "/punycode":
            kind, body = "text/plain; charset=punycode", b"a" * 1_500_000 + b"-b"
        elif name == "/gone":
            status = 404
        elif name == "/evil-html":
            kind, body = "text/html", b"<a" * 400_000 + b"<![" * 100_000
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if name == "/bomb":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Keep the output of tests clean."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """A server on this machine: its host and port, what it was asked, and where it redirects."""
    asked: list[str] = []
    go: dict[str, str] = {}
    handler = type("Own", (Handler,), {"asked": asked, "go": go})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as one:
        thread = threading.Thread(target=one.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{one.server_port}", asked, go
        one.shutdown()
        thread.join()


Server = tuple[str, list[str], dict[str, str]]


async def fetched(fetch: Fetch, url: str) -> ToolResult:
    return await fetch.tools[0].call({"url": url})


async def refused(fetch: Fetch, url: str) -> str:
    result = await fetched(fetch, url)
    assert result.failed
    return result.text


async def test_it_is_off_by_default(server: Server) -> None:
    said = await refused(Fetch(), f"http://{server[0]}/")
    assert said == "Nothing may be fetched, as no host is allowed; a person can allow some by name."
    assert server[1] == []


async def test_html_becomes_title_text_and_links(server: Server) -> None:
    host = server[0]
    result = await fetched(Fetch([host]), f"HTTP://{host}/x/../html")
    assert result.text == (
        f"http://{host}/html\nTitle: A page\n\nHead & tail\n\n"
        "One bold\nword.\n\n- first\n- second\n"
        f"nextjs\nbadother\n\nLinks:\nhttp://{host}/next?a=1#x\nhttps://other.example/"
    )


async def test_other_texts_come_as_they_are(server: Server) -> None:
    host = server[0]
    fetch = Fetch([host])
    assert (await fetched(fetch, f"http://{host}")).text == f"http://{host}/\n\nplain"
    assert (await fetched(fetch, f"http://{host}/latin")).text.endswith("\n\né")
    said = (await fetched(fetch, f"http://{host}/gone")).text
    assert said == f"http://{host}/gone: 404 Not Found\n\nplain"
    assert "is image/png, not text" in await refused(fetch, f"http://{host}/png")
    assert "is compressed" in await refused(fetch, f"http://{host}/bomb")


async def test_a_huge_page_is_cut_and_a_hostile_one_ends(server: Server) -> None:
    host = server[0]
    started = time.monotonic()
    said = (await fetched(Fetch([host], largest=1000), f"http://{host}/huge")).text
    assert said.endswith("x\n\n[cut after 1000 bytes]") and len(said) < 1_100
    said = (await fetched(Fetch([host]), f"http://{host}/punycode")).text
    assert said.endswith("aa-b")  # that is no character set, so it is not decoded
    await fetched(Fetch([host], seconds=2), f"http://{host}/evil-html")
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    "target",
    ["http://localhost:{port}/secret", "http://127.0.0.2:{port}/secret", "http://[::1]:{port}/",
     "//2130706433:{port}/secret", "http://other.example/", "file:///etc/passwd", "gopher://x/",
     "http://user@127.0.0.1:{port}/secret", "http://127.0.0.1:1/", "http://[", "\\\\evil\\x"],
)  # fmt: skip
async def test_a_redirect_to_what_is_not_allowed_is_refused(server: Server, target: str) -> None:
    host, asked, go = server
    go["/go"] = target.format(port=host.rpartition(":")[2])
    said = await refused(Fetch([host]), f"http://{host}/go")
    assert "allowed" in said or "is no address" in said or target.startswith("\\")
    assert [each for each in asked if "secret" in each] == []


async def test_redirects_are_followed_and_counted(server: Server) -> None:
    host, asked, go = server
    go |= {"/a": "/b", "/b": f"http://{host}/c", "/round": "/round"}
    assert (await fetched(Fetch([host]), f"http://{host}/a")).text == f"http://{host}/c\n\nplain"
    assert "more than 5 redirects" in await refused(Fetch([host]), f"http://{host}/round")
    assert len([each for each in asked if "/round" in each]) == 6


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name lead to these addresses, one after the other; the last stays."""
    left = list(addresses)

    def answer(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.7", "169.254.169.254", "192.168.1.1", "172.16.0.1", "0.0.0.0", "::1",
     "::ffff:127.0.0.1", "fe80::1", "fc00::1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1",
     "100.64.0.1", "2001:0:7f00:1::"],
)  # fmt: skip
@pytest.mark.parametrize("hosts", [["inside.example"], ["*.example"], ["*"]])
async def test_a_name_that_leads_to_what_is_not_public_is_refused(
    address: str, hosts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, address)
    said = await refused(Fetch(hosts), "http://inside.example/")
    assert said == (
        f"inside.example leads to {address}, which is not public."
        " A person can allow that address itself."
    )


async def test_a_name_is_asked_for_once_and_that_address_connected(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, asked, _ = server
    port = host.rpartition(":")[2]
    # Public at first, and this machine a moment later, when it would be connected.
    resolving(monkeypatch, "203.0.113.1", "127.0.0.1")
    monkeypatch.setattr("metaco.tools.fetch._is_public", lambda address: address == "203.0.113.1")
    connected: list[Any] = []

    def connect(self: socket.socket, place: Any) -> None:
        connected.append(place)
        raise ConnectionRefusedError("nobody is there")

    monkeypatch.setattr(socket.socket, "connect", connect)
    said = await refused(Fetch([f"rebound.example:{port}"]), f"http://rebound.example:{port}/")
    assert "did not answer: nobody is there" in said
    assert connected == [("203.0.113.1", int(port))] and asked == []


async def test_a_private_address_is_reached_where_it_is_listed_itself(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, asked, _ = server
    port = host.rpartition(":")[2]
    resolving(monkeypatch, "127.0.0.1")
    names = Fetch([f"intranet.example:{port}", host])
    assert (await fetched(names, f"http://intranet.example:{port}/x")).text.endswith("plain")
    assert asked == [f"intranet.example:{port} /x"]


@pytest.mark.parametrize(
    ("hosts", "url", "allowed"),
    [
        (["example.org"], "http://example.org/", True),
        (["example.org"], "https://EXAMPLE.org./", True),
        (["Example.org"], "http://example.org:443/", True),
        (["example.org"], "http://example.org:22/", False),
        (["example.org:8080"], "http://example.org:8080/", True),
        (["example.org:8080"], "http://example.org/", False),
        (["example.org"], "http://sub.example.org/", False),
        (["example.org"], "http://notexample.org/", False),
        (["example.org"], "http://example.org.evil.com/", False),
        (["example.org"], "http://evil.com/example.org", False),
        (["example.org"], "http://evil.com#example.org", False),
        (["example.org"], "http://evil.com\\@example.org/", False),
        (["example.org"], "http://evil.com@example.org/", False),
        (["example.org"], "http://example.org@evil.com/", False),
        (["example.org"], "http://example.org%2eevil.com/", False),
        (["example.org"], "ftp://example.org/", False),
        (["example.org"], "example.org", False),
        (["example.org"], "http://exämple.org/", False),
        (["*.example.org"], "http://a.b.example.org/", True),
        (["*.example.org"], "http://example.org/", False),
        (["*.example.org"], "http://evilexample.org/", False),
        (["*.example.org"], "http://a.example.org:8080/", False),
        (["*.example.org:8080"], "http://a.example.org:8080/", True),
        (["*"], "http://anything.example/", True),
        (["*"], "http://anything.example:6379/", False),
    ],
)
async def test_hosts(
    hosts: list[str], url: str, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "127.0.0.1")  # the next thing that is checked
    said = await refused(Fetch(hosts), url)
    assert ("which is not public" in said) == allowed
    assert allowed or "not allowed" in said or "is no address" in said


@pytest.mark.parametrize("host", ["", "http://example.org", "a b", "exa*mple.org", "a/b", "*:80:1"])
def test_a_host_that_is_none_is_an_error(host: str) -> None:
    with pytest.raises(ConfigurationError, match="is no host"):
        Fetch([host])


@contextmanager
def dripping(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that takes one connection and answers as it likes, until it is hung up on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                try:
                    answer(peer)
                except OSError:
                    ended.set()

        ended = threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)
        assert ended.is_set() or not thread.is_alive()


def head_for_ever(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        peer.sendall(b"x")
        time.sleep(0.005)  # a slow sender is what is tested


def body_for_ever(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        peer.sendall(b"x")
        time.sleep(0.005)


def silence(peer: socket.socket) -> None:
    while peer.recv(1000):
        pass


@pytest.mark.parametrize("answer", [head_for_ever, body_for_ever, silence])
async def test_a_server_that_never_ends_is_hung_up_on(
    answer: Callable[[socket.socket], None],
) -> None:
    started = time.monotonic()
    with dripping(answer) as port:
        said = await refused(Fetch([f"127.0.0.1:{port}"], seconds=0.5), f"http://127.0.0.1:{port}/")
        assert said == f"http://127.0.0.1:{port}/ took longer than 0.5 seconds."
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("head", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500])
async def test_a_server_that_talks_nonsense_is_a_sentence(head: bytes) -> None:
    def answer(peer: socket.socket) -> None:
        peer.recv(1000)
        peer.sendall(head + b"\r\n")

    with dripping(answer) as port:
        said = await refused(Fetch([f"127.0.0.1:{port}"]), f"http://127.0.0.1:{port}/")
        assert "did not answer" in said


async def test_a_line_in_an_address_adds_no_header(server: Server) -> None:
    host, asked, _ = server
    for url in (
        f"http://{host}/a\r\nX-Evil: 1",
        f"http://{host}/a%0d%0aX: 1",
        f"http://{host}/é ?ü",
    ):
        await fetched(Fetch([host]), url)
    assert asked == []
    await fetched(Fetch([host]), f"http://{host}/é?ü")
    assert asked == [f"{host} /%C3%A9?%C3%BC"]


async def test_many_at_once(server: Server) -> None:
    host = server[0]
    fetch = Fetch([host])
    results = await asyncio.gather(*(fetched(fetch, f"http://{host}/{n}") for n in range(20)))
    assert not any(result.failed for result in results)


def test_public_addresses_are_public() -> None:
    public = ("93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34")
    assert all(map(_is_public, public))
