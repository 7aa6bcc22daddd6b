"""A figure: the numbers that it draws, and its drawing as SVG, which needs neither a network nor a script."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from openchronic.errors import RefusedError, SettingsError, is_disk_full


@dataclass(frozen=True, eq=False)
class Figure:
    """Une figure, qui s’affiche dans un carnet. ``data`` : les nombres dessinés, une relation DuckDB (``.df()``, ``.pl()``).

    ``svg`` : le dessin. ``title`` et ``description`` : ce qu’il montre, pour qui ne le voit pas. ``notes`` : ce qui n’est
    pas dessiné, et pourquoi. ``is_individual`` : elle montre une personne, et ne sort pas du serveur.
    """

    title: str
    description: str
    data: duckdb.DuckDBPyRelation
    svg: str
    notes: tuple[str, ...] = ()
    is_individual: bool = False

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        # In a page the drawing keeps its description; as a picture of its own it would have none.
        return f"<figure>{self.svg}</figure>"

    def __repr__(self) -> str:
        return f"{self.title}\n{self.description}"

    def save(self, path: str | Path, *, individual: bool = False) -> Path:
        """Écrit le dessin dans un fichier ``.svg``, et donne son chemin.

        Un fichier du même nom est remplacé. Une figure qui montre une personne ne s'écrit qu'avec ``individual=True``, dans
        un dossier du serveur. Lève ``OpenChronicError`` sans cela, si le nom finit autrement, ou si rien ne peut être écrit
        là.
        """
        place = Path(path)
        if self.is_individual and not individual:
            raise RefusedError(
                f"{place}: this figure shows one person; individual=True writes it, into a folder that nobody exports",
                f"{place}\u00a0: cette figure montre une personne. individual=True l’écrit, dans un dossier qui ne sort pas du "
                "serveur.",
            )
        if place.suffix.lower() != ".svg":
            raise SettingsError(
                f"{place}: a figure is written as SVG; give a name that ends in .svg",
                f"{place}\u00a0: une figure s’écrit en SVG\u202f; donnez un nom qui finit par .svg.",
            )
        try:
            place.write_text(self.svg, encoding="utf-8")
        except OSError as error:
            full = is_disk_full(error)
            raise SettingsError(
                f"{place}: the figure cannot be written ({error.strerror})",
                f"{place}\u00a0: la figure ne peut pas être écrite ("
                + ("le disque est plein" if full else f"{error.strerror}")
                + "). Choisissez un autre dossier.",
            ) from None
        return place
