"""The command line."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wordcount import counting
from wordcount.counting import Counts

JSON = False  # the result is printed as JSON


def number(text: str) -> int:
    """Read a whole number that is not negative."""
    if int(text) < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return int(text)


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog=__package__,
        description="Count lines, words and characters, and list the most frequent words.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    switch = argparse.BooleanOptionalAction
    add = parser.add_argument
    add("files", nargs="*", default=["-"], metavar="FILE", help="- is standard input")
    add("--top", type=number, default=counting.TOP, metavar="N", help="words to list")
    add("--shortest", type=number, default=counting.SHORTEST, metavar="N", help="letters of a word")
    add("--ignore-case", action=switch, default=counting.IGNORE_CASE, help="The and the are one")
    add("--common-words", action=switch, default=counting.COMMON_WORDS, help="list the, of ...")
    add("--json", action=switch, default=JSON, help="print the result as JSON")
    return parser


def read(file: str) -> str:
    """Return the text of a file; bytes that are not UTF-8 become replacement characters."""
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")


def summary(text: str, args: argparse.Namespace) -> dict[str, Any]:
    """Return what is said about all texts together, by its name."""
    numbers = counting.frequencies(text, args.ignore_case)
    return {
        "different_words": len(numbers),
        "sentences": counting.sentences(text),
        "paragraphs": counting.paragraphs(text),
        "reading_minutes": counting.reading_minutes(text),
        "reading_ease": counting.reading_ease(text),
        "top": dict(counting.most_frequent(numbers, args.top, args.shortest, args.common_words)),
    }


def run(args: argparse.Namespace) -> None:
    """Count the files and print the result."""
    texts = [read(file) for file in args.files]
    counts = [counting.count(text) for text in texts]
    total = sum(counts, Counts(0, 0, 0))
    result = summary("\n\n".join(texts), args)
    if args.json:
        files = [{"file": f} | vars(c) for f, c in zip(args.files, counts, strict=True)]
        print(json.dumps(vars(total) | result | {"files": files}, indent=2, ensure_ascii=False))
        return
    rows = list(zip(args.files, counts, strict=True))
    if len(rows) > 1:
        rows.append(("total", total))
    print(f"{'lines':>8} {'words':>8} {'characters':>10}")
    for file, row in rows:
        print(f"{row.lines:>8} {row.words:>8} {row.characters:>10}  {file}")
    ease = result["reading_ease"]
    print()
    print(f"different words  {result['different_words']}")
    print(f"sentences        {result['sentences']}")
    print(f"paragraphs       {result['paragraphs']}")
    print(f"reading time     {result['reading_minutes']:.1f} min")
    print(f"reading ease     {'-' if ease is None else f'{ease:.1f}'}")
    if result["top"]:
        print()
        width = len(str(max(result["top"].values())))
        for word, times in result["top"].items():
            print(f"{times:>{width}} {word}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    args = build_parser().parse_intermixed_args(argv)
    try:
        run(args)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has gone; nothing may be flushed into the pipe at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(f"{__package__}: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
