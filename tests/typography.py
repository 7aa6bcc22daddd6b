"""Finds what French typography refuses in a text that people read: straight apostrophes, spaces that break.

A no-break space comes before `:` and `»` and after `«`, a narrow one before `;`, `!`, `?` and `%`.
"""

import ast
import re
from collections.abc import Iterator

WIDE, NARROW = "\u00a0", "\u202f"
LETTER = "A-Za-zÀ-ÖØ-öø-ÿŒœ"
END = r"(?=[\s\"<.,)\]»’]|$)"
RULES = {
    "a straight apostrophe": rf"(?<=[{LETTER}])'(?=[{LETTER}«<{{])",
    "no no-break space before a colon": rf"(?<![{WIDE}:\d]):{END}",
    "no narrow no-break space before ; ! ?": rf"(?<![{NARROW}!?…])[;!?]{END}",
    "no no-break space within « »": rf"«(?!{WIDE})|(?<!{WIDE})»",
    "no narrow no-break space before %": rf"(?<!{NARROW})%(?=[\s.,;)<]|$)",
    "a number and its unit on two lines": r"(?<=[\d}]) (?:Gio|minutes?|heures?|secondes?|h)\b",
}
# What only a French text has.
FRENCH = re.compile(
    r"[éèêàâçùûôîïœÉÈÀÇ«»]|\b(?:la|le|les|une|des|pas|aucune?|votre|vous|est|dans|il|écrivez)\b"
)
# What a page's source holds besides its text.
CODE = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|<(?:style|script)>.*?</(?:style|script)>|<!--.*?-->|&\w+;", re.S
)
SHOWN_ATTRIBUTE = re.compile(r'\b(?:aria-label|alt|title|placeholder)="([^"]*)"')
# A tag, whose attributes may hold expressions.
TAG = re.compile(r"<(?:\{\{.*?\}\}|[^<>])*>", re.S)


def faults(text: str) -> list[str]:
    """Return what is wrong in a French text, each with the words around it."""
    return [
        f"{rule}: {text[max(0, match.start() - 25) : match.end() + 15]!r}"
        for rule, pattern in RULES.items()
        for match in re.finditer(pattern, text)
    ]


def texts_of_page(source: str) -> Iterator[str]:
    """Yield the texts of a page or of its template: between tags, in attributes that are shown, in Jinja's statements."""
    for statement in re.findall(r"\{[%{].*?[%}]\}", source, re.S):
        yield from (text for text in re.findall(r'"([^"]*)"', statement) if FRENCH.search(text))
    plain = CODE.sub("", source)
    yield from SHOWN_ATTRIBUTE.findall(plain)
    yield re.sub(r"\{\{.*?\}\}", "}", TAG.sub("", plain), flags=re.S)


def texts_of_script(source: str) -> Iterator[str]:
    """Yield the French texts of a script, whose comments are in English."""
    lines = [line for line in source.splitlines() if not line.strip().startswith("//")]
    yield from (
        re.sub(r"\$\{.*?\}", "}", text)
        for text in re.findall(r'["`]([^"`]*)["`]', "\n".join(lines))
        if FRENCH.search(text) or "}" in text
    )


def texts_of_module(source: str) -> Iterator[str]:
    """Yield the French texts of a module: all but its docstrings and what is English."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        text = None
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "}" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = None if id(node) in documents | inside else node.value
        if text and FRENCH.search(text):
            # A text may hold a part of a page.
            yield TAG.sub("", text)
