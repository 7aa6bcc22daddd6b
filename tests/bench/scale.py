"""`python -m tests.bench.scale`: what builds of national size take, on paper, from the rates of `rates.toml`.

It prints the tables of `openchronic_env/SCALE.md`; nothing of that size was ever run.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RATES = Path(__file__).with_name("rates.toml")
Table = Mapping[str, Any]


@dataclass(frozen=True)
class Estimate:
    """A case at a place. ``shuffle_tb``: what crosses the network; ``pieces``: how many a month of flux must be cut into to be
    held in memory."""

    core_hours: float
    hours: float
    shuffle_tb: float
    disk_tb: float
    month_gb: float
    pieces: int
    euros: float


def rates() -> dict[str, Any]:
    """Returns the file, with its rates (measured, documented, assumed) under ``rate`` too."""
    found = tomllib.loads(RATES.read_text("utf-8"))
    return {"rate": {**found["measured"], **found["documented"], **found["assumed"]}, **found}


def lines(case: Table, rate: Table) -> float:
    """Returns the delivered lines of a case, as dense as those of the whole country."""
    return float(case["persons"] * case["years"] * rate["lines_a_year"] / rate["persons"])


def estimate(case: Table, place: Table, rate: Table) -> Estimate:
    """Returns what a whole build of ``case`` takes at ``place``."""
    number, spark = lines(case, rate), place["engine"] == "spark"
    core_hours = number * rate[f"{place['engine']}_us_a_line"] / 1e6 / 3600
    shuffle_tb = number * rate["shuffled_bytes_a_line"] / 1e12 if spark else 0.0
    hours = core_hours / (place["nodes"] * place["cores"] * place["busy"]) + _fixed_h(place, rate)
    hours += shuffle_tb * 1000 / (rate["network_gb_s"] * place["nodes"]) / 3600
    kept = sum(rate[f"{name}_bytes_a_line"] for name in ("store", "work", "release"))
    month_gb = number / (12 * case["years"]) * rate["month_bytes_a_line"] / 1e9
    held = rate["memory_share"] * place["memory_gb"] * place["nodes"]
    # All cores are paid for while it runs, and not those alone that work.
    euros = hours * place["nodes"] * place["cores"] * rate["euros_a_core_hour"]
    return Estimate(
        core_hours,
        hours,
        shuffle_tb,
        number * kept / 1e12,
        month_gb,
        math.ceil(month_gb / held),
        euros,
    )


def reach(place: Table, rate: Table) -> tuple[float, float]:
    """Returns between how many lines ``place`` is sensible: enough that what more machines do not shorten is a small share, and
    few enough to be done in time."""
    each = (
        rate[f"{place['engine']}_us_a_line"]
        / 1e6
        / (place["nodes"] * place["cores"] * place["busy"])
    )
    fixed = 3600 * _fixed_h(place, rate)
    return fixed / rate["overhead"] / each, (3600 * rate["patience_h"] - fixed) / each


def _fixed_h(place: Table, rate: Table) -> float:
    return float(rate["driver_s"]) / 3600 if place["engine"] == "spark" else 0.0


def tables() -> Iterator[str]:
    """Yields the lines of the two tables, in Markdown."""
    found = rates()
    rate = found["rate"]
    yield "| build | where | core-hours | hours | shuffle, TB | disk, TB | memory of a month, GB | pieces of a month | euros |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|"
    for case in found["case"]:
        for place in found["place"]:
            one = estimate(case, place, rate)
            cells = (
                *(f"{one.core_hours:,.0f}", f"{one.hours:.1f}", f"{one.shuffle_tb:.1f}"),
                *(
                    f"{one.disk_tb:.2f}",
                    f"{one.month_gb:,.0f}",
                    f"{one.pieces}",
                    f"{one.euros:,.0f}",
                ),
            )
            yield f"| {case['name']} | {place['name']} | {' | '.join(cells)} |"
    yield ""
    yield "| where | sensible from, billion lines | to, billion lines | to, years of the whole country | hours to read 100 TB |"
    yield "|---|--:|--:|--:|--:|"
    for place in found["place"]:
        low, high = (number / 1e9 for number in reach(place, rate))
        years = high * 1e9 / rate["lines_a_year"]
        read_h = 100_000 / (rate["read_gb_s"] * place["nodes"]) / 3600
        yield f"| {place['name']} | {low:.1f} | {high:,.0f} | {years:.1f} | {read_h:.1f} |"


if __name__ == "__main__":
    print("\n".join(tables()))
