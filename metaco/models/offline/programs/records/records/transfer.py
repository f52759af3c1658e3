"""Records as CSV and JSON."""

import csv
import io
import json
from collections.abc import Iterable

from records import values
from records.schema import RecordError, Schema
from records.storage import Record
from records.values import Value


def to_csv(records: Iterable[Record], schema: Schema) -> str:
    """Return CSV with a header; values are written as they are shown."""
    rows = [[values.show(value) for value in record.values.values()] for record in records]
    return _csv([[field.name for field in schema.fields], *rows])


def to_json(records: Iterable[Record]) -> str:
    """Return a JSON list of objects with numbers, true, false and null."""
    return json.dumps([each.values for each in records], indent=2, ensure_ascii=False) + "\n"


def template(schema: Schema) -> str:
    """Return CSV with three examples, to be filled in and imported."""
    rows = [[values.example(field, number) for field in schema.fields] for number in (1, 2, 3)]
    return _csv([[field.name for field in schema.fields], *rows])


def from_csv(text: str, schema: Schema) -> list[dict[str, Value]]:
    """Return the values of each row of CSV; columns are found by the header.

    Raises:
        RecordError: the text is no CSV, or a column or value is none of a record.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        header = [schema.field(name) for name in next(reader, [])]
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise RecordError(f"there are {len(cells)} values for {len(header)} columns")
            given = dict(zip([field.name for field in header], cells, strict=True))
            row = {
                each.name: values.parse(each, given.get(each.name, "")) for each in schema.fields
            }
            rows.append(row)
    except (csv.Error, RecordError) as error:
        raise RecordError(f"line {max(reader.line_num, 1)}: {error}") from None
    return rows


def _csv(rows: Iterable[Iterable[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()
