"""The declared models that a build is made of, each with what it reads, counts and writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

# Whole: made once per build. Months, years: made once per month or year of a delivery (several
# months together where memory allows). Mapped years: once per year of the national cartography that
# can be compared. Buckets: for the subjects of some buckets, from the rows that were written to
# them.
Scope = Literal["whole", "months", "years", "mapped years", "buckets"]
# A scratch table lasts as long as its scope, a table until the end of the build; a passed model has
# no table of its own, only the one that it adds to or writes by bucket.
Made = Literal["view", "scratch", "table", "passed"]
Rows = Callable[[], Iterable[Sequence[object]]]


@dataclass(frozen=True)
class Count:
    """What is counted of a model. ``query`` gives rows of labels and one number, or a number for each of ``names``.

    Numbers of the same ``key``, labels and name add up over the instances of a scope; of days the last one counts.
    The words of an instance are written into the query as into a text.
    """

    key: tuple[str, ...]
    query: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """A table of the release. ``order``: complete; ``without``: what only the build needs of it."""

    table: str
    order: tuple[str, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """A delivered table, shown under its own name in small letters; empty where it was not delivered.

    ``every``: all its lines, also those that are delivered twice, under the name ``every_…``. ``also``: a table
    of the same columns that is read with it. ``amounts``: its columns whose sums are told, by the columns of
    ``cost``. ``unranked``: its birth ranks lead to nobody in the referential, and count for nothing.
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
    """A small table of rows at hand: a nomenclature, or, without ``rows``, what only the run knows."""

    name: str
    columns: Mapping[str, str]
    rows: Rows | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class Released:
    """A table of the release that is being made, as far as it is written: ``released_…``."""

    table: str

    @property
    def name(self) -> str:
        return f"released_{self.table}"

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.table,)


@dataclass(frozen=True)
class ForeignKey:
    """Counts the lines of ``table`` that lead to none of ``to``: names in DCIR or the PMSI, of which both have a key.

    ``names``: the same two as they were delivered.
    """

    table: str
    to: str
    names: tuple[str, str]

    @property
    def name(self) -> str:
        return f"{self.table.lower()}_leads_to_{self.to.lower()}"

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.table.lower(), self.to.lower())


@dataclass(frozen=True)
class Model:
    """A table made by one query: the text ``text`` of its subject, or that of its name.

    ``reads``: the names in it that are not its own. ``parts``: queries that come before it under a name, each
    the name of a text, or ``= NAME`` for the rows of another model; so a text that serves several models
    reads a name of its own, and no name changes its meaning. ``words``: what is written in it for ``{word}``.
    ``filters``: the step whose filters judge its rows, in the column ``removed_by``. ``adds``: the table that its rows
    are added to; ``by_bucket``: the one that they are written to by bucket of subjects; in both cases without the columns
    ``but``, and those alone that the filters keep, unless it ``adds_removed``. ``only_if``: what must have been
    counted, else there is nothing to make. ``shape``: the delivered table whose columns it must have, all of them.
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

    @property
    def file(self) -> str:
        return self.text or self.name


Node = Source | Given | Released | ForeignKey | Model


@dataclass(frozen=True)
class Stage:
    """Models of one scope, made together for each of its instances.

    ``title`` and ``unit``: for the progress of a build. ``tables``: the delivered ones whose months or years are its
    instances. ``kept``: a whole stage that is finished as one, and whose tables and parts alone are read later.
    ``after``: another stage without an instance of which there is nothing to make.
    """

    name: str
    nodes: tuple[Node, ...]
    scope: Scope = "whole"
    title: str = ""
    tables: tuple[str, ...] = ()
    kept: bool = False
    after: str = ""
