"""The loop around a model that calls tools: its calls are made, and it is asked again.

Every reply is a call like any other, and every call of a tool an effect: a turn that runs again
takes both from the log, and with them what the calls changed. The calls of one reply are made at
the same time; what the model is told of them keeps their order, so that the next request is the
same whichever was ready first.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from metaco.context import Context, How
from metaco.core.document import digest
from metaco.core.errors import ConfigurationError, EffectUnsure, ToolError
from metaco.core.model import Exchange, Reply, Request, ToolCall
from metaco.core.permissions import Permission
from metaco.core.tokens import estimate
from metaco.sandbox.tiers import CONFINING
from metaco.tools.calls import call_tool
from metaco.tools.compaction import FLOOR, compact
from metaco.tools.permissions import Rules, decide, kind_of
from metaco.tools.repeats import Repeats
from metaco.tools.shorten import shorten
from metaco.tools.tool import Tool, ToolResult, tools_by_name

__all__ = ["ToolLoop"]

_SHOWN = 500  # bytes of a call that a person is asked about
_LAST = "No more calls are possible. Answer now, with what you know."
_UNSURE = "It is not done again by itself: find out first."


class ToolLoop:
    """One conversation of a role with its model and tools.

    Args:
        context: of the turn.
        tools: functions, `Tool` values, and objects that have some as ``tools``.
        at_most: how many replies may hold calls; after that the model has to answer.

    Raises:
        ConfigurationError: two tools have the same name, or a function cannot be one.
    """

    def __init__(self, context: Context, tools: Iterable[Any], at_most: int) -> None:
        self._context, self._at_most = context, at_most
        self._tools = tools_by_name(one for each in tools for one in getattr(each, "tools", [each]))
        self._offers = tuple(tool.spec for tool in self._tools.values())
        self._exchanges: list[Exchange] = []
        self._repeats = Repeats()
        self._replies = 0
        self._is_over = False

    @classmethod
    async def of(cls, context: Context, tools: Iterable[Any], at_most: int) -> ToolLoop:
        """Return a conversation with tools of which some may be named: ``mcp.SERVER``.

        Raises:
            ConfigurationError: a name is none of a server, or as for the class.
        """
        found: list[Any] = []
        for each in tools:
            if not isinstance(each, str):
                found.append(each)
            elif server := each.removeprefix("mcp.") if each.startswith("mcp.") else "":
                found += await context.mcp(server)
            else:
                raise ConfigurationError(
                    f"{each!r} names no tool.", "Give a function, or mcp.SERVER."
                )
        return cls(context, found, at_most)

    async def ask(self, request: Request) -> Reply:
        """Return the first reply that holds no calls; those of the others are made."""
        while not self._is_over and self._replies < self._at_most:
            asked = self._with_tools(request)
            reply = await self._context.call(asked)
            if not reply.calls or reply.finish == "repetition":  # or it calls over and over
                return reply
            await self._take(reply, asked.digest())
        return await self._context.call(self._last(request))

    def _with_tools(self, request: Request) -> Request:
        return self._fitted(replace(request, tools=self._offers, lean=self._context.lean))

    def _last(self, request: Request) -> Request:
        request = self._fitted(request)
        if not request.exchanges:
            return request
        *some, last = request.exchanges
        last = replace(last, result=f"{last.result}\n\n{_LAST}")
        return replace(request, exchanges=(*some, last))

    def _fitted(self, request: Request) -> Request:
        """Return the request with as much of the conversation as fits into the model's window."""
        window = self._context.window
        reply = min(request.sampling.max_tokens or request.max_tokens, window // 4)
        room = window - reply - estimate(request.text)
        exchanges = compact(self._exchanges, max(room, FLOOR), estimate)
        return replace(request, exchanges=tuple(exchanges))

    async def _take(self, reply: Reply, asked: str) -> None:
        """Make the calls in a reply to a request, and remember what came of them."""
        self._replies += 1
        refusals = [await self._refusal(call) for call in reply.calls]
        results = await self._results(reply.calls, refusals, asked)
        # Calls in words have no id: there the text is the calls, and they are put in words again.
        said = reply.text if any(call.id for call in reply.calls) else ""
        for call, result in zip(reply.calls, results, strict=True):
            repeat = self._repeats.add(call, result)
            text = "\n\n".join(filter(None, [result.shown(), repeat.hint]))
            self._exchanges.append(Exchange(call, text, said, self._replies))
            said = ""
            if repeat.finding and not self._is_over:
                self._is_over = True
                self._context.findings.append(repeat.finding)

    async def _results(
        self, calls: Sequence[ToolCall], refusals: Sequence[str], asked: str
    ) -> Sequence[ToolResult]:
        batch = _Batch(len(calls), asked)
        tasks = [
            asyncio.create_task(self._result(batch, place, call, refusal))
            for place, (call, refusal) in enumerate(zip(calls, refusals, strict=True))
        ]
        try:
            return await asyncio.gather(*tasks)
        finally:  # where one has ended the turn, the others end with it, but for what is done once
            for task, call in zip(tasks, calls, strict=True):
                tool = self._tools.get(call.tool)
                if not (tool and tool.once):
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _result(self, batch: _Batch, place: int, call: ToolCall, refusal: str) -> ToolResult:
        tool = self._tools.get(call.tool)
        if tool is None:
            batch.have(place)
            return await call_tool(self._tools, call)
        if refusal:
            batch.have(place)
            return ToolResult(refusal, failed=True)
        is_new = False

        async def do() -> dict[str, Any]:
            nonlocal is_new
            is_new = True
            batch.have(place)
            await batch.starts[place]
            result = await call_tool(self._tools, call)
            more = {"changes": dict(result.changes), "failed": result.failed}
            return {"text": result.text, **{name: value for name, value in more.items() if value}}

        how: How = "once" if tool.once else "again"
        try:
            about = {"arguments": call.arguments, "call": f"{batch.asked}/{place}"}
            value = await self._context.perform(tool.name, about, do, how)
            result = ToolResult(**value)
        except EffectUnsure as unsure:
            result = ToolResult(f"{unsure.problem} {_UNSURE}", failed=True)
        except BaseException:
            batch.have(place)  # the others need not wait for it
            raise
        if not is_new:
            batch.have(place, lambda: _apply(tool, result))
        return result

    # -- permissions

    async def _refusal(self, call: ToolCall) -> str:
        """Return why a call may not be made; empty where it may."""
        tool, arguments = self._tools.get(call.tool), call.arguments
        if tool is None or isinstance(arguments, str) or not _fits(tool, arguments):
            return ""  # nothing will be done but to say what is wrong with it
        given = self._context.permissions
        default = "ask" if await self._is_asked_about(tool) else "allow"
        rules = Rules.of(allow=given.allow, ask=given.ask, deny=given.deny, default=default)
        verdict = decide(rules, tool, arguments)
        if verdict.kind == "deny":
            return f"This call of {tool.name} is not allowed, by the rule {verdict.rule}."
        return "" if verdict.kind == "allow" else await self._answer(call, kind_of(tool, arguments))

    async def _answer(self, call: ToolCall, kind: str) -> str:
        """Ask a person about a call, unless an earlier answer is about all of its kind."""
        perform = self._context.perform
        shown = f"{call.tool} {json.dumps(call.arguments, ensure_ascii=False)}"
        shown = shorten(shown, _SHOWN).replace("\n", " ")
        scope = kind if kind != str(call) else "exactly this call"
        kind = kind if len(kind) <= _SHOWN else digest(kind)

        async def look() -> str:
            return self._context.granted(kind)

        if await perform("permission", {"kind": kind, "call": shown}, look):
            return ""
        question = (
            f"May {self._context.role} call {shown}? Answer yes, yes -N (this and the next, N in "
            f"all), always ({scope}, in this run), no, or say what to do instead."
        )
        about = {"question": question, "options": [], "kind": kind}
        answer = Permission.of(await perform("decide", about, _nobody, "ask"))
        if answer.allowed:
            return ""
        said = f" and says: {answer.feedback}" if answer.feedback else "."
        return f"A person did not allow this call{said}"

    async def _is_asked_about(self, tool: Tool) -> bool:
        if tool.ask == "unconfined":
            return (await self._context.sandbox()).tier not in CONFINING
        return tool.once or tool.ask == "yes"


class _Batch:
    """The calls of one reply: what the log holds of them is applied before another one begins.

    They begin in their order, as tools with state take turns in the order of their calls.

    Attributes:
        asked: stands for the request that was replied to. With it the log tells calls of one turn
            apart that are equal and made in two conversations at once.
        starts: are done, one after the other, once that is known of all of them.
    """

    def __init__(self, count: int, asked: str) -> None:
        self._loop, self.asked = asyncio.get_running_loop(), asked
        self.starts = [self._loop.create_future() for _ in range(count)]
        self._known: dict[int, Callable[[], None]] = {}

    def have(self, place: int, apply: Callable[[], None] = lambda: None) -> None:
        """Take in that a call begins now, or how to make the changes of its result again."""
        is_new = place not in self._known
        self._known.setdefault(place, apply)
        if is_new and len(self._known) == len(self.starts):
            for each in sorted(self._known):
                self._known[each]()
            self._loop.call_soon(self._start)  # not now: the last one would not wait for its turn

    def _start(self) -> None:
        for each in self.starts:
            if not each.done():
                each.set_result(None)


def _fits(tool: Tool, arguments: Any) -> bool:
    try:
        if tool.check:
            tool.check(arguments)
    except ToolError:
        return False
    return True


def _apply(tool: Tool, result: ToolResult) -> None:
    if tool.apply and result.changes:
        tool.apply(result.changes)


async def _nobody() -> str:
    raise ConfigurationError(
        "Nobody is there to allow the call.",
        "Run it in a company, or allow it by a rule.",
    )
