"""Shows examples in the dictionary: the specs of both engines, as small tables."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from openchronic.engines.specs import Spec, load_specs, spec_files


def of_examples() -> str:
    """Returns HTML: each spec with its title, its table, and the results of its expression."""
    return "".join(_example(spec) for name in spec_files() for spec in load_specs(name))


def _example(spec: Spec) -> str:
    heads = [name for name, _ in spec.columns]
    answer = f"<code>{escape(spec.expression)}</code>"
    table = "".join(_rows(spec, [*heads, answer] if not spec.for_all else heads))
    whole = f"<p>{answer} = <code>{_shown(spec.expected[0])}</code></p>" if spec.for_all else ""
    return f"<h2>{escape(spec.title)}</h2><table>{table}</table>{whole}"


def _rows(spec: Spec, heads: list[str]) -> Iterator[str]:
    yield f"<tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>"
    answers = [()] * len(spec.rows) if spec.for_all else [(one,) for one in spec.expected]
    for row, answer in zip(spec.rows, answers, strict=True):
        cells = "".join(f"<td>{_shown(cell)}</td>" for cell in (*row, *answer))
        yield f"<tr>{cells}</tr>"


def _shown(cell: str | None) -> str:
    return "∅" if cell is None else escape(cell)
