"""Pictures of Mermaid diagrams: drawn here by mermaidx, or by a server that the user names.

Nothing is sent anywhere unless a server is named; the script itself is what is kept.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import sys

from metaco.core.errors import ConfigurationError, MetacoError

__all__ = ["DiagramError", "can_draw", "render", "server_named"]


class DiagramError(MetacoError):
    """A diagram could not be rendered; its script is as good as before."""


# Each in a process of its own: scripts come from models, and neither library ends its own wait.
# mermaid-py reads the server from the environment, and prints when IPython is missing.
_SERVER = """
import contextlib, io, sys
script = sys.stdin.buffer.read().decode()
with contextlib.redirect_stdout(io.StringIO()):
    from mermaid import Mermaid
    from mermaid.graph import Graph
try:
    image = Mermaid(Graph(sys.argv[1], script))
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
sys.stdout.buffer.write(image.svg_response.content)
"""
_HERE = """
import sys
import mermaidx
script = sys.stdin.buffer.read().decode()
try:
    image = mermaidx.render(script).svg()
except RuntimeError as error:
    sys.exit(" ".join(str(error).split()))
sys.stdout.buffer.write(image.encode())
"""


def can_draw() -> bool:
    """Return whether diagrams can be drawn without a server."""
    return importlib.util.find_spec("mermaidx") is not None


def server_named(server: str = "") -> str:
    """Return the address of the server that the user named, here or in MERMAID_INK_SERVER.

    Raises:
        ConfigurationError: it is no address.
    """
    server = (server or os.environ.get("MERMAID_INK_SERVER", "")).rstrip("/")
    if server and not re.match(r"https?://", server):
        raise ConfigurationError(
            f"{server!r} is not the address of a Mermaid server.",
            "Name one as http://localhost:3000 or https://mermaid.ink.",
        )
    return server


async def render(
    script: str, *, title: str = "diagram", server: str = "", seconds: float = 30
) -> bytes:
    """Return a diagram as SVG.

    Args:
        script: the diagram in Mermaid; it is sent to the server, if one is named.
        title: a name for it.
        server: the address of a server that speaks like mermaid.ink; by default
            MERMAID_INK_SERVER. Without one the diagram is drawn here.
        seconds: how long to wait at most.

    Raises:
        ConfigurationError: it can be drawn neither here nor there.
        DiagramError: the diagram is refused, or it took too long.
    """
    server = server_named(server)
    if not server and not can_draw():
        raise ConfigurationError(
            "No local renderer for diagrams is installed, and no server was named.",
            "Install metaco[pictures], or name a server: --mermaid, MERMAID_INK_SERVER.",
        )
    title = " ".join(title.replace("\0", " ").split())
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", _SERVER if server else _HERE, title),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "MERMAID_INK_SERVER": server},
    )
    painter = server or "mermaidx"
    try:
        async with asyncio.timeout(seconds):
            image, problem = await process.communicate(script.encode(errors="replace"))
    except TimeoutError:
        raise _failed(f"{painter} did not render {title!r} within {seconds:g} seconds.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or b"<svg" not in image:
        reason = problem.decode(errors="replace").strip() or "it did not answer with an SVG"
        raise _failed(f"{painter} did not render {title!r}: {reason.splitlines()[-1][:300]}.")
    return image


def _failed(problem: str) -> DiagramError:
    return DiagramError(problem, "The script is kept as it is; try again, or name another server.")
