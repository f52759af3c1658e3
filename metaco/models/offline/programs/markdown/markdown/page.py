"""The page around a converted document."""

import html

from markdown.blocks import Document

CONTENTS = False  # a table of contents at the beginning
DEEPEST = 3  # level of the smallest headings in it
DARK = False  # light text on a dark ground

LIGHT_STYLE = """\
body { max-width: 45rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 sans-serif; }
pre { overflow-x: auto; padding: .8rem; background: #8882; }
table { border-collapse: collapse; }
th, td { border: 1px solid #8888; padding: .3rem .6rem; }
blockquote { margin-left: 0; padding-left: 1rem; border-left: .3rem solid #8888; }
img { max-width: 100%; }
"""
DARK_STYLE = f"{LIGHT_STYLE}body {{ color: #ddd; background: #1b1b1b; }}\na {{ color: #8ab4f8; }}\n"


def page(document: Document, title: str = "", style: str = LIGHT_STYLE, body: str = "") -> str:
    """Return a whole HTML page.

    Args:
        title: by default the title of the document.
        body: by default the body of the document.
    """
    shown = html.escape(title or document.title or "Document", quote=False)
    safe = style.replace("</", "<\\/")  # a style sheet must not end its own element
    return (
        "<!DOCTYPE html>\n<html>\n<head>\n"
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{shown}</title>\n<style>\n{safe}</style>\n</head>\n"
        f"<body>\n{body or document.body}</body>\n</html>\n"
    )


def contents(document: Document, deepest: int = DEEPEST) -> str:
    """Return the table of contents as nested lists of links, down to a level of headings."""
    text = ""
    levels: list[int] = []
    for level, heading, anchor in document.headings:
        if level > deepest:
            continue
        while len(levels) > 1 and levels[-1] > level:
            text += "</li>\n</ul>\n"
            levels.pop()
        if levels and level <= levels[-1]:
            text += "</li>\n"
            levels[-1] = level
        else:
            text += "\n<ul>\n" if levels else "<ul>\n"
            levels.append(level)
        name = html.escape(heading, quote=False)
        text += f'<li><a href="#{html.escape(anchor)}">{name}</a>'
    text += "</li>\n</ul>\n" * len(levels)
    return f"<nav>\n{text}</nav>\n" if text else ""
