"""The settings of a base's build reach `openchronic build` as its options, each one."""

import argparse
from typing import Any

import pytest

from infra.components.openchronic.build_options import NAMES, options
from infra.settings.offer import Build
from openchronic import cli
from openchronic.runtime.database import bytes_of

# A value of each setting, which is not its default.
EVERY: dict[str, Any] = {"memory_gb": 1.5, "cpus": 3, "max_rejects": 0.005, "keep_releases": 7}


def told(build: Build) -> argparse.Namespace:
    """Return what the verb understands."""
    return cli.parser().parse_args(["build", "source", "releases", *options(build)])


def test_the_verb_understands_every_setting() -> None:
    assert set(EVERY) == set(Build.model_fields), "a setting has no value here"
    asked = told(Build.model_validate(EVERY))
    assert bytes_of(asked.memory) == 1.5 * 2**30
    assert (asked.threads, asked.keep) == (3, 7)
    same = set(EVERY) - set(NAMES)
    assert {name: getattr(asked, name) for name in same} == {name: EVERY[name] for name in same}


def test_a_setting_that_is_left_out_is_what_the_verb_does_by_itself() -> None:
    """The means are the site's to say: a build by hand takes those of its machine."""
    given, alone = told(Build()), cli.parser().parse_args(["build", "source", "releases"])
    differing = {name for name, value in vars(given).items() if value != getattr(alone, name)}
    assert differing == {"memory", "threads", "refuse"}


def test_zero_is_a_value_and_not_a_setting_that_is_left_out() -> None:
    assert told(Build(max_rejects=0)).max_rejects == 0
    assert told(Build()).max_rejects > 0


def test_a_setting_whose_option_the_verb_lacks_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class WithMore(Build):
        dragons: int = 2

    with pytest.raises(SystemExit):
        told(WithMore())
    assert "unrecognized arguments: --dragons 2" in capsys.readouterr().err


def test_flags_and_lists_are_options_too() -> None:
    class WithMore(Build):
        reread: bool = False
        without_filter: tuple[str, ...] = ()

    before = options(Build())
    assert options(WithMore()) == before
    more = WithMore(reread=True, without_filter=("only_surcharge", "drug.x y"))
    assert options(more) == [
        *before,
        "--reread",
        *("--without-filter", "only_surcharge"),
        *("--without-filter", "drug.x y"),
    ]
