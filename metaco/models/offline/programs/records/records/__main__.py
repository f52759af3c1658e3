"""The command line."""

import argparse
import os
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from records import selection, transfer, values
from records.schema import DEFAULT, SORT, Field, RecordError, Schema
from records.storage import Storage
from records.values import Value

DATABASE = "records.db"
_GIVEN = "value of "  # before the names of fields in parsed arguments, to tell them from others


def build_parser(schema: Schema = DEFAULT) -> argparse.ArgumentParser:
    """Describe the command line; required fields are arguments of add, others are options."""
    parser = argparse.ArgumentParser(prog=__package__, description=f"Keep {schema.plural}.")
    parser.add_argument("--db", metavar="FILE", default=DATABASE, help=f"default: {DATABASE}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, text: str, number: bool = False) -> argparse.ArgumentParser:
        # A field may be called help: its option then comes instead of --help.
        made = commands.add_parser(name, help=text, conflict_handler="resolve")
        if number:
            made.add_argument("number", type=int, help="the number that list shows")
        return made

    add = command("add", f"add a {schema.singular}")
    for field in sorted(schema.fields, key=lambda field: not field.required):
        _add_field(add, field, optional=not field.required)
    listing = command("list", f"list {schema.plural}")
    command("show", f"show all fields of a {schema.singular}", number=True)
    edit = command("edit", f"change fields of a {schema.singular}", number=True)
    for field in schema.fields:
        _add_field(edit, field, optional=True)
    command("delete", f"delete a {schema.singular}", number=True)
    report = command("report", f"count {schema.plural}, sum and average their numbers")
    report.add_argument("--by", default="", metavar="FIELD", help="a row for each of its values")
    report.add_argument("--of", default="", metavar="FIELD", help="total, average ... of a number")
    report.add_argument("--per", choices=("day", "month", "year"), default="day", help="for dates")
    export = command("export", "write CSV or JSON")
    export.add_argument("file", nargs="?", default="-", metavar="FILE", help="- is the terminal")
    export.add_argument("--format", choices=("csv", "json"), help="default: by the file, else csv")
    for each in (listing, export):
        each.add_argument("--sort", action="append", metavar="FIELD", help=f"default: {SORT}")
        each.add_argument("--descending", action="store_true", help="highest or last first")
    where = 'as "FIELD = VALUE", also != < <= > >= and ~ for contains'
    for each in (listing, report, export):
        each.add_argument("--where", action="append", default=[], metavar="CONDITION", help=where)
        each.add_argument("--search", default="", metavar="TEXT", help="in any field")
    command("import", "add what a CSV file holds").add_argument("file", metavar="FILE")
    command("template", "write a CSV file with examples").add_argument("file", metavar="FILE")
    return parser


def _add_field(parser: argparse.ArgumentParser, field: Field, optional: bool) -> None:
    text = "|".join(field.choices) or {"flag": "yes|no", "date": "YYYY-MM-DD"}.get(field.kind, "")
    text = (text or field.kind).replace("%", "%%")
    if optional:
        option = "--" + field.name.replace("_", "-")
        parser.add_argument(option, dest=_GIVEN + field.name, metavar=field.kind.upper(), help=text)
    else:
        parser.add_argument(_GIVEN + field.name, metavar=field.name, help=text)


def run(args: argparse.Namespace, schema: Schema = DEFAULT) -> str:
    """Carry out a command and return what is to be printed."""
    if args.command == "template":
        Path(args.file).write_text(transfer.template(schema), encoding="utf-8", newline="\n")
        return f"Wrote {args.file}.\n"
    with closing(Storage(args.db, schema)) as storage:
        match args.command:
            case "add":
                number = storage.add(_given(args, schema))[0]
                return f"Added {schema.singular} {number}.\n"
            case "edit":
                storage.change(args.number, _given(args, schema))
                return f"Changed {schema.singular} {args.number}.\n"
            case "delete":
                storage.delete(args.number)
                return f"Deleted {schema.singular} {args.number}.\n"
            case "show":
                shown = storage.get(args.number).values.items()
                return "".join(
                    f"{name}: {values.show(value)}".rstrip() + "\n" for name, value in shown
                )
            case "import":
                text = Path(args.file).read_text(encoding="utf-8-sig")
                rows = transfer.from_csv(text, schema)
                return f"Added {len(storage.add(*rows))} {schema.plural}.\n"
            case _:
                return _printed(args, schema, storage)


def _given(args: argparse.Namespace, schema: Schema) -> dict[str, Value]:
    """Return the values of the fields that are named on the command line."""
    texts = {field: getattr(args, _GIVEN + field.name) for field in schema.fields}
    given = {
        each.name: values.parse(each, text) for each, text in texts.items() if text is not None
    }
    if not given:
        raise RecordError("name a field and its value")
    return given


def _printed(args: argparse.Namespace, schema: Schema, storage: Storage) -> str:
    """Return a list, report or export of the records that are selected."""
    records = selection.select(storage.all(), schema, args.where, args.search)
    if args.command in ("list", "export"):
        records = selection.sort(records, schema, args.sort or [SORT], args.descending)
    if args.command == "list":
        header = ["#", *(field.name for field in schema.fields)]
        rows = [[record.number, *record.values.values()] for record in records]
        return table([header, *rows]) if rows else f"No {schema.plural}.\n"
    if args.command == "report":
        header = [args.by or "", "count"]
        header += ["total", "average", "lowest", "highest"] if args.of else []
        return table([header, *selection.report(records, schema, args.by, args.of, args.per)])
    as_json = (args.format or Path(args.file).suffix[1:].lower()) == "json"
    text = transfer.to_json(records) if as_json else transfer.to_csv(records, schema)
    if args.file == "-":
        return text
    Path(args.file).write_text(text, encoding="utf-8", newline="\n")
    return f"Exported {len(records)} {schema.plural} to {args.file}.\n"


def table(rows: Iterable[Iterable[Value]]) -> str:
    """Return rows as lines whose columns stand below each other."""
    cells = [[values.show(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None, schema: Schema = DEFAULT) -> int:
    """Run the command line and return its exit code."""
    args = build_parser(schema).parse_args(argv)
    try:
        sys.stdout.write(run(args, schema))
        sys.stdout.flush()
        return 0
    except BrokenPipeError:  # the reader has gone; nothing may be flushed into the pipe at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except RecordError as error:
        problem = str(error)
    except sqlite3.Error as error:
        problem = f"{args.db}: {error}"
    except UnicodeDecodeError:
        problem = f"{args.file} is not UTF-8 text"
    except OSError as error:
        problem = f"{error.filename}: {error.strerror}"
    print(f"{__package__}: {problem}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
