"""`metaco run`: the company at work on a requirement."""

from __future__ import annotations

from argparse import Namespace

from metaco.cli.options import Add, working
from metaco.cli.parser import UsageError
from metaco.cli.screen import report

__all__ = ["options", "run"]


def options(add: Add) -> None:
    """Declare the options."""
    add("requirement", nargs="*", metavar="REQUIREMENT", help="what to build, in your own words")
    add("-f", "--file", metavar="FILE", help="read the requirement from a file; - is stdin")
    add("--sop", metavar="NAME|PATH", help="the procedure (software_company)")
    add("--name", metavar="NAME", help="what to call the project")
    add("--only", metavar="NAMES", help="stop after these documents or steps, as prd,design")
    add(
        "--from",
        metavar="FILE",
        dest="from_",
        action="append",
        default=[],
        help="start from a document in JSON: docs/prd.json, x.prd.json, KIND=FILE; repeatable",
    )
    add("--gate", metavar="NAMES", help="ask me after these steps or documents; all, or none")
    working(add)


def run(args: Namespace) -> int:
    """Work on a requirement."""
    # Here, so that help and mistakes of the command line are answered at once.
    from metaco.cli.input import read_documents
    from metaco.cli.session import Session, check_roles, company_of, is_offline, settings_of
    from metaco.cli.sop import load_sop

    text = _requirement(args)
    settings = settings_of(args)
    sop = load_sop(args.sop or "software_company", named=True)
    documents = read_documents(sop, args.from_)
    only = [name.strip() for name in (args.only or "").split(",") if name.strip()]
    gates = [name.strip() for name in (args.gate or "").split(",") if name.strip()]
    session = Session(args)
    company = company_of(
        args, settings, sop, session, only=only, gates=gates, name=_name(args.name)
    )
    sop = company.part(documents)
    check_roles(args, sop)
    silent = args.quiet or args.replay
    if "model" not in settings.sources and not silent and is_offline(company, sop):
        report(
            "No key was found, so metaco uses its built-in rules instead of an AI model.",
            "Set OPENAI_API_KEY to use a model; `metaco doctor` shows what is configured.",
        )
    return session.work(company, sop, lambda: company.run(text, given=documents, part=sop))


def _requirement(args: Namespace) -> str | None:
    """Return the requirement in words or in a file; None where given documents stand for it."""
    words = " ".join(args.requirement).encode("utf-8", "replace").decode().strip()
    if args.file is None:
        if not words:
            if args.from_:
                return None
            raise UsageError(
                "The requirement is empty.", 'Say what to build: metaco "a snake game".'
            )
        return words
    if words:
        raise UsageError(
            "There are two requirements: one in words and one in a file.", "Give one of them."
        )
    from metaco.cli.input import display_name, read_text

    text = read_text(args.file)
    if not text.strip():
        raise UsageError(f"{display_name(args.file)} is empty.", "Write into it what to build.")
    return text.strip()


def _name(name: str | None) -> str:
    """Return the name of the project: one folder below the workspace."""
    if name is None:
        return ""
    if not name.strip() or name in (".", "..") or set(name) & set('/\\:*?"<>|\0') or name[0] == ".":
        raise UsageError(f"{name!r} cannot be the name of a folder.", "Give a plain name.")
    return name.strip()
