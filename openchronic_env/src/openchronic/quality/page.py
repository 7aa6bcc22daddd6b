"""Writes the report as one page in French that analysts may read: no external resource, no small count."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from itertools import groupby

from openchronic.dictionary.released import event_types
from openchronic.quality.against import Comparison
from openchronic.quality.agreement import absence
from openchronic.quality.agreement_page import agreement_part
from openchronic.quality.catalogue import Check
from openchronic.quality.french import HIDDEN, number, percentage
from openchronic.quality.judging import Verdict
from openchronic.quality.masking import Mask
from openchronic.quality.measuring import Group
from openchronic.quality.report import Report
from openchronic.quality.svg import Bar, Point, bars, months

KINDS = {
    "integrity": "Intégrité",
    "completeness": "Complétude",
    "plausibility": "Vraisemblance",
    "series": "Séries mensuelles",
    "orphan": "Lignes orphelines",
    "chaining": "Chaînage des séjours",
    "previous": "Comparaison avec la version précédente",
    "identity": "Identité des patients",
    "cartography": "Accord avec la cartographie nationale",
}
STATES = {
    "ok": "conforme",
    "warning": "à surveiller",
    "stop": "bloquant",
    "accepted": "accepté à la publication",
    "too few": "effectif insuffisant",
    "not measured": "non mesuré",
}
AGREEMENTS = {"agrees": "dans la tolérance", "differs": "écart", "outside": "hors de la base"}
# More groups than this would fill a table: only the worst are drawn.
MOST_BARS = 24
# The policy forbids the browser any request, whatever the page holds.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = (
    "body{font:15px/1.45 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#1b1b1b}"
    "table{border-collapse:collapse;width:100%;margin:.5em 0 1.5em}"
    "th,td{text-align:left;padding:.25em .6em;border-bottom:1px solid #ddd;vertical-align:top}"
    "td.n{text-align:right;white-space:nowrap}.src{color:#555;font-size:85%}"
    ".stop{background:#fbe0dd}.warning,.accepted,.differs{background:#fdf3d0}"
    "svg{display:block;max-width:100%;height:auto}svg text{font:12px sans-serif;fill:#1b1b1b}"
    ".bar{fill:#2f6f9f}.hidden{fill:none;stroke:#777;stroke-dasharray:3 2}"
    ".mark{stroke:#b3261e;stroke-width:2}.axis{stroke:#999}"
    ".line{fill:none;stroke:#2f6f9f;stroke-width:2;stroke-linecap:round}"
)


def page(report: Report, mask: Mask) -> str:
    """Returns the whole page."""
    release = report.release
    title = f"Contrôles de {release.name}"
    before = report.before.name if report.before else "aucune"
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        f"<p>Publiée le {html.escape(str(release.manifest['created'])[:10])}. "
        f"Version précédente : {html.escape(before)}. "
        f"Les effectifs de 1 à {mask.least - 1} sont masqués, ainsi que ce qui permettrait "
        "de les retrouver. Sur les barres, un trait rouge est le seuil de blocage ; un cadre en "
        "pointillé, une valeur masquée.</p>",
        f"<p><strong>{_conclusion(report.verdicts)}</strong></p>",
    ]
    for kind, some in groupby(report.verdicts, key=lambda one: one.check.kind):
        verdicts = list(some)
        parts.append(f"<h2>{KINDS[kind]}</h2>")
        parts.append(_table(verdicts, mask))
        if kind == "series":
            parts += _series(report.months, mask)
        parts += [_groups(one, mask) for one in verdicts if _is_drawn(one)]
        if kind in ("completeness", "plausibility", "orphan", "identity"):
            parts.append(_shares(f"{KINDS[kind]} : parts mesurées", verdicts, mask))
        if kind == "cartography":
            parts.append(_agreement(report, mask))
    parts.append("<h2>Comparaison avec des effectifs publiés</h2>")
    parts.append(_against(report.against, mask))
    return (
        '<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>\n<body>"
        + "\n".join(part for part in parts if part)
        + "\n</body></html>\n"
    )


def _conclusion(verdicts: Iterable[Verdict]) -> str:
    states = [one.state for one in verdicts]
    stops = states.count("stop")
    verdict = f"{stops} contrôle(s) bloquant(s)" if stops else "Aucun contrôle bloquant"
    return (
        f"{verdict}, {states.count('warning')} à surveiller, {states.count('accepted')} "
        f"accepté(s), {states.count('ok')} conforme(s) sur {len(states)}."
    )


def _table(verdicts: Iterable[Verdict], mask: Mask) -> str:
    rows = []
    for one in verdicts:
        check, worst = one.check, one.worst
        at = f" ({worst.name})" if worst and worst.name and worst.faults else ""
        rows.append(
            f'<tr class="{one.state.replace(" ", "-")}"><td>{html.escape(check.fr + at)}'
            f'<br><span class="src">{html.escape(_origin(check))}</span></td>'
            f'<td class="n">{_shown(check, worst, mask)}</td>'
            f'<td class="n">{_figure(check, check.warn)}</td>'
            f'<td class="n">{_figure(check, check.stop)}</td><td>{STATES[one.state]}</td></tr>'
        )
    return (
        "<table><thead><tr><th>contrôle</th><th>valeur</th><th>alerte au-delà de</th>"
        "<th>blocage au-delà de</th><th>verdict</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _origin(check: Check) -> str:
    """Returns name and source; the part of the source after a colon is for operators, in English, and left out."""
    return f"{check.name}, {check.source.split(': ')[0]}"


def _series(counts: Sequence[tuple[str, str, int]], mask: Mask) -> list[str]:
    drawn = []
    names = sorted({month for _, month, _ in counts})
    every = _months(names[0], names[-1]) if names else []
    for kind, rows in groupby(counts, key=lambda row: row[0]):
        found = {month: number for _, month, number in rows}
        points = [
            Point(month, None if mask.hides_count(number) else number)
            for month, number in ((month, found.get(month, 0)) for month in every)
        ]
        title = f"{event_types().get(kind, kind)} par mois"
        top = max((point.value or 0 for point in points), default=0)
        hidden = f"{HIDDEN}, moins de {mask.least}"
        drawn.append(f"<h3>{html.escape(title)}</h3>")
        if not top:
            drawn.append(f"<p>Tous les mois sont à 0 ou masqués (moins de {mask.least}).</p>")
            continue
        drawn.append(months(title, points, top_text=number(top), hidden_text=hidden))
    return drawn


def _months(first: str, last: str) -> list[str]:
    """Returns every month from one to another: a month without events is a zero, not a shorter axis."""
    year, month = map(int, first.split("-"))
    names = [first]
    while names[-1] < last:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        names.append(f"{year}-{month:02}")
    return names


def _is_drawn(verdict: Verdict) -> bool:
    """Returns whether a check has groups of its own to draw; those of series are drawn as lines."""
    return (
        verdict.check.kind in ("chaining", "previous", "completeness")
        and sum(bool(group.name) for group in verdict.measure.groups) > 1
    )


def _groups(verdict: Verdict, mask: Mask) -> str:
    check = verdict.check
    some = sorted(verdict.measure.groups, key=lambda one: -one.value)[:MOST_BARS]
    rows = [
        _bar(check, group.name, group, mask) for group in sorted(some, key=lambda one: one.name)
    ]
    return f"<h3>{html.escape(check.fr)}</h3>" + bars(check.fr, rows)


def _shares(title: str, verdicts: Iterable[Verdict], mask: Mask) -> str:
    rows = [
        _bar(one.check, one.check.name, one.worst, mask)
        for one in verdicts
        if one.worst and one.check.unit == "share"
    ]
    return f"<h3>{html.escape(title)}</h3>" + bars(title, rows) if rows else ""


def _bar(check: Check, label: str, group: Group, mask: Mask) -> Bar:
    hidden = mask.hides_group(check, group)
    return Bar(label, None if hidden else group.value, _shown(check, group, mask), check.stop)


def _agreement(report: Report, mask: Mask) -> str:
    if report.agreements:
        return agreement_part(report.agreements, mask)
    return f"<p>{html.escape(absence(report.release.manifest).fr)}</p>"


def _against(compared: Sequence[Comparison], mask: Mask) -> str:
    if not compared:
        return "<p>Aucun fichier d'effectifs publiés n'a été donné (option --against).</p>"
    rows = []
    for one in compared:
        hidden = mask.hides_comparison(one)
        ours = HIDDEN if hidden else "" if one.ours is None else number(one.ours)
        ratio = "" if hidden or one.ratio is None else f"{one.ratio:.2f}".replace(".", ",")
        # Within the tolerance of a published figure, a small count would be known.
        agreement = HIDDEN if hidden else AGREEMENTS[one.agreement]
        cell = one.cell
        sex = {"M": "hommes", "F": "femmes"}.get(cell.sex, "ensemble")
        age = "tous âges" if cell.age_class == "all" else f"{cell.age_class} ans"
        rows.append(
            f'<tr class="{"" if hidden else one.agreement}"><td>ALD {cell.disease}</td>'
            f"<td>{cell.year}</td><td>{sex}</td><td>{age}</td>"
            f'<td class="n">{number(one.published)}</td><td class="n">{ours}</td>'
            f'<td class="n">{ratio}</td><td>{agreement}</td></tr>'
        )
    return (
        "<p>Personnes vivantes dont l'ALD est ouverte au 31 décembre, selon l'âge atteint dans "
        "l'année.</p><table><thead><tr><th>maladie</th><th>année</th><th>sexe</th><th>âge</th>"
        "<th>publié</th><th>base</th><th>rapport</th><th>verdict</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _shown(check: Check, group: Group | None, mask: Mask) -> str:
    if group is None:
        return ""
    return HIDDEN if mask.hides_group(check, group) else _figure(check, group.value)


def _figure(check: Check, value: float | None) -> str:
    """Returns a value or a threshold in French notation."""
    if value is None:
        return ""
    if check.unit == "share":
        return percentage(value)
    return number(value) + (" mois" if check.unit == "months" else "")
