"""Code out of fences: the right block, whole, whatever stands around and within it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaco.core.errors import ReplyError
from metaco.reply import fenced, files, unnamed

CODE = 'import sys\n\n\ndef main() -> int:\n    print("hi")\n    return 0\n'
DOCSTRING = '''def add(a: int, b: int) -> int:
    """Add.

    ```python
    add(1, 2)
    ```

    and
```
3
```
    """
    return a + b
'''
BROKEN = "def main(:\n    return\n"
OTHER = "class Task:\n    pass\n"
BASH = "```bash\npython -m todo --help\n```\n"
README = "# Todo\n\n```bash\npython -m todo\n```\n\nAnd:\n\n```python\nimport todo\n```\n\nEnd.\n"


def block(code: str, info: str = "python", fence: str = "```") -> str:
    return f"{fence}{info}\n{code}{fence}\n"


P = "todo/cli.py"
# the reply, the path asked for, the code
GOOD: list[tuple[str, str, str | None, str]] = [
    ("a fence", block(CODE), P, CODE),
    ("a fence and no path", block(CODE), None, CODE),
    ("a bare fence", block(CODE, ""), P, CODE),
    ("a tilde fence", block(CODE, fence="~~~"), P, CODE),
    ("a longer fence", block(CODE, fence="`````"), P, CODE),
    ("an unclosed fence", f"Here:\n```python\n{CODE}", P, CODE),
    ("line ends of Windows", block(CODE).replace("\n", "\r\n"), P, CODE),
    ("empty lines around", block(f"\n\n{CODE}\n\n"), P, CODE),
    ("prose around", f"Sure!\n\n{block(CODE)}\nThis prints hi.", P, CODE),
    ("prose on the line of the fence", f"Here it is: ```python\n{CODE}```", P, CODE),
    ("capitals", block(CODE, "Python"), P, CODE),
    ("a language in braces", block(CODE, "{.python}"), P, CODE),
    ("indented in a list", "1. The file:\n\n" + "".join(
        f"   {line}".rstrip() + "\n" for line in block(CODE).splitlines()), P, CODE),
    ("quoted", block(CODE), P, CODE),
    ("fences in a docstring", block(DOCSTRING), P, DOCSTRING),
    ("fences in a docstring, no language", f"`{P}`\n{block(DOCSTRING, '')}", P, DOCSTRING),
    ("fences in a docstring, unclosed", f"```python\n{DOCSTRING}", P, DOCSTRING),
    ("a syntax error", block(BROKEN) + "\nDone.", P, BROKEN),
    ("an odd quote", block('x = """\n') + "\nDone.", P, 'x = """\n'),
    ("quotes in a comment", block('x = 1  # """\n') + block("later = 1\n", "text"), P,
     'x = 1  # """\n'),
    ("a raw string", block('x = r"""\\"""\n') + "\nDone.\n```\nno\n```", P, 'x = r"""\\"""\n'),
    ("the command first", f"Run it:\n{BASH}\n{block(CODE)}", P, CODE),
    ("the command last", f"{block(CODE)}\nRun it with `python todo/cli.py`:\n{BASH}", P, CODE),
    ("output behind it", block(CODE) + "It prints:\n" + block("hi\n" * 90, ""), P, CODE),
    ("a short example behind it", block(CODE) + "Use:\n" + block("main()\n"), P, CODE),
    ("thoughts with a draft", f"<think>\n{block(OTHER * 9)}</think>\n{block(CODE)}", P, CODE),
    ("thoughts opened by the template", f"Maybe\n{block(OTHER * 9)}\n</think>\n{block(CODE)}",
     P, CODE),
    ("thoughts in a string", block('x = "<think>a</think>"\n'), P, 'x = "<think>a</think>"\n'),
    ("an end of thoughts in a string", block('x = s.split("</think>")\n'), P,
     'x = s.split("</think>")\n'),
    ("a draft and the corrected", f"{P}:\n{block(OTHER)}No:\n\n{P}:\n{block(CODE)}", P, CODE),
    ("no fence at all", CODE, P, CODE),
    ("no fence and no path", f"\n{CODE}", None, CODE),
    ("in JSON", '```json\n{"path": "todo/cli.py", "content": "x = 1\\n"}\n```', P, "x = 1\n"),
    # labels
    ("a heading", f"### {P}\n\n{block(CODE)}", P, CODE),
    ("a heading with backticks", f"## `{P}`\n{block(CODE)}", P, CODE),
    ("bold", f"**{P}**\n{block(CODE)}", P, CODE),
    ("backticks and a colon", f"`{P}`:\n\n{block(CODE)}", P, CODE),
    ("a word before", f"File: {P}\n{block(CODE)}", P, CODE),
    ("a number before", f"1. **`{P}`** (new)\n{block(CODE)}", P, CODE),
    ("a comment", block(f"# {P}\n{CODE}"), P, CODE),
    ("a comment with a word", block(f"# filename: {P}\n{CODE}"), P, CODE),
    ("a comment below a label", f"`{P}`\n{block(f'# {P}{chr(10)}{CODE}')}", P, CODE),
    ("in the info string", block(CODE, f"python {P}"), P, CODE),
    ("in the info string with a colon", block(CODE, f"python:{P}"), P, CODE),
    ("in the info string as a title", block(CODE, f'python title="{P}"'), P, CODE),
    ("instead of the language", block(CODE, P), P, CODE),
    ("a shorter name", f"cli.py\n{block(CODE)}", P, CODE),
    ("a longer name", f"src/{P}\n{block(CODE)}", P, CODE),
    ("a dot before", f"./{P}\n{block(CODE)}", P, CODE),
    ("backslashes", f"`todo\\cli.py`\n{block(CODE)}", P, CODE),
    ("a file in the wrong fence", f"### {P}\n{block(CODE, 'text')}", P, CODE),
    ("a file in a shell's fence", f"### {P}\n{block(CODE, 'bash')}", P, CODE),
    ("among others", f"`todo/a.py`\n{block(OTHER)}\n`{P}`\n{block(CODE)}", P, CODE),
    ("unnamed beside another", f"`todo/a.py`\n{block(OTHER * 9)}\nAnd:\n{block(CODE)}", P, CODE),
    ("another is mentioned", f"It imports Task from todo/task.py.\n\n{block(CODE)}", P, CODE),
    ("a comment that is not a label", block(f"# see {P} for more\n{CODE}"), P,
     f"# see {P} for more\n{CODE}"),
    ("a shebang", block(f"#!/usr/bin/env python3\n{CODE}"), P, f"#!/usr/bin/env python3\n{CODE}"),
    # not Python
    ("Markdown with fences", block(README, "markdown", "````"), "README.md", README),
    ("Markdown with fences in one of three", block(README, "markdown"), "README.md", README),
    ("JSON", block('{"content": "a"}\n', "json"), "data.json", '{"content": "a"}\n'),
    ("JSON without a fence", '{"a": 1}', "data.json", '{"a": 1}\n'),
    ("TOML without a fence", "[a]\nb = 1", "a.toml", "[a]\nb = 1\n"),
    ("a Makefile", f"`Makefile`\n{block('all:', 'make').replace('all:', 'all:' + chr(10))}",
     "Makefile", "all:\n"),
    ("a shell script", block("echo hi\n", "bash"), "run.sh", "echo hi\n"),
]  # fmt: skip

