"""Pictures of diagrams and mermaid-py's own objects of them, for those who ask.

Nothing is sent anywhere unless the user named a server that may see the diagram; the script itself
is what is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
import sys
from typing import TYPE_CHECKING

from metaco.core.errors import ConfigurationError, MetacoError

if TYPE_CHECKING:
    from mermaid.graph import Graph  # type: ignore[import-untyped]

__all__ = ["DiagramError", "graph", "render"]


class DiagramError(MetacoError):
    """A diagram could not be rendered; its script is as good as before."""


def graph(title: str, script: str) -> Graph:
    """Return `script` as a graph of mermaid-py, which can be saved or shown in a notebook."""
    with contextlib.redirect_stdout(io.StringIO()):  # its import prints when IPython is missing
        from mermaid.graph import Graph

    return Graph(title, script)


# mermaid-py reads the server from the environment and waits for it without an end. In a process
# of its own the server can be given, and the wait ended.
_RENDER = """
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


async def render(
    script: str, *, title: str = "diagram", server: str = "", seconds: float = 30
) -> bytes:
    """Return `script` as SVG, rendered by a mermaid.ink server through mermaid-py.

    Args:
        script: the diagram; it is sent to the server.
        title: a name for it.
        server: the server's address; ``MERMAID_INK_SERVER`` if empty.
        seconds: how long to wait at most.

    Raises:
        ConfigurationError: no server was named; diagrams are never sent anywhere unasked.
        DiagramError: the server refused the diagram, failed, or took too long.
    """
    server = (server or os.environ.get("MERMAID_INK_SERVER", "")).rstrip("/")
    if not re.match(r"https?://", server):
        raise ConfigurationError(
            f"{server!r} is not the address of a Mermaid server."
            if server
            else "No Mermaid server is set, and diagrams are not sent anywhere unasked.",
            "Set MERMAID_INK_SERVER, as http://localhost:3000 or https://mermaid.ink.",
        )
    title = " ".join(title.replace("\0", " ").split())
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _RENDER, title),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "MERMAID_INK_SERVER": server},
    )
    try:
        async with asyncio.timeout(seconds):
            image, problem = await process.communicate(script.encode(errors="replace"))
    except TimeoutError:
        raise DiagramError(
            f"{server} did not render {title!r} within {seconds:g} seconds.",
            "The script is kept as it is; try again, or use another server.",
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or b"<svg" not in image:
        said = problem.decode(errors="replace").strip() or "it did not answer with an SVG"
        raise DiagramError(
            f"{server} did not render {title!r}: {said.splitlines()[-1][:300]}.",
            "The script is kept as it is; try again, or use another server.",
        )
    return image
