"""The part of the page on the agreement of the release with the national cartography."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence

from openchronic.cartography import load_diseases
from openchronic.quality.agreement import Agreement
from openchronic.quality.french import HIDDEN, number, percentage
from openchronic.quality.masking import Mask
from openchronic.quality.svg import Bar, bars

WORDS = (
    "Patients de la cartographie retrouvés dans la base, selon qui leur attribue la maladie dans "
    "l'année. La sensibilité est la part des malades de la cartographie que la base retrouve ; la "
    "valeur prédictive, la part des malades de la base que la cartographie confirme ; le kappa de "
    "Cohen vaut 1 quand tous les patients concordent et 0 quand ils ne concordent pas plus que "
    "par hasard. Les listes de codes de la CNAM ne sont pas publiques : hors diabète, celles de "
    "la base suivent le libellé de chaque maladie, et un écart peut venir d'elles. Les premières "
    "années d'une base manquent de recul sur les séjours antérieurs."
)
# The width of the label before a bar, in characters.
MOST_LETTERS = 33
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
        Bar(textwrap.shorten(_label(one), MOST_LETTERS, placeholder="…"), *_drawn(one, mask))
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
    lacks = {disease.name: disease.lacks for disease in load_diseases()}.get(one.disease, "rien")
    unseen = (
        "" if lacks == "rien" else f'<br><span class="src">non vu : {html.escape(lacks)}</span>'
    )
    return (
        f"<tr><td>{html.escape(_label(one))}{unseen}</td><td>{one.year} (G{one.version})</td>"
        + "".join(f'<td class="n">{cell}</td>' for cell in cells)
        + "</tr>"
    )


def _drawn(one: Agreement, mask: Mask) -> tuple[float | None, str]:
    """Returns the length of a bar, None when it is hidden, and its text."""
    if one.kappa is None:
        return 0, ""
    if mask.hides_kappa(one):
        return None, HIDDEN
    return max(one.kappa, 0), f"{one.kappa:.2f}".replace(".", ",")


def _label(one: Agreement) -> str:
    return {disease.name: disease.fr for disease in load_diseases()}.get(one.disease, one.disease)
