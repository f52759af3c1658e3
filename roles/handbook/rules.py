"""Rules a requirement states about fields: refused values, limits, what may be missing.

``It must refuse negative amounts and dates in the future`` and ``a donor can be anonymous`` become
`Rule`s with the place they were read at; `applied` puts them into the fields they speak of.
"""

# ruff: noqa: E501 - long patterns read better unbroken

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from metaco.roles.handbook.fields import Entity, Field
from metaco.roles.handbook.words import singular, slug

__all__ = ["Rule", "applied", "rules"]

Kind = Literal[
    "low", "high", "above", "below", "positive", "unique", "required", "optional", "no_future",
    "no_past", "overlap", "valid", "unknown",
]  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A rule about the field that `about` names, read from `start` to `end` of the text.

    Attributes:
        kind: ``above`` and ``below`` are limits that are themselves refused; ``valid`` asks for what
            the field's kind checks anyway; ``unknown`` is a rule that nothing here can keep.
        owner: words that name the thing, as in "contacts without an email".
    """

    kind: Kind
    about: str
    start: int
    end: int
    number: str = ""
    owner: str = ""


_N = r"(?P<n>-?\d{1,9}(?:[.,]\d{1,2})?)(?:\s*(?:€|\$|£|%|[a-z]{1,3}\b(?<!per)(?<!or)(?<!and)|euros?|dollars?|pounds|characters?))?"
_FIELD = r"(?P<f>[a-z][\w'’ -]{0,40}?)"
# What is refused, one object of a list.
_REFUSED: tuple[tuple[str, Kind], ...] = (
    (rf"(?:zero (?:or|and) negative|negative (?:or|and) zero|non-?positive|zero) {_FIELD}", "positive"),
    (rf"negative(?: values (?:for|of|in))? {_FIELD}", "low"),
    (rf"{_FIELD} (?:(?:that|which) (?:are|lie|is) |lying )?(?:in|from|of) the future", "no_future"),
    (rf"(?:future|later) {_FIELD}", "no_future"),
    (rf"{_FIELD} after today", "no_future"),
    (rf"{_FIELD} (?:(?:that|which) (?:are|lie|is) |lying )?(?:in|from|of) the past", "no_past"),
    (rf"past {_FIELD}", "no_past"),
    (rf"{_FIELD} before today", "no_past"),
    (rf"(?:the same|a second|double(?!\s*-?book)|duplicated?|duplicates? of(?: the)?|doubled) {_FIELD}(?: twice)?", "unique"),
    (rf"(?:two|several) (?P<o>[\w-]+) with (?:the same|one) {_FIELD}", "unique"),
    (r"(?:exact )?(?:duplicates|doubles|duplicate(?: entries| records)?)(?P<f>)", "unique"),
    (rf"(?:empty|missing|blank) {_FIELD}", "required"),
    (rf"(?P<o>[\w-]+) (?:without|with no)(?: an?| any)? {_FIELD}", "required"),
    (rf"{_FIELD} (?:above|over|of more than|more than|greater than|higher than|larger than|longer than|bigger than) {_N}", "high"),
    (rf"{_FIELD} (?:below|under|of less than|less than|lower than|smaller than|shorter than) {_N}", "low"),
    (rf"{_FIELD} (?:outside(?: of)?|not (?:in|between)) (?:from )?(?P<n>\d+) ?(?:to|-|–|and) ?(?P<m>\d+)", "low"),
    (r"two (?P<f>[\w ]+?) (?:may|can|must|should|that)(?: ever)? (?:overlap|clash)\w*(?: .*)?", "overlap"),
    (r"(?:overlap\w*|double[- ]?book\w*|clash\w*)(?P<f>[\w ]*)", "overlap"),
    (rf"(?:invalid|wrong|malformed) {_FIELD}", "valid"),
)  # fmt: skip
_REFUSE = re.compile(
    r"\b(?:(?:it|the (?:program|app|tool|system|software)|this|that|i|we|you)\s+)?(?:(?:must|should|shall|has to|have to|needs? to|may|can|will|please)\s+)?"
    r"(?:(?:not|never)\s+(?:allow|accept|permit|take|store|let)(?: me(?: to)?(?: enter| add| type| record)?)?(?: any)?|refus(?:e|es|ing)|reject(?:s|ing)?|forbids?|disallows?|prevents?|blocks?|"
    r"(?:do(?:es)?n['’]t|cannot|can['’]t) (?:allow|accept|permit)(?: any)?|(?:cannot|can['’]t|can not|must not|may not|should not|never) have(?: an?| any)?|no(?= (?:duplicate|negative|empty|overlap|double[- ]book|future|past|blank|two )))\s+",
    re.I,
)
_OBJECT_END = re.compile(r",\s*(?:and |or |nor )?|\s+(?:and|or|nor|as well as)\s+|(?=[.;!?(]|$)")
_MODAL = r"(?:must|should|shall|has to|have to|needs? to|need|can|could|may|might|is|are|will|cannot|can['’]t|mustn['’]t|shouldn['’]t|isn['’]t|aren['’]t)"
# What a field must or may be; the second kind is for "must not be", the third for "may be".
_STATES: tuple[tuple[str, Kind, Kind], ...] = (
    (r"(?:a )?positive(?: numbers?| amounts?)?|(?:greater|larger|more|higher|bigger) than (?:zero|0)|above (?:zero|0)|> ?0", "positive", "unknown"),
    (r"negative|(?:go |fall |drop |get |sink )?below (?:zero|0)|less than (?:zero|0)", "unknown", "low"),
    (r"zero or negative|zero", "unknown", "positive"),
    (r"unique|different(?: from each other)?", "unique", "unknown"),
    (r"duplicated?|the same(?: twice)?|used twice|repeated|entered twice|appear twice|occur twice|doubled", "unknown", "unique"),
    (r"required|mandatory|obligatory|compulsory|given|filled(?: in)?|present|entered|set|provided", "required", "optional"),
    (r"empty|missing|blank|omitted|left (?:out|blank|empty)|optional|unnamed|anonymous|unknown|nameless", "optional", "required"),
    (r"(?:in|after|from|of) the future|later than today|after today", "no_past", "no_future"),
    (r"(?:in|from|of) the past|earlier than today|before today", "no_future", "no_past"),
    (r"today or (?:later|after)", "no_past", "unknown"),
    (r"today or (?:earlier|before)", "no_future", "unknown"),
    (r"(?:an? )?valid(?: [\w-]+)*", "valid", "unknown"),
)  # fmt: skip
_LEAD = r"(?:^|(?<=[.,;:!?(])\s*|\b(?:and|but|where|that|while|although|though|because|or)\s+)"
_MUST = re.compile(
    rf"{_LEAD}(?P<f>[a-z](?:(?!\b{_MODAL}\b)[\w'’/ -]){{1,60}}?)\s+(?P<modal>{_MODAL})(?P<not>\s+(?:not|never))?\s+(?:(?:always|only|also|both|all)\s+)*(?:be |lie |stay |go (?=below|above|over|under))?(?:always |only )?"
    rf"(?P<state>{'|'.join(f'(?:{pattern})' for pattern, *_ in _STATES)}"
    rf"|from \d+ (?:to|and) \d+|at least {_N.replace('?P<n>', '')}|at most {_N.replace('?P<n>', '')}"
    rf"|(?:(?:no |not )?(?:more|less|greater|higher|lower|larger|smaller|bigger|longer|shorter|fewer|older|younger) than|above|over|below|under|up to|exceed|max(?:imum)?|min(?:imum)?) {_N.replace('?P<n>', '')}"
    rf"|rejected|refused|forbidden|not allowed|allowed|ok|okay|fine)(?![\w-])",
    re.I,
)
_LIMIT = re.compile(
    rf"(?:(?P<f>[a-z][\w-]*(?: [\w-]+)?)\s+)?(?:(?:per|for each|for an?|of an?)\s+(?P<o>[a-z][\w-]*)\s+)?(?P<how>at least|at most|no more than|not more than|no less than|maximum|max\.?|minimum|min\.?|up to)\s+{_N}(?:\s+(?:per|for each|for an?)\s+(?P<o2>[a-z][\w-]*))?",
    re.I,
)
_COUNTED = re.compile(
    r"(?:\b(?:[\w-]+ ){1,3}(?:can|may|must|should|cannot) (?:only |not )?(?:have|hold|take|borrow|lend|book|keep|enter|reserve) (?:at most|up to|no more than|more than|only|at least|a maximum of) \d+[^.;,!?]*"
    r"|\b(?:show|list|see|find|warn|tell|alert|highlight|mark)\b[^.;,!?:]*\b(?:more|less|fewer|greater|older|longer|higher|lower) than \d+[^.;,!?]*"
    r"|\b(?:show|list|see|find|warn|tell|alert|highlight)\b[^.;,!?:]*\b(?:over|under|above|below) \d+[^.;,!?]*)",
    re.I,
)
_NOT_FIELD = frozenset(
    [
        "it",
        "this",
        "that",
        "they",
        "there",
        "which",
        "who",
        "what",
        "program",
        "app",
        "tool",
        "i",
        "we",
        "you",
        "one",
    ]
)


def _about(text: str) -> str:
    text = re.sub(
        r"^(?:(?:the|an?|its|their|all|each|every|any|both|and|or|but|that|my|our|also)\s+)+",
        "",
        text.strip(),
        flags=re.I,
    )
    return re.sub(r"['’]s?\b", "", text).strip().lower()


def _objects(text: str, start: int) -> list[Rule]:
    """Return the rules in a list of refused things that begins at `start`."""
    found: list[Rule] = []
    at = start
    while at < len(text):
        stop = _OBJECT_END.search(text, at)
        end = stop.start() if stop else len(text)
        if end - at > 90:
            break
        rule = _refused(text[at:end], at, end)
        if rule is None:
            # "bookings in the past and over 8 hours" shares its noun; everything else ends the list.
            if not found:
                end = min(end, len(text))
                found.append(Rule("unknown", text[at:end].strip(), at, end))
            break
        found += rule
        if stop is None or not stop[0]:
            break
        at = stop.end()
    return found


def _refused(phrase: str, start: int, end: int) -> list[Rule] | None:
    phrase = re.sub(
        r"^(?:(?:any|all|the|an?|entries with|records with|every)\s+)+",
        "",
        phrase.strip(),
        flags=re.I,
    )
    for pattern, kind in _REFUSED:
        match = re.fullmatch(pattern, phrase, re.I)
        if match:
            parts = match.groupdict()
            number, owner = parts.get("n") or "", _about(parts.get("o") or "")
            about = _about(parts["f"] or "")
            made = [Rule(kind, about, start, end, number, owner)]
            if parts.get("m"):
                made.append(Rule("high", about, start, end, parts["m"] or "", owner))
            return made
    return None


def _stated(match: re.Match[str]) -> list[Rule]:
    """Return the rules in a sentence as "amount and date must not be empty"."""
    start, end = match.start("f"), match.end()
    state, modal = match["state"].lower(), match["modal"].lower()
    negated = bool(match["not"]) or modal in ("cannot",) or modal.endswith(("'t", "’t"))
    names = [_about(part) for part in re.split(r",| and | or |/", match["f"])]
    names = [name for name in names if name]
    if not names or names[-1].split()[-1] in _NOT_FIELD or len(names[-1].split()) > 6:
        return []
    permits = modal in ("can", "could", "may", "might") and not negated
    if re.fullmatch(r"rejected|refused|forbidden|not allowed", state) or (
        negated and state == "allowed"
    ):
        refused = _refused(
            re.sub(r"^(?:the|all|any)\s+", "", match["f"].strip(), flags=re.I), start, end
        )
        return refused or [Rule("unknown", match["f"], start, end)]
    if re.fullmatch(r"allowed|ok|okay|fine", state):
        missing = re.fullmatch(r"(?P<o>[\w-]+) without(?: an?)? (?P<f>[\w -]+)", _about(match["f"]))
        return [Rule("optional", missing["f"], start, end, "", missing["o"])] if missing else []
    limits = _limits(state, negated)
    if limits:
        return [Rule(kind, name, start, end, number) for name in names for kind, number in limits]
    for pattern, plain, refused_kind in _STATES:
        if re.fullmatch(pattern, state):
            kind = refused_kind if negated else plain
            if permits and kind not in ("optional",):
                return []
            if (
                modal in ("is", "are", "isn't", "aren't")
                and kind in ("no_past", "no_future", "low", "valid", "required")
                and not re.fullmatch(r"required|mandatory|obligatory|compulsory", state)
            ):
                return []
            return [Rule(kind, name, start, end) for name in names]
    return []


def _limits(state: str, negated: bool) -> list[tuple[Kind, str]]:
    span = re.fullmatch(r"from (\d+) (?:to|and) (\d+)", state)
    if span:
        return [("low", span[1]), ("high", span[2])] if not negated else []
    number = re.search(r"-?\d+(?:[.,]\d+)?", state)
    if not number:
        return []
    low = re.match(r"at least|min|(?:no|not) (?:less|fewer|lower|smaller|shorter|younger)", state)
    high = re.match(
        r"at most|max|up to|(?:no|not) (?:more|greater|higher|larger|bigger|longer|older)", state
    )
    if low or high:
        return [("low" if low else "high", number[0])]
    over = re.match(r"more|greater|higher|larger|bigger|longer|older|above|over|exceed", state)
    if negated:
        return [("high" if over else "low", number[0])]
    return [("above" if over else "below", number[0])]


def rules(text: str) -> list[Rule]:
    """Return the rules that a text states, in the order of the text."""
    found: list[Rule] = []
    taken: list[tuple[int, int]] = []

    def free(start: int, end: int) -> bool:
        return all(end <= a or start >= b for a, b in taken)

    for match in _REFUSE.finditer(text):
        made = _objects(text, match.end())
        if made and free(match.start(), made[-1].end):
            taken.append((match.start(), made[-1].end))
            found += [replace(made[0], start=match.start()), *made[1:]]
    for match in re.finditer(
        r"(?:^|(?<=[.,;:] ))(?P<what>[a-z][^.,;:]{3,60}?) (?:reject|refuse)(?=\s*(?:[.,;]|$))",
        text,
        re.I,
    ):
        made = _refused(match["what"], *match.span()) or []
        if made and free(*match.span()):
            taken.append(match.span())
            found += made
    for match in _MUST.finditer(text):
        if free(match.start("f"), match.end()):
            made = _stated(match)
            if made:
                taken.append((match.start("f"), match.end()))
                found += made
    for match in re.finditer(
        r"\b(?P<f>\w[\w' -]{1,30}) (?:is|are) (?:not (?:required|mandatory|needed)|optional)\b",
        text,
        re.I,
    ):
        if free(match.start(), match.end()):
            taken.append(match.span())
            found.append(Rule("optional", _about(match["f"]), *match.span()))
    for match in _LIMIT.finditer(text):
        owner = match["o"] or match["o2"]
        if owner and free(*match.span()):
            high = not re.match(r"at least|no less|min", match["how"], re.I)
            about = _about(match["f"] or "")
            taken.append(match.span())
            found.append(
                Rule("high" if high else "low", about, *match.span(), match["n"], _about(owner))
            )
    for match in _COUNTED.finditer(text):
        if free(*match.span()):  # over several records, or over what a list shows
            taken.append(match.span())
            found.append(Rule("unknown", "", *match.span()))
    return sorted(found, key=lambda rule: rule.start)


_GENERIC = {
    "amount": ("money",), "price": ("money",), "cost": ("money",), "sum": ("money",),
    "date": ("date",), "day": ("date",), "number": ("integer", "number"),
    "value": ("money", "number", "integer"), "quantity": ("integer",), "email": ("email",),
    "weight": ("number",), "time": ("time",), "phone": ("phone",), "link": ("url",),
    "mail": ("email",), "address": ("email",), "distance": ("number",),
}  # fmt: skip


def named(about: str, one: Entity) -> list[Field]:
    """Return the fields of an entity that words as "amounts" or "purchase dates" name."""
    name = slug(about)
    options = {name, singular(name)}
    if singular(name) in ("due_date", "deadline", "due_day"):
        options.add("due")
    of = re.match(r"(.+?)_(?:of|for)_(?:the_|an?_|its_|each_|every_)?\w+$", name)
    if of:
        options |= {of[1], singular(of[1])}
    for prefix in (f"{one.name}_", f"{one.name}s_"):
        options |= {option.removeprefix(prefix) for option in options}
    exact = [f for f in one.fields if f.name in options or singular(f.name) in options]
    if exact:
        return exact
    last = {option.split("_")[-1] for option in options}
    ending = [
        f for f in one.fields
        if {*f.name.split("_")} >= {*singular(name).split("_")} or (f.name.split("_")[0] in options and len(f.name) > 3)
        or f.unit in options
    ]  # fmt: skip
    if ending:
        return ending
    if len(name.split("_")) == 1:
        kinds = next((_GENERIC[word] for word in sorted(last) if word in _GENERIC), ())
        return [f for f in one.fields if f.kind in kinds]
    return [f for f in one.fields if f.name in last]


def _changed(f: Field, rule: Rule) -> Field | None:
    """Return the field under the rule, or None if its kind cannot keep it."""
    numeric = f.kind in ("integer", "number", "money")
    whole = int(float(rule.number.replace(",", "."))) if rule.number else 0
    if rule.kind == "positive" and numeric:
        return replace(
            f,
            positive=True,
            minimum=None if f.maximum is not None and f.maximum <= 0 else f.minimum,
        )
    if rule.kind in ("low", "above", "high", "below") and numeric:
        up = rule.kind in ("low", "above")
        if rule.kind in ("above", "below") and f.kind == "integer":
            whole += 1 if up else -1
        elif rule.kind == "above" and whole == 0:
            return replace(f, positive=True)
        elif rule.kind in ("above", "below"):
            return None
        low, high = (whole, f.maximum) if up else (f.minimum, whole)
        if rule.number and not re.fullmatch(r"-?\d+(?:[.,]0+)?", rule.number):
            return None
        if low is not None and high is not None and low >= high:
            return None
        changed = replace(f, minimum=low, maximum=high)
        default = changed.default
        bad = default and not (low or -(10**9)) <= float(default) <= (
            high if high is not None else 10**9
        )
        return replace(changed, default="", positive=f.positive) if bad else changed
    if rule.kind in ("no_future", "no_past") and f.kind == "date":
        if (rule.kind == "no_past" and f.no_future) or (rule.kind == "no_future" and f.no_past):
            return None
        return replace(f, no_future=True) if rule.kind == "no_future" else replace(f, no_past=True)
    if rule.kind == "unique" and f.kind in ("text", "email", "phone", "url", "integer", "date"):
        if f.kind in ("integer", "date"):
            return None
        return replace(f, unique=True, required=True, default="")
    if rule.kind == "required" and f.kind != "boolean":
        return f if f.default else replace(f, required=True)
    if rule.kind == "optional":
        return replace(f, required=False) if not f.unique else None
    if rule.kind == "valid":
        return f if f.kind != "text" else None
    return None


def applied(found: list[Rule], entities: list[Entity]) -> tuple[list[Entity], list[Rule]]:
    """Return the entities with their fields under the rules, and the rules that none could keep."""
    unmet: list[Rule] = []
    result = list(entities)
    for rule in found:
        done = False
        owners = [
            n
            for n, one in enumerate(result)
            if rule.owner and one.name == singular(slug(rule.owner))
        ]
        start = owners or range(len(result) - 1, -1, -1)
        for position in start:
            one = result[position]
            targets = named(rule.about, one) if rule.about else []
            timed = {"date", "start", "end"} <= {f.name for f in one.fields}
            if (
                not targets
                and not timed
                and rule.kind == "unique"
                and (not rule.about or singular(slug(rule.about)) == one.name)
            ):
                targets = [f for f in one.fields if f.kind == "text" and f.required][:1]
                targets = targets or [f for f in one.fields if f.kind == "text"][:1]
            if not targets and not rule.about and rule.kind in ("low", "high") and owners:
                targets = [f for f in one.fields if f.kind in ("money", "number", "integer")][:1]
            changed = {f.name: new for f in targets if (new := _changed(f, rule)) is not None}
            if changed:
                result[position] = replace(
                    one, fields=tuple(changed.get(f.name, f) for f in one.fields)
                )
                done = True
                if rule.about not in ("amount", "date", "amounts", "dates"):
                    break
        if not done:
            unmet.append(rule)
    return [_labelled(one) for one in result], unmet


def _labelled(one: Entity) -> Entity:
    """Return the entity with a required field, which every record needs."""
    if any(f.required for f in one.fields):
        return one
    order = ("money", "number", "integer", "date", "text", "choice")
    for kind in order:
        for f in one.fields:
            if f.kind == kind and not f.default and f.name not in ("notes", "note"):
                return replace(
                    one,
                    fields=tuple(replace(x, required=True) if x is f else x for x in one.fields),
                )
    fields = (replace(one.fields[0], required=True, default=""), *one.fields[1:])
    return replace(one, fields=fields)
