"""The command line."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from markdown import page
from markdown.blocks import Document, MarkdownError

EXAMPLE = """\
# Example

Some *text* with a [link](https://www.example.org/), `code` and

- a list
  1. with another one in it

## More

> A quote

| Item | Price |
|------|------:|
| Tea  |   2.5 |
"""


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog=__package__,
        description="Convert Markdown to HTML.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    switch = argparse.BooleanOptionalAction
    add = parser.add_argument
    add("file", nargs="?", default="-", help="a Markdown file or a folder; - is standard input")
    add("-o", "--output", type=Path, metavar="FILE", help="write to a file or folder")
    add("--example", action="store_true", help="convert an example instead of a file")
    add("--fragment", action="store_true", help="only the body, without a page around it")
    add("--title", default="", help="title of the page; by default its first heading")
    add("--contents", action=switch, default=page.CONTENTS, help="with a table of contents")
    add("--deepest", type=int, default=page.DEEPEST, metavar="N", help="level of headings in it")
    add("--dark", action=switch, default=page.DARK, help="light text on a dark ground")
    add("--css", type=Path, metavar="FILE", help="style sheet to put into the page")
    return parser


def convert(text: str, args: argparse.Namespace) -> str:
    """Return the HTML of a text as the options want it."""
    document = Document(text)
    body = document.body
    if args.contents:
        body = page.contents(document, args.deepest) + body
    if args.fragment:
        return body
    style = page.DARK_STYLE if args.dark else page.LIGHT_STYLE
    if args.css:
        style += args.css.read_text(encoding="utf-8")
    return page.page(document, args.title, style, body)


def convert_folder(folder: Path, args: argparse.Namespace) -> None:
    """Convert each Markdown file of a folder to a file beside it or in the output folder."""
    files = sorted(path for path in folder.rglob("*.md") if path.is_file())
    if not files:
        raise MarkdownError(f"there is no Markdown file (*.md) in {folder}")
    # All are converted before the first is written, so that a mistake leaves nothing half done.
    pages = [convert(path.read_text(encoding="utf-8"), args) for path in files]
    for path, text in zip(files, pages, strict=True):
        target = (args.output or folder) / path.relative_to(folder).with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        print(f"{path} -> {target}")


def run(args: argparse.Namespace) -> None:
    """Convert what the arguments name."""
    if args.file != "-" and Path(args.file).is_dir():
        convert_folder(Path(args.file), args)
        return
    if args.example:
        data = EXAMPLE.encode()
    elif args.file == "-":
        data = sys.stdin.buffer.read()
    else:
        data = Path(args.file).read_bytes()
    text = convert(data.decode("utf-8"), args)
    if args.output:
        args.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


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
    except UnicodeDecodeError:
        problem = "the input is not UTF-8 text"
    except MarkdownError as error:
        problem = str(error)
    except OSError as error:
        problem = f"{error.filename}: {error.strerror}"
    print(f"{__package__}: {problem}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
