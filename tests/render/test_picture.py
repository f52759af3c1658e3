"""Pictures come from a server the user named, and from no other."""

from __future__ import annotations

import asyncio
import base64
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from metaco.core.errors import ConfigurationError
from metaco.render.picture import DiagramError, graph, render


def test_graph_wraps_the_script_and_prints_nothing(tmp_path: Path) -> None:
    code = (
        "from metaco.render.picture import graph\n"
        "g = graph('flow', 'flowchart TD')\n"
        f"g.save({str(tmp_path)!r} + '/flow.mmd')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""
    assert graph("flow", "flowchart TD").script == "flowchart TD"


def test_mermaid_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, metaco.render.picture; sys.exit('mermaid' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


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
    with pytest.raises(ConfigurationError, match="not sent anywhere unasked"):
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
