"""Tests of the command line and of the program as it is started."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from records import __main__ as cli
from records import transfer, values
from records.schema import DEFAULT, SORT, Field, Schema

Capture = pytest.CaptureFixture[str]
COMMAND = [sys.executable, "-m", "records"]

TASKS = Schema(
    "task",
    "tasks",
    (
        Field("title", "text", required=True),
        Field("help", "text"),
        Field("due_date", "date"),
        Field("cost", "number"),
        Field("load", "choice", choices=("50%", "100%")),
        Field("done", "flag"),
    ),
)


def output(capsys: Capture, db: Path, *argv: str, schema: Schema = DEFAULT) -> str:
    assert cli.main(["--db", str(db), *argv], schema) == 0
    return capsys.readouterr().out


def arguments(number: int, required: bool = True) -> list[str]:
    """Return what adds an example: required values by place, others as options."""
    words = []
    for field in DEFAULT.fields:
        text = values.example(field, number)
        option = f"--{field.name.replace('_', '-')}"
        words += [text] if field.required and required else [option, text]
    return words


@pytest.fixture
def db(tmp_path: Path, capsys: Capture) -> Path:
    """A file with three examples."""
    for number in (1, 2, 3):
        said = output(capsys, tmp_path / "a.db", "add", *arguments(number))
        assert said == f"Added {DEFAULT.singular} {number}.\n"
    return tmp_path / "a.db"


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    file = tmp_path / "tasks.db"
    lines = (
        ["rest", "--due-date", "2024-05-05", "--cost", "2.5", "--load", "50%"],
        ["work", "--help", "Ann", "--cost", "-10", "--load", "100%", "--done", "yes"],
    )
    for line in lines:
        assert cli.main(["--db", str(file), "add", *line], TASKS) == 0
    return file


def test_r2_r3_all_fields_are_listed(db: Path, capsys: Capture) -> None:
    lines = output(capsys, db, "list", "--sort", "number").splitlines()
    assert lines[0].split() == ["#", *(field.name for field in DEFAULT.fields)]
    assert len(lines) == 4
    for number, line in enumerate(lines[1:], start=1):
        at = 0
        for text in [str(number), *(values.example(field, number) for field in DEFAULT.fields)]:
            at = line.index(text, at) + len(text)


def test_r2_help_names_the_choices(capsys: Capture) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["add", "-h"], TASKS)
    assert "50%|100%" in capsys.readouterr().out


def test_r3_nothing_to_list(tmp_path: Path, capsys: Capture) -> None:
    assert output(capsys, tmp_path / "a.db", "list") == f"No {DEFAULT.plural}.\n"


def test_r3_show(db: Path, capsys: Capture) -> None:
    shown = "".join(f"{field.name}: {values.example(field, 2)}\n" for field in DEFAULT.fields)
    assert output(capsys, db, "show", "2") == shown


def test_r3_columns_stand_below_each_other(tasks: Path, capsys: Capture) -> None:
    capsys.readouterr()
    assert output(capsys, tasks, "list", "--sort", "number", schema=TASKS) == (
        "#  title  help  due_date    cost  load  done\n"
        "1  rest         2024-05-05  2.5   50%   no\n"
        "2  work   Ann               -10   100%  yes\n"
    )


def test_r4_edit_changes_what_is_given(db: Path, capsys: Capture) -> None:
    said = output(capsys, db, "edit", "1", *arguments(2, required=False))
    assert said == f"Changed {DEFAULT.singular} 1.\n"
    assert output(capsys, db, "show", "1") == output(capsys, db, "show", "2")


def test_r4_one_field_is_marked_or_emptied(tasks: Path, capsys: Capture) -> None:
    output(capsys, tasks, "edit", "1", "--done", "yes", "--cost", "", schema=TASKS)
    shown = output(capsys, tasks, "show", "1", schema=TASKS)
    assert shown == "title: rest\nhelp:\ndue_date: 2024-05-05\ncost:\nload: 50%\ndone: yes\n"


def test_r5_delete(db: Path, capsys: Capture) -> None:
    assert output(capsys, db, "delete", "2") == f"Deleted {DEFAULT.singular} 2.\n"
    numbers = [
        line.split()[0] for line in output(capsys, db, "list", "--sort", "number").splitlines()
    ]
    assert numbers == ["#", "1", "3"]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (["--where", "due_date < 2024-06-01"], "1"),
        (["--where", "done = yes", "--where", "cost < 0"], "2"),
        (["--search", "ann"], "2"),
        (["--sort", "cost"], "21"),
        (["--sort", "title", "--descending"], "21"),
        ([], "12"),
    ],
)
def test_r6_r7_r8_list_options(
    options: list[str], numbers: str, tasks: Path, capsys: Capture
) -> None:
    capsys.readouterr()
    options = [*options, "--sort", "number"] if "--sort" not in options else options
    lines = output(capsys, tasks, "list", *options, schema=TASKS).splitlines()
    assert [line[0] for line in lines[1:]] == list(numbers)


def test_r8_lists_are_sorted_by_default(db: Path, capsys: Capture) -> None:
    output(capsys, db, "edit", "1", *arguments(3, required=False))
    output(capsys, db, "edit", "3", *arguments(1, required=False))
    default = output(capsys, db, "list")
    assert default == output(capsys, db, "list", "--sort", SORT)
    assert default != output(capsys, db, "list", "--sort", SORT, "--descending")
    assert output(capsys, db, "export") == output(capsys, db, "export", "--sort", SORT)


def test_r9_report(tasks: Path, capsys: Capture) -> None:
    capsys.readouterr()
    assert output(capsys, tasks, "report", "--by", "done", "--of", "cost", schema=TASKS) == (
        "done  count  total  average  lowest  highest\n"
        "no    1      2.5    2.5      2.5     2.5\n"
        "yes   1      -10    -10      -10     -10\n"
        "all   2      -7.5   -3.75    -10     2.5\n"
    )
    report = output(capsys, tasks, "report", "--by", "due date", "--per", "month", schema=TASKS)
    assert report.splitlines()[1].split() == ["2024-05", "1"]
    found = output(capsys, tasks, "report", "--search", "ann", schema=TASKS)
    assert found.splitlines()[-1].split() == ["all", "1"]


def test_r10_export_to_files_and_the_terminal(db: Path, tmp_path: Path, capsys: Capture) -> None:
    file, export = tmp_path / "out.csv", ("export", "--sort", "number")
    assert output(capsys, db, *export, str(file)) == f"Exported 3 {DEFAULT.plural} to {file}.\n"
    assert file.read_text(encoding="utf-8") == transfer.template(DEFAULT)
    assert output(capsys, db, *export) == transfer.template(DEFAULT)
    output(capsys, db, *export, str(tmp_path / "out.json"))
    exported = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    rows = transfer.from_csv(transfer.template(DEFAULT), DEFAULT)
    assert exported == rows
    assert json.loads(output(capsys, db, *export, "--format", "json")) == rows


def test_r11_import(db: Path, tmp_path: Path, capsys: Capture) -> None:
    file = str(tmp_path / "in.csv")
    assert output(capsys, db, "template", file) == f"Wrote {file}.\n"
    assert output(capsys, db, "import", file) == f"Added 3 {DEFAULT.plural}.\n"
    assert output(capsys, db, "show", "5") == output(capsys, db, "show", "2")


def test_r11_r13_a_wrong_file_adds_nothing(db: Path, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "in.csv"
    file.write_text(transfer.template(DEFAULT) + "too,many" * 20, encoding="utf-8")
    assert cli.main(["--db", str(db), "import", str(file)]) == 2
    assert "line 5: there are" in capsys.readouterr().err
    file.write_bytes(b"\xff")
    assert cli.main(["--db", str(db), "import", str(file)]) == 2
    assert "is not UTF-8 text" in capsys.readouterr().err
    assert output(capsys, db, "report").splitlines()[-1].split() == ["all", "3"]


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (["add", ""], "title must not be empty"),
        (["add"], "required: title"),
        (["add", "x", "--due-date", "someday"], 'due_date: "someday" is not a date'),
        (["show", "9"], "there is no task with the number 9"),
        (["show", "x"], "invalid int value"),
        (["edit", "1"], "name a field"),
        (["list", "--sort", "colour"], 'there is no field "colour"'),
        (["import", "no-such.csv"], "no-such.csv: No such file"),
        ([], "COMMAND"),
    ],
)
def test_r13_a_mistake_is_one_sentence(
    argv: list[str], problem: str, tasks: Path, capsys: Capture
) -> None:
    try:
        code = cli.main(["--db", str(tasks), *argv], TASKS)
    except SystemExit as stop:  # argparse ends the program itself
        code = int(stop.code or 0)
    assert code == 2
    assert problem in capsys.readouterr().err


def test_r2_r13_an_empty_record_is_refused(tmp_path: Path, capsys: Capture) -> None:
    schema = Schema("hat", "hats", (Field("size", "integer"), Field("worn", "flag")))
    assert cli.main(["--db", str(tmp_path / "a.db"), "add"], schema) == 2
    assert "name a field and its value" in capsys.readouterr().err


def test_r12_r13_a_file_that_is_no_database(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "a.db"
    file.write_text("no database at all, and long enough to be read as one\n" * 9, encoding="utf-8")
    assert cli.main(["--db", str(file), "list"]) == 2
    assert f"{file}: file is not a database" in capsys.readouterr().err


def test_r13_an_interrupt_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupt(*arguments: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run", interrupt)
    assert cli.main(["list"]) == 130
    assert capsys.readouterr().err == ""


def test_r11_r12_records_outlive_the_program(tmp_path: Path) -> None:
    file, db = str(tmp_path / "in.csv"), str(tmp_path / "a.db")
    for words in (["template", file], ["--db", db, "import", file], ["--db", db, "report"]):
        done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == ["all", "3"]


def test_r13_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    words = ["--db", str(tmp_path / "a.db"), "export"]
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *words], stdout=pipe, stderr=pipe) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
