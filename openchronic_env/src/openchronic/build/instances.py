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
    """One instance. ``size``: its number of months, years or buckets; ``words``: the values that texts need of it.

    ``numbers``: those of its stage where an instance depends on its own persons alone.
    """

    name: str
    size: int = 1
    months: tuple[str, ...] | None = None
    year: int | None = None
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
        chunks: list[Sequence[str]] = [*_chunks(context, every, stage.tables[0])] or [()]
        numbers = stage.numbers if context.settings.takes_over else {}
        return [
            Instance(
                f"{chunk[0]}-{chunk[-1]}" if chunk else "none",
                len(chunk),
                months=tuple(chunk),
                numbers=numbers,
            )
            for chunk in chunks
        ]
    if stage.scope == "years":
        years = years_of(context.readings, stage.tables) or [0]
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
        passes = context.engine.passes(context.settings.buckets)
        return [Instance(f"{one[0]:03}-{one[-1]:03}", len(one), buckets=one) for one in passes]
    return [Instance("all")]


def _files_of_version(reading: TableReading | None, year: int | None, version: int) -> list[Path]:
    """Returns the typed files of one year of the cartography, for one version of its algorithm."""
    return sorted(
        path
        for one in (reading.files if reading else ())
        if one.file.year == year and version_of(one.file.name) == version
        for path in one.folder.rglob("*.parquet")
    )


def _chunks(context: Context, every: list[str], table: str) -> list[list[str]]:
    """Returns as many months together as keep the lines of ``table`` within the memory limit; at least one.

    The groups of earlier builds stay as far as possible: their parts are taken over.
    """
    most = context.engine.most_claims()
    if most is None:
        return [every] if every else []
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
    return groups
