"""Which things a requirement names, and which lists of fields it gives them."""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import re

from metaco.roles.handbook import fields
from metaco.roles.handbook.domains import THINGS
from metaco.roles.handbook.fields import Field, split_list
from metaco.roles.handbook.words import singular, slug

__all__ = ["PRODUCTS", "listed", "main_noun"]

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
    r"would like|allow|lets?|allowing)\b|(?:to )?(?:show|list|search|find|filter|sort|export|import|print|mark|"
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
    r"per .*|by .*|more|so on|etc|all of it|everything.*|(?:add|edit|delete|remove|list|update|create|lend|return|"
    r"show|mark|export|import|view|find|count|sum|calculate|compute|warn)(?:ing)? .*|(?:lend|return|add|delet|edit|list)ing|"
    r"encryption|stop|start/stop|overlaps?|double bookings?|.*\blists?|monthly|yearly|daily|weekly|low|"
    r"(?:monthly|yearly|weekly|daily|total) .*|unpaid.*|.*\b(?:management|handling)"
    r"|.*\b(?:per|by|for each|due|overdue) (?:month|week|day|year|category)\b.*|low stock.*|overdue.*|top \d+.*|best .*|unpaid .*|late .*)$",
    re.I,
)
_PLURAL_FIELDS = frozenset(
    "notes tags pages hours minutes calories ingredients instructions steps servings sets reps points "
    "comments remarks details bottles copies litres liters seats days kilometers miles stars guests "
    "costs address status contents directions tasting_notes gift_ideas symptoms keywords goals "
    "numbers dimensions likes dislikes allergies hobbies skills genres authors pounds players".split()
)


def main_noun(text: str) -> tuple[str, str]:
    """Return the thing recorded (singular) and the phrase that names the program."""
    if re.match(rf"[^:;.(!?]*\b(?:that|which|to)\s+{_ACTING}\b", text, re.I):
        text = re.sub(r"\b(?:that|which)\b", " ", text, count=1, flags=re.I)
    head = re.split(
        r"\bwith\b|\bthat\b|\bwhich\b|\bwhere\b|\bso\b|\bincluding\b|\bhaving\b|[:;.(!?\n]",
        text.lower(),
        maxsplit=1,
    )[0]
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
        candidates.append(container[0])
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
        if not kept:
            continue
        first = re.split(r"\band\b|,", " ".join(words))[0].split()
        noun = [w for w in first if w in kept][-2:] or kept[:1]
        phrase = [w for w in words if w in noun or re.fullmatch(_CONTAINERS, w)][:3]
        return singular(slug(" ".join(noun))), slug(" ".join(phrase))
    return "", ""


_DETERMINER = re.compile(
    r"^(?:(?:an?|the|my|our|their|his|her|its|each|every|of|all|and|many|several|multiple|some)\s+)+",
    re.I,
)


def _plural(name: str) -> bool:
    """Return whether a word is a plural that may name things."""
    return singular(name) != name and "_" not in name and name not in _PLURAL_FIELDS


def _is_thing(name: str, known: set[str]) -> bool:
    """Return whether a plural noun in a list is a thing of its own and not a field."""
    one = singular(name)
    if one in known or (one == "line_item" and "line" in known):
        return True
    return name != one and name not in _PLURAL_FIELDS and one.split("_")[-1] in THINGS


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
                if last and last in THINGS and noun and slug(noun[1]) != last:
                    owner = add_thing(last)
        else:
            continue
        rest = _LIST_STOP.sub("", " " + rest)
        for listed_chunk in split_list(rest):
            chunk = _DETERMINER.sub("", listed_chunk)
            inner = re.match(r"(.+?)\s*(?:\bwith\b|\bhave\b|\bhas\b|\bhaving\b|:)\s*(.+)$", chunk)
            bracket = re.match(r"([^(]+)\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*$", chunk)
            name = slug(chunk)
            if inner and (
                _is_thing(slug(inner[1]), known | set(things)) or _plural(slug(inner[1]))
            ):
                owner = add_thing(singular(slug(inner[1])))
                chunk, name = inner[2], slug(inner[2])
            elif bracket and (
                slug(bracket[1]) in known or _is_thing(slug(bracket[1]), known | set(things))
            ):
                owner = add_thing(singular(slug(bracket[1])))
                for part in split_list(bracket[2]):
                    one = fields.field(part)
                    if one:
                        found.setdefault(owner, []).append(one)
                continue
            if _is_thing(name, known | set(things)) and name not in _PLURAL_FIELDS:
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
