"""Says in French, and in words of R, why a call failed: what DuckDB says in English, without its traceback."""

from __future__ import annotations

import re

import duckdb

from openchronic.errors import OpenChronicError, is_disk_full

# The functions of R that have another spelling in Python.
TWINS = "bases|codes|cohort|compare|connect|describe|exposures|pathways|project|release|source|table|timeline"
MISSING_TABLE = re.compile(r"Table with name (?P<name>.+?) does not exist!")
MISSING_COLUMN = re.compile(
    r'Referenced column "(?P<name>.+?)" (?:was )?not found in FROM clause!?(?P<more>.*)', re.S
)
MISSING_IN_TABLE = re.compile(r'does not have a column named "(?P<name>.+?)"(?P<more>.*)', re.S)
MISSING_FUNCTION = re.compile(r"Function with name (?P<name>.+?) does not exist!")
EXISTING = re.compile(r'(?:Table|View) with name "?(?P<name>.+?)"? already exists!')
NEAR = re.compile(r'Did you mean "(?P<name>.+?)"\?')
SYNTAX = re.compile(r'syntax error at (?:or near "(?P<near>.*?)"|end of input)(?P<place>.*)', re.S)
OF_DUCKDB = re.compile(r"[A-Z][A-Za-z/ ]* Error: ")
PLACE = re.compile(r"\n+(?P<place>LINE \d+: .*)", re.S)


def told(problem: BaseException) -> str:
    """Returns the text of an error for who works in R."""
    if isinstance(problem, OpenChronicError):
        return of_r(str(problem))
    text = str(problem).strip()
    if is_disk_full(problem):
        return (
            "Le disque est plein, ou votre quota est atteint : supprimez des fichiers de votre dossier "
            f"personnel.\n{text}"
        )
    if isinstance(problem, MemoryError) or text.startswith("Out of Memory Error"):
        return (
            "La mémoire de la session ne suffit pas : filtrez ou agrégez avant collect(), ou ouvrez une "
            f"session d’un plus grand profil.\n{text}"
        )
    if isinstance(problem, duckdb.InterruptException | KeyboardInterrupt):
        return "La requête a été interrompue."
    # On its way to R, an error of DuckDB is one of Arrow's streams.
    if isinstance(problem, duckdb.Error) or OF_DUCKDB.match(text):
        return _of_duckdb(text)
    return f"Erreur inattendue de Python ({type(problem).__name__}) : {text}"


def of_r(text: str) -> str:
    """Returns a text of the Python package with the names that its functions have in R."""
    return re.sub(rf"\boc\.({TWINS})\b", r"oc_\1", text)


def _of_duckdb(text: str) -> str:
    placed = PLACE.search(text)
    place = f"\n{placed['place'].rstrip()}" if placed else ""
    near = NEAR.search(text)
    # DuckDB also proposes its system's own tables, which nobody meant.
    hint = f"\nVouliez-vous dire « {near['name']} » ?" if near and near["name"][:3] != "pg_" else ""
    if found := MISSING_TABLE.search(text):
        listed = "" if hint else "\nDBI::dbListTables(con) les donne toutes."
        return f"La table « {found['name']} » n’existe pas.{hint}{listed}{place}"
    if found := MISSING_COLUMN.search(text) or MISSING_IN_TABLE.search(text):
        others = re.search(r"Candidate bindings: (.*?)(?:\n|$)", found["more"])
        proposed = f"\nColonnes proches : {others[1]}." if others else ""
        return f"La colonne « {found['name']} » n’existe pas.{proposed}{place}"
    if found := MISSING_FUNCTION.search(text):
        return f"DuckDB n’a pas de fonction « {found['name']} ».{hint}{place}"
    if found := EXISTING.search(text):
        return f"La table « {found['name']} » existe déjà."
    if found := SYNTAX.search(text):
        where = f"près de « {found['near']} »" if found["near"] else "à sa fin"
        return f"La requête SQL n’est pas comprise, {where}.{place}"
    if text.startswith("Conversion Error"):
        return f"Une valeur ne se convertit pas dans le type demandé.\n{text}"
    return f"DuckDB n’exécute pas cette requête.\n{text}"
