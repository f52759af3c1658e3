"""Signatures, attributes and packages as designs write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaco.roles.documents.notation import attribute, brief, distributions, method, signature


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("add(self, title: str) -> Task", "add(self, title: str) -> Task"),
        ("def add(self, title: str) -> Task:", "add(self, title: str) -> Task"),
        ("def add(self,title:str=''): ...", "add(self, title: str = '')"),
        ("`main(argv: list[str]|None=None)->int`", "main(argv: list[str] | None = None) -> int"),
        ("- main(argv: list[str]|None=None)->int", "main(argv: list[str] | None = None) -> int"),
        ("+close(): pass", "close()"),
        ("Ledger.add(self)", "add(self)"),
        ("@staticmethod\ndef of(x: int) -> Money:", "of(x: int) -> Money"),
        ("@overload(1) @x.y def f(x) -> int", "f(x) -> int"),
        ("async def get(url: str) -> bytes:", "get(url: str) -> Awaitable[bytes]"),
        ("async stop(self)", "stop(self) -> Awaitable[None]"),
        ("async def lines(self) -> AsyncIterator[str]", "lines(self) -> AsyncIterator[str]"),
        ("f(a, /, b=1, *args: int, c: int = 2, d, **kw)",) * 2,
        ("f(a, *, b) -> 'X'", "f(a, *, b) -> 'X'"),
        ("f(x) -> dict[str, int]:  # what it does", "f(x) -> dict[str, int]"),
    ],
)
def test_signatures_are_brought_into_one_form(text: str, short: str) -> None:
    assert signature(text) == short
    assert signature(short) == short


@pytest.mark.parametrize(
    "text",
    [
        "",
        "add",
        "add(...)",
        "f(): x = 1",
        "f(): pass\nimport os",
        "class X",
        "f(x) -> ",
        "f(" * 300,
    ],
)
def test_what_is_no_signature_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a signature; write it with all parameters"):
        signature(text)


def test_a_diagram_shows_neither_self_nor_defaults() -> None:
    assert (
        brief("add(self, a: int, /, b: str = ')', *c, d=1) -> X")
        == "add(a: int, /, b: str, *c, d) -> X"
    )
    assert brief("of(cls)") == "of()"
    assert brief("of(self, /, *, x=1)") == "of(*, x)"


def test_a_property_belongs_to_the_attributes() -> None:
    with pytest.raises(ValueError, match="is a property; list it under attributes"):
        signature("@property\ndef total(self) -> int")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("title: str", "title: str"),
        ("done: bool=False", "done: bool = False"),
        ("- `self.items: list[Task] = []`,", "items: list[Task] = []"),
        ("OPEN = 'open'", "OPEN = 'open'"),
        ("due: date | None  # the day", "due: date | None"),
    ],
)
def test_attributes_are_brought_into_one_form(text: str, plain: str) -> None:
    assert attribute(text) == plain
    assert attribute(plain) == plain


@pytest.mark.parametrize("text", ["", "title", "title (str): the title", "a: int; b: int", "f()"])
def test_what_is_no_attribute_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an attribute; write it as `title: str`"):
        attribute(text)


@given(st.text(max_size=60))
def test_any_text_is_either_mended_for_good_or_refused(text: str) -> None:
    for read in (signature, attribute):
        try:
            plain = read(text)
        except ValueError:
            continue
        assert read(plain) == plain
        assert "\n" not in plain


def test_packages_are_those_that_pip_installs() -> None:
    texts = ["requests >= 2.31", "sqlite3", "None", "pytest", "`rich`", "Rich", "a[b,c]>=1,<2"]
    assert distributions(texts) == ["requests>=2.31", "rich", "a[b,c]>=1,<2"]


@pytest.mark.parametrize(
    "text",
    ["requests 2.31", "requests (for http)", "git+https://x/y", "a @ https://x", "x ^2", '"'],
)
def test_what_pip_does_not_install_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a package name for pip"):
        distributions([text])


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("def add(self, t: str) -> T:  # raises E", "add(self, t: str) -> T  # raises E"),
        ("add(self, t: str='#') -> T # it's said", "add(self, t: str = '#') -> T  # it's said"),
        ("add(self)", "add(self)"),
        ("add(self)  #", "add(self)"),
    ],
)
def test_what_a_caller_must_know_stays_behind_a_method(text: str, plain: str) -> None:
    assert method(text) == plain
    assert method(plain) == plain
    assert brief(plain).startswith("add(")
    assert "#" not in brief(plain).replace("'#'", "")
