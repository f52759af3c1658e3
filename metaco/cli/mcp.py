"""`metaco mcp`: serves runs to clients of the Model Context Protocol, over stdin and stdout.

What the person says on the command line and in the settings is the most a client may ask for:
limits can be lowered, the sandbox and the models cannot be chosen, and an SOP that imports code has
to be trusted before.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from metaco import __version__
from metaco.cli import interrupt
from metaco.cli.options import Add, company, workspace
from metaco.cli.runs import entries, list_runs, log_exists, open_log, started_of, status_of
from metaco.cli.session import check_roles, settings_of
from metaco.cli.show import facts_of
from metaco.cli.sop import load_sop, sop_of
from metaco.company import Company
from metaco.core.document import Document, Message
from metaco.core.errors import ConfigurationError, MetacoError
from metaco.core.limits import Limits
from metaco.core.redaction import redact
from metaco.run.entries import Entry
from metaco.run.gates import Decision
from metaco.run.lock import worker
from metaco.run.result import Result
from metaco.run.state import State
from metaco.sop.procedure import SOP
from metaco.tools.mcp import not_installed

__all__ = ["Runs", "mcp", "options"]

_INSTRUCTIONS = """\
metaco turns a requirement into a tested project: roles work by a procedure (SOP). Start a run, \
then ask for its status until it is not "working". A run that is "waiting" needs a person: ask \
yours before you approve, give feedback or answer."""

_STATUS = (
    "run", "status", "requirement", "sop", "project", "sandbox", "accepted", "summary", "not_done",
    "untested", "losses", "problem", "failures", "waiting", "questions", "cost", "calls",
)  # fmt: skip
"""What of all that `metaco show` knows a client gets."""


def options(add: Add) -> None:
    """Declare the options."""
    company(add)
    workspace(add)


def mcp(args: Namespace) -> int:
    """Serve until the client goes."""
    try:
        from mcp.server.mcpserver import MCPServer
        from mcp_types import ToolAnnotations
    except ImportError as error:
        raise not_installed() from error
    runs = Runs(args)
    server = MCPServer(
        "metaco", instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING"
    )
    looks = (runs.list_runs, runs.run_status, runs.list_documents, runs.read_document)
    acts = (runs.start_run, runs.resume_run, runs.stop_run)
    decides = (runs.approve, runs.give_feedback, runs.answer)
    for each in (*looks, *acts, *decides):
        server.add_tool(
            _told(each),
            description=inspect.getdoc(each),
            annotations=ToolAnnotations(read_only_hint=each in looks),
        )
    interrupt.run(_serve(server, runs))
    return 0


async def _serve(server: Any, runs: Runs) -> None:
    serving = asyncio.create_task(server.run_stdio_async())
    try:
        await asyncio.wait([serving])
        serving.result()
    finally:
        await runs.close()
        if not serving.done():  # a signal; a thread reads stdin, and nothing wakes it
            os._exit(130)


def _told(function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Let the client read errors of metaco; of others it learns no more than that there was one."""
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(function)
    async def call(*args: Any, **named: Any) -> Any:
        try:
            return await function(*args, **named)
        except MetacoError as error:
            raise ToolError(redact(str(error))) from None

    return call


