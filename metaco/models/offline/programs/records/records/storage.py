"""The SQLite file that keeps the records."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from records.schema import RecordError, Schema
from records.values import Value


@dataclass(frozen=True)
class Record:
    """The values of a record by the names of their fields, and its number in the file."""

    number: int
    values: dict[str, Value]


class Storage:
    """An open file of records; it is made if there is none.

    Raises:
        RecordError: the file keeps records with other fields.
        sqlite3.Error: the file cannot be opened or is no database.
    """

    def __init__(self, path: Path | str, schema: Schema) -> None:
        self._schema = schema
        self._names = [field.name for field in schema.fields]
        # Names are quoted: a field may be called order or group. No field is called #.
        self._columns = ", ".join(f'"{name}"' for name in self._names)
        self._connection = sqlite3.connect(path)
        try:
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS records"
                f' ("#" INTEGER PRIMARY KEY AUTOINCREMENT, {self._columns})'
            )
            rows = self._connection.execute("PRAGMA table_info(records)").fetchall()
            if [row[1] for row in rows] != ["#", *self._names]:
                raise RecordError(f"{path} keeps records with other fields; name another --db")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def add(self, *rows: dict[str, Value]) -> list[int]:
        """Keep new records, all or none of them, and return their numbers."""
        marks = ", ".join("?" * len(self._names))
        sql = f"INSERT INTO records ({self._columns}) VALUES ({marks})"
        with self._connection:
            cursors = [self._connection.execute(sql, self._row(values)) for values in rows]
        return [cursor.lastrowid or 0 for cursor in cursors]

    def all(self) -> list[Record]:
        """Return all records in the order of their numbers."""
        sql = f'SELECT "#", {self._columns} FROM records ORDER BY "#"'
        return [self._record(row) for row in self._connection.execute(sql)]

    def get(self, number: int) -> Record:
        """Return the record with a number.

        Raises:
            RecordError: there is none.
        """
        sql = f'SELECT "#", {self._columns} FROM records WHERE "#" = ?'
        row = self._connection.execute(sql, [number]).fetchone()
        if row is None:
            raise RecordError(f"there is no {self._schema.singular} with the number {number}")
        return self._record(row)

    def change(self, number: int, values: dict[str, Value]) -> None:
        """Set some values of the record with a number; the others stay."""
        changed = self.get(number).values | values
        columns = ", ".join(f'"{name}" = ?' for name in self._names)
        with self._connection:
            self._connection.execute(
                f'UPDATE records SET {columns} WHERE "#" = ?', [*self._row(changed), number]
            )

    def delete(self, number: int) -> None:
        """Delete the record with a number, which no other will get."""
        self.get(number)
        with self._connection:
            self._connection.execute('DELETE FROM records WHERE "#" = ?', [number])

    def _row(self, values: dict[str, Value]) -> list[Value]:
        return [values.get(name) for name in self._names]

    def _record(self, row: Iterable[Value]) -> Record:
        number, *stored = row
        values = dict(zip(self._names, stored, strict=True))
        for field in self._schema.fields:
            if field.kind == "flag":  # SQLite keeps 0 and 1
                values[field.name] = bool(values[field.name])
        return Record(int(number or 0), values)
