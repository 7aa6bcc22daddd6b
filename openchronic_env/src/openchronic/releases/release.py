"""One release: an immutable folder and its manifest."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from openchronic.errors import ReleaseError
from openchronic.releases import sampling
from openchronic.releases.balance import Lines, lines_of
from openchronic.releases.manifest import read_manifest
from openchronic.runtime.text import bucket_name


@dataclass(frozen=True)
class Release:
    """A release in use: the content of ``path`` never changes, whatever is published later.

    ``sample``: the share of subjects (0 to 1) whose rows are read; None for all of them.
    """

    path: Path
    base: str
    id: str
    manifest: Mapping[str, Any] = field(repr=False, compare=False)
    sample: float | None = None

    @property
    def name(self) -> str:
        """``base@id``: the name that a study uses to stay on this release."""
        return named(self.base, self.id)

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables."""
        return tuple(self.manifest["tables"])

    def files(self, table: str, *, subject: int | None = None) -> list[Path]:
        """Returns the Parquet files of ``table``. Raises ReleaseError where there is no such table.

        ``subject``: only those that may hold its rows, which are of its own bucket where the table is cut by subjects.
        """
        if table not in self.manifest["tables"]:
            raise ReleaseError(
                f"{self.name} has no table {table}; it has {', '.join(self.tables)}",
                f"La version {self.name} n'a pas de table « {table} ». "
                f"Tables : {', '.join(self.tables)}.",
            )
        found = [self.path / name for name in self.manifest["tables"][table]["files"]]
        if subject is None:
            return found
        own = bucket_name(subject % self.manifest["settings"]["buckets"])
        return [one for one in found if one.parent.name in (own, table)]

    def columns(self, table: str) -> tuple[str, ...]:
        """Returns the columns of ``table``, in order. Raises ReleaseError where there is no such table."""
        return sampling.columns_of(self.files(table)[0])

    def sampled(self, share: float) -> Release:
        """Returns the same release restricted to a share of its subjects. Raises SettingsError."""
        sampling.limit(share)
        return replace(self, sample=share)

    def condition(self, table: str) -> str | None:
        """Returns the SQL condition on the rows of ``table``; None where all are read.

        A table without subjects (``code``, ``reject``) is whole in a sample too.
        """
        if self.sample is None or sampling.SUBJECT not in self.columns(table):
            return None
        return sampling.condition(self.sample)

    def rows(self, table: str) -> int:
        """Returns the number of rows of ``table``; in a sample they are counted."""
        if self.sample is not None and self.condition(table):
            return sampling.count(tuple(self.files(table)), self.sample)
        return int(self.manifest["tables"][table]["rows"])

    def balance(self) -> tuple[Lines, ...]:
        """Returns the outcome of the lines of each delivered table; ``pandas.DataFrame`` makes a table of it."""
        return lines_of(self.manifest)

    @property
    def provisional(self) -> tuple[str, ...]:
        """The years of hospitals that a later delivery will replace, in words that both languages read: ``PMSI MCO
        2021-05``, of which May is the last month there. Releases of early versions do not say it.
        """
        return tuple(
            f"{one['product']} {one['year'] or '????'}-{one['month']:02}"
            for one in self.manifest.get("provisional", ())
        )

    def __repr__(self) -> str:
        years = self.manifest["years"]
        period = f", soins de {years[0]} à {years[-1]}" if years else ""
        period += f", provisoire : {', '.join(self.provisional)}" if self.provisional else ""
        return (
            f"<Open Chronic {self.name}{self._drawn()} : {self._count('patient')} patients, "
            f"{self._count('event')} événements{period}>"
        )

    def _drawn(self) -> str:
        return (
            ""
            if self.sample is None
            else f", échantillon de {sampling.share(self.sample)} des sujets"
        )

    def _count(self, table: str) -> str:
        """Returns the number of rows, in French; in a sample an estimate, except for patients: no table is read."""
        if self.sample is None or table == "patient" or not self.condition(table):
            return _spaced(self.rows(table))
        return f"environ {_spaced(round(self.manifest['tables'][table]['rows'] * self.sample))}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(table)}</td>"
            f"<td style='text-align:right'>{self._count(table)}</td></tr>"
            for table in self.tables
        )
        return (
            f"<p><b>Open Chronic</b> {html.escape(self.name)}{self._drawn()}<br>"
            f"publiée le {html.escape(str(self.manifest['created'])[:10])}, "
            f"années {html.escape(self._years())}{self._awaited()}</p>"
            f"<table><thead><tr><th>table</th><th>lignes</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )

    def _awaited(self) -> str:
        """Returns a line on the years that are provisional; nothing where none is."""
        if not self.provisional:
            return ""
        return (
            f"<br>provisoire, jusqu’au mois dit : {html.escape(', '.join(self.provisional))} (les numéros de "
            "patient peuvent changer, les soins des mois suivants manquent)"
        )

    def _years(self) -> str:
        years = self.manifest["years"]
        return f"{years[0]} à {years[-1]}" if years else "inconnues"


def _spaced(number: int) -> str:
    """Returns a number in French notation."""
    return f"{number:,}".replace(",", "\u202f")


def named(base: str, identifier: str) -> str:
    """Returns the name of a release: ``base@id``."""
    return f"{base}@{identifier}"


def open_release(path: Path) -> Release:
    """Reads the manifest of the release in ``path``. Raises ReleaseError."""
    manifest = read_manifest(path)
    return Release(path, manifest["base"], manifest["id"], MappingProxyType(dict(manifest)))