class Runs:
    """The runs of a workspace; those that are started here go on in this process.

    The docstrings of the public methods are what clients read.

    Args:
        args: of the command line.
    """

    def __init__(self, args: Namespace) -> None:
        self._args, self._settings = args, settings_of(args)
        self._root = str(Path(self._settings.workspace).resolve())
        self._tasks: dict[str, asyncio.Task[Result]] = {}

    async def list_runs(self) -> list[dict[str, Any]]:
        """List the runs of the workspace, the newest last."""
        if not log_exists(self._root):
            return []
        rows = await list_runs(self._root)
        return [{**row, "status": await self._now(row["run"], row["status"])} for row in rows]

    async def start_run(
        self,
        requirement: str,
        sop: str = "software_company",
        only: list[str] | None = None,
        gates: list[str] | None = None,
        budget: float | None = None,
        tokens: int | None = None,
        calls: int | None = None,
        minutes: float | None = None,
        wait: float = 0,
    ) -> dict[str, Any]:
        """Start a run of a requirement, and return its name and status while it goes on.

        Args:
            requirement: what to build, in a line or more.
            sop: the procedure: software_company, quick (small scripts), debate, or a file.
            only: stop after these documents or steps, as ["prd", "design"].
            gates: steps after which a person has to approve, as ["write_prd"], or ["all"].
            budget, tokens, calls, minutes: the most it may use, in dollars, tokens, calls to
                models and minutes; never more than whoever runs this server allows.
            wait: seconds to wait for its end.
        """
        asked = Limits(budget, tokens, calls, minutes)
        if not requirement.strip():
            raise ConfigurationError("The requirement is empty.", "Say what to build.")
        made = self._company(load_sop(sop, named=False), only=only or (), gates=gates or ())
        part = made.part()
        check_roles(self._args, part)
        self._limit(made, part, Limits(), asked)
        return await self._work(made, lambda: made.run(requirement.strip(), part=part), wait)

    async def run_status(self, run: str, wait: float = 0) -> dict[str, Any]:
        """Return what is known of a run: its status, result, failures, and what waits.

        The status is working, done, failed, waiting (for a person), limit, stopped, interrupted or
        unfinished.

        Args:
            run: its name, or "last".
            wait: seconds to wait for its end, where it works in this server.
        """
        known = await entries(self._root, run)
        if task := self._tasks.get(known[0].run):
            await asyncio.wait([task], timeout=min(max(wait, 0), 3600))
            known = await entries(self._root, known[0].run)
        name = known[0].run
        status = await status_of(open_log(self._root), name)
        facts = facts_of(known, await self._now(name, status), self._root)
        facts["failures"] = [
            {key: each.get(key, "") for key in ("step", "subject", "problem", "remedy")}
            for each in facts["failures"]
        ]
        if task and task.done() and not task.cancelled() and (error := task.exception()):
            facts["problem"] = redact(str(error) or repr(error))
        return {name: facts[name] for name in _STATUS}

    async def list_documents(self, run: str) -> list[dict[str, Any]]:
        """List the documents of a run: type, key and id, and whether one waits for approval.

        Args:
            run: its name, or "last".
        """
        return [
            {
                "type": _type(message.body),
                "key": message.body.key,
                "id": message.id,
                "waiting": waiting,
            }
            for message, waiting in await self._documents(run)
        ]

    async def read_document(self, run: str, id: str) -> dict[str, Any]:
        """Return a document of a run: its fields, and the text files it puts into the project.

        Args:
            run: the name of the run, or "last".
            id: of the document; or its type, or type:key.
        """
        found = [
            message.body
            for message, _ in await self._documents(run)
            if id in (message.id, _type(message.body), f"{_type(message.body)}:{message.body.key}")
        ]
        if len(found) != 1:
            raise ConfigurationError(
                f"{len(found)} documents of this run are called {id!r}.", "See list_documents."
            )
        (body,) = found
        return {
            "type": _type(body),
            "key": body.key,
            "fields": body.model_dump(mode="json"),
            "files": {k: v for k, v in body.artifacts().items() if isinstance(v, str)},
        }

    async def resume_run(
        self,
        run: str,
        change: str = "",
        budget: float | None = None,
        tokens: int | None = None,
        calls: int | None = None,
        minutes: float | None = None,
        wait: float = 0,
    ) -> dict[str, Any]:
        """Go on with a run after a limit, a failure or an interruption, or with a change.

        Args:
            run: its name, or "last".
            change: words that are added to the requirement.
            budget, tokens, calls, minutes: new limits, for all of the run.
            wait: seconds to wait for its end.
        """
        asked = Limits(budget, tokens, calls, minutes)
        return await self._resume(run, wait, asked, change=change.strip() or None)

    async def approve(self, run: str, step: str, wait: float = 0) -> dict[str, Any]:
        """Approve what waits at a gate. Only a person decides that.

        Args:
            run: its name, or "last".
            step: of the status under "waiting"; step:subject where several wait.
            wait: seconds to wait for the end of the run.
        """
        return await self._resume(run, wait, decisions={step: Decision("approve")})

    async def give_feedback(
        self, run: str, step: str, text: str, wait: float = 0
    ) -> dict[str, Any]:
        """Have what waits at a gate done again, with a person's words on what to change.

        Args:
            run: its name, or "last".
            step: of the status under "waiting"; step:subject where several wait.
            text: what should be different.
            wait: seconds to wait for the end of the run.
        """
        if not text.strip():
            raise ConfigurationError("The feedback is empty.", "Say what should be different.")
        return await self._resume(run, wait, decisions={step: Decision("feedback", text=text)})

    async def answer(self, run: str, text: str, step: str = "", wait: float = 0) -> dict[str, Any]:
        """Answer a question of the status under "questions". Only a person can.

        Args:
            run: its name, or "last".
            text: the answer; one of the options, if there are any.
            step: who asks, where there are several questions.
            wait: seconds to wait for the end of the run.
        """
        return await self._resume(run, wait, answers={step: text})

    async def stop_run(self, run: str) -> dict[str, Any]:
        """Interrupt a run that works in this server; resume_run goes on with it.

        Args:
            run: its name, or "last".
        """
        name = (await entries(self._root, run))[0].run
        if task := self._tasks.get(name):
            task.cancel()
            await asyncio.wait([task])
        return await self.run_status(name)

    async def close(self) -> None:
        """Interrupt all runs; their logs say so, and each can be resumed."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    # -- the parts

    def _company(self, sop: SOP, models: Mapping[str, str] | None = None, **more: Any) -> Company:
        args = self._args
        usual = {} if args.model else dict(models or {})
        return Company(
            sop,
            model=args.model,
            models={**usual, **dict(args.role_model)},
            workspace=self._root,
            settings=self._settings,
            **more,
        )

    def _limit(self, made: Company, sop: SOP, earlier: Limits, asked: Limits) -> None:
        """Set the limits of a run: what is asked, within what the person allows."""
        args = self._args
        own = Limits(args.budget, args.tokens, args.calls, args.minutes)
        most = sop.limits.replaced_by(made.options_for(sop, Limits()).limits).replaced_by(own)
        limits = most.replaced_by(earlier).replaced_by(asked).lowered_to(most)
        made.options = replace(made.options, limits=limits)

    async def _resume(
        self, run: str, wait: float, asked: Limits | None = None, **words: Any
    ) -> dict[str, Any]:
        known = await entries(self._root, run)
        name, started = known[0].run, started_of(known)
        sop = sop_of(started)
        made = self._company(sop, started.models)
        self._limit(made, sop, Limits.of(started.limits, name), asked or Limits())
        return await self._work(made, lambda: made.resume(name, **words), wait)

    async def _work(
        self, made: Company, start: Callable[[], Awaitable[Result]], wait: float
    ) -> dict[str, Any]:
        """Let a company work; return once it does, or raise why it does not."""
        begun: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def see(entry: Entry) -> None:
            if not begun.done():
                self._tasks[entry.run] = task
                begun.set_result(entry.run)

        async def work() -> Result:
            return await start()

        made.observers = [see]
        task = asyncio.create_task(work())
        either: list[asyncio.Future[Any]] = [task, begun]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not begun.done():
            begun.cancel()
            return await self.run_status(task.result().run)
        return await self.run_status(begun.result(), wait)

    async def _documents(self, run: str) -> list[tuple[Message, bool]]:
        """Return the current documents of a run, and those that wait at a gate."""
        known = await entries(self._root, run)
        state = State(sop_of(started_of(known)), known[0].run, known)
        waiting = (turns[0] for turns in state.waiting.values())
        waiting_documents = (m for turn in waiting for m in state.memory[turn.key])
        return [(m, False) for m in state.documents()] + [(m, True) for m in waiting_documents]

    async def _now(self, run: str, status: str) -> str:
        """Return the status of a run, which may be at work, here or elsewhere."""
        with suppress(MetacoError):
            if worker(Path(self._root), run):
                return "working"
        return status


def _type(document: Document) -> str:
    return type(document).__name__
