"""The flow chart of a cohort: its lines, those that may be shown, a picture and a table of them."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from openchronic.quality.french import HIDDEN, number
from openchronic.quality.masking import LEAST_SHOWN, Mask

WIDTH, BOX, GAP, SIDE = 760, 54, 26, 250
CHARACTERS, NOTE_CHARACTERS = 62, 100


@dataclass(frozen=True, slots=True)
class Line:
    """A step: the periods and subjects that are left after it, the periods that it removed."""

    step: int
    fr: str
    n_periods: int
    n_subjects: int
    removed: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as it is shown; None where a number is hidden."""

    line: Line
    n_periods: int | None
    n_subjects: int | None
    removed: int | None


@dataclass(frozen=True)
class Flow:
    """Le schéma de sélection d’une cohorte : ``lines`` en a les nombres exacts ; l’image et le tableau masquent les effectifs de 1 à 10."""

    name: str
    release: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        told = [f"{one.line.fr}\u00a0: {_left(one)}" for one in shown(self.lines)]
        return "\n".join([f"Cohorte {self.name} ({self.release})", *told, *self.notes])

    def _repr_svg_(self) -> str:
        return svg(self)

    def _repr_html_(self) -> str:
        return f"<figure>{svg(self)}</figure>{table(self)}"


def shown(lines: Sequence[Line], least: int = LEAST_SHOWN) -> list[Shown]:
    """Returns the lines without numbers of 1 to ``least`` - 1, nor those from which one could be subtracted.

    Where two lines differ by few, the earlier one is hidden: the size of the cohort itself is shown if it may be.
    """
    mask = Mask(least)
    visible: set[int] = set()
    after: Line | None = None
    for one in reversed(lines):
        few = mask.hides_count(one.n_periods) or mask.hides_count(one.n_subjects)
        if after is not None:
            few = few or mask.hides_count(one.n_periods - after.n_periods)
            few = few or mask.hides_count(one.n_subjects - after.n_subjects)
        if not few:
            visible.add(one.step)
            after = one
    found = []
    for place, one in enumerate(lines):
        is_shown = one.step in visible
        follows = is_shown and (place == 0 or lines[place - 1].step in visible)
        found.append(
            Shown(
                one,
                one.n_periods if is_shown else None,
                one.n_subjects if is_shown else None,
                one.removed if follows else None,
            )
        )
    return found


def svg(flow: Flow) -> str:
    """Returns the picture: boxes from the top down, beside each arrow what a step removed. No colour says anything."""
    rows = shown(flow.lines)
    heights = [BOX + 16 * (len(_folded(one.line.fr)) - 1) for one in rows]
    parts: list[str] = []
    top = 6
    middle = (WIDTH - SIDE) / 2
    for place, (one, height) in enumerate(zip(rows, heights, strict=True)):
        if place:
            parts.append(
                f'<line x1="{middle}" y1="{top}" x2="{middle}" y2="{top + GAP}" stroke="currentColor"/>'
                f'<path d="M{middle - 5},{top + GAP - 7} L{middle},{top + GAP} L{middle + 5},{top + GAP - 7}" '
                'fill="none" stroke="currentColor"/>'
                f'<text x="{WIDTH - SIDE + 12}" y="{top + GAP / 2 + 5}">{_removed(one)}</text>'
                f'<line x1="{middle}" y1="{top + GAP / 2}" x2="{WIDTH - SIDE + 6}" y2="{top + GAP / 2}" '
                'stroke="currentColor" stroke-dasharray="3 3"/>'
            )
            top += GAP
        parts.append(
            f'<rect x="2" y="{top}" width="{WIDTH - SIDE - 4}" height="{height}" rx="4" fill="none" '
            'stroke="currentColor"/>'
        )
        for line, words in enumerate(_folded(one.line.fr)):
            parts.append(f'<text x="14" y="{top + 21 + 16 * line}">{html.escape(words)}</text>')
        parts.append(f'<text x="14" y="{top + height - 11}" font-weight="bold">{_left(one)}</text>')
        top += height
    for note in flow.notes:
        top += 4
        for words in _folded(note, NOTE_CHARACTERS):
            top += 16
            parts.append(f'<text x="4" y="{top}">{html.escape(words)}</text>')
    title = html.escape(f"Schéma de sélection de la cohorte {flow.name}, version {flow.release}")
    told = ". ".join(f"{one.line.fr}\u00a0: {_left(one)}" for one in rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {top + 8}" width="{WIDTH}" '
        f'height="{top + 8}" font-family="sans-serif" font-size="13" fill="currentColor">'
        f"<title>{title}</title><desc>{html.escape(told)}.</desc>{''.join(parts)}</svg>"
    )


def table(flow: Flow) -> str:
    """Returns the same lines as a table of HTML."""
    body = "".join(
        f'<tr><th scope="row" style="text-align:left">{html.escape(one.line.fr)}</th>'
        f"{_cell(_told(one.n_periods))}{_cell(_told(one.n_subjects))}"
        f"{_cell(_told(one.removed) if one.line.step else '')}</tr>"
        for one in shown(flow.lines)
    )
    return (
        f"<table><caption>{html.escape(flow.name)} ({html.escape(flow.release)})</caption><thead><tr>"
        '<th scope="col">étape</th><th scope="col">périodes</th><th scope="col">sujets</th>'
        f'<th scope="col">périodes écartées</th></tr></thead><tbody>{body}</tbody></table>'
    )


def _cell(text: str) -> str:
    return f'<td style="text-align:right">{text}</td>'


def _left(one: Shown) -> str:
    """Returns how many periods and subjects are left, in words."""
    if one.n_periods is None or one.n_subjects is None:
        return "effectifs masqués"
    return f"{_plural(one.n_periods, 'période')}, {_plural(one.n_subjects, 'sujet')}"


def _plural(count: int, word: str) -> str:
    return f"{number(count)} {word}{'s' if count > 1 else ''}"


def _removed(one: Shown) -> str:
    if one.removed is None:
        return f"périodes écartées\u00a0: {HIDDEN}"
    return f"périodes écartées\u00a0: {number(one.removed)}"


def _told(count: int | None) -> str:
    return HIDDEN if count is None else number(count)


def _folded(text: str, characters: int = CHARACTERS) -> list[str]:
    """Returns the lines of a text that does not fit on one."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) >= characters:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
