"""Keeps keys and passwords out of what others see: errors, the log, and what is printed.

`redact` is for text that comes from outside and enters an error: what an endpoint answered, what
a library raised. Documents and prompts are the user's content and stay as they are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

__all__ = ["bare", "keep", "redact"]

_NAMES = re.compile(r"(?i)(?:API_?KEY|TOKEN|SECRET|PASSWORD)$")
_KINDS = re.compile(
    r"(?i)\b(?P<kind>sk-|gsk_|xai-|ghp_|AIza|(?:Bearer|Basic|api-key:?|x-api-key:?)\s+)"
    r"[\w*.+/=-]{6,}"
)
# Also where the address is misspelt, or has no scheme and stands at the beginning.
_USER = re.compile(r"(?P<head>:/{1,2}|^(?=[^\s/]*:))[^/\s\"'<>]+@")
_HIDDEN = "***"
_kept: set[str] = set()


def keep(*values: str) -> None:
    """Remember keys, and the password in an address, so that `redact` knows them."""
    for value in values:
        try:
            parts = urlsplit(value)
            inner = [parts.password or "", unquote(parts.password or "")]
        except ValueError:
            inner = []
        whole = [] if "://" in value else [value, value.strip()]
        _kept.update(one for one in (*inner, *whole) if _is_secret(one))


def redact(text: str) -> str:
    """Return `text` without keys: those of this process, and what looks like one."""
    known = {*_kept, *_of_environment()}
    for value in sorted(known, key=len, reverse=True):  # one may be the beginning of another
        for form in {value, repr(value)[1:-1], value.encode("unicode_escape").decode()}:
            text = text.replace(form, _HIDDEN)
    return _KINDS.sub(rf"\g<kind>{_HIDDEN}", bare(text))


def bare(text: str) -> str:
    """Return `text` with no name and password in the addresses it holds."""
    return _USER.sub(r"\g<head>", text)


def _of_environment() -> Iterator[str]:
    for name, value in os.environ.items():
        if _NAMES.search(name) and _is_secret(value):
            yield value


def _is_secret(value: str) -> bool:
    """Return whether `value` is no plain word, which would be missed elsewhere in a message."""
    return len(value) >= 16 or (len(value) >= 8 and any(map(str.isdigit, value)))
