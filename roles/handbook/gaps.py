"""What a requirement says that the handbook cannot read or cannot build."""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import re

from metaco.roles.handbook.lists import PRODUCTS

__all__ = ["beyond", "unread_parts"]

# Words that ask for more than a command line program over a local file, and what is done instead.
_BEYOND: tuple[tuple[str, str], ...] = (
    (
        r"web ?(?:app|site|page|interface|ui)s?|website|html|django|flask|fastapi|react|browser|online shop",
        "a web interface; this program is used on the command line",
    ),
    (
        r"rest(?:ful)? api|graphql|http api|web service|api",
        "a network interface; other programs can use the Python functions instead",
    ),
    (
        r"gui|desktop app|tkinter|qt|window(?:ed)?|drag and drop|buttons?",
        "a graphical window; this program is used on the command line",
    ),
    (r"mobile|android|ios|iphone|phone app", "a mobile app; this program runs where Python runs"),
    (
        r"log ?in|sign ?up|password[- ]protect\w*|authentication|user accounts?|roles and permissions|multi[- ]?user|oauth",
        "accounts with log-in; the database file belongs to whoever may read it",
    ),
    (
        r"encrypt(?:ed|ion|s)?|secure(?:ly)?",
        "encryption; the database is a plain file, so keep no secrets in it",
    ),
    (
        r"notif(?:y|ies|ications?)|push|alarms?|send (?:an? )?(?:e-?mails?|sms|messages?)|e-?mail (?:me|reminders?|alerts?)|sms|"
        r"remind me|telegram|slack|whatsapp",
        "messages sent by themselves; the lists and reports show what is due when they are called",
    ),
    (
        r"sync(?:ed|s|ing|hroni[sz]e)?|cloud|google (?:sheets?|calendar|drive)|dropbox|icloud|real[- ]?time",
        "synchronisation with a service; export and import move the data",
    ),
    (
        r"ai|gpt|llm|machine learning|neural|recommend(?:s|ations?)?|predict(?:s|ions?|ive)?|sentiment",
        "suggestions by a model; the reports count, sum and rank what is recorded",
    ),
    (r"charts?|graphs?|plots?|pie|histograms?", "drawn charts; reports are tables"),
    (
        r"photos?|images?|pictures?|barcodes?|qr|scan(?:s|ning|ner)?|ocr|voice|video upload|attachments?",
        "pictures, scans or sound; records hold text, numbers and dates",
    ),
    (
        r"pdfs?|excel|xlsx|word documents?|print(?:able|er)",
        "PDF or Office files; CSV and JSON are written instead",
    ),
    (
        r"blockchain|crypto wallet|payments?(?: gateway| processing)|stripe|paypal|credit card",
        "payments; amounts are recorded, nothing is charged",
    ),
    (
        r"scrap(?:e|es|ing)|crawl(?:er|ing)?|download(?:s|ing)? from|fetch(?:es|ing)?",
        "fetching from the network; data comes in by typing and by CSV or JSON files",
    ),
    (
        r"(?:exchange rates?|currenc(?:y|ies) conver\w+|multi[- ]?currency)",
        "several currencies; amounts are in one currency",
    ),
    (
        r"(?:live|real) (?:data|weather|forecasts?|prices?|quotes?|scores?|news|results?|rates?|traffic)|weather forecasts?|forecasts?|stock (?:market|prices?|quotes?)|news feed",
        "live data from a service; nothing is fetched, only what is typed in or imported is shown",
    ),
    (
        r"social network|chat(?:s|ting|bot)?|messenger|instant messag\w+|follow(?:ers| each other)|news ?feed|multiplayer|dating",
        "several people connected over a network; one person uses this program on one computer",
    ),
    (
        r"compilers?|interpreter|programming language|operating system|kernel|browser engine|game engine|emulator|virtual machine|spreadsheet program|word processor|text editor|image editor|video editor|music player|video player|3d",
        "a kind of program that no family of the handbook holds; what is delivered here only keeps records",
    ),
    (
        r"recurring|repeat(?:s|ing)? (?:every|each|weekly|daily|monthly)",
        "records that repeat by themselves; each one is entered",
    ),
)

_KNOWN = frozenset(
    "a about above across after again against all allow allows also always am among an and another any app "
    "application are as ask asked at available away back based basic be because been before being below best "
    "better between both bottom build but button buy by call called calls can cannot change changes check choose "
    "clean cli code collect collection columns command commands complete console contain contains correct could count "
    "create csv current custom daily data database date dates day days default define delete deletes description "
    "details different display do does doing done down duplicate during each easily easy edit either else empty "
    "enter entries entry error errors etc even ever every everything example export fast few field fields file files "
    "filter filtered filters find first following for format forms friendly from full game generate get give "
    "given go good great group grouped handle has have having help helps her here highest him his history home "
    "how i id if import in include includes including individual info information input into is it item items its "
    "json just keep kind know large last later least let lets like line list lists local log long look lot made "
    "main make makes manage management manager many mark maximum may me mean means minimum month monthly more "
    "most much multiple must my name named need needed needs never new next no none not note now number of off "
    "offline ok old on once one only open option optional or order organize organise other our out output over "
    "overdue overview own page part people per permit persist personal please plus possible previous print "
    "priority privacy product program project provide provides purchase put python quick quickly quit range read "
    "record records register remember remove report reports required result results run running same save saved "
    "script search see select sell set several she should show shows simple simply since single size small so some "
    "something sort sorted source specific sql sqlite standard start statistics stats stay still stop storage store "
    "stored stores stuff such sum summary support supports system table tables tell terminal test tests text than "
    "that the their them then there these they thing things this those through time times to today together tool "
    "top total totals track tracker tracking two type types under unique until up update updates upcoming us use "
    "used useful user users using validate validation value values various very via view want wants was way we "
    "week weekly weeks well were what when where whether which while who whole whose why will with within without "
    "word words work works would write written year yearly years yes you your average lowest newest oldest "
    "separate warn warning warnings calculate compute automatically automatic keeps tracks manages lists "
    "counts sums shop store business company family friends house household club team school office small-sized "
    "unpaid balance alert alerts low pressure blood revenue sales double hair shared yearly spent spending tiny everyone someone person belongs belong linked link refers sure might really nice cool lovely proper".split()
)


def beyond(text: str) -> tuple[str, ...]:
    """Return a sentence for each thing asked for that a command line program cannot be."""
    sentences = []
    for pattern, instead in _BEYOND:
        found = re.search(rf"(?<![\w-])(?:{pattern})(?![\w-])", text, re.I)
        if found:
            sentences.append(f'It says "{found[0]}", which asks for {instead}.')
    return tuple(sentences)


def unread_parts(text: str, understood: set[str]) -> tuple[str, ...]:
    """Return the parts of the text of whose words most were not understood, verbatim.

    Args:
        understood: words in lower case that some rule has used.
    """
    parts = []
    for part in re.split(r"[.;!?\n,，。；！？、:]|\s[-–—]\s", text):
        words = re.findall(r"[^\W\d_]+", part.lower())
        content = [word for word in words if word not in _KNOWN and word not in PRODUCTS]
        strange = [
            word
            for word in content
            if word not in understood and word.rstrip("s") not in understood
        ]
        symbols = (
            bool(part.strip())
            and not words
            and not re.search(r"\d", part)
            and bool(re.search(r"[^\s\W]|[^\x00-\x7f]", part))
        )
        if symbols or (strange and len(strange) * 2 > len(content)):
            parts.append(part.strip()[:200])
    return tuple(dict.fromkeys(part for part in parts if part))[:12]
