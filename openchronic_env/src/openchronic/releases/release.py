"""One release: an immutable folder and its manifest."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from openchronic.errors import ReleaseError

MANIFEST = "manifest.json"
# The layout of a release that this version reads.
FORMATS = (1,)


@dataclass(frozen=True)
class Release:
    """A release in use: ``path`` never changes its content, whatever is published later."""

    path: Path
    base: str
    id: str
    manifest: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """``base@id``: what pins a study to this release."""
        return f"{self.base}@{self.id}"

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables."""
        return tuple(self.manifest["tables"])

    def files(self, table: str) -> list[Path]:
        """The Parquet files of ``table``. Raises ReleaseError: no such table."""
        if table not in self.manifest["tables"]:
            raise ReleaseError(
                f"La version {self.name} n'a pas de table « {table} ». "
                f"Tables : {', '.join(self.tables)}."
            )
        return [self.path / name for name in self.manifest["tables"][table]["files"]]

    def rows(self, table: str) -> int:
        """How many rows ``table`` has."""
        return int(self.manifest["tables"][table]["rows"])

    def __repr__(self) -> str:
        years = self.manifest["years"]
        period = f", soins de {years[0]} à {years[-1]}" if years else ""
        return (
            f"<Open Chronic {self.name} : {_spaced(self.rows('patient'))} patients, "
            f"{_spaced(self.rows('event'))} événements{period}>"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(table)}</td>"
            f"<td style='text-align:right'>{_spaced(self.rows(table))}</td></tr>"
            for table in self.tables
        )
        return (
            f"<p><b>Open Chronic</b> {html.escape(self.name)}<br>"
            f"publiée le {html.escape(str(self.manifest['created'])[:10])}, "
            f"années {html.escape(self._years())}</p>"
            f"<table><thead><tr><th>table</th><th>lignes</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )

    def _years(self) -> str:
        years = self.manifest["years"]
        return f"{years[0]} à {years[-1]}" if years else "inconnues"


def _spaced(number: int) -> str:
    """A number as French writes it."""
    return f"{number:,}".replace(",", "\u202f")


def open_release(path: Path) -> Release:
    """Read the manifest of the release in ``path``. Raises ReleaseError."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReleaseError(f"Pas de version d'Open Chronic dans {path}.") from None
    except PermissionError:
        raise ReleaseError(f"Vous n'avez pas le droit de lire {path}.") from None
    except ValueError:
        raise ReleaseError(f"Le manifeste de {path} est illisible.") from None
    if manifest.get("format") not in FORMATS:
        raise ReleaseError(
            f"La version {path.name} a été faite par un autre openchronic "
            f"(format {manifest.get('format')}) : mettez à jour votre session."
        )
    return Release(path, manifest["base"], manifest["id"], MappingProxyType(manifest))
