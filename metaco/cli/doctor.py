"""`metaco doctor`: the configuration, what works here, and how to fix the rest."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from metaco import __version__
from metaco.cli import interrupt
from metaco.cli.exit_codes import CONFIGURATION, MODEL
from metaco.cli.options import Add, workspace
from metaco.cli.screen import clean, coloured, flush, out
from metaco.core.errors import MetacoError
from metaco.core.redaction import public_address, strip_userinfo
from metaco.settings import Settings

__all__ = ["doctor", "options"]


def options(add: Add) -> None:
    """Declare the options."""
    add("--model", metavar="MODEL", help="probe the features of this model with a few small calls")
    workspace(add)


_SPACE = 500  # MB that a workspace should have


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, how it is, and what to do about it.

    Attributes:
        state: ``ok``, ``hint`` (works without it), or ``bad`` (metaco cannot work like this).
    """

    what: str
    state: Literal["ok", "hint", "bad"]
    text: str
    remedy: str = ""


def doctor(args: Namespace) -> int:
    """Check everything and print one line each, or probe a model."""
    if args.model:
        return _trial(args)
    findings = list(_findings(args))
    for each in findings:
        _print(each)
    return CONFIGURATION if any(each.state == "bad" for each in findings) else 0


def _print(finding: Finding, width: int = 12) -> None:
    mark, colour = {"ok": ("✓", "32"), "hint": ("·", "33"), "bad": ("✗", "31")}[finding.state]
    painted = f"\x1b[{colour}m{mark}\x1b[0m" if coloured(sys.stdout) else mark
    out(f"{painted} {finding.what:<{width}}{clean(finding.text)}")
    if finding.remedy:
        out(f"  {'':<{width}}→ {clean(finding.remedy)}")
    flush(sys.stdout)


def _trial(args: Namespace) -> int:
    """Make a few small calls to a model, and print its features and suitable settings."""
    from metaco.models import unusual_host
    from metaco.models.capability import CALLS, SECONDS, TOKENS, ProbeResult, probe_model

    model = Settings.load({"workspace": args.workspace}).open(args.model)
    if args.model.partition(":")[0] in ("offline", "human"):
        out(f"{args.model} is not an AI model, so there is nothing to probe.")
        return 0
    at = f" at {clean(host)}" if (host := unusual_host(model)) else ""
    out(
        f"Probing {clean(model.name)}{at}: at most {CALLS} calls, {TOKENS:,} tokens "
        f"and {SECONDS / 60:g} minutes."
    )

    def show(tried: ProbeResult) -> None:
        state: Literal["ok", "hint", "bad"] = "ok" if tried.can else "hint"
        took = f" ({tried.seconds:.1f} s)" if tried.tokens else ""
        _print(Finding(tried.what, state, f"{tried.summary}{took}"), 16)

    result = interrupt.run(probe_model(model, told=show))
    out(
        f"{result.tokens:,} tokens in {result.seconds:.0f} s; its replies arrive at about "
        f"{result.speed:.0f} tokens per second."
    )
    for sentence in result.advice():
        out(f"→ {clean(sentence)}")
    return 0 if result.usable else MODEL


def _findings(args: Namespace) -> Iterator[Finding]:
    yield _python()
    yield Finding("metaco", "ok", f"{__version__}, in {Path(__file__).parents[1]}")
    try:
        settings = Settings.load({"workspace": args.workspace})
    except MetacoError as error:
        yield Finding("settings", "bad", error.problem, error.remedy)
        return
    yield from _models(settings)
    yield from _local(settings)
    yield from _workspace(settings)
    yield from _sandbox(settings, args.verbose)
    yield from _tools()


def _python() -> Finding:
    return Finding("python", "ok", f"{platform.python_version()}, {sys.executable}")


def _models(settings: Settings) -> Iterator[Finding]:
    from metaco.models import route, unusual_host

    sources = settings.sources

    def look(what: str, name: str, source: str) -> Finding:
        try:
            models = [settings.open(each) for each in route(name)]
        except MetacoError as error:
            return Finding(what, "bad", f"{name}, {source}: {error.problem}", error.remedy)
        if name == "offline" and not settings.model:
            return Finding(
                what,
                "hint",
                "offline: no key was found, so built-in rules are used instead of an AI model",
                "Set OPENAI_API_KEY, or `model` and `base_url` in metaco.toml, to use a model;"
                " `metaco models` lists the providers.",
            )
        hosts = list(filter(None, map(unusual_host, models)))
        at = f" at {', '.join(hosts)}" if hosts else ""
        real = ",".join(model.name for model in models) if "*" in name else name
        return Finding(what, "ok", f"{real}{at}, {source}")

    source = f"from {sources['model']}" if "model" in sources else "by default"
    yield look("model", settings.chosen_model, source)
    for role, name in sorted(settings.role_models.items()):
        yield look(f"{role}", name, f"from {sources['role_models']}")
    if settings.base_url:
        yield Finding(
            "endpoint", "ok", f"{public_address(settings.base_url)}, from {sources['base_url']}"
        )
    if settings.api_key:
        yield Finding("key", "ok", f"there is one, from {sources['api_key']}; it is not shown")


