"""``openchronic filters``: what leaves lines out, why, and how many lines it left out of a release."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from openchronic.releases import Release

from openchronic.options import add_releases

HELP = "list the filters: default, meaning, source, condition, and what each removed"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("named", nargs="?", metavar="RELEASE", help="the same as --release RELEASE")
    parser.add_argument(
        "--release",
        metavar="NAME_OR_FOLDER",
        help="count the rows of this release: BASE, BASE@ID, or its folder",
    )
    add_releases(parser)
    parser.add_argument(
        "--base", metavar="BASE", help="count the rows of the release in service of this base"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print every filter, in the order in which they apply."""
    from openchronic.building.filters import load_filters

    release = _release(args)
    listed: list[dict[str, object]] = [
        {
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
        for one in load_filters()
    ]
    if release:
        listed = _counted(listed, release)
    if args.json:
        told: dict[str, object] = {"release": release.name if release else None}
        if release:
            told |= {"steps": _steps(listed), "regularised": release.manifest["regularised"]}
        # What cannot be switched is no filter of anybody's choice.
        told["filters"] = [one for one in listed if "always" not in one]
        told["always"] = [one for one in listed if "always" in one]
        print(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        _print(listed, release)
    return 0


def _release(args: argparse.Namespace) -> Release | None:
    """The release to count, if any was named. Raises SettingsError, ReleaseError."""
    from openchronic.errors import SettingsError
    from openchronic.releases import chosen

    if args.named and (args.release or args.base):
        raise SettingsError(f"{args.named} and --release or --base: name one of them")
    name = args.named or args.release
    if name or args.base or args.releases:
        return chosen(name, base=args.base, releases=args.releases)
    return None


def _counted(listed: Iterable[dict[str, object]], release: Release) -> list[dict[str, object]]:
    """Add what the release's manifest says of each filter, also of those that are no more."""
    used = release.manifest["settings"]["filters"]
    counted = {(one["step"], one["name"]): one for one in release.manifest["filters"]}
    result: list[dict[str, object]] = []
    for one in listed:
        # A release made before the filter existed says nothing of it.
        count = counted.pop((one["step"], one["name"]), {})
        result.append(one | {"used": used.get(one["name"])} | _numbers(count))
    for (step, name), count in counted.items():
        gone: dict[str, object] = {"step": step, "name": name, "used": used.get(name)}
        result.append(gone | _numbers(count))
    return result


def _steps(listed: Iterable[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Rows of each step before its first filter and after its last, in the order of the list."""
    steps: dict[str, dict[str, int]] = {}
    for one in listed:
        if one["before"] is not None:
            step = steps.setdefault(one["step"], {"before": 0, "removed": 0})
            step["before"] = max(step["before"], one["before"])
            step["removed"] += one["removed"]
    return {name: one | {"after": one["before"] - one["removed"]} for name, one in steps.items()}


def _numbers(count: dict[str, object]) -> dict[str, object]:
    return {name: count.get(name) for name in ("before", "after", "removed")}


def _print(listed: list[dict[str, object]], release: Release | None) -> None:
    from rich.console import Console

    console = Console()

    def say(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True, markup=False)

    if release:
        say(f"release {release.name}")
    steps = _steps(listed) if release else {}
    step = None
    for one in listed:
        if one["step"] != step:
            step = str(one["step"])
            total = steps.get(step)
            say(f"\nstep {step}" + (f": {_figures(total)}" if total else ""))
        say(f"  {one['name']}: {_state(one)}" + (f"; {_figures(one)}" if release else ""))
        if "always" in one:
            say(f"      no switch: {one['always']}")
        if "meaning" in one:
            say(f"      {one['meaning']}")
            say(f"      removes when: {one['remove_when']}")
            columns = ", ".join(map(str, cast(Iterable[object], one["reads"])))
            say(f"      without {columns or 'a column'}: {one['without']}")
            say(f"      source: {one['source']}")
    if release:
        say(f"\n{_regularised(release.manifest['regularised'])}")
    say("\nopenchronic build --with-filter NAME, --without-filter NAME switch one.")


def _state(one: dict[str, object]) -> str:
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
    """What netting did to lines of claims; a release made before it was counted says less."""
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
    if one["before"] is None:
        return "not counted in this release"
    return f"{one['before']:,} rows before, {one['after']:,} after, {one['removed']:,} removed"
