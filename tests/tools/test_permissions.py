"""A rule holds for what a call really does, and denying is stronger than allowing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaco.core.errors import ConfigurationError
from metaco.tools import Fetch, Files, Rules, Tool, Verdict, decide, tools_by_name
from metaco.tools.run import Run


async def nowhere() -> Any:
    raise AssertionError("Nothing is run here.")


def send(text: str, to: list[str] | None = None) -> None:
    """Send it."""


def count(numbers: list[int]) -> int:
    """Count them."""
    return len(numbers)


FILES = Files({})
TOOLS = tools_by_name([*FILES.tools, *Run(FILES, nowhere).tools, *Fetch().tools, send, count])


def verdict(tool: str, about: Any, **rules: Any) -> str:
    made = TOOLS[tool]
    return decide(Rules.of(**rules), made, {next(iter(made.schema["properties"])): about}).kind


def test_denying_is_stronger_than_allowing_and_that_than_asking() -> None:
    rules = {"allow": ["write(*)"], "ask": ["write(src/*)"], "deny": ["write(src/x*)"]}
    assert verdict("write", "src/xy", **rules) == "deny"
    assert verdict("write", "src/a", **rules) == "allow"
    assert verdict("write", "src/a", **(rules | {"allow": []})) == "ask"
    for default in ("allow", "ask", "deny"):
        assert verdict("read", "src/a", **rules, default=default) == default


def test_the_verdict_names_its_rule() -> None:
    rules = Rules.of(allow=["shell(git *)", "shell(ls)"], deny=["fetch"], default="deny")
    shell = TOOLS["shell"]
    assert decide(rules, shell, {"command": "git log | ls"}) == Verdict(
        "allow", "shell(git *), shell(ls)"
    )
    assert decide(rules, TOOLS["fetch"], {"url": "x"}) == Verdict("deny", "fetch")
    assert decide(rules, shell, {"command": "rm x"}) == Verdict("deny")


@pytest.mark.parametrize(
    "command",
    ["git status; rm -rf /", "git status && rm x", "git status || rm x", "git status | sh",
     "git status & rm x", "git $(rm x)", "git `rm x`", 'git "$(rm x)"', "git status\nrm x",
     "git status\r\nrm x", "git status > /etc/passwd", "git status < x", "git <(rm x)",
     "git log $'\\'' ; rm -rf / #'", "git log \\' ; rm x ; echo \\'", "(git status; rm x)",
     "{ git status; rm x; }", "git status;rm x", "git status&&rm x", "git 'x", "PATH=. git x",
     "GIT_PAGER=rm git log", "gitevil x", "Git x", "/tmp/git x", "./git x", "! git x", "", " ",
     "git\u00a0status", "git status #\nrm x", "eval git x", "env git x", "git x |& rm x",
     "if git x; then rm x; fi", "git ${x:-`rm x`}", "{rm,x}", "rm x #git x"],
)  # fmt: skip
def test_no_trick_makes_a_command_an_allowed_one(command: str) -> None:
    assert verdict("shell", command, allow=["shell(git *)"]) == "ask"
    assert verdict("shell", command, allow=["shell(git *)"], default="deny") == "deny"


@pytest.mark.parametrize(
    "command",
    ["git status", "git", " git  status ", "git add . && git commit -m 'a; rm x'",
     "git log | git x",
     'git commit -m "a & b (c) > d"', "git log --format='%h'"],
)  # fmt: skip
def test_what_is_allowed_is_allowed(command: str) -> None:
    assert verdict("shell", command, allow=["shell(git *)"]) == "allow"


@pytest.mark.parametrize(
    "command",
    ["rm x", "a; rm x", "a && rm x", "a $(rm x)", "a `rm x`", "a\nrm x", 'r"m" x', "'rm' x",
     "r\\m x",
     "(rm x)", "{ rm x; }", "a | rm x", "rm", "rm\tx",
     "\\r\\m$Z y", "r''m$IFS-x"],
)  # fmt: skip
def test_what_is_denied_is_denied_in_any_part(command: str) -> None:
    assert verdict("shell", command, allow=["*"], deny=["shell(rm *)"]) == "deny"


@pytest.mark.parametrize(
    "command", ["X=rm; $X y", "a > b", "r$@m x", "if a; then rm x; fi", "! rm x"]
)
def test_what_cannot_be_read_is_asked_where_something_is_denied(command: str) -> None:
    rules = {"allow": ["*"], "deny": ["shell(rm *)"]}
    assert verdict("shell", command, **rules, default="allow") == "ask"
    assert verdict("shell", command, **rules, default="deny") == "deny"
    assert verdict("shell", command, allow=["shell"]) == "allow"  # nothing is denied


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/a.py", "allow"),
        ("./src//a.py", "allow"),
        ("src/deep/a.py", "allow"),
        ("src/../x", "ask"),
        ("src/../../etc/passwd", "ask"),
        ("src\\..\\x", "ask"),
        ("/src/a.py", "ask"),
        ("srcs/a.py", "ask"),
        ("src/secret/a", "deny"),
        ("src/./secret//a", "deny"),
        ("x/../src/secret/a", "deny"),
    ],
)
def test_paths_are_matched_as_the_files_they_lead_to(path: str, kind: str) -> None:
    for tool in ("write", "edit", "read"):
        rules = {"allow": [f"{tool}(src/*)"], "deny": [f"{tool}(src/secret/*)"]}
        assert verdict(tool, path, **rules) == kind


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://example.org/docs/x", "allow"),
        ("HTTPS://EXAMPLE.ORG:443/docs/x", "allow"),
        ("https://example.org/docs/../admin", "ask"),
        ("https://example.org/docs/%2e%2e/admin", "ask"),
        ("https://example.org@evil.com/docs/", "ask"),
        ("https://evil.com/https://example.org/docs/", "ask"),
        ("https://evil.com\\@example.org/docs/", "ask"),
        ("https://example.org.evil.com/docs/", "ask"),
        ("http://example.org/docs/x", "ask"),
        ("https://example.org:8443/docs/x", "ask"),
        ("https://example.org/docs/%70rivate", "deny"),
        ("https://example.org/docs/./private", "deny"),
    ],
)
def test_addresses_are_matched_as_what_is_asked(url: str, kind: str) -> None:
    rules = {
        "allow": ["fetch(https://example.org/docs/*)"],
        "deny": ["fetch(https://example.org/docs/private*)"],
    }
    assert verdict("fetch", url, **rules) == kind


def test_names_of_tools_are_patterns_too() -> None:
    assert verdict("send", "x", allow=["se*"]) == "allow"
    assert verdict("send", "x", allow=["s"]) == "ask"
    assert verdict("send", "x", allow=["*(x)"]) == "allow"
    assert verdict("count", [1, 2], allow=["count([[]1, *)"]) == "allow"


@pytest.mark.parametrize("arguments", [{}, {"to": ["x"]}, {"TEXT": "x"}])
def test_a_call_without_its_first_argument_is_not_allowed_by_a_pattern(
    arguments: dict[str, Any],
) -> None:
    assert decide(Rules.of(allow=["send(**)", "send(x*)"]), TOOLS["send"], arguments).kind == "ask"
    assert decide(Rules.of(allow=["send"]), TOOLS["send"], arguments).kind == "allow"


@pytest.mark.parametrize(
    "rule", ["", " ", "shell(", "shell()", "(x)", "a b", "shell(x) y", "sh;ell"]
)
def test_a_rule_that_cannot_be_read_is_an_error(rule: str) -> None:
    for kind in ("allow", "ask", "deny"):
        with pytest.raises(ConfigurationError, match=r"is no rule for tools\. Write"):
            Rules.of(**{kind: [rule]})  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="is no verdict"):
        Rules.of(default="maybe")


@given(st.text(), st.sampled_from(sorted(TOOLS)))
def test_nothing_is_allowed_by_accident(text: str, tool: str) -> None:
    assert verdict(tool, text, allow=[f"{tool}(never-this)"], default="deny") == "deny"
    assert verdict(tool, text, deny=[tool], allow=["*"], default="allow") == "deny"


def test_mcp_like_tools_without_arguments() -> None:
    bare = Tool("bare", "Nothing.", {}, lambda arguments: nowhere())
    assert decide(Rules.of(allow=["bare"]), bare, {}).kind == "allow"
    assert decide(Rules.of(allow=["bare(x)"]), bare, {"x": "x"}).kind == "ask"
