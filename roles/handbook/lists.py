"""Which things a requirement names, and which lists of fields it gives them."""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import re

from metaco.roles.handbook import fields
from metaco.roles.handbook.domains import THINGS
from metaco.roles.handbook.fields import Field, split_list
from metaco.roles.handbook.structure import sentences
from metaco.roles.handbook.words import singular, slug

__all__ = ["PRODUCTS", "focus", "introduced", "listed", "main_noun", "several"]

# What a person calls the program rather than the thing that is recorded.
PRODUCTS = frozenset(
    "app application program programme tool script software system tracker manager organizer "
    "organiser planner database db log logger register registry catalog catalogue collection "
    "inventory record records list book cellar archive index website site service cli utility "
    "platform dashboard journal diary keeper thing something solution project code python crm erp "
    "command line interface terminal console sqlite small simple tiny minimal basic little personal "
    "home my our the a an for to of new good nice great easy quick fast local offline own that "
    "which me i we you us it want need would like please help build make create write develop "
    "generate give get have do can could should will keep track manage organize organise store "
    "save record catalog monitor handle maintain administer follow remember collect using with all "
    "and or in on by per from at as so is are be their his her your this these those stuff things "
    "data information info details entries entry everything anything cool awesome best modern "
    "beautiful professional complete full free world ever based some any more who how what when "
    "where lot lots various different many much just only also management tracking keeping".split()
)
_ACTING = (
    r"(?:keep(?:s|ing)? track of|track(?:s|ing)?|manag(?:e|es|ing)|catalog(?:ue|s|ing)?|organi[sz](?:e|es|ing)|"
    r"record(?:s|ing)?|log(?:s|ging)?|stor(?:e|es|ing)|register(?:s|ing)?|collect(?:s|ing)?|monitor(?:s|ing)?|"
    r"administer|handle|maintain|save|list of|database of|catalog(?:ue)? of|collection of|"
    r"register of|inventory of|archive of|log of|records? of|list for)"
)
_CONTAINERS = (
    r"(?:tracker|manager|organi[sz]er|planner|database|log|logger|register|registry|catalog(?:ue)?|"
    r"collection|inventory|list|cellar|archive|index|book|journal|diary|keeper|records?)"
)
_LIST_STOP = re.compile(
    r"[,;.]?\s+(?:and |then |plus |also |, )*(?:please\s+)?(?:(?:it |i |we |you |users? |one )?(?:can|should|must|may|want|need|will|could|"
    r"would like|allow|lets?|allowing)\b|(?:to )?(?:(?:show|list)(?!\s*,)|search|find|filter|sort|export|import|print|mark|"
    r"display|calculat|comput|warn|remind|report|summari[sz]|generat|delet|edit|add|lend|monthly "
    r"report|which |that |so that|where |using|via |in order|stored? in|saved? (?:in|to)|see |view |get |give |"
    r"tell |let |sum |total per|totals per|totals by|average per|count per|statistics|stats\b|reports?\b|on the command line|in the terminal|in python|"
    r"with (?:monthly|weekly|search|reports?|statistics|export|csv|json|a search|filters?|sorting|sqlite))).*",
    re.I | re.S,
)
_NOT_FIELDS = re.compile(
    r"^(?:the )?(?:sqlite|python|tests?|search|searching|filters?|filtering|sort|sorting|reports?|csv|json|"
    r"(?:csv|json)?\s*(?:import|export)(?:/(?:import|export))?(?: (?:to|from) .*)?|.*\b(?:reports?|statistics|stats|summary|summaries|totals?|charts?|overview|"
    r"streaks?|averages?|reminders?|notifications?|interface|gui|cli|support|alerts?|warnings?|history|login|"
    r"authentication)|(?:a |an )?(?:nice|simple|clean|good|friendly|beautiful)\b.*|undo|backup|"
    r"per .*|by .*|[a-z] .*|more|so on|etc|all of it|everything.*|(?:add|edit|delete|remove|list|update|create|lend|return|"
    r"show|mark|export|import|view|find|count|sum|calculate|compute|warn)(?:ing)? .*|(?:lend|return|add|delet|edit|list)ing|"
    r"encryption|stop|start/stop|overlaps?|double bookings?|.*\blists?|monthly|yearly|daily|weekly|low|"
    r"(?:monthly|yearly|weekly|daily|total) .*|unpaid.*|.*\b(?:management|handling)"
    r"|.*\b(?:per|by|for each|due|overdue) (?:month|week|day|year|category)\b.*|low stock.*|overdue.*|top \d+.*|best (?!before).*|unpaid .*|late .*)$",
    re.I,
)
_PLURAL_FIELDS = frozenset(
    "notes tags pages hours minutes calories ingredients instructions steps servings sets reps points "
    "comments remarks details bottles copies litres liters seats days kilometers miles stars guests "
    "costs address status contents directions tasting_notes gift_ideas symptoms keywords goals "
    "numbers dimensions likes dislikes allergies hobbies skills genres authors pounds players".split()
)


