"""The classes of a catalogue entry: their fields are the keys of its sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["string", "integer", "decimal", "date"]
Period = Literal["none", "flux_year", "year"]
# useful: without the table, nothing else is wrong.
Level = Literal["required", "optional", "useful"]
# The outcome of the lines of a table: rows of the release, or none.
Role = Literal["events", "costs", "people", "looked up", "compared", "stored"]
How = Literal["claims", "host"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a delivered table."""

    name: str
    type: ColumnType
    meaning: str
    meaning_fr: str
    required: bool = False
    length: str = ""  # as the official schemas write it: "17", "4.2" (digits around the point)
    nomenclature: str = ""  # official name of the value table, "" when there is none
    since: int | None = None  # first year in which deliveries hold it, None when they always do
    until: int | None = None  # last year in which deliveries hold it, None when there is none
    aliases: tuple[str, ...] = ()  # names of the same column in other deliveries (NUM_ENQ…)
    read: bool = True  # whether a rule reads it: a column that none reads never causes a reject
    instead: tuple[str, ...] = ()  # columns any of which replaces this one where it is absent
    without: str = ""  # what is lost without it
    dcir: str = ""  # for a column of DCIRS: its name in DCIR, where it differs

    def delivered_in(self, year: int | None) -> bool:
        """Returns whether files of that year (None: without a year) may hold the column."""
        if year is None:
            return True
        return (self.since or year) <= year <= (self.until or year)

    def required_in(self, year: int | None) -> bool:
        """Returns whether a file of that year (None: without a year) cannot be read without the column."""
        return self.required and self.delivered_in(year)


@dataclass(frozen=True, slots=True)
class Need:
    """What is lost without a table. ``instead``: the table of the simplified DCIRS with the same content.

    ``month_without``: what is lost for claims of a month in which the table has no line.
    """

    level: Level
    without: str
    instead: str = ""
    month_without: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """The outcome of the lines of a table. ``read_for``: the purpose of reading them, where they make no row.

    ``step``: the step of the filters that judge them. ``of``: the table that they detail or complete;
    ``says_more_of``: the type of the events of claims to which they add, making none of their own;
    ``alone``: why nothing reads them where that table is absent, empty where they are counted as orphans.
    ``every_year``: whether a year in which ``of`` has lines and this table has none is a gap.
    """

    role: Role
    read_for: str = ""
    step: str = ""
    of: str = ""
    says_more_of: str = ""
    alone: str = ""
    every_year: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """How detail lines are joined to a table by its key.

    ``how``: ``claims`` all count, and their details are joined to the first; of ``host`` records the first is
    read. ``person``: the columns that identify the person of a row. ``first``: SQL, the order of the rows of a
    key.
    """

    how: How
    meaning: str
    person: tuple[str, ...] = ()
    first: str = "0"


@dataclass(frozen=True, slots=True)
class Doubled:
    """For a table of hospitals, some of which declare twice: the number of the facility.

    ``year``: SQL, the year of a row, where its file does not give it.
    """

    year: str
    facility: str = "ETA_NUM"


@dataclass(frozen=True, slots=True)
class Table:
    """One delivered table, in however many files."""

    name: str
    product: str
    place: int  # among the tables of its product, in steps of ten
    period: Period  # how its files are cut: one file, one by flux year, one by year of discharge
    key: tuple[str, ...]
    unique: bool  # whether two rows of a year never share the key
    patterns: tuple[str, ...]  # file names: {yyyy} and {aa} are the year, * anything
    meaning: str
    meaning_fr: str
    used_for: str  # what the table serves in a base of care pathways
    used_for_fr: str
    source: str
    columns: tuple[Column, ...]
    lines: Lines
    need: Need | None = None
    joined: Joined | None = None
    doubled: Doubled | None = None
    since: int | None = None  # first year that can be used, None when it is not known
    dated: bool = False  # whether its rows have their year: the same file under two years is a copy
    of_persons: bool = True  # whether a row belongs to one person, or serves many

    def column(self, name: str) -> Column:
        """Returns the column of that name; KeyError when the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def of_hospitals(self) -> bool:
        """Returns whether the table belongs to the PMSI."""
        return self.product.startswith("PMSI")

    @property
    def is_standing(self) -> bool:
        """Returns whether its files may serve other years too, with rows that have the year of each."""
        return self.period == "year" and not self.dated
