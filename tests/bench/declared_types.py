"""How a peer should type the columns of a file: as our declarations say, as far as one date format goes."""

from pathlib import Path

from openchronic.catalogue import load_tables


def types_of(table: str, file: Path) -> dict[str, str]:
    """``integer``, ``decimal``, ``date`` or ``string`` of each column, in the order of the file."""
    with file.open(encoding="latin-1") as text:
        header = text.readline().rstrip("\r\n").split(";")
    known = {
        column.name: column.type
        for column in load_tables()[table].columns
        # Dates of the PMSI are in several formats of one file, those of death certificates have hours: text, for a
        # parser of one format.
        if column.type != "date" or not table.startswith(("T_", "KI_"))
    }
    return {name: known.get(name, "string") for name in header}