_CONTEXT = re.compile(
    r"^\s*(?:(?:i|we|my wife|my husband|our \w+)(?: am|'m|’m| are| own| run| have(?! to)| keep(?! track)| live| work| teach| breed| help| lead)\b(?![^.;!?]*\b(?:track|manage|record|log of|list of|register of)\b)|hi\b|hello\b|dear\b)",
    re.I,
)
_VERBS = (
    r"(?:keep(?:s|ing)? (?:track|a record|a list|a log|records?|notes?) of|track(?:s|ing)?(?: of)?|manag(?:e|es|ing)|catalog(?:ue|s|ing)?|organi[sz](?:e|es|ing)|"
    r"record(?:s|ing)?|log(?:s|ging)?|stor(?:e|es|ing)|register(?:s|ing)?|collect(?:s|ing)?|monitor(?:s|ing)?|note down|write down|(?<!\bi )(?<!\bwe )(?<!\bto )keep|(?<=\bto )keep|know (?:when|which|where)|"
    r"administer|handle|maintain|save|(?:list|database|catalog(?:ue)?|collection|register|inventory|archive|log|diary|journal|records?|overview|cellar|record) of|list for)"
)
_AIM_END = re.compile(
    r"\b(?:with|that|which|who|whom|where|when|so|including|having|for|to|of|at|in|on|by|per|from|into|using|as|i|we|they|he|she|has|have|is|are|and|each|every|because|since|while|until|via|over|during)\b|[:;.(!?,\n–]|\s-\s|$"
)


