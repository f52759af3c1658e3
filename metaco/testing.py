"""What tests need: doubles for models, one action alone, a company under test, no real calls.

::

    from metaco.testing import Scripted, act, company_under_test

    model = Scripted({"security_auditor.review_design": SecurityReview(findings=["no password"])})

    review = await act(SecurityAuditor, "review_design", design, model=model)
    assert "the design" in model.requests[0].prompt

    async with company_under_test("reviewed.yaml", model=model) as team:
        await team.run("a guest book")
        assert team.published(SecurityReview).findings == ["no password"]
        assert len(team.asked("security_auditor.review_design")) == 1

Under pytest the plugin of metaco blocks real calls from the start and offers the fixtures
`scripted`, `company`, `recording` and `no_real_calls`; other test runners call
`block_real_calls()` themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from metaco.core.document import Document
from metaco.core.errors import ConfigurationError
from metaco.core.model import Model
from metaco.core.permissions import Permissions
from metaco.models.doubles import FunctionModel, Scripted
from metaco.models.guard import allow_real_calls, block_real_calls

if TYPE_CHECKING:
    from metaco.company import Company
    from metaco.recording import RecordedCall
    from metaco.role import Role
    from metaco.run.entries import Entry
    from metaco.run.result import Result
    from metaco.sop.procedure import SOP

__all__ = [
    "FunctionModel",
    "Scripted",
    "Team",
    "act",
    "allow_real_calls",
    "block_real_calls",
    "company_under_test",
]

D = TypeVar("D", bound=Document)


async def act(
    role: type[Role],
    action: str,
    /,
    *documents: Any,
    model: Model | str,
    notes: Sequence[str] = (),
    previous: Sequence[Document] = (),
    findings: list[str] | None = None,
    **named: Any,
) -> Any:
    """Run one action of a role, without a company, an SOP, or a log.

    Every call of a tool is allowed, as nobody is there to be asked.

    Args:
        role, action: the class and the name of its method.
        documents, named: what the action reads, as its method takes it.
        model: answers what the action asks.
        notes, previous: what a person said of earlier versions, and what the last of them was.
        findings: a list that gets what the role could not get fixed.

    Returns:
        What the action publishes.

    Raises:
        ConfigurationError: the role has no such action.
        ReplyError: a reply could not be read, also after it was asked for again.
    """
    from metaco.role import Context, actions
    from metaco.sandbox import open_sandbox
    from metaco.settings import Settings

    if action not in actions(role):
        raise ConfigurationError(
            f"{role.__name__} has no action {action!r}.",
            f"It has {', '.join(actions(role)) or 'none'}; mark one with @action.",
        )
    answers = Settings.load().open(model) if isinstance(model, str) else model
    context = Context(
        role=role.__module__.rpartition(".")[2],
        action=action,
        call=answers.complete,
        sandbox=open_sandbox,
        notes=tuple(notes),
        previous=tuple(previous),
        findings=[] if findings is None else findings,
        model=answers.name,
        permissions=Permissions(allow=("*",)),
    )
    return await getattr(role(context), action)(*documents, **named)


@asynccontextmanager
async def company_under_test(
    sop: str | Path | SOP = "software_company",
    *,
    model: Any = "offline",
    workspace: str | Path | None = None,
    **options: Any,
) -> AsyncIterator[Team]:
    """Give out a company whose runs can be looked into, in a workspace of its own.

    What a developer has configured plays no part, unless a model is named or a run is recorded.
    Nobody waits before a provider that fails is asked again.

    Args:
        sop: as for `metaco.Company`.
        model: answers for all roles; rules by default.
        workspace: a folder; by default one that is removed at the end.
        options: all else that `metaco.Company` takes, as ``models=`` or ``replay=``.
    """
    import tempfile

    from metaco.company import Company
    from metaco.run.options import Retry
    from metaco.settings import Settings

    keyless = model == "offline" or not isinstance(model, str)
    if keyless and not options.get("record") and not options.get("replay_or_call"):
        options.setdefault("settings", Settings(model="offline"))
    options.setdefault("retry", Retry(first=0.0))
    with tempfile.TemporaryDirectory(prefix="metaco-", ignore_cleanup_errors=True) as temporary:
        team = Team(Company(sop, model=model, workspace=workspace or temporary, **options))
        try:
            yield team
        finally:
            await team.company.log.close()


class Team:
    """A company under test, with assertions about its last run that say what was there instead.

    Attributes:
        company: the company.
        result: the result of the last run.
        entries: the log of that run.
    """

    def __init__(self, company: Company) -> None:
        self.company = company
        self.result: Result | None = None
        self.entries: list[Entry] = []
        self._documents: list[Document] = []

    async def run(self, requirement: str | Document | None = None, **more: Any) -> Result:
        """Run the company as `metaco.Company.run` does."""
        return await self._look(await self.company.run(requirement, **more))

    async def resume(self, **more: Any) -> Result:
        """Go on with the last run as `metaco.Company.resume` does."""
        if self.result is None:
            raise AssertionError("Nothing was run yet.")
        return await self._look(await self.company.resume(self.result.run, **more))

    async def _look(self, result: Result) -> Result:
        from metaco.run.entries import DecisionMade, TurnCompleted
        from metaco.run.messages import Messages

        self.result = result
        self.entries = await self.company.log.read(result.run)
        messages = Messages(self.company.sop)
        self._documents = [
            messages.decode(published).body
            for entry in self.entries
            if isinstance(entry.fact, TurnCompleted | DecisionMade)
            for published in entry.fact.publishes
        ]
        return result

    @overload
    def documents(self, kind: type[D]) -> list[D]: ...

    @overload
    def documents(self, kind: str) -> list[Any]: ...

    def documents(self, kind: type[Document] | str) -> list[Any]:
        """Return all that was published of a kind, the earliest first; none is no error.

        Args:
            kind: the class, or its name.
        """
        name = kind if isinstance(kind, str) else kind.__name__
        return [d for d in self._documents if name in [cls.__name__ for cls in type(d).__mro__]]

    @overload
    def published(self, kind: type[D], key: str = "") -> D: ...

    @overload
    def published(self, kind: str, key: str = "") -> Any: ...

    def published(self, kind: type[Document] | str, key: str = "") -> Any:
        """Return what was published of a kind, the latest version.

        Args:
            kind: the class, or its name.
            key: which one, where there are several, as the path of a file.

        Raises:
            AssertionError: nothing was; the message says what was, and what failed.
        """
        matching = [d for d in self.documents(kind) if key in ("", d.key)]
        if not matching:
            name = kind if isinstance(kind, str) else kind.__name__
            published = Counter(f"{type(d).__name__} {d.key}".strip() for d in self._documents)
            raise AssertionError(
                f"No {f'{name} {key}'.strip()} was published."
                + _listed("Published were", [_times(text, n) for text, n in published.items()])
                + self._end()
            )
        return matching[-1]

    def asked(self, step: str = "", subject: str = "") -> list[RecordedCall]:
        """Return what models were asked, in order, with what they replied.

        Args:
            step: who asked for what, as ``engineer.write_file``; all by default.
            subject: the key of the document it was about.

        Raises:
            AssertionError: nothing was asked; the message says what was.
        """
        from metaco.recording import CallReader

        calls = CallReader()
        replied = {call.name: call for call in calls.of(self.entries)}
        begun = [replied.get(call.name, call) for call in calls.begun]
        matching = [c for c in begun if step in ("", c.step) and subject in ("", c.subject)]
        if not matching:
            asked = Counter(f"{call.step} {call.subject}".strip() for call in begun)
            raise AssertionError(
                f"No model was asked for {f'{step} {subject}'.strip() or 'anything'}."
                + _listed("Asked was", [_times(text, n) for text, n in asked.items()])
                + self._end()
            )
        return matching

    def prompts(self, step: str = "", subject: str = "") -> list[str]:
        """Return the prompts of `asked`, without the part that is the same for all roles."""
        return [call.prompt for call in self.asked(step, subject)]

    def file(self, path: str) -> str:
        """Return a file of the project.

        Raises:
            AssertionError: there is no such file; the message says what there is.
        """
        folder = self.result.project if self.result else None
        names = []
        if folder:
            paths = [f.relative_to(folder) for f in folder.rglob("*") if f.is_file()]
            names = sorted(f.as_posix() for f in paths if not f.parts[0].startswith("."))
            if path in names:
                return (folder / path).read_text(encoding="utf-8")
        raise AssertionError(
            f"The project has no file {path}.{_listed('It has', names)}{self._end()}"
        )

    def _end(self) -> str:
        if self.result is None:
            return "\nNothing was run yet."
        failures = [
            f"{f.step} {f.subject}".strip() + f": {f.problem} {f.remedy}".rstrip()
            for f in self.result.failures
        ]
        end = f"\nThe run ended as {self.result.status!r}."
        return end + _listed("Failed", failures) if failures else f"{end} {self.result.problem}"


def _times(text: str, n: int) -> str:
    return f"{text} ({n} times)" if n > 1 else text


def _listed(title: str, items: Sequence[str]) -> str:
    return f"\n{title}: {'; '.join(items) or 'nothing'}."
