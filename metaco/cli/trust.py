"""`metaco trust`: shows what files of a folder request, and allows it."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

from metaco.cli.options import Add, verbose
from metaco.cli.parser import UsageError
from metaco.cli.screen import clean, err, flush, out
from metaco.cli.sop import claim_of
from metaco.core.errors import ConfigurationError
from metaco.models.human import can_answer
from metaco.settings import Settings
from metaco.settings.trust import Claim, revoke, trusted
from metaco.sop.procedure import SOP

__all__ = ["options", "trust"]


def options(add: Add) -> None:
    """Declare the options."""
    add("paths", nargs="*", metavar="PATH", help="a folder, a file with settings or an SOP (here)")
    add("--yes", action="store_true", help="do not ask")
    add("--list", action="store_true", help="list what is trusted")
    add("--revoke", action="store_true", help="revoke trust")
    verbose(add)


def trust(args: Namespace) -> int:
    """Show what files want and allow it; or list what is allowed, or take it back."""
    if args.list:
        for trusted_path in trusted(os.environ):
            out(clean(trusted_path))
        return 0
    paths = [Path(path) for path in args.paths or ["."]]
    if args.revoke:
        return _revoke(paths)
    wanted = [claim for path in paths for claim in _claims(path)]
    claims = [claim for claim in wanted if not claim.is_trusted(os.environ)]
    for claim in claims:
        out(clean(claim.location))
        for text in claim.says:
            out(f"  {clean(text)}")
    if not claims:
        out("Already trusted." if wanted else "Nothing there requires trust.")
        return 0
    if not args.yes and not _agrees():
        err("Nothing was changed.")
        return 1
    for claim in claims:
        claim.trust(os.environ)
    out("Trusted, until a file changes or `metaco trust --revoke`.")
    return 0


def _claims(path: Path) -> list[Claim]:
    """Return what a folder's files, one of them, or an SOP want."""
    if not path.exists():
        raise UsageError(f"There is no {path}.", "Name a folder, a file with settings or an SOP.")
    if path.is_dir():
        return Settings.claims(path)
    if path.name in ("metaco.toml", "pyproject.toml", ".env"):
        return [claim for claim in Settings.claims(path.parent) if claim.path.name == path.name]
    claim, _ = claim_of(*SOP.source(path))
    return [claim] if claim else []


def _agrees() -> bool:
    if not can_answer():
        raise ConfigurationError(
            "Confirmation is required, but there is no terminal.", "Confirm with --yes."
        )
    flush()
    err("Allow this? [y/N] ", end="")
    flush(sys.stderr)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _revoke(paths: list[Path]) -> int:
    known, done = trusted(os.environ), False
    for path in paths:
        absolute = path.parent.resolve() / path.name
        for trusted_path in known:
            if Path(trusted_path) == absolute or Path(trusted_path).parent == path.resolve():
                done |= revoke(trusted_path, os.environ)
                out(f"No longer trusted: {clean(trusted_path)}")
    if not done:
        raise UsageError("Nothing there was trusted.", "`metaco trust --list` shows what is.")
    return 0
