"""The command line."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from organiser import moving, plan
from organiser.plan import OrganiseError


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog=__package__,
        description="Sort the files of a folder into folders; without --yes only show how.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    switch = argparse.BooleanOptionalAction
    add = parser.add_argument
    add("folder", type=Path, help="the folder to tidy")
    add("--by", choices=plan.WAYS, default=plan.BY, help="what the folders are made by")
    add("--recursive", action=switch, default=plan.RECURSIVE, help="also files in folders below")
    add("--yes", action="store_true", help="move the files")
    add("--undo", action="store_true", help="take the last run back")
    return parser


def run(args: argparse.Namespace) -> None:
    """Show, carry out or undo a plan."""
    if args.undo:
        moves = moving.undo(args.folder)
    else:
        moves = plan.make(args.folder, args.by, args.recursive)
        if args.yes:
            moving.carry_out(args.folder, moves)
    for old, new in moves:
        print(f"{old.relative_to(args.folder)} -> {new.relative_to(args.folder)}")
    files = "1 file" if len(moves) == 1 else f"{len(moves)} files"
    print(f"{files} {'moved' if args.yes or args.undo else 'to move; --yes moves them'}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    args = build_parser().parse_args(argv)
    try:
        run(args)
        sys.stdout.flush()
        return 0
    except BrokenPipeError:  # the reader has gone; nothing may be flushed into the pipe at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except OrganiseError as error:
        problem = str(error)
    except OSError as error:
        problem = f"{error.filename}: {error.strerror}"
    print(f"{__package__}: {problem}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
