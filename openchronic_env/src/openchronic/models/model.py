"""The declared models that a build is made of, each with what it reads, counts and writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

# Whole: made once per build. Months, years: made once per month or year of a delivery (several
# months together where memory allows, a share of the claims of one where it does not). Mapped years:
# once per year of the national cartography that can be compared. Buckets: for the subjects of some
# buckets, from the rows that were written to them.
Scope = Literal["whole", "months", "years", "mapped years", "buckets"]
# A scratch table lasts as long as its scope, a table until the end of the build; a passed model has
# no table of its own, only the one that it adds to or writes by bucket.
Made = Literal["view", "scratch", "table", "passed"]
Rows = Callable[[], Iterable[Sequence[object]]]


@dataclass(frozen=True)
class Count:
    """A count on a model. ``query`` returns rows of labels and one number, or one number for each of ``names``.

    Numbers of the same ``key``, labels and name are added over the instances of a scope; of days the last one
    is kept. The words of an instance are written into the query as into a text.
    """

    key: tuple[str, ...]
    query: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """A table of the release. ``order``: its complete sort order; ``without``: the columns that only the build
    needs."""

    table: str
    order: tuple[str, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """A delivered table, shown under its own name in lower case; empty where it was not delivered.

    ``every``: all its lines, including repeated deliveries, under the name ``every_…``. ``also``: a table with
    the same columns that is read with it. ``amounts``: its columns whose sums are reconciled, by the columns of
    ``cost``. ``unranked``: its birth ranks are not in the referential, and are ignored.
    """

    table: str
    every: bool = False
    own_name: bool = False
    also: tuple[str, ...] = ()
    amounts: Mapping[str, str] = field(default_factory=dict)
    unranked: bool = False

    @property
    def name(self) -> str:
        return (
            f"every_{self.table.lower()}"
            if self.every and not self.own_name
            else self.table.lower()
        )

    @property
    def reads(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class Given:
    """A reference table. ``rows``: a nomenclature; without them, the run fills the table."""

    name: str
    columns: Mapping[str, str]
    rows: Rows | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class Released:
    """A table of the release that is being made, with the rows written so far: ``released_…``."""

    table: str

    @property
    def name(self) -> str:
        return f"released_{self.table}"

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.table,)


@dataclass(frozen=True)
class ForeignKey:
    """Counts the lines of ``table`` whose key is missing in ``to``. Both are names of DCIR or the PMSI with a
    key.

    ``names``: the same two tables as they were delivered. ``through``: a model that has all keys of ``to``, and is
    at hand.
    """

    table: str
    to: str
    names: tuple[str, str]
    through: str = ""

    @property
    def name(self) -> str:
        return f"{self.table.lower()}_leads_to_{self.to.lower()}"

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.table.lower(), self.through or self.to.lower())


@dataclass(frozen=True)
class Model:
    """A table made by one query: the text ``text`` of its subject, or the text of its own name.

    ``reads``: the tables of other nodes that it reads. ``parts``: queries that come before it under a name: the
    name of a text, or ``= NAME`` for the rows of another model. A text that serves several models reads such a
    name, so that no name has two meanings. ``words``: the values of each ``{word}`` in it. ``filters``: the
    step whose filters judge its rows, in the column ``removed_by``. ``adds``: the table that its rows are added
    to; ``by_bucket``: the one that they are written to by bucket of subjects; in both cases all columns except
    ``but``, and only the rows that the filters keep, unless it ``adds_removed``. ``only_if``: the counts of
    which one must be above zero, else the model is skipped. ``shape``: the delivered table whose columns it
    must have, all of them. ``by_year``: it serves years that are read one by one; where all are read together, a
    view stands for what it reads first, and nothing else is made.
    """

    name: str
    reads: tuple[str, ...]
    text: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    made: Made = "scratch"
    filters: str = ""
    adds: str = ""
    by_bucket: str = ""
    but: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    writes: Written | None = None
    adds_removed: bool = False
    only_if: tuple[str, ...] = ()
    shape: str = ""
    by_year: bool = False

    @property
    def file(self) -> str:
        return self.text or self.name


Node = Source | Given | Released | ForeignKey | Model


@dataclass(frozen=True)
class Stage:
    """Models of one scope, made together for each of its instances.

    ``title`` and ``unit``: shown in the progress of a build. ``tables``: the delivered tables whose months or
    years are its instances. ``kept``: a whole stage that is finished as one, of which only the tables and
    bucket parts are read later. ``after``: another stage; where that one has no instance, this one is skipped.
    ``numbers``: by delivered table, the column of numbers that names all persons whom the models read of the tables
    of persons (``people.BY_NUMBER``): of these tables a part depends on the rows of its own numbers.
    ``by_day``: it makes events and costs by bucket, of which a later build makes only the days that changed.
    ``light``: it holds little of the rows of a bucket, so that as many buckets as memory takes the claims of are made
    together: planning its texts costs as much as the rows of a bucket do.
    """

    name: str
    nodes: tuple[Node, ...]
    scope: Scope = "whole"
    title: str = ""
    tables: tuple[str, ...] = ()
    kept: bool = False
    after: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    by_day: bool = False
    light: bool = False
