"""``openchronic filters``: lists the filters, their reasons, and how many lines each removed from a release."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openchronic.releases import Release

from openchronic.runtime.options import add_json, add_release_option, add_releases

PLACE_IN_HELP = 80
HELP = "list the filters by rule: steps, default, meaning, source, condition, what each removed"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("named", nargs="?", metavar="RELEASE", help="the same as --release RELEASE")
    add_release_option(parser, "count the rows of", "none, the rules alone")
    add_releases(parser)
    parser.add_argument(
        "--base",
        metavar="BASE",
        help="count the rows of the release in service of this base (default: none, the rules alone)",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Prints every rule, in the order in which they apply, with the steps where it holds."""
    from openchronic.models.filters.filter import load_filters, load_rules

    release = _release(args)
    every = {one.name: one for one in load_filters()}
    listed: list[dict[str, Any]] = [
        {
            "rule": one.rule,
            "step": one.step,
            "name": one.name,
            "default": "on" if one.on else "off",
            "meaning": one.meaning,
            "source": one.source,
            "remove_when": one.remove_when,
            "reads": list(one.reads),
            "without": one.without,
            **({"always": one.always} if one.always else {}),
        }
        for one in (every[f"{step}.{rule.name}"] for rule in load_rules() for step in rule.steps)
    ]
    if release:
        listed = _counted(listed, release)
    if args.json:
        listing: dict[str, object] = {"release": release.name if release else None}
        if release:
            listing |= {"steps": _steps(listed), "regularised": release.manifest["regularised"]}
        # A filter that cannot be switched off is not listed as a choice.
        listing["filters"] = [one for one in listed if "always" not in one]
        listing["always"] = [one for one in listed if "always" in one]
        print(json.dumps(listing, indent=1, ensure_ascii=False))
    else:
        _print(listed, release)
    return 0


def _release(args: argparse.Namespace) -> Release | None:
    """Returns the release to count, if one was named. Raises SettingsError, ReleaseError."""
    from openchronic.errors import SettingsError
    from openchronic.releases import chosen

    if args.named and (args.release or args.base):
        raise SettingsError(f"{args.named} and --release or --base: name one of them")
    name = args.named or args.release
    if name or args.base or args.releases:
        return chosen(name, base=args.base, releases=args.releases)
    return None


def _counted(listed: Iterable[dict[str, Any]], release: Release) -> list[dict[str, Any]]:
    """Adds the counts of each filter in the release's manifest, also for filters that no longer exist."""
    used = release.manifest["settings"]["filters"]
    counted = {one["name"]: one for one in release.manifest["filters"]}
    result: list[dict[str, Any]] = []
    for one in listed:
        # A release made before the filter existed has no count of it.
        count = counted.pop(one["name"], {})
        result.append(one | {"used": used.get(one["name"])} | _numbers(count))
    for name, count in counted.items():
        gone = {"rule": name, "step": count["step"], "name": name, "used": used.get(name)}
        result.append(gone | _numbers(count))
    return result


def _steps(listed: Iterable[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Returns the rows of each step before its first filter and after its last, in the order of the list."""
    steps: dict[str, dict[str, int]] = {}
    for one in listed:
        if one["before"] is not None:
            step = steps.setdefault(one["step"], {"before": 0, "removed": 0})
            step["before"] = max(step["before"], one["before"])
            step["removed"] += one["removed"]
    return {name: one | {"after": one["before"] - one["removed"]} for name, one in steps.items()}


def _numbers(count: Mapping[str, Any]) -> dict[str, Any]:
    return {name: count.get(name) for name in ("before", "after", "removed")}


def _print(listed: list[dict[str, Any]], release: Release | None) -> None:
    from rich.console import Console

    console = Console()

    def say(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True, markup=False)

    if release:
        say(f"release {release.name}\n")
        for step, total in _steps(listed).items():
            say(f"step {step}: {_figures(total)}")
    for _, steps in groupby(listed, key=lambda one: one["rule"]):
        for line in _rule(list(steps), counted=release is not None):
            say(line)
    if release:
        say(f"\n{_regularised(release.manifest['regularised'])}")
    say(
        "\nopenchronic build --with-filter RULE, --without-filter RULE switch a rule in every step, "
        "STEP.RULE in one."
    )


def _rule(steps: list[dict[str, Any]], *, counted: bool) -> Iterator[str]:
    """Yields a rule in all its steps: the values that differ between steps are listed by step."""
    states = _by_steps(steps, _state)
    yield f"\n{steps[0]['rule']}: {'; '.join(f'{state} in {where}' for state, where in states)}"
    for one in steps if counted else ():
        if one["before"] is not None:
            yield f"  {one['name']}: {_state(one)}; {_figures(one)}"
    if counted and (silent := [str(one["step"]) for one in steps if one["before"] is None]):
        yield f"  not counted in this release: {', '.join(silent)}"
    if "meaning" in steps[0]:
        yield from _said("", steps, lambda one: str(one["meaning"]))
        yield from _said("no switch: ", steps, lambda one: str(one.get("always", "")))
        yield from _said("removes when: ", steps, lambda one: str(one["remove_when"]))
        yield from _said("", steps, _without)
        yield from _said("source: ", steps, lambda one: str(one["source"]))


def _said(
    label: str, steps: list[dict[str, Any]], part: Callable[[dict[str, Any]], str]
) -> Iterator[str]:
    found = _by_steps(steps, part)
    for said, where in found:
        if said:
            yield "      " + ("" if len(found) == 1 else f"{where}: ") + label + said


def _by_steps(
    steps: list[dict[str, Any]], part: Callable[[dict[str, Any]], str]
) -> list[tuple[str, str]]:
    """Returns each distinct value, with the steps that have it."""
    found: dict[str, list[str]] = {}
    for one in steps:
        found.setdefault(part(one), []).append(str(one["step"]))
    return [(said, ", ".join(where)) for said, where in found.items()]


def _without(one: dict[str, Any]) -> str:
    return f"without {', '.join(one['reads']) or 'a column'}: {one['without']}"


def _state(one: Mapping[str, Any]) -> str:
    default = one.get("default")
    if "always" in one:
        return "always"
    if default is None:
        return "no longer a filter"
    if one.get("used") is None:
        return str(default)
    used = "on" if one["used"] else "off"
    return used if used == default else f"{used} (default {default})"


def _regularised(taken: Mapping[str, Any]) -> str:
    """Returns a sentence on the netting of claim lines; an older release has fewer counts of it."""
    text = f"regularised: {taken['lines']:,} lines of {taken['sums']:,} sums that vanished"
    if "cancelling_lines" in taken:
        text += (
            f" ({taken['without_quantity']:,} without any cancellation); "
            f"{taken['cancelling_lines']:,} cancelling lines in all, {taken['reduced']:,} sums "
            f"reduced and kept\ncost is kept {taken['cost']} "
            f"({taken['cost_lines']:,} negative lines)"
        )
    if taken.get("below_zero"):
        text += (
            f"\n{taken['below_zero']:,} sums stay below zero: they cancel more of a person, day and "
            "code than was delivered (an earlier flux may hold what they cancel)"
        )
    return text


def _figures(one: Mapping[str, Any]) -> str:
    return f"{one['before']:,} rows before, {one['after']:,} after, {one['removed']:,} removed"
