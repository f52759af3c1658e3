"""What can be read out of a requirement by rules: things, fields, actions, reports.

Reading goes in steps, each a small function: clean the text, put it into English word by word,
recognise a familiar domain, read the lists ("with title, due date and priority"), then actions,
reports and formats. What no rule understood is kept in `Reading.unread`.
"""

# ruff: noqa: E501 - long lists and sentences read better unbroken

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from metaco.roles.handbook import fields
from metaco.roles.handbook.answers import Answer, answered
from metaco.roles.handbook.asks import asks
from metaco.roles.handbook.domains import DOMAINS, THINGS, Action, Domain, Report
from metaco.roles.handbook.fields import Entity
from metaco.roles.handbook.gaps import beyond, unread_parts
from metaco.roles.handbook.lists import PRODUCTS, focus, introduced, listed, main_noun, several
from metaco.roles.handbook.reports import reports
from metaco.roles.handbook.rules import Rule, applied, rules
from metaco.roles.handbook.structure import flat
from metaco.roles.handbook.things import familiar, merged, related, renamed, stem, unfamiliar
from metaco.roles.handbook.words import english, package_name, plural, singular, slug

__all__ = ["Reading", "read"]

_LONGEST = 4000  # characters that are read; a requirement is a line or a paragraph


@dataclass(frozen=True)
class Reading:
    """A requirement as far as rules can read it.

    Attributes:
        text: the requirement, verbatim (white space folded).
        words: its words in lower case, in order.
        numbers: the whole numbers in it, in order.
        name: a package name made of its main noun, snake_case.
        language: en, de, fr, es or zh, as far as it can be told.
        domain: the familiar domain it belongs to, as ``todo``; empty if there is none.
        title: what is to be built, as "a to-do list".
        entities: what is to be recorded; the first is the main thing.
        actions: commands with logic of their own, as lending or stock taking.
        reports: what is to be summed, counted, listed; the first `told` are asked for.
        listed: it names fields of its own.
        asked: the operations it names: add, list, edit, delete, search, filter, sort, export,
            import, report, and the words of actions.
        formats: csv and json if it names them.
        unread: parts that no rule understood, quoted.
        beyond: what it asks for that a command line program cannot be, one sentence each.
        assumed: what was filled in or decided without being told, one sentence each.
    """

    text: str
    words: tuple[str, ...]
    numbers: tuple[int, ...]
    name: str
    language: str = "en"
    domain: str = ""
    title: str = ""
    instead: str = "a paper notebook"
    entities: tuple[Entity, ...] = ()
    actions: tuple[Action, ...] = ()
    reports: tuple[Report, ...] = ()
    told: int = 0
    listed: bool = False
    asked: frozenset[str] = frozenset()
    formats: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    def says(self, *phrases: str) -> bool:
        """Return whether any of the phrases stands in the text as whole words."""
        text = " ".join(self.words)
        return any(re.search(rf"\b{phrase}\b", text) for phrase in phrases)


