"""The settings of a synthetic extraction, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from openchronic.errors import SettingsError
from openchronic.synth.law import Law

DEFAULT_YEARS = 3
# Up to 2017 the three large public hospitals declare stays twice: the default period includes that.
DEFAULT_FIRST_YEAR = 2016

Layout = Literal["portal", "project", "dcirs"]
Format = Literal["csv", "csv.gz", "parquet"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
FORMATS: tuple[Format, ...] = get_args(Format)

# The parts of the keys (statement, stay) are numbered within these bounds.
MOST_PATIENTS = 10_000_000
MOST_YEARS = 12
FIRST_YEARS = (2010, 2030)
MOST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The size, seed and period of an extraction, and how it is delivered."""

    patients: int
    seed: int
    years: int = DEFAULT_YEARS
    first_year: int = DEFAULT_FIRST_YEAR
    layout: Layout = "portal"
    format: Format = "csv"
    tidy: bool = False
    """Whether no file is rewritten in another way than the SNDS writes it."""
    hard: bool = False
    """Whether files that a build refuses are included."""
    law: Law | None = None
    """By which some persons take drugs that nobody else takes."""

    def __post_init__(self) -> None:
        _between("--patients", self.patients, 1, MOST_PATIENTS)
        _between("--seed", self.seed, 0, MOST_SEED)
        _between("--years", self.years, 1, MOST_YEARS)
        _between("--first-year", self.first_year, *FIRST_YEARS)
        _one_of("--layout", self.layout, LAYOUTS)
        _one_of("--format", self.format, FORMATS)
        if self.tidy and self.hard:
            raise SettingsError("--tidy and --hard: choose one of them")

    @property
    def care_years(self) -> range:
        """The years of care, and of discharge from hospital."""
        return range(self.first_year, self.first_year + self.years)

    @property
    def flux_years(self) -> range:
        """The years in which claims arrive: one more, for late care."""
        return range(self.first_year, self.first_year + self.years + 1)


def _between(option: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise SettingsError(f"{option} must be between {low} and {high}, not {value}")


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(f"{option} must be one of {', '.join(allowed)}, not {value}")
