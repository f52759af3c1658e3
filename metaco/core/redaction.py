"""Keeps keys and passwords out of what others see: errors, the log, and what is printed.

`redact` is for text that comes from outside and enters an error: what an endpoint answered, what
a library raised. `without_keys` is for text that must stay the same otherwise: prompts and replies.
Recordings, which are shared, go through `metaco.recording.scrub`, which removes paths as well.
Documents are the user's content and stay as they are.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit, urlunsplit

__all__ = [
    "names_secret",
    "public_address",
    "redact",
    "register_secret",
    "strip_userinfo",
    "without_keys",
]

_SECRETS = {"KEY", "KEYS", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "CREDENTIALS"}
_KINDS = re.compile(
    r"(?i)\b(?P<kind>sk-|gsk_|xai-|ghp_|AIza|(?:Bearer|Basic|api-key:?|x-api-key:?)\s+)"
    r"[\w*.+/=-]{6,}"
)
# Also where the address is misspelt, or has no scheme and stands at the beginning.
_USER = re.compile(r"(?P<head>:/{1,2}|^(?=[^\s/]*:))[^/\s\"'<>]+@")
_HIDDEN = "***"
_registered: set[str] = set()


def register_secret(*values: str) -> None:
    """Remember keys, and the password in an address, so that `redact` knows them."""
    for value in values:
        try:
            parts = urlsplit(value)
            inner = [parts.password or "", unquote(parts.password or "")]
            pair = f"{unquote(parts.username or '')}:{inner[1]}"
            inner += [b64encode(pair.encode()).decode()] * bool(inner[1])  # as it is sent
        except ValueError:
            inner = []
        whole = [] if "://" in value else [value, value.strip()]
        _registered.update(one for one in (*inner, *whole) if _is_secret(one))


def names_secret(name: str) -> bool:
    """Return whether a variable of this name holds a key or a password."""
    words = re.split(r"[\W_]+", name.upper())
    joined = ("APIKEY", "TOKEN", "SECRET", "PASSWORD")  # as in OPENAIAPIKEY
    return not _SECRETS.isdisjoint(words) or words[-1].endswith(joined)


def redact(text: str) -> str:
    """Return `text` without keys: those of this process, and what looks like one."""
    text = _without({*_registered, *_of_environment()}, text)
    return _KINDS.sub(rf"\g<kind>{_HIDDEN}", strip_userinfo(text))


def without_keys(text: str) -> str:
    """Return `text` without the keys that metaco sends; nothing else of it changes."""
    return _without(_registered, text)


def strip_userinfo(text: str) -> str:
    """Return `text` with no name and password in the addresses it holds, or may hold."""
    return _USER.sub(r"\g<head>", text)


def public_address(address: str) -> str:
    """Return an address without name and password, with the host that is really asked."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _without(values: Iterable[str], text: str) -> str:
    for value in sorted(values, key=len, reverse=True):  # one may be the beginning of another
        for form in {value, repr(value)[1:-1], value.encode("unicode_escape").decode()}:
            text = text.replace(form, _HIDDEN)
    return text


def _of_environment() -> Iterator[str]:
    for name, value in os.environ.items():
        if names_secret(name) and _is_secret(value):
            yield value


def _is_secret(value: str) -> bool:
    """Return whether `value` is no plain word, which would be missed elsewhere in a message."""
    return len(value) >= 16 or (len(value) >= 8 and any(map(str.isdigit, value)))
