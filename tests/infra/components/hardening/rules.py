"""Reads infra/components/hardening/rules.toml, the answers to ANSSI's rules."""

import tomllib
from dataclasses import dataclass

from infra.components.hardening import FILES

RULES = FILES.parent / "rules.toml"


@dataclass(frozen=True)
class Answer:
    """The rules that have the same answer."""

    why: str
    rules: tuple[str, ...]
    check: tuple[str, ...] = ()
    """Shell commands that succeed on a server that fulfils the rules; none for waived rules and duties."""


@dataclass(frozen=True)
class Answers:
    sysctl: dict[str, str]
    held: tuple[Answer, ...]
    left_out: tuple[Answer, ...]

    def rules(self) -> list[str]:
        """Return all rules, once for each of their answers."""
        groups = (*self.held, *self.left_out)
        return [
            *(f"sysctl_{name}" for name in self.sysctl),
            *(rule for answer in groups for rule in answer.rules),
        ]


def answers(text: str | None = None) -> Answers:
    raw = tomllib.loads(RULES.read_text() if text is None else text)
    return Answers(
        sysctl=raw["sysctl"],
        held=tuple(
            Answer(row["by"], tuple(row["rules"]), tuple(row["check"])) for row in raw["held"]
        ),
        left_out=tuple(
            Answer(row[word], tuple(row["rules"]))
            for table, word in (("waived", "reason"), ("duty", "what"))
            for row in raw[table]
        ),
    )
