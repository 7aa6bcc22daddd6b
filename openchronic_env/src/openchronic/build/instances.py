"""The instances of a stage: the whole delivery, some months, a year, or some buckets of subjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openchronic.build.cartography import chosen_years, version_of
from openchronic.build.context import Context
from openchronic.build.groups import groups_before, groups_of, note_groups
from openchronic.build.ingest import TableReading
from openchronic.build.typed import files_of, files_of_months, files_of_year, months, years_of
from openchronic.models.model import Source, Stage


@dataclass(frozen=True)
class Instance:
    """One instance. ``size``: its number of months, years or buckets; ``years``: those that are taken together;
    ``words``: the values that texts need of it.

    ``share``: of a month whose claims are too many for the memory, which of how many shares of its claims.
    ``numbers``: those of its stage where an instance depends on its own persons alone.
    """

    name: str
    size: int = 1
    months: tuple[str, ...] | None = None
    share: tuple[int, int] = (0, 1)
    year: int | None = None
    years: tuple[int, ...] = ()
    version: int | None = None
    buckets: range | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)

    def files(self, context: Context, source: Source) -> list[Path]:
        """Returns the typed files of ``source`` that belong to the instance."""
        readings = context.readings
        found: list[Path] = []
        for table in (source.table, *source.also):
            reading = readings.get(table)
            if self.months is not None:
                found += files_of_months(reading, self.months)
            elif self.years:
                found += (path for year in self.years for path in files_of_year(reading, year))
            elif self.version is not None:
                found += _files_of_version(reading, self.year, self.version)
            elif self.year is not None:
                found += files_of_year(reading, self.year)
            else:
                found += files_of(reading)
        return found


def instances_of(context: Context, stage: Stage) -> list[Instance]:
    """Returns the instances of ``stage``, in order; at least one, so that every table is made, except for the
    cartography."""
    if stage.scope == "months":
        every = months(context.readings, stage.tables)
        chunks = _chunks(context, every, stage.tables[0]) or [([], 1)]
        numbers = stage.numbers if context.settings.takes_over else {}
        return [
            Instance(
                _named(chunk) + (f"-{number}of{shares}" if shares > 1 else ""),
                # A month is done with the last of its shares.
                len(chunk) if number == shares - 1 else 0,
                months=tuple(chunk),
                share=(number, shares),
                numbers=numbers,
            )
            for chunk, shares in chunks
            for number in range(shares)
        ]
    if stage.scope == "years":
        years = years_of(context.readings, stage.tables) or [0]
        if context.engine.waits:
            # One query for all years, since no text compares the rows of two.
            name = f"{years[0]}-{years[-1]}"
            words = {"year": ", ".join(map(str, years))}
            return [Instance(name, len(years), years=tuple(years), words=words)]
        numbers = stage.numbers if context.settings.takes_over else {}
        return [
            Instance(str(year), year=year, words={"year": str(year)}, numbers=numbers)
            for year in years
        ]
    if stage.scope == "mapped years":
        return [
            Instance(
                f"{year}-G{version}",
                year=year,
                version=version,
                words={"year": str(year), "version": str(version)},
            )
            for year, version in sorted(chosen_years(context).items())
        ]
    if stage.scope == "buckets":
        together = context.buckets_together if stage.light else 1
        passes = context.engine.passes(context.buckets, together=together)
        return [Instance(f"{one[0]:03}-{one[-1]:03}", len(one), buckets=one) for one in passes]
    return [Instance("all")]


def _files_of_version(reading: TableReading | None, year: int | None, version: int) -> list[Path]:
    """Returns the typed files of one year of the cartography, for one version of its algorithm."""
    folders = {
        one.folder
        for one in (reading.files if reading else ())
        if one.file.year == year and version_of(one.file.name) == version
    }
    return sorted(path for folder in folders for path in folder.rglob("*.parquet"))


def _named(chunk: Sequence[str]) -> str:
    return f"{chunk[0]}-{chunk[-1]}" if chunk else "none"


def _chunks(context: Context, every: list[str], table: str) -> list[tuple[list[str], int]]:
    """Returns as many months together as keep the lines of ``table`` within the memory limit, or one and into how many
    shares its lines are cut.

    The groups of earlier builds stay as far as possible: their parts are taken over.
    """
    most = context.engine.most_claims()
    if most is None:
        return [(every, 1)] if every else []
    claims = context.readings.get(table)
    sizes = {}
    for month in every:
        files = files_of_months(claims, [month])
        rows = context.one(f"SELECT count(*) FROM {context.engine.scan(files)}")[0] if files else 0
        sizes[month] = rows
    takes_over = context.settings.takes_over
    place = context.place.finished
    groups = groups_of(sizes, most, groups_before(place) if takes_over else [])
    if takes_over:
        note_groups(place, groups)
    return [(group, _shares(sum(sizes[month] for month in group), most)) for group in groups]


def _shares(rows: int, most: int) -> int:
    return max(1, -(-rows // max(1, most)))
