"""Writes SVG: a document with a name and a description, texts, and what tells marks apart without colour."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

FONT = "Marianne, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif"
INK, PAPER, LINE, PALE = "#1b1b1b", "#ffffff", "#5b6b85", "#e3e7ee"
SIZE, SMALL, TITLE_SIZE = 12, 11, 15
LINE_HEIGHT = 16
MARGIN = 16
TITLE_TOP = 24
# The mean width of a character, in parts of the size of the font, on the safe side.
CHARACTER = 0.58
# What XML 1.0 does not allow in a text.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Each on white by 3:1 at least, and white on each hatching likewise.
COLOURS = (
    *("#1f4e8c", "#b34000", "#00695c", "#7b3fa0", "#8a6d00", "#a3195b", "#3f6212", "#4a5568"),
)
HATCHINGS = (
    "",
    "M0 8L8 0",
    "M0 4H8",
    "M0 0L8 8",
    "M4 0V8",
    "M0 8L8 0M0 0L8 8",
    "M0 4H8M4 0V8",
)


@dataclass(frozen=True)
class Mark:
    """How the parts of one name are filled: a colour, and a hatching that tells it from others in grey too."""

    colour: str
    hatching: str
    place: int

    def fill(self, prefix: str) -> str:
        return f"url(#{prefix}h{self.place})" if self.hatching else self.colour

    def definition(self, prefix: str) -> str:
        """Returns the pattern of this fill; nothing for a plain one."""
        if not self.hatching:
            return ""
        return (
            f'<pattern id="{prefix}h{self.place}" width="8" height="8" patternUnits="userSpaceOnUse">'
            f'<rect width="8" height="8" fill="{self.colour}"/>'
            f'<path d="{self.hatching}" stroke="{PAPER}" stroke-width="1.4" fill="none"/></pattern>'
        )


def marks(names: Iterable[str]) -> dict[str, Mark]:
    """Returns a mark for each name, all different for the first fifty-six."""
    return {
        name: Mark(COLOURS[place % len(COLOURS)], HATCHINGS[place % len(HATCHINGS)], place)
        for place, name in enumerate(dict.fromkeys(names))
    }


def prefix_of(*what: object) -> str:
    """Returns a beginning of ids: figures of one page must not share any."""
    return "oc" + hashlib.sha256(repr(what).encode()).hexdigest()[:10]


def written(text: str) -> str:
    """Returns ``text`` for XML."""
    return escape(FORBIDDEN.sub("\ufffd", text), quote=True)


def width_of(text: str, size: float = SIZE) -> float:
    """Returns how wide ``text`` is at most, in pixels."""
    return len(text) * size * CHARACTER


def number(value: float) -> str:
    """Returns a coordinate: a tenth of a pixel is enough."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "0" if abs(value) < 0.05 else "-0")


def text(
    said: str,
    x: float,
    y: float,
    *,
    size: int = SIZE,
    anchor: str = "start",
    bold: bool = False,
    halo: bool = False,
    turned: float = 0,
) -> str:
    """Returns a text, ``y`` being its base line. ``halo``: on a hatching, the paper's colour around its letters."""
    more = ' font-weight="bold"' if bold else ""
    if halo:
        more += f' stroke="{PAPER}" stroke-width="3.5" paint-order="stroke" stroke-linejoin="round"'
    if turned:
        more += f' transform="rotate({number(turned)} {number(x)} {number(y)})"'
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{size}" fill="{INK}" '
        f'text-anchor="{anchor}"{more}>{written(said)}</text>'
    )


def wrapped(said: str, width: float, size: float = SIZE) -> list[str]:
    """Returns the lines of a text of that width."""
    lines = [""]
    # A no-break space is none at which a line may end.
    for word in said.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and width_of(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def document(
    *,
    prefix: str,
    title: str,
    subtitle: str,
    description: str,
    notes: Sequence[str],
    width: float,
    height: float,
    definitions: Iterable[str],
    body: Iterable[str],
) -> str:
    """Returns the SVG: name and description for assistive tools, title, drawing, and notes below it.

    ``height``: that of the drawing, whose own coordinates begin below the title.
    """
    room = width - 2 * MARGIN
    heads = wrapped(title, room, TITLE_SIZE * 1.08)
    under = [line for one in (subtitle,) if one for line in wrapped(one, room)]
    top = TITLE_TOP + (len(heads) - 1) * (LINE_HEIGHT + 4) + len(under) * LINE_HEIGHT + 12
    lines = [line for note in notes for line in wrapped(note, room, SMALL)]
    total = top + height + len(lines) * LINE_HEIGHT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" lang="fr" aria-labelledby="{prefix}t {prefix}d" '
        'style="max-width:100%;height:auto" '
        f'width="{number(width)}" height="{number(total)}" viewBox="0 0 {number(width)} {number(total)}" '
        f'font-family="{written(FONT)}">',
        f'<title id="{prefix}t">{written(title)}</title>',
        f'<desc id="{prefix}d">{written(description)}</desc>',
        f"<defs>{''.join(definitions)}</defs>",
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
        *(
            text(line, MARGIN, TITLE_TOP + place * (LINE_HEIGHT + 4), size=TITLE_SIZE, bold=True)
            for place, line in enumerate(heads)
        ),
        *(
            text(line, MARGIN, TITLE_TOP + len(heads) * (LINE_HEIGHT + 4) + place * LINE_HEIGHT)
            for place, line in enumerate(under)
        ),
        f'<g transform="translate(0 {number(top)})">',
        *body,
        "</g>",
        *(
            text(line, MARGIN, top + height + (place + 1) * LINE_HEIGHT, size=SMALL)
            for place, line in enumerate(lines)
        ),
        "</svg>",
    ]
    return "\n".join(parts)