def _local(settings: Settings) -> Iterator[Finding]:
    """Offer the model servers that run on this machine and are not used yet."""
    from metaco.models.ping import ping_all

    providers = settings.known_providers().values()
    environment = {**os.environ, **settings.keys}
    local = [provider for provider in providers if provider.local]
    used = [settings.chosen_model, *settings.role_models.values()]
    for name, ping in interrupt.run(ping_all(local, environment)).items():
        if not ping.models or any(f"{name}:" in each for each in used):
            continue
        some = ", ".join(ping.models[:3]) + (", ..." if len(ping.models) > 3 else "")
        yield Finding(
            name, "hint", f"it runs here, with {some}", f"Use it: --model {name}:{ping.models[0]}"
        )


def _workspace(settings: Settings) -> Iterator[Finding]:
    root = Path(settings.workspace).absolute()
    existing = next(path for path in (root, *root.parents) if path.exists())
    source = settings.sources.get("workspace")
    text = f"{root}{f', from {source}' if source else ''}"
    if not existing.is_dir():
        yield Finding(
            "workspace", "bad", f"{text}: {existing} is a file", "Choose a folder with --workspace."
        )
        return
    if not os.access(existing, os.W_OK | os.X_OK):
        yield Finding(
            "workspace", "bad", f"{text}: it cannot be written", "Choose one with --workspace."
        )
        return
    yield Finding("workspace", "ok", text if existing == root else f"{text}; it will be created")
    free = shutil.disk_usage(existing).free // 1_000_000
    if free < _SPACE:
        yield Finding("disk space", "hint", f"{free:,} MB are free", "Free some space.")
    else:
        yield Finding("disk space", "ok", f"{free / 1000:,.1f} GB are free")


def _sandbox(settings: Settings, verbose: bool) -> Iterator[Finding]:
    from metaco.sandbox import probe

    reports = interrupt.run(probe())
    confining = [report for report in reports if report.works and report.name != "plain"]
    source = settings.sources.get("sandbox")
    mode = f"{settings.sandbox}{f', from {source}' if source else ''}"
    if settings.sandbox == "off":
        yield Finding(
            "sandbox", "hint", f"{mode}: generated code runs unconfined (plain)", "Set it to auto."
        )
    elif confining:
        best = confining[0]
        confined = ", ".join(text.partition(":")[0] for text in best.confines)
        yield Finding("sandbox", "ok", f"{best.name} ({mode}): confines {confined}")
    else:
        tried = [report for report in reports if report.name != "plain"]
        remedy = next((report.remedy for report in tried if report.remedy), "")
        state: Literal["bad", "hint"] = "bad" if settings.sandbox == "require" else "hint"
        text = f"no tier that confines programs works here ({mode}): tests are not run"
        yield Finding("sandbox", state, text, remedy)
    for report in reports if verbose or not confining else ():
        if report.works:
            yield Finding("", "ok", f"{report.name} works; confines {'; '.join(report.confines)}")
        else:
            text = f"{report.name} does not work: {report.why_not}"
            yield Finding("", "hint", text, report.remedy)
        for gap in report.gaps:
            yield Finding("", "hint", f"{report.name} does not confine: {gap}")


def _tools() -> Iterator[Finding]:
    from metaco.render.picture import can_draw

    if git := shutil.which("git"):
        yield Finding("git", "ok", git)
    else:
        yield Finding(
            "git", "hint", "not found: projects have no history", "Install git to have one."
        )
    if server := os.environ.get("MERMAID_INK_SERVER"):
        yield Finding(
            "pictures", "ok", f"drawn by {strip_userinfo(server)}, from MERMAID_INK_SERVER"
        )
    elif can_draw():
        yield Finding("pictures", "ok", "of diagrams are drawn here, by mermaidx")
    else:
        yield Finding(
            "pictures",
            "hint",
            "of diagrams cannot be drawn: they are kept as scripts, which most viewers draw",
            "pip install 'metaco[pictures]', or set MERMAID_INK_SERVER.",
        )
