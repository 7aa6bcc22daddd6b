"""What the test of a graphics card found, and its telling in French."""

from __future__ import annotations

from dataclasses import dataclass, field

GIB = 2**30


@dataclass(frozen=True)
class Card:
    """A card, or a slice of one (MIG), as NVIDIA's library describes it."""

    name: str
    uuid: str
    memory: int
    is_slice: bool
    driver: str


@dataclass(frozen=True)
class Check:
    """A check: whether it is right, and the figures that say so."""

    name: str
    title: str
    ok: bool
    detail: str
    seconds: float


@dataclass(frozen=True)
class Report:
    """All that was found. ``device`` is ``cuda`` or ``cpu``: where the checks computed."""

    cards: tuple[Card, ...] = ()
    device: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    trouble: str = ""
    """Why nothing else counts; else empty."""

    @property
    def ok(self) -> bool:
        return not self.trouble and all(check.ok for check in self.checks)


def told(report: Report) -> str:
    """Returns the report as an analyst reads it."""
    lines = [
        *_cards(report),
        *(f"  {name}\u00a0: {what}" for name, what in report.versions.items()),
    ]
    lines += [
        f"[{'ok' if check.ok else 'ÉCHEC'}] {check.title}\u00a0: {check.detail} ({_number(check.seconds)}\u00a0s)"
        for check in report.checks
    ]
    if report.trouble:
        lines.append(f"[ÉCHEC] {report.trouble}")
    lines.append(_ending(report))
    return "\n".join(lines)


def _cards(report: Report) -> list[str]:
    if not report.cards:
        return [
            "Pas de carte graphique dans cette session\u00a0: les essais se font sur le processeur."
        ]
    return [
        f"{'Part de carte' if card.is_slice else 'Carte graphique'}\u00a0: {card.name}, "
        f"{_number(card.memory / GIB)}\u00a0Gio, pilote {card.driver}, {card.uuid}"
        for card in report.cards
    ]


def _ending(report: Report) -> str:
    if not report.ok:
        return "Quelque chose ne va pas\u00a0: transmettez ce texte à l’assistance."
    if report.device == "cuda":
        return "La carte graphique calcule juste et rend sa mémoire."
    return "PyTorch calcule juste sur le processeur. Pour une carte, choisissez une session qui en a une."


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