BAD: list[tuple[str, str, str | None, str]] = [
    ("nothing", "", P, "contains no code of todo/cli.py"),
    ("a refusal", "I cannot write that.", P, "contains no code"),
    ("a word", "Sorry", None, "contains no code"),
    ("prose that parses", "yes, done", P, "contains no code"),
    ("only a command", BASH, P, "contains no code"),
    ("an empty fence", "```python\n\n```", P, "contains no code"),
    ("only thoughts", f"<think>{block(CODE)}</think>Done.", P, "contains no code"),
    ("another file", f"`todo/models.py`\n{block(OTHER)}", P,
     "contains todo/models.py, but todo/cli.py was requested"),
    ("prose and code without a fence", f"Here it is.\n\n{CODE}", P, "contains no code"),
    ("no Markdown without a fence", "# Todo", "README.md", "contains no code"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "path", "code"), [c[1:] for c in GOOD], ids=[c[0] for c in GOOD])
def test_takes_the_code_that_was_asked_for(text: str, path: str | None, code: str) -> None:
    assert fenced(text, path) == code


@pytest.mark.parametrize(("text", "path", "problem"), [c[1:] for c in BAD], ids=[c[0] for c in BAD])
def test_says_that_there_is_none(text: str, path: str | None, problem: str) -> None:
    with pytest.raises(ReplyError) as caught:
        fenced(text, path)
    assert problem in caught.value.problem
    assert caught.value.text == text


LABELS = ["### {}", "**{}**", "`{}`:", "File: {}", "2. `{}` (updated)", "{}", "#### File: `{}`"]


@pytest.mark.parametrize("label", LABELS)
def test_takes_all_files_by_their_labels(label: str) -> None:
    text = "Here are the files.\n\n" + "\n".join(
        f"{label.format(path)}\n\n{block(code, info)}"
        for path, code, info in [
            ("todo/cli.py", DOCSTRING, "python"),
            ("todo/task.py", OTHER, "py"),
            ("README.md", README, "markdown"),
            ("todo/data.json", "{}\n", "json"),
        ]
    )
    assert files(f"{text}\nRun it with `python -m todo`:\n{BASH}") == {
        "todo/cli.py": DOCSTRING,
        "todo/task.py": OTHER,
        "README.md": README,
        "todo/data.json": "{}\n",
    }


