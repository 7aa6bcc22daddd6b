"""The measures as lines that stand under each other, as soon as each is known."""

from tests.bench.result import Measure, Result, worst

WORST = 5


def heading(result: Result, earlier: Result | None) -> str:
    machine = ", ".join(f"{name} {value}" for name, value in result.machine.items())
    lines = [f"commit {result.commit}, {result.date}", f"machine: {machine}"]
    if earlier is not None:
        lines.append(f"compared with {earlier.commit}, {earlier.date}")
        if different := [
            name for name, value in result.machine.items() if earlier.machine.get(name) != value
        ]:
            lines.append(f"  on a machine with another {', '.join(different)}: ratios only")
    columns = _line(
        "measure", "min", "median", "max", "unit", "load", "before", "now ×", "× floor or peer"
    )
    return "\n".join([*lines, "", columns])


def line(measure: Measure, result: Result, earlier: Result | None) -> str:
    ratio = result.ratio(measure)
    change = result.change(measure, earlier)
    before = earlier.find(measure.group, measure.name) if earlier else None
    return _line(
        f"{measure.group}: {measure.name}",
        number(measure.minimum),
        number(measure.median),
        number(measure.maximum),
        measure.unit,
        f"{measure.load:.1f}",
        "" if before is None or before.unit != measure.unit else number(before.median),
        "" if change is None else f"{change:.2f}",
        "FAILED" if measure.failed else "" if ratio is None else f"{ratio:.1f} × {measure.against}",
    )


def ending(result: Result) -> str:
    rows = [
        f"  {ratio:6.1f}  {one.group}: {one.name} (× {one.against})"
        for ratio, one in worst(result, WORST)
    ]
    return "\n".join(["Farthest above their floor or peer:", *rows]) if rows else ""


def number(value: float) -> str:
    """Three digits that count."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _line(name: str, *cells: str) -> str:
    low, middle, high, unit, load, before, change, ratio = cells
    return (
        f"{name:<58} {low:>8} {middle:>8} {high:>8} {unit:<8} {load:>5} {before:>8} {change:>6}  {ratio}"
    ).rstrip()