def _clean(text: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _domain(text: str, aim: str = "", noun: str = "") -> Domain | None:
    """Return the domain that the text points to most, if any.

    What the requirement says it tracks beats all words elsewhere: "donations to our animal shelter"
    are donations.

    Args:
        aim: the object of the main verb, as "the donations"; empty if there is none.
        noun: the main noun in it.
    """
    if aim:
        own = _domain(aim)
        if own or noun in THINGS or _described(text):
            return own
    text = f"{aim} {text}"
    best: Domain | None = None
    best_score = 0
    lower = text.lower().replace("_", " ")
    head = re.split(r"\bwith\b|:|\(|\.", lower, maxsplit=1)[0]
    for domain in DOMAINS:
        score = 0
        for phrase in domain.keywords.split(", "):
            pattern = rf"(?<![\w-]){re.escape(phrase)}(?![\w-])"
            if re.search(pattern, head):
                score += 6 + 4 * len(re.split(r"[ -]", phrase)) + (phrase == domain.name) * 2
            elif re.search(pattern, lower):
                score += 1 + 2 * phrase.count(" ")
        if domain.name == "collection":
            score //= 2  # everything can be collected
        if score > best_score:
            best, best_score = domain, score
    return best if best_score >= 3 else None


_OPERATIONS = {
    "add": r"add(?:ing|s)?|create|enter|new|insert|register|record|log",
    "list": r"list(?:ing|s)?|show|view|display|see|browse",
    "edit": r"edit(?:ing)?|updat(?:e|ing)|chang(?:e|ing)|modify|rename|correct",
    "delete": r"delet(?:e|ing)|remov(?:e|ing)",
    "search": r"search(?:ing|able|es)?|find(?:ing)?|look up|lookup|query",
    "filter": r"filter(?:ing|s|ed|able)?|only show|list by|by (?:status|category|priority|tag|genre|author)",
    "sort": r"sort(?:ing|ed|able)?|order(?:ed)? by|rank(?:ed|ing)?",
    "export": r"export(?:ing|s|ed)?|backup|csv|json",
    "import": r"import(?:ing|s|ed)?|load from",
    "report": r"reports?|statistics|stats|summary|summaries|summari[sz]e|totals?|overview|average|per month|monthly|dashboard|analytics",
}


def _described(text: str) -> bool:
    """Return whether the text lists fields of its own."""
    return bool(
        re.search(r":\s*[\w ()/.-]+(?:,|;| and )|\b(?:with|has|have) (?:an? )?[\w ]+,", text)
    )


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    """Return the text with the spans taken out, so that the rest keeps its places."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _asked(text: str, actions: tuple[Action, ...]) -> frozenset[str]:
    lower = text.lower()
    said = {name for name, words in _OPERATIONS.items() if re.search(rf"\b(?:{words})\b", lower)}
    said |= {a.word for a in actions if a.word and re.search(rf"\b{a.word.split('-')[0]}", lower)}
    return frozenset(said)


def _needed(domain: Domain, entity: str) -> set[str]:
    """Return the fields of an entity that the domain's actions work with."""
    needed: set[str] = set()
    for action in domain.actions:
        if action.entity == entity and action.kind in ("set", "stock"):
            needed.add(action.field)
        elif action.entity == entity and action.kind == "overlap":
            needed |= {"date", "start", "end"}
        if entity == action.record or (action.kind == "timer" and action.entity == entity):
            needed |= {"lent_on", "due", "returned_on", "day", "started", "ended"}
    return needed


def _fitted(action: Action, entities: list[Entity]) -> Action:
    """Return the action with its field called as the requirement calls it."""
    one = next(e for e in entities if e.name == action.entity)
    if action.field and not one.get(action.field):
        same = next(
            (f.name for f in one.fields if stem(f.name) == stem(action.field)), action.field
        )
        return replace(action, field=same)
    return action


def _elsewhere(text: str, domain: Domain, noun: str) -> bool:
    """Return whether the text describes other things than the domain does, as a salon's customers."""
    usual = {fields.entity(line).name for line in domain.entities}
    said, things = listed(text, "", usual | {noun})
    named = usual & {singular(word) for word in re.findall(r"[a-z]+", text.lower())}
    own = [thing for thing in things if said.get(thing) and thing not in usual and thing in THINGS]
    central = singular(domain.name)
    if own and central in usual - {noun} - {
        singular(w) for w in re.findall("[a-z]+", text.lower())
    }:
        return True
    main = [f for name, found in said.items() if name in (*usual, noun, "") for f in found]
    if len(main) >= 3 and len(usual) > 1 and noun not in usual - {"entry"} and not any(things):
        # A list of fields that are not the domain's: it is about something else.
        theirs = {stem(f.name) for e in map(fields.entity, domain.entities) for f in e.fields}
        theirs |= usual
        if sum(stem(f.name) in theirs for f in main) * 2 < len(main):
            return True
    lent_out = [a.entity for a in domain.actions if a.kind == "lend"]
    if len(main) >= 3 and lent_out and lent_out[0] not in (noun, *named):
        return True  # it lends something else
    if len(main) >= 3 and len(usual) == 1 and not any(things):
        theirs = {stem(f.name) for e in map(fields.entity, domain.entities) for f in e.fields}
        if not any(stem(f.name) in theirs for f in main):
            return True
    record = [a.record for a in domain.actions if a.kind == "lend"]
    lent = {
        f.name for e in map(fields.entity, domain.entities) if e.name in record for f in e.fields
    }
    if sum(f.name in lent - usual for f in (*said.get(noun, []), *said.get("", []))) >= 2:
        return True  # loans in one list, as "title, friend, lent on, returned on"
    return bool(own) and not named and noun not in usual


def _entities(
    text: str, whole: str, domain: Domain | None, noun: str
) -> tuple[list[Entity], list[str], bool]:
    """Return the things to record, what was assumed about them, and whether fields are named.

    Args:
        text: without what other rules have read.
        whole: with it, for how the things belong together.
    """
    usual = {e.name: e for e in (fields.entity(line) for line in domain.entities)} if domain else {}
    main = next(iter(usual), noun or "entry")
    if domain and len(usual) > 1:
        # Fields that come without an owner belong to what the domain is about, not to its helper.
        main = next((n for n in usual if n in (noun, domain.name.rstrip("s"))), main)
    said, things = listed(text, main, set(usual) | ({noun} if noun else set()))
    things = things + [t for t in several(whole) if t not in things]
    if domain:
        keys = {singular(slug(k)) for k in domain.keywords.split(", ")}
        for alias in [
            n
            for n in dict.fromkeys([*things, *said])
            if n not in usual and (n == noun or n in keys) and not familiar(n)
        ]:
            said.setdefault(main, []).extend(said.pop(alias, []))
            things = [n for n in things if n != alias]
        for name, found in said.items():
            has = {f.name for f in usual[name].fields} if name in usual else set()
            said[name] = [
                f
                for f in found
                if f.name in has or singular(f.name) not in keys or fields.is_field(f.name)
            ]
    named = any(said.values())
    assumed = []
    result = []
    for name, base in usual.items():
        result.append(merged(base, said.pop(name, []), _needed(domain, name) if domain else set()))
    if not domain and things and main not in said and (not noun or noun not in things):
        main = things[0]
    names = [main, *things, *said] if not domain else [*things, *said]
    for name in dict.fromkeys(names):
        if name not in usual:
            one, guessed = unfamiliar(name, said.get(name, []))
            result.append(one)
            if guessed:
                assumed.append(
                    f"No fields were named for {plural(name).replace('_', ' ')}; a name, a date and notes are kept."
                )
    if len(result) > 6:
        dropped = ", ".join(plural(one.name) for one in result[6:])
        assumed.append(f"Six kinds of records are kept; left out: {dropped}.")
        result = result[:6]
    return related(result, whole), assumed, named


def _overlaps(
    text: str, found: list[Rule], entities: list[Entity], actions: tuple[Action, ...]
) -> list[Action]:
    """Return the actions that refuse overlaps, for rules that ask for it of things with times."""
    have = {a.entity for a in actions if a.kind == "overlap"}
    made: list[Action] = []
    for rule in found:
        for one in entities if rule.kind == "overlap" else ():
            names = {f.name for f in one.fields if f.required or f.name in ("date", "start", "end")}
            if {"date", "start", "end"} <= names and one.name not in have:
                said = set(re.findall(r"[a-z]+", text[rule.start : rule.end].lower()))
                within = next((f.name for f in one.fields if f.target and f.name in said), "")
                within = within or next((f.name for f in one.fields if f.target), "")
                made.append(Action("overlap", one.name, field=within))
                have.add(one.name)
    return made


def _timed(entities: list[Entity], actions: list[Action]) -> list[Entity]:
    """Return the entities with the fields required that overlaps are told by."""
    timed = {a.entity for a in actions if a.kind == "overlap"}
    return [
        replace(
            one,
            fields=tuple(
                replace(f, required=True, default="") if f.name in ("date", "start", "end") else f
                for f in one.fields
            ),
        )
        if one.name in timed
        else one
        for one in entities
    ]


def _flattened(domain: Domain, text: str, noun: str) -> Domain:
    """Return the domain without a helper, as donors, that the text only names as a field."""
    things = {fields.entity(line).name for line in domain.entities}
    words = set(re.findall(r"[a-z]+", text.lower()))
    if domain.actions or not _described(text):
        return domain
    main = noun if noun in things else domain.name.rstrip("s")
    for name in sorted(things - {main}):
        told = re.search(rf"[:,]\s*(?:an? |the |and )*{name}\s*(?:[,;.(]|and\b|$)", text.lower())
        if told and plural(name) not in words and main in things:
            lines = [
                re.sub(rf"\b{name}_ref\b(?: \(required\))?", name, line)
                for line in domain.entities
                if fields.entity(line).name != name
            ]
            kept = tuple(r for r in domain.reports if r.entity != name)
            domain = replace(domain, entities=tuple(lines), reports=kept)
    return domain


def read(text: str) -> Reading:
    """Read a requirement; never fails, whatever the text."""
    whole = _clean(text)
    words = tuple(re.findall(r"[^\W_][\w'+#-]*", whole.lower()))
    numbers = tuple(int(n) for n in re.findall(r"(?<![\w.])\d{1,9}(?![\w.])", whole, re.A))
    short = _clean(flat(text[: _LONGEST * 2].encode("utf-8", "replace").decode("utf-8")))[:_LONGEST]
    plain, language = english(short)
    plain = re.sub(r"(?i)\bto[ -]do(?:s|[ -]list)?\b", "todo", plain)
    plain = re.sub(r"(?i)\b(handed|picked|given|sent) (?:it|them) (in|up|out)\b", r"\1 \2", plain)
    plain = re.sub(r"(?i)\bbetween (\d+) and (\d+)\b", r"from \1 to \2", plain)
    told_rules = rules(plain)
    wanted = [
        a for a in asks(plain) if all(a.end <= r.start or a.start >= r.end for r in told_rules)
    ]
    rest = _blanked(
        plain, [*((r.start, r.end) for r in told_rules), *((a.start, a.end) for a in wanted)]
    )
    noun, phrase = main_noun(plain)
    domain = _domain(plain, focus(plain), noun)
    if domain and _elsewhere(rest, domain, noun):
        domain = None
    if domain:
        domain = _flattened(domain, rest, noun)
    if (
        domain
        and noun
        and "item" in domain.entities[0].split(":")[0]
        and (noun in THINGS or domain.name == "collection")
        and noun != "item"
    ):
        domain = renamed(domain, "item", noun)
    entities, assumed, named = _entities(rest, plain, domain, noun)
    have = {one.name for one in entities}
    actions = tuple(a for a in domain.actions if a.entity in have) if domain else ()
    actions = tuple(_fitted(a, entities) for a in actions)
    entities, unmet = applied([r for r in told_rules if r.kind != "overlap"], entities)
    timed = _overlaps(plain, told_rules, entities, actions)
    if any(r.kind == "overlap" for r in told_rules) and not timed:
        overlapping = any(a.kind == "overlap" for a in actions)
        unmet += [r for r in told_rules if r.kind == "overlap" and not overlapping]
    entities = _timed(entities, timed)
    commands = frozenset(_COMMANDS | {one.name.replace("_", "-") for one in entities})
    answer = answered(wanted, entities, (*actions, *timed), commands)
    entities = answer.entities
    actions = (*actions, *timed, *answer.actions)
    usual = domain.reports if domain else ()
    found, told, dark = reports(rest, tuple(entities), usual, tuple(answer.reports))
    called = re.search(r"\b(?:called|named)\s+[\"'“‘`]?([A-Za-z][\w-]{1,30})", short)
    if called and called[1].lower() not in PRODUCTS:
        name = package_name(called[1])
    elif domain:
        name = package_name(domain.name)
        if (
            phrase
            and re.search(r"_(?:tracker|manager|planner|log|cellar|list|book|diary)$", phrase)
            and domain.name.rstrip("s") in phrase
        ):
            name = package_name(phrase)
    else:
        name = package_name(phrase if phrase and phrase != noun else plural(entities[0].name))
    if domain:
        title = domain.title
    else:
        title = f"a record of {plural(entities[0].name).replace('_', ' ')}"
        if entities[0].name == "entry":
            assumed.insert(
                0,
                "The requirement names nothing to record that a rule could find; dated entries with a name and notes are kept.",
            )
    unread = _unread(
        plain,
        rest,
        language,
        domain,
        entities,
        [name, noun, phrase, focus(plain)],
        actions,
        unmet,
        answer,
        dark,
    )
    guessed = not domain and not named and not focus(plain)
    if guessed and whole and not unread and not re.fullmatch(r"(?:an? |the )?\w+", whole):
        unread = (whole[:200],)
    if len(whole) > _LONGEST:
        unread = (
            *unread,
            f"everything after the first {_LONGEST} characters ({len(whole) - _LONGEST} more)",
        )
    return Reading(
        text=whole,
        words=words,
        numbers=numbers,
        name=name,
        language=language,
        domain=domain.name if domain else "",
        title=title,
        instead=domain.instead if domain else "a paper notebook",
        entities=tuple(entities),
        actions=actions,
        reports=found,
        told=told,
        listed=named,
        asked=_asked(plain, actions)
        | ({"sort"} if any(a.kind == "sort" for a in wanted) else set()),
        formats=tuple(f for f in ("csv", "json") if re.search(rf"\b{f}\b", plain, re.I)),
        unread=unread,
        beyond=beyond(_blanked(plain, [(a.start, a.end) for a in wanted if a.kind == "soon"])),
        assumed=tuple(assumed),
    )


# Words that are commands of every generated program.
_COMMANDS = frozenset(
    "report lend return in out start stop status check uncheck add list edit show delete export "  # noqa: SIM905
    "import".split()
)


def _unread(
    plain: str,
    rest: str,
    language: str,
    domain: Domain | None,
    entities: list[Entity],
    names: list[str],
    actions: tuple[Action, ...],
    unmet: list[Rule],
    answer: Answer,
    dark: list[str],
) -> tuple[str, ...]:
    """Return the parts of the text that nothing in the reading answers, in the order of the text."""
    own = [word for d in ([domain] if domain else []) for word in [d.name, *d.keywords.split()]]
    known = " ".join([*own, *names, *(one.name for one in entities)])
    understood = set(re.findall(r"[^\W\d_]+", known.replace("_", " ").lower()))
    for one in entities:
        for f in one.fields:
            text = f"{f.name} {f.unit} {' '.join(f.choices)} {' '.join(f.examples)}"
            understood |= set(re.findall(r"[^\W\d_]+", text.replace("_", " ").lower()))
    understood |= {word for a in actions for word in (a.word, a.undo, a.kind)}
    understood |= {plural(word) for word in understood if word}
    missed = [plain[rule.start : rule.end] for rule in unmet]
    missed += [plain[ask.start : ask.end] for ask in answer.unmet]
    parts = [*missed, *dark, *unread_parts(introduced(rest), understood)]
    placed = sorted(
        dict.fromkeys(part.strip(" ,;.") for part in parts),
        key=lambda part: (plain.find(part), part),
    )
    return tuple(part for part in placed if part)[:12]
