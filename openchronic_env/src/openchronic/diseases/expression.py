"""Boolean expressions over names of criteria: parsed here, never evaluated as code."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal

# A criterion, or the state of another definition: ``cystic_fibrosis.case``.
TOKEN = re.compile(r"\s*(?:(and|or|not)\b|([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)|([()]))")
MOST_TERMS = 200


@dataclass(frozen=True, slots=True)
class Node:
    """``name`` of a leaf, else ``parts`` that are joined by ``kind``; not has one part."""

    kind: Literal["name", "and", "or", "not"]
    name: str = ""
    parts: tuple[Node, ...] = ()


Read = tuple[Node, list[str]]
Reader = Callable[[list[str]], Read]


@dataclass(frozen=True, slots=True)
class Term:
    """One way to be true: all names of ``must`` hold, and none of ``must_not``."""

    must: frozenset[str]
    must_not: frozenset[str]


def parse(text: str) -> Node:
    """Returns the expression. Raises ValueError, with what is wrong, where it is none."""
    tokens = list(_tokens(text))
    node, rest = _either(tokens)
    if rest:
        raise ValueError(f"{rest[0]!r} follows what is already whole: and, or are missing")
    return node


def names(node: Node) -> list[str]:
    """Returns the names in the order in which they are written, each once."""
    found = [node.name] if node.kind == "name" else [n for one in node.parts for n in names(one)]
    return list(dict.fromkeys(found))


def holds(node: Node, true: Collection[str]) -> bool:
    """Returns whether the expression is true where exactly the names ``true`` are."""
    if node.kind == "name":
        return node.name in true
    answers = (holds(one, true) for one in node.parts)
    if node.kind == "not":
        return not next(answers)
    return all(answers) if node.kind == "and" else any(answers)


def terms(node: Node) -> list[Term]:
    """Returns the ways to be true, of which none is another with more conditions, in a fixed order.

    Raises ValueError where there are too many, or where nothing at all needs to be found.
    """
    found = set(_terms(node, wanted=True))
    if any(not one.must for one in found):
        raise ValueError("it is true of whoever has nothing: at least one criterion must be met")
    least = [
        one
        for one in found
        if not any(
            other != one and other.must <= one.must and other.must_not <= one.must_not
            for other in found
        )
    ]
    if not least:
        raise ValueError("it can never be true")
    return sorted(least, key=lambda one: (sorted(one.must), sorted(one.must_not)))


def _terms(node: Node, *, wanted: bool) -> list[Term]:
    """Returns the ways in which ``node`` is what is ``wanted``."""
    if node.kind == "name":
        own = frozenset([node.name])
        return [Term(own, frozenset()) if wanted else Term(frozenset(), own)]
    if node.kind == "not":
        return _terms(node.parts[0], wanted=not wanted)
    below = [_terms(one, wanted=wanted) for one in node.parts]
    if (node.kind == "and") != wanted:
        return [term for some in below for term in some]
    found = []
    for chosen in product(*below):
        must = frozenset[str]().union(*(one.must for one in chosen))
        must_not = frozenset[str]().union(*(one.must_not for one in chosen))
        if not must & must_not:
            found.append(Term(must, must_not))
        if len(found) > MOST_TERMS:
            raise ValueError(f"more than {MOST_TERMS} ways to be true: split the definition")
    return found


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while text[place:].strip():
        found = TOKEN.match(text, place)
        if not found:
            raise ValueError(
                f"{text[place:].strip()[:20]!r}: only names, and, or, not and parentheses"
            )
        yield found[0].strip()
        place = found.end()


def _either(tokens: list[str]) -> Read:
    return _joined("or", _both, tokens)


def _both(tokens: list[str]) -> Read:
    return _joined("and", _one, tokens)


def _joined(kind: Literal["and", "or"], below: Reader, tokens: list[str]) -> Read:
    first, rest = below(tokens)
    parts = [first]
    while rest and rest[0] == kind:
        following, rest = below(rest[1:])
        parts.append(following)
    return (Node(kind, parts=tuple(parts)) if len(parts) > 1 else first), rest


def _one(tokens: list[str]) -> Read:
    if not tokens:
        raise ValueError("it ends where a name is needed")
    first, rest = tokens[0], tokens[1:]
    if first == "not":
        node, rest = _one(rest)
        return Node("not", parts=(node,)), rest
    if first == "(":
        node, rest = _either(rest)
        if not rest or rest[0] != ")":
            raise ValueError("a parenthesis is not closed")
        return node, rest[1:]
    if first in ("and", "or", ")"):
        raise ValueError(f"{first!r} stands where a name is needed")
    return Node("name", first), rest