def test_takes_files_by_the_first_line_within() -> None:
    text = block(f"# a.py\n{CODE}") + block(f"// b.js\n{OTHER}", "js") + block("x\n", "text")
    assert files(text) == {"a.py": CODE, "b.js": OTHER}


def test_a_sentence_with_a_path_labels_a_file_but_not_a_command() -> None:
    assert files(f"Put this into `a.py`:\n{block(CODE, '')}") == {"a.py": CODE}
    with pytest.raises(ReplyError):
        files(f"Then run `python a.py`:\n{BASH}")
    with pytest.raises(ReplyError):
        files(f"It needs a.py\n{block(CODE)}")


def test_the_later_of_two_versions_counts() -> None:
    assert files(f"a.py\n{block(OTHER)}\nBetter:\n\na.py\n{block(CODE)}") == {"a.py": CODE}


def test_a_path_that_leaves_the_project_is_not_hidden() -> None:
    assert list(files(f"`../../etc/x.py`\n{block(CODE)}")) == ["../../etc/x.py"]


@pytest.mark.parametrize(
    "label",
    [
        "/etc/x.py",
        "### /etc/x.py",
        "**C:\\x.py**",
        "File: ~/x.py",
        "`my file.py`",
        "src/main",
        "`../x`:",
        "<dir>/x.py",
        "### .metaco",
        ".envrc",
        "- `.ENV`",
        "**.gitattributes**",
        ".python-version",
        "2. aux",
        "a/",
        "-rf",
        "### `metaco~1`",
    ],
)
def test_a_label_that_is_no_path_is_named(label: str) -> None:
    (name,) = unnamed(f"a.py\n{block(CODE)}\n\n{label}\n{block(OTHER)}")
    assert name in label
    assert unnamed(block(f"# /etc/x.py\n{CODE}")) == ["/etc/x.py"]


@pytest.mark.parametrize("info", [".gitmodules", "text .gitmodules", "{.sh} .gitmodules"])
def test_a_label_in_the_fence_is_named(info: str) -> None:
    assert unnamed(block(CODE, info)) == [".gitmodules"]


def test_commands_below_a_label_are_a_file() -> None:
    assert unnamed(f".envrc\n{block('export A=1', 'sh')}") == [".envrc"]
    assert unnamed(block("# .envrc\nsource .envrc", "sh")) == []


@pytest.mark.parametrize(
    "text",
    [
        f"a.py\n{block(CODE)}",
        f"Use it like this:\n{block(CODE)}",
        f"- Example:\n{block(CODE)}",
        f"Done.\n{block(CODE)}",
        f"python\n{block(CODE)}",
        f"2024.\n{block(CODE, '{.python .numberLines}')}",
        f"C++\n{block(CODE, '.python')}",
        f"### Storage\n{block(CODE)}",
        f"Then run `python a.py`:\n{BASH}",
        f"It reads and/or writes files:\n{block(CODE)}",
        block(f"#!/bin/sh\n{CODE}"),
        block(f"# https://example.org/a.py\n{CODE}"),
        "",
    ],
)
def test_other_words_are_no_labels(text: str) -> None:
    assert unnamed(text) == []


@pytest.mark.parametrize("text", ["", "Sorry.", block(CODE), BASH, "a.py is fine"])
def test_says_that_there_are_no_files(text: str) -> None:
    with pytest.raises(ReplyError, match="contains no file"):
        files(text)


lines = st.lists(
    st.sampled_from(
        ["", "x = 1", "def f():", '    """A"""', "    return '''a'''", "# note", "    y = 'it'"]
    ),
    min_size=1,
    max_size=8,
).filter(any)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["a.py", "b/c.py", "d/e/f.py"]), lines, min_size=1),
    st.sampled_from(LABELS),
    st.sampled_from(["```", "````", "~~~"]),
    st.sampled_from(["python", "py", "Python"]),
)
def test_files_come_back_as_they_were_put_in(
    given_files: dict[str, list[str]], label: str, fence: str, info: str
) -> None:
    wanted = {path: "\n".join(code).strip("\n") + "\n" for path, code in given_files.items()}
    text = "\n".join(
        f"{label.format(path)}\n{fence}{info}\n{code}{fence}\n" for path, code in wanted.items()
    )
    assert files(text) == wanted
    for path, code in wanted.items():
        assert fenced(text, path) == code
