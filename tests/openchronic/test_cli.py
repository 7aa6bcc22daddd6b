"""The help of all verbs has one style, and a release has one name."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from openchronic import cli
from openchronic.errors import LockError, OpenChronicError, RefusedError, SettingsError, SourceError
from tests.openchronic.test_errors import FRENCH

# The imperatives that the help of verbs and options begins with.
ORDERS = (
    *(
        "accept",
        "also",
        "begin",
        "build",
        "check",
        "compare",
        "compute",
        "count",
        "deal",
        "describe",
    ),
    *("hide", "keep", "leave", "let", "limit", "list", "look", "make", "name", "note", "print"),
    *("prune", "publish", "put", "read", "refuse", "remove", "replace", "run", "show"),
    *("start", "stop", "switch"),
    *("take", "tell", "use", "write"),
)


def verbs() -> dict[str, argparse.ArgumentParser]:
    (found,) = (one for one in cli.parser()._actions if isinstance(one, argparse._SubParsersAction))
    return dict(found.choices)


def options() -> Iterator[tuple[str, argparse.Action]]:
    for verb, parser in verbs().items():
        for action in parser._actions:
            # An old name of an option is hidden: a warning says its name of today.
            is_hidden = action.help == argparse.SUPPRESS
            if not is_hidden and not isinstance(action, argparse._HelpAction):
                yield f"{verb} {'/'.join(action.option_strings) or action.dest}", action


@pytest.mark.parametrize(("name", "action"), list(options()), ids=lambda one: str(one)[:40])
def test_an_option_is_told_in_the_one_form(name: str, action: argparse.Action) -> None:
    said = (action.help or "") % vars(action)
    assert said, name
    assert not said.endswith("."), said
    assert not FRENCH.search(said), said
    if action.option_strings:
        assert said.split()[0] in ORDERS, said
    # A default comes last, once and in brackets; flags and required options have none.
    takes_value = action.option_strings and action.nargs != 0
    repeated = "(may be repeated)" in said
    assert said.count("default") == said.count(" (default: ") <= 1, said
    if takes_value and not action.required and not repeated and name not in NOTHING_BY_DEFAULT:
        assert re.search(r" \(default: [^:]+\)$", said), said


# Options whose default is to do nothing.
NOTHING_BY_DEFAULT = {
    *("build --explain", "build --git-commit", "check --against", "check --html"),
    *("check --planted", "describe --html"),
}


def test_a_verb_is_told_in_the_one_form() -> None:
    for name, verb in cli.verbs().items():
        assert verb.HELP.split()[0] in ORDERS, name
        assert not verb.HELP.endswith("."), name
        assert not FRENCH.search(verb.HELP), name


def test_the_help_lists_verbs_by_their_own_places_from_a_delivery_to_the_end_of_its_releases() -> (
    None
):
    places = [verb.PLACE_IN_HELP for verb in cli.verbs().values()]
    assert places == sorted(set(places)), "two verbs have one place"
    assert list(verbs())[:4] == ["synth", "describe", "inspect", "build"]
    assert list(verbs())[-1] == "prune"


def test_a_description_begins_with_what_the_verb_does_and_is_sentences() -> None:
    for name, parser in verbs().items():
        said = parser.description or ""
        help_ = cli.verbs()[name].HELP
        assert said.startswith(f"{help_[0].upper()}{help_[1:]}."), name
        assert said.endswith((".", ").")), name


def test_options_of_one_name_are_told_alike_in_all_verbs() -> None:
    """The help may differ in what the verb does: which release, which page, what is hidden."""
    told: dict[str, set[str]] = {}
    for _, action in options():
        for option in action.option_strings:
            if option in ("--releases", "--memory", "--json", "--quiet"):
                told.setdefault(option, set()).add(f"{action.metavar} {action.help}")
    assert {option: len(said) for option, said in told.items()} == dict.fromkeys(told, 1)


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (SettingsError("--buckets 0"), 2),
        (LockError("another build"), 75),
        (RefusedError("closed", "fermé"), 1),
        (SourceError("cut"), 1),
        (OpenChronicError("else"), 1),
        (KeyboardInterrupt(), 130),
        (cli.Terminated(), 143),
        (RuntimeError("ours"), 1),
    ],
)
def test_one_place_decides_how_a_command_ends(problem: BaseException, status: int) -> None:
    told = cli.explain(problem)
    assert told[0] == status
    assert not FRENCH.search(told[1])


def test_a_command_starts_without_numpy_and_arrow() -> None:
    """They are a quarter of the start of a command, and only what computes with them needs them."""
    loaded = "import sys, openchronic.cli, openchronic.build.pipeline; print({'numpy', 'pyarrow'} & set(sys.modules))"
    said = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert said.stdout == "set()\n"