def focus(text: str) -> str:
    """Return the object of the main verb, as "donations" of "a program that tracks the donations to
    our shelter"; empty if no verb of keeping has one.
    """
    for _, sentence in sentences(text.lower()):
        for verb in re.finditer(
            rf"\b{_VERBS}\s+(?:all\s+)?(?:of\s+)?(?:(?:my|our|the|its|their|an?|all|any|his|her|your|every|each|some|which|what|how many)\s+)*",
            sentence,
        ):
            before = sentence[: verb.start()]
            inside = re.search(r"\([^)]*$", before) or re.search(
                r":(?!.*\b(?:i|we|to|that|it)\s+$)", before
            )
            if inside or (
                re.search(r"\b(?:the|an?|per|by|my|our)\s+$", before)
                and not re.search(r"\b(?:of|for)\b", verb[0])
            ):
                continue  # a field called "record", not a verb
            rest = sentence[verb.end() :]
            stop = _AIM_END.search(rest)
            aim = rest[: stop.start()].strip() if stop else rest
            words = [w for w in re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", aim) if slug(w)]
            last = slug(words[-1]) if words else ""
            if fields.is_field(last) and singular(last) == last:
                continue  # "recording amount and date"
            if words and not all(w in PRODUCTS for w in words) and len(words) <= 5:
                return " ".join(words)
    return ""


def introduced(text: str) -> str:
    """Return the text without who speaks and where it is used: "I am a photographer", "tracks the
    donations to our shelter".
    """
    kept = re.sub(
        r"(?i)(?:^|(?<=[.;!?] ))\s*(?:i am|i'm|i’m|we are|we're|we’re|i own|we own|i run|we run|i work|i teach|i live|i keep|we keep|i breed)\b[^.;:!?,]*?(?=[.;:!?,]|\band (?:i |we )?(?:need|want|would)|$)",
        " ",
        text,
    )
    kept = re.sub(r"(?i)\bknow (?:when|which|where)\b[^:.;,]*", " ", kept)
    where = rf"(?i)(\b{_VERBS}\s+(?:[\w'’-]+\s+){{1,4}}?)(?:to|for|of|in|at|from|as) (?:(?:our|my|the|an?|their)\s+)?[\w'’-]+(?:\s+[\w'’-]+)?(?=\s*[:,.;]|$)"
    return re.sub(where, r"\1", kept, count=1)


def main_noun(text: str) -> tuple[str, str]:
    """Return the thing recorded (singular) and the phrase that names the program."""
    aim = focus(text)
    if aim:
        words = [
            w
            for w in aim.split()
            if w not in PRODUCTS - {"book", "records", "list"} and len(slug(w)) > 1
        ]
        if len(words) > 1 and words[-1] in PRODUCTS:
            words = words[:-1]  # "vinyl records", "membership list"
        if words and not (len(words) > 1 and words[-1] in ("collection", "cellar")):
            noun = words[-2:]
            return _person(singular(slug(" ".join(noun)))), slug(" ".join(words[-3:]))
    kept = [part for _, part in sentences(text) if not _CONTEXT.match(part)]
    found = _noun(kept[0]) if kept else ("", "")
    return found if found[0] else _noun(text)


def _person(name: str) -> str:
    """Return who a membership is about."""
    one = re.sub(r"(?:^|_)([a-z]+)ship$", r"\1", name)
    return one if one in THINGS else name


def _noun(text: str) -> tuple[str, str]:
    """Return the noun and the phrase of one sentence."""
    if re.match(rf"[^:;.(!?]*\b(?:that|which|to)\s+{_ACTING}\b", text, re.I):
        text = re.sub(r"\b(?:that|which)\b", " ", text, count=1, flags=re.I)
    head = re.split(
        r"\bwith\b|\bthat\b|\bwhich\b|\bwhere\b|\bso\b|\bincluding\b|\bhaving\b|[:;.(!?\n]",
        text.lower(),
        maxsplit=1,
    )[0]
    needs = re.match(
        r"[^,]*?\b(?:needs?|wants?|would like|requires?|is looking for)\s+(?:an?|the|some|to have an?)\s+(.*)",
        head,
    )
    if needs:
        head = needs[1]
    candidates: list[str] = []
    acting = re.search(rf"\b{_ACTING}\s+([^,]+)", head)
    if acting:
        candidates.append(acting[1])
    made_for = re.search(
        r"\b(?:app|tool|program|software|system|script|database|crm|tracker|manager|library|inventory|catalog|something) (?:for|to \w+) ([^,]+)",
        head,
    )
    if made_for:
        candidates.append(made_for[1])
    container = re.search(rf"((?:[\w'’-]+\s+){{1,3}}){_CONTAINERS}\b", head)
    if container:
        candidates.append(container[0].strip())
    if (
        candidates
        or len(re.findall(r"\w+", head)) <= 2
        or re.search(r"\b(?:for|of|my|our|an?)\b", head)
    ):
        candidates.append(head)
    for candidate in candidates:
        candidate = (
            re.split(
                r"\b(?:by|per|on|in|at|from|into|using|who|per|for (?:my|our|the|a|each|every))\b",
                candidate,
            )[0]
            or candidate
        )
        words = [
            w
            for w in re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", candidate)
            if len(slug(w)) > 1 and not w.isdigit()
        ]
        kept = [w for w in words if w not in PRODUCTS and not fields.is_field(singular(slug(w)))]
        if not kept and container and candidate == container[0].strip():
            kept = [w for w in words if w not in PRODUCTS]  # "a mileage log"
        if not kept:
            continue
        first = re.split(r"\band\b|,", " ".join(words))[0].split()
        noun = [w for w in first if w in kept][-2:] or kept[:1]
        phrase = [w for w in words if w in noun or re.fullmatch(_CONTAINERS, w)][:3]
        return _person(singular(slug(" ".join(noun)))), slug(" ".join(phrase))
    return "", ""


_SUBJECT = re.compile(
    r"^(?:(?:an?|the|each|every|all|our|my|and)\s+)*(?!(?:i|we|it|they|you|he|she|who|which|that|this|there|what|one|everyone|program|app|tool|user)s?$)[a-z]{3,}(?:\s+(?:should|must|will|can))?$",
    re.I,
)
_DETERMINER = re.compile(
    r"^(?:(?:an?|the|my|our|their|his|her|its|each|every|of|all|and|many|several|multiple|some|"
    r"(?:i|we) (?:also )?(?:have|record|track|keep|log|store|manage))\s+)+",
    re.I,
)


def _plural(name: str) -> bool:
    """Return whether a word is a plural that may name things."""
    return singular(name) != name and "_" not in name and name not in _PLURAL_FIELDS


def _of_fields(text: str) -> bool:
    """Return whether the list in brackets holds fields and not choices."""
    parts = [slug(part.split(":")[0]) for part in split_list(text)]
    known = (
        "name",
        "title",
        "brand",
        "model",
        "description",
        "color",
        "colour",
        "notes",
        "address",
        "type",
        "author",
        "species",
        "breed",
    )
    return len(parts) > 1 and any(
        part in known or fields.is_field(part.split("_")[-1]) for part in parts if part
    )


def _parts(text: str) -> list[str]:
    """Split fields in brackets; what follows "status:" up to the end are its choices."""
    choices = re.search(r"(?:^|,)\s*([\w ]+):\s*([^:]+,[^:]+)$", text)
    if choices:
        return [
            *split_list(text[: choices.start()]),
            f"{choices[1].strip()} ({choices[2].strip()})",
        ]
    return split_list(text)


def _is_thing(name: str, known: set[str]) -> bool:
    """Return whether a plural noun in a list is a thing of its own and not a field."""
    one = singular(name)
    if one in known or (one == "line_item" and "line" in known):
        return True
    return name != one and name not in _PLURAL_FIELDS and one.split("_")[-1] in THINGS


# "bookings of participants for classes"
_BETWEEN = r"\b([a-z]{3,}s) of ([a-z]{3,}s) (?:for|in|to|by|at) ([a-z]{3,}s)\b"


def several(text: str) -> list[str]:
    """Return the things of "each customer can have several bikes" and "a call belongs to a contact"."""
    found: list[str] = []
    patterns = (
        r"\b(?:each|every|an?|one|the)\s+([a-z]+) (?:can have|may have|has|have|owns?|can own) (?:several|many|multiple|one or more|any number of|a number of) ([a-z]+)",
        r"\b(?:each|every|an?|one|the)\s+([a-z]+) belongs? to (?:exactly )?(?:an?|one|the) ([a-z]+)",
    )
    for pattern in patterns:
        for match in re.finditer(pattern, text.lower()):
            found += [
                singular(word)
                for word in match.groups()
                if word not in PRODUCTS and word not in ("it", "they")
            ]
    for child, one, other in re.findall(_BETWEEN, text.lower()):
        found += [singular(one), singular(other), singular(child)]
    return list(dict.fromkeys(name for name in found if len(name) > 2 and slug(name) == name))


def listed(text: str, main: str, known: set[str]) -> tuple[dict[str, list[Field]], list[str]]:
    """Read the lists of fields and things; return fields by thing, and things in order."""
    found: dict[str, list[Field]] = {}
    things: list[str] = []

    def add_thing(name: str) -> str:
        name = "line" if name == "line_item" and "line" in known else name
        if name not in things:
            things.append(name)
        return name

    text = re.sub(r"\bstart(?:/| and | or )stop\b", "", text)
    for sentence in re.split(r"[!?\n]|[.;](?:\s|$)(?![^(]*\))", text):
        opener = re.search(
            r"\b(?:with|having|have|has|including|includes?|contain(?:s|ing)?|consist(?:s|ing) of|fields?|"
            r"attributes?|columns?|properties)\b(?:\s+(?:fields?|columns?|attributes?))?\s*:?|:|(?<=\w)\s(?=\()",
            sentence,
            re.I,
        )
        colon = re.search(r"(?<![\w(])?:(?=\s)(?![^(]*\))", sentence)
        if opener and colon and colon.start() >= opener.end():
            between = re.sub(r"\([^()]*\)", "", sentence[opener.end() : colon.start()])
            if "," not in between and (not opener[0].isspace() or "(" not in between):
                opener = re.compile(":").search(sentence, colon.start())
        verb_list = re.search(
            r"\b(?:tracks?|records?|stores?|logs?|manages?|keeps?|register)\s+(?!track\b)(?:(?:my|our|the|all|all my)\s+)?"
            r"((?:(?!\b(?:with|having|including|by|per|for)\b)[\w' -])+,\s*(?:[\w' ()-]+,\s*)*(?:and\s+)?[\w' ()-]+)",
            sentence,
            re.I,
        )
        comma = sentence.find(",", verb_list.start(1)) if verb_list else -1
        if verb_list and (not opener or comma < opener.start()):
            owner, rest = main, sentence[verb_list.start(1) :]
        elif opener:
            before = sentence[: opener.start()].strip()
            rest = sentence[opener.end() :]
            if opener[0].isspace() and not sentence.lstrip().startswith("("):
                noun = re.search(r"([\w-]+)$", before)
                rest = (noun[1] if noun else "") + " " + rest
                owner = main
            else:
                noun = re.search(r"([\w-]+)$", before)
                last = singular(slug(noun[1])) if noun else ""
                owner = last if last and (last in known or last in things) else main
                subject = (
                    _SUBJECT.match(before)
                    if noun and opener[0].split(" ")[0].lower() in ("has", "have", "with")
                    else None
                )
                many = bool(noun) and slug(noun[1]) != last if noun else False
                has = opener[0].lower().startswith("ha")
                if (
                    subject
                    and owner == main
                    and last != main
                    and last not in PRODUCTS
                    and (has or many)
                ):
                    owner = add_thing(last)
                if last and last in THINGS and noun and slug(noun[1]) != last:
                    owner = add_thing(last)
        else:
            continue
        rest = _LIST_STOP.sub("", " " + rest)
        chunks = split_list(rest)
        for listed_chunk in chunks:
            chunk = _DETERMINER.sub("", listed_chunk)
            inner = re.match(r"(.+?)\s*(?:\bwith\b|\bhave\b|\bhas\b|\bhaving\b|:)\s*(.+)$", chunk)
            bracket = re.match(r"([^(]+)\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*$", chunk)
            name = slug(chunk)
            if inner and (
                _is_thing(slug(inner[1]), known | set(things))
                or (_plural(slug(inner[1]).split("_")[-1]) and slug(inner[1]).count("_") < 3)
            ):
                owner = add_thing(singular(slug(inner[1])))
                chunk, name = inner[2], slug(inner[2])
            elif bracket and (
                slug(bracket[1]) in known
                or _is_thing(slug(bracket[1]), known | set(things))
                or (_plural(slug(bracket[1])) and _of_fields(bracket[2]))
            ):
                owner = add_thing(singular(slug(bracket[1])))
                for part in _parts(bracket[2]):
                    one = fields.field(part)
                    if one:
                        found.setdefault(owner, []).append(one)
                continue
            single = singular(name) == name and name != main and len(chunks) > 2
            if (
                single
                and name in known | set(things)
                and any(fields.is_field(slug(part)) for part in chunks)
            ):
                pass  # "number, client, amount": who it is for, not another list
            elif _is_thing(name, known | set(things)) and name not in _PLURAL_FIELDS:
                owner = add_thing(singular(name))
                continue
            if _NOT_FIELDS.match(chunk) or len(chunk.split("(")[0].split()) > 6:
                continue
            one = fields.field(chunk)
            if one and one.name not in PRODUCTS - {
                "list",
                "book",
                "index",
                "project",
                "code",
                "details",
            }:
                found.setdefault(owner, []).append(one)
    return found, things
