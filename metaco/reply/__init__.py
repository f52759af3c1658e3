"""Out of what a model wrote, what was asked for: a document, or the code of files.

Normal form comes first: a reply that is just the JSON asked for takes the short way. The others
are searched for the object that was meant, fitted to the fields (`metaco.reply.fit`), and
validated. What cannot be had without guessing is a `ReplyError` that says, precisely enough to be
sent back, what is wrong.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

from pydantic import ValidationError, create_model, model_validator

from metaco.core.document import Document
from metaco.core.errors import ConfigurationError, ReplyError
from metaco.reply.fences import fenced, files, unnamed
from metaco.reply.fit import fit, keys
from metaco.reply.objects import find, without_thoughts
from metaco.reply.schema import json_schema, placeholders, schema

__all__ = [
    "OneOf",
    "fenced",
    "files",
    "json_schema",
    "one_of",
    "parse",
    "parse_one_of",
    "schema",
    "unnamed",
]

D = TypeVar("D", bound=Document)
_REMEDY = "Ask again, or choose another model with --model."


def parse(kind: type[D], text: str, *, examples: Sequence[Mapping[str, Any]] = ()) -> D:
    """Return the document of this `kind` that `text` holds.

    Args:
        kind: the document asked for.
        text: the reply as it came, known not to be cut off (`Reply.finish` is not ``length``).
        examples: objects that the prompt showed; repeated, they are no answer. Those that `kind`
            itself gives (``json_schema_extra={"examples": [...]}``) count without being named.

    Raises:
        ReplyError: there is no such document in it, or it ends within.
    """
    try:
        return _parse(kind, text, [*examples, *_own_examples(kind)])
    except RecursionError:
        raise ReplyError("The reply is nested too deeply.", _REMEDY, text=text) from None


class OneOf(Document):
    """One of several documents, under the name of its kind; `one_of` makes these classes."""

    @model_validator(mode="after")
    def _holds_one(self) -> OneOf:
        if len(self.given) != 1:
            names = ", ".join(type(self).model_fields)
            raise ValueError(f"give exactly one of {names}, not {len(self.given)} of them")
        return self

    @classmethod
    def model_json_schema(cls, *options: Any, **more: Any) -> dict[str, Any]:
        """Return a schema that only an answer of one kind follows, under the key `answer`.

        Strict schemas cannot say that of an object's own keys; `parse` looks below the key.
        """
        flat = super().model_json_schema(*options, **more)
        either = [
            {
                "type": "object",
                "properties": {name: field["anyOf"][0]},
                "required": [name],
                "additionalProperties": False,
            }
            for name, field in flat["properties"].items()
        ]
        answer = {"anyOf": either, "description": "exactly one of these"}
        return {**flat, "properties": {"answer": answer}, "required": ["answer"]}

    @property
    def given(self) -> list[Document]:
        """The documents it holds, which are one."""
        return [value for _, value in self if value is not None]


@lru_cache(maxsize=256)
def one_of(kinds: tuple[type[Document], ...]) -> type[Document]:
    """Return the class of the document to answer with: of several kinds, one that holds either.

    Raises:
        ConfigurationError: two of them have one name.
    """
    if len(kinds) == 1:
        return kinds[0]
    by_name: dict[str, Any] = {kind.__name__: (kind | None, None) for kind in kinds}
    if len(by_name) < len(kinds):
        raise ConfigurationError(
            f"Two of the documents asked for are called the same: {', '.join(by_name)}.",
            "Rename one of them.",
        )
    return create_model("_or_".join(by_name), __base__=OneOf, **by_name)


def parse_one_of(
    kinds: tuple[type[Document], ...], text: str, *, examples: Sequence[Mapping[str, Any]] = ()
) -> Document:
    """Return the document of one of these `kinds` that `text` holds; see `parse`.

    It stands under the name of its kind, or by itself where it can only be of one.

    Raises:
        ReplyError: there is none, or it may be of several kinds.
    """
    if len(kinds) == 1:
        return parse(kinds[0], text, examples=examples)
    try:
        answer = parse(one_of(kinds), text)
        return cast(OneOf, answer).given[0]
    except ReplyError:
        found = []
        for kind in kinds:
            with suppress(ReplyError):
                found.append(parse(kind, text, examples=examples))
        if len(found) == 1:
            return found[0]
        raise


def _parse(kind: type[D], text: str, examples: Sequence[Mapping[str, Any]]) -> D:
    value = _decoded(text)
    if isinstance(value, dict):
        attempt = _attempt(kind, value, examples)
        if attempt.document is not None:
            return attempt.document
    scan = find(text)
    attempts = [_attempt(kind, one, examples) for one in scan.objects]
    attempts += [
        _attempt(kind, inner, examples)
        for one, attempt in zip(scan.objects, tuple(attempts), strict=True)
        if attempt.document is None
        for inner in _wrapped(one)
    ]
    if not scan.objects and not scan.unfinished and scan.listed < 2:
        attempts.append(_attempt(kind, _sections(kind, without_thoughts(text)), examples))
    # Of equals the later, as it is the corrected one.
    best = max(reversed(attempts), key=lambda attempt: attempt.rank, default=None)
    if best is not None and best.document is not None:
        return best.document
    if scan.unfinished:
        problem = "The reply ends within the JSON object: it is cut off, or a brace is missing."
    elif scan.listed > 1 and (best is None or not best.fields):
        problem = f"The reply is a list of {scan.listed} objects; one {kind.__name__} is expected."
    elif best is None or not (scan.objects or best.fields):
        begin = " ".join(without_thoughts(text).split())[:80]
        beginning = f'it begins with "{begin}"' if begin else "it is empty"
        problem = f"The reply contains no JSON object for a {kind.__name__}; {beginning}."
    else:
        problem = best.problem
    raise ReplyError(problem, _REMEDY, text=text)


@dataclass(frozen=True, slots=True)
class _Attempt(Generic[D]):
    """An object of a reply, read as the document: the document, or what is wrong with it."""

    value: dict[str, Any]
    fields: int
    document: D | None = None
    wrong: int = 0
    problem: str = ""

    @property
    def rank(self) -> tuple[bool, int]:
        return self.document is not None, self.fields - self.wrong


def _attempt(kind: type[D], value: dict[str, Any], examples: Sequence[Any]) -> _Attempt[D]:
    value = _clean(value)
    if _is_schema(kind, value):
        problem = "The reply repeats the schema instead of an object that follows it."
        return _Attempt(value, 0, problem=problem)
    key_of = keys(kind, value)
    if _is_echo(kind, {name: value[key] for name, key in key_of.items()}):
        problem = "The reply repeats the description of the object instead of filling it."
        return _Attempt(value, 0, problem=problem)
    fields = len(key_of)
    fitted = fit(kind, value)
    try:
        document = kind.model_validate_json(json.dumps(fitted))
    except ValidationError as error:
        unknown = [key for key in value if key not in key_of.values()]
        problem = _problem(kind, error, unknown)
        return _Attempt(value, fields, wrong=error.error_count(), problem=problem)
    if value and not fields:
        problem = f"The reply has none of the keys of a {kind.__name__}: {', '.join(value)}."
        return _Attempt(value, 0, problem=problem)
    plain = document.model_dump(mode="json", by_alias=True)
    if any(_copies(plain, fit(kind, example)) for example in examples):
        problem = "The reply repeats the example of the prompt; answer for this case."
        return _Attempt(value, 0, problem=problem)
    return _Attempt(value, fields, document)


def _problem(kind: type[Document], error: ValidationError, unknown: Sequence[str]) -> str:
    """Say what is wrong where, for the model that has to correct it."""
    wrongs = error.errors(include_url=False, include_context=False)
    lines = [f"The reply is not a valid {kind.__name__}:"]
    for wrong in wrongs[:_MOST]:
        path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in wrong["loc"])
        message = wrong["msg"].removeprefix("Value error, ")
        if wrong["type"] == "missing":
            message = "is missing"
        elif path:
            message += f", got {_shown(wrong['input'])}"
        lines.append(f"- {path.removeprefix('.') or kind.__name__}: {message[:200]}")
    if len(wrongs) > _MOST:
        lines.append(f"- and {len(wrongs) - _MOST} more")
    if unknown:
        lines.append(f"Not asked for: {', '.join(unknown)[:200]}.")
    return "\n".join(lines)


_MOST = 8  # more at once helps no model


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _decoded(text: str) -> Any:
    try:
        return json.loads(
            text.strip().lstrip("\ufeff"), strict=False, parse_constant=lambda _: None
        )
    except ValueError:
        return None


def _clean(value: Any) -> Any:
    """Return `value` with nothing that no file or log could hold: halves of characters, no NaN."""
    if isinstance(value, dict):
        return {_clean(key): _clean(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _wrapped(value: Mapping[str, Any], depth: int = 2) -> Iterator[dict[str, Any]]:
    """Yield the objects that `value` may be a wrapping of, as ``{"result": {...}}``."""
    if len(value) > 4 or not depth:
        return
    for inner in value.values():
        if isinstance(inner, str):
            inner = _decoded(inner)
        if isinstance(inner, list) and len(inner) == 1:
            inner = inner[0]
        if isinstance(inner, dict):
            yield inner
            yield from _wrapped(inner, depth - 1)


def _is_schema(kind: type[Document], value: Mapping[str, Any]) -> bool:
    """Return whether `value` is a JSON schema, though none was asked for."""
    properties = value.get("properties")
    return (
        isinstance(properties, dict)
        and bool(properties)
        and "properties" not in kind.model_fields
        and all(
            isinstance(one, dict) and {"type", "$ref", "anyOf", "allOf", "enum"} & one.keys()
            for one in properties.values()
        )
    )


def _is_echo(kind: type[Document], value: Mapping[str, Any]) -> bool:
    """Return whether `value` consists of the words that describe the fields."""
    texts: list[str] = []
    stack: list[Any] = [value]
    while stack:
        match stack.pop():
            case dict() as one:
                stack += one.values()
            case list() as several:
                stack += several
            case str() as text:
                texts.append(" ".join(text.lower().split()))
    return any(texts) and placeholders(kind).issuperset(texts)


def _own_examples(kind: type[Document]) -> list[Any]:
    extra = kind.model_config.get("json_schema_extra")
    examples = extra.get("examples", []) if isinstance(extra, dict) else []
    return list(examples) if isinstance(examples, list) else []


def _copies(value: Mapping[str, Any], example: Mapping[str, Any]) -> bool:
    """Return whether `value` is the example, or says mostly what the example says."""
    if example.items() <= value.items():
        return True
    sentences, shown = _sentences(value), _sentences(example)
    same = [text for text in sentences if text in shown]
    return len(same) > 1 and len(same) * 3 >= len(sentences) * 2


def _sentences(value: Any) -> list[str]:
    """Return the texts in `value` that are too long to be the same by accident."""
    if isinstance(value, str):
        return [" ".join(value.lower().split())] if len(value.split()) > 2 else []
    inner = value.values() if isinstance(value, Mapping) else value
    return (
        [text for one in inner for text in _sentences(one)] if isinstance(inner, Iterable) else []
    )


_HEADING = re.compile(
    r"(?m)^(?P<mark>#{1,6}\s*|(?:[-*]\s+)?\*\*)?(?P<name>[A-Za-z][\w /-]{1,40}?)"
    r"\s*(?::\*\*|(?:\*\*)?\s*(?:[:#]+|[-–—]\s|$))"
)


def _sections(kind: type[Document], text: str) -> dict[str, Any]:
    """Return the text below each heading, for models that write Markdown whatever they are told.

    A line that begins with the name of a field and a colon is a heading, too.
    """
    fields = {re.sub(r"[\W_]", "", name).lower() for name in kind.model_fields}
    headings = [
        match
        for match in _HEADING.finditer(text)
        if match["mark"] or re.sub(r"[\W_]", "", match["name"]).lower() in fields
    ]
    ends = [match.start() for match in headings[1:]] + [len(text)]
    return {
        match["name"]: text[match.end() : end].strip()
        for match, end in zip(headings, ends, strict=False)
    }
