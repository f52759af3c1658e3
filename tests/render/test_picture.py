"""Pictures are drawn here, or by a server the user named, and by no other."""

from __future__ import annotations

import asyncio
import base64
import http.server
import threading
from collections.abc import Iterator

import pytest

from metaco.core.errors import ConfigurationError
from metaco.render import picture
from metaco.render.picture import DiagramError, render


class Server(http.server.BaseHTTPRequestHandler):
    """A Mermaid server: refuses what holds ``bad``, never answers what holds ``slow``."""

    release = threading.Event()

    def do_GET(self) -> None:
        script = base64.urlsafe_b64decode(self.path.split("/")[2].split("?")[0]).decode()
        if "slow" in script:
            self.release.wait(30)
        self.send_response(400 if "bad" in script else 200)
        self.end_headers()
        self.wfile.write(b"no such diagram" if "bad" in script else f"<svg>{script}</svg>".encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("MERMAID_INK_SERVER", raising=False)
    Server.release.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        Server.release.set()
        httpd.shutdown()
        thread.join()


async def test_a_server_is_asked_only_when_the_user_named_one(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "can_draw", lambda: False)
    with pytest.raises(ConfigurationError, match="no server was named"):
        await render("flowchart TD")
    with pytest.raises(ConfigurationError, match="not the address"):
        await render("flowchart TD", server="mermaid.ink")
    monkeypatch.setenv("MERMAID_INK_SERVER", server + "/")
    assert await render("flowchart 中") == "<svg>flowchart 中</svg>".encode()


async def test_what_a_server_refuses_is_a_typed_error(server: str) -> None:
    with pytest.raises(DiagramError, match=r"did not render 'x y': .*no such diagram"):
        await render("bad", title="x\ny", server=server)


async def test_a_silent_server_is_not_waited_for(server: str) -> None:
    with pytest.raises(DiagramError, match=r"within 0\.01 seconds"):
        await asyncio.wait_for(render("slow", server=server, seconds=0.01), 20)


async def test_diagrams_are_drawn_without_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MERMAID_INK_SERVER", raising=False)
    image = await render("flowchart LR\n  a[Ärger] --> b[Mühe]")
    assert image.startswith(b"<svg")
    assert "Mühe" in image.decode()
    with pytest.raises(DiagramError, match=r"mermaidx did not render 'plan': .*No diagram type"):
        await render("nonsense", title="plan")


async def test_a_diagram_that_takes_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MERMAID_INK_SERVER", raising=False)
    with pytest.raises(DiagramError, match=r"mermaidx did not render .* within 0\.01 seconds"):
        await render("flowchart LR\n  a --> b", seconds=0.01)
