"""Tests of the command line and of the program as it is started."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from markdown import __main__ as cli
from markdown import page

Capture = pytest.CaptureFixture[str]
COMMAND = [sys.executable, "-m", "markdown"]

TEXT = "# Straße\n\n*schön*\n"
BODY = '<h1 id="straße">Straße</h1>\n<p><em>schön</em></p>\n'
NAV = '<nav>\n<ul>\n<li><a href="#straße">Straße</a></li>\n</ul>\n</nav>\n'


def output(capsys: Capture, *argv: str) -> str:
    assert cli.main(argv) == 0
    return capsys.readouterr().out


@pytest.fixture
def source(tmp_path: Path) -> str:
    file = tmp_path / "a.md"
    file.write_text(TEXT, encoding="utf-8")
    return str(file)


def test_r8_from_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    text = output(capsys, "--no-contents")
    assert "<title>Straße</title>" in text and f"<body>\n{BODY}</body>" in text


def test_r8_options(source: str, tmp_path: Path, capsys: Capture) -> None:
    assert output(capsys, source, "--fragment", "--no-contents") == BODY
    assert "<title>T</title>" in output(capsys, source, "--title", "T")
    target = tmp_path / "a.html"
    options = [source, "--fragment", "--no-contents", "-o", str(target)]
    assert output(capsys, *options) == ""
    assert target.read_text(encoding="utf-8") == BODY


def test_r1_r3_r4_r6_r8_an_example(capsys: Capture) -> None:
    text = output(capsys, "--example")
    assert "<title>Example</title>" in text
    assert all(f"<{tag}>" in text for tag in ("em", "code", "ul", "ol", "blockquote", "table"))


def test_r9_contents(source: str, capsys: Capture) -> None:
    assert output(capsys, source, "--fragment", "--contents") == NAV + BODY
    assert f"<body>\n{NAV}{BODY}" in output(capsys, source, "--contents")
    assert output(capsys, source, "--fragment", "--contents", "--deepest", "0") == BODY


def test_r10_styles(source: str, tmp_path: Path, capsys: Capture) -> None:
    assert page.DARK_STYLE in output(capsys, source, "--dark")
    assert f"<style>\n{page.LIGHT_STYLE}</style>" in output(capsys, source, "--no-dark")
    (tmp_path / "a.css").write_text("p { color: teal }\n", encoding="utf-8")
    text = output(capsys, source, "--css", str(tmp_path / "a.css"))
    assert "\np { color: teal }\n</style>" in text


def test_r9_r10_defaults() -> None:
    args = cli.build_parser().parse_args([])
    assert (args.contents, args.deepest, args.dark) == (page.CONTENTS, page.DEEPEST, page.DARK)


def test_r11_every_file_of_a_folder(source: str, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.md").write_text("b", encoding="utf-8")
    site = tmp_path / "site"
    assert len(output(capsys, str(tmp_path), "-o", str(site)).splitlines()) == 2
    assert BODY in (site / "a.html").read_text(encoding="utf-8")
    assert "<p>b</p>" in (site / "deep" / "b.html").read_text(encoding="utf-8")
    output(capsys, str(tmp_path))
    assert (tmp_path / "deep" / "b.html").exists()


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["no-such.md"], "no-such.md: No such file"),
        (["--pdf"], "unrecognized arguments: --pdf"),
        (["{folder}"], "there is no Markdown file (*.md) in"),
        (["{folder}/bad.txt"], "the input is not UTF-8 text"),
        (["{folder}/deep.txt"], "more than 40 deep"),
    ],
)
def test_r11_r12_a_mistake_is_one_sentence(
    argv: list[str], sentence: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff")
    (tmp_path / "deep.txt").write_text(">" * 99, encoding="utf-8")
    try:
        code = cli.main([word.format(folder=tmp_path) for word in argv])
    except SystemExit as stop:  # argparse ends the program itself
        code = int(stop.code or 0)
    assert code == 2
    assert sentence in capsys.readouterr().err


def test_r12_an_interrupt_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupt(args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run", interrupt)
    assert cli.main([]) == 130
    assert capsys.readouterr().err == ""


def test_r8_text_is_piped_through() -> None:
    words = [*COMMAND, "--fragment", "--no-contents"]
    done = subprocess.run(words, input="*a*", capture_output=True, text=True, check=True)
    assert done.stdout == "<p><em>a</em></p>\n"


def test_r12_a_closed_pipe_ends_quietly() -> None:
    pipe, error = subprocess.PIPE, subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=error) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
