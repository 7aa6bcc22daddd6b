"""The part of the page on the agreement of the release with the national cartography."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Sequence

from openchronic.diseases import STATUSES
from openchronic.quality.agreement import Agreement
from openchronic.quality.french import HIDDEN, number, percentage
from openchronic.quality.masking import Mask
from openchronic.quality.svg import Bar, bars

WORDS = (
    "Patients de la cartographie retrouvés dans la base, selon qui leur attribue la maladie dans "
    "l'année. La sensibilité est la part des malades de la cartographie que la base retrouve ; la "
    "valeur prédictive, la part des malades de la base que la cartographie confirme ; le kappa de "
    "Cohen vaut 1 quand tous les patients concordent et 0 quand ils ne concordent pas plus que "
    "par hasard. La plupart des listes de codes de la CNAM ne sont pas publiques : le statut sous "
    "chaque maladie dit d'où viennent celles de la base, et un écart peut venir d'elles. Les "
    "premières années d'une base manquent de recul sur les séjours antérieurs."
)
# The width of the label before a bar, in characters.
MOST_LETTERS = 33
# Beyond these a difference must be commented: the ratio of the patients of both sources, and kappa.
RATIO = (0.9, 1.1)
KAPPA = {"sourced": 0.8, "other": 0.6}
HEAD = (
    "<table><thead><tr><th>maladie</th><th>année</th><th>les deux</th>"
    "<th>cartographie seule</th><th>base seule</th><th>sensibilité</th>"
    "<th>valeur prédictive</th><th>kappa</th></tr></thead><tbody>"
)


def agreement_part(found: Sequence[Agreement], mask: Mask) -> str:
    """Returns a table of all years, and the kappa of each disease in the last year as bars."""
    title = f"Kappa par maladie, {found[0].year}"
    last = [one for one in found if one.year == found[0].year and one.kappa is not None]
    drawn = [
        Bar(textwrap.shorten(one.label, MOST_LETTERS, placeholder="…"), *_drawn(one, mask))
        for one in last
    ]
    return (
        f"<p>{html.escape(WORDS)}</p>"
        f"<h3>{html.escape(title)}</h3>{bars(title, drawn)}"
        f"{HEAD}{''.join(_row(one, mask) for one in found)}</tbody></table>"
    )


def _row(one: Agreement, mask: Mask) -> str:
    hidden = mask.hides_agreement(one)
    counts = (one.both, one.cartography_only, one.release_only)
    shares = (one.sensitivity, one.predictive_value)
    cells = [HIDDEN if hidden else number(count) for count in counts]
    cells += [HIDDEN if hidden else "" if share is None else percentage(share) for share in shares]
    cells.append(_drawn(one, mask)[1])
    notes = [*_notes(one), *([] if hidden else _comments(one))]
    unseen = "".join(f'<br><span class="src">{html.escape(note)}</span>' for note in notes)
    return (
        f"<tr><td>{html.escape(one.label)}{unseen}</td><td>{one.year} (G{one.version})</td>"
        + "".join(f'<td class="n">{cell}</td>' for cell in cells)
        + "</tr>"
    )


def _notes(one: Agreement) -> Iterator[str]:
    """Yields the status of the definition, and what it does not see of the national rule."""
    if one.status:
        yield STATUSES[one.status]
    if one.lacks:
        yield f"non vu : {one.lacks}"


def _comments(one: Agreement) -> Iterator[str]:
    """Yields what is far enough from agreement to need a comment; the levels are defaults, not proofs."""
    ratio = one.prevalence_ratio
    least = KAPPA["sourced" if one.status == "sourced" else "other"]
    if ratio is not None and not RATIO[0] <= ratio <= RATIO[1]:
        yield f"à commenter : {_decimal(ratio)} fois les malades de la cartographie"
    if one.kappa is not None and one.kappa < least:
        yield f"à commenter : kappa inférieur à {_decimal(least)}"


def _decimal(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def _drawn(one: Agreement, mask: Mask) -> tuple[float | None, str]:
    """Returns the length of a bar, None when it is hidden, and its text."""
    if one.kappa is None:
        return 0, ""
    if mask.hides_kappa(one):
        return None, HIDDEN
    return max(one.kappa, 0), _decimal(one.kappa)
