"""`python -m tests.mutations`: each setting of the catalogue made wrong on a box, and the test that noticed."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from pydantic import ValidationError

from infra.settings.site_file import load_site
from tests.mutations import trial
from tests.mutations.catalogue import CATALOGUE, Mutation, chosen, load
from tests.mutations.mutated import put_back
from tests.mutations.trial import Trial
from tests.mutations.verdicts import Baseline, Verdict, judge
from tests.server import preparation
from tests.server.deployment import PURPOSE, SITE, TEST_BOX
from tests.server.machine import CommandError, Machine, Unreachable
from tests.server.tables import add_row, read_table, show_table, start_table

TABLE = "mutations"


def main(words: Sequence[str] | None = None) -> int:
    arguments = _arguments(words)
    try:
        mutations = chosen(load(), arguments.only)
    except ValidationError as error:
        print(f"mutations: {CATALOGUE.name}: {error}", file=sys.stderr)
        return 2
    if not mutations:
        print(f"mutations: none has « {arguments.only} » in it", file=sys.stderr)
        return 2
    prepared = os.environ.get(preparation.PREPARED) == "1"
    if not prepared and (reason := preparation.obstacle()):
        print(f"mutations: no box can boot here:\n{reason}", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    start_table(TABLE)
    verdicts: list[Verdict] = []
    interrupted = ""
    try:
        if not prepared:
            print("A disposable server boots and is deployed to: some minutes.", flush=True)
        preparation.prepare()
        try_all(mutations, verdicts)
    except (preparation.NotPrepared, CommandError, Unreachable) as error:
        interrupted = f"stopped: {error}"
    except KeyboardInterrupt:
        interrupted = "interrupted"
    finally:
        if not prepared and not preparation.keep():
            preparation.destroy()
    return report(verdicts, asked=len(mutations), interrupted=interrupted)


def try_all(mutations: Sequence[Mutation], verdicts: list[Verdict]) -> None:
    server = Machine(load_site(SITE))
    if put_back(server):
        print("What a mutation of an earlier run had left is back in its place.", flush=True)
    baseline = Baseline(_tries)
    tests = list(dict.fromkeys(test for one in mutations for test in one.tests))
    print(f"{len(tests)} tests without any mutation…", flush=True)
    baseline.ask(tests)
    for number, mutation in enumerate(mutations, 1):
        verdict = judge(server, mutation, baseline=baseline, tries=_tries)
        verdicts.append(verdict)
        add_row(TABLE, verdict.row())
        said = verdict.killer or verdict.unknown or "SURVIVED"
        print(f"{number:>3}/{len(mutations)}  {mutation.name}: {said}", flush=True)


def report(verdicts: Sequence[Verdict], *, asked: int, interrupted: str) -> int:
    """The table, then what it means."""
    survivors = [one.mutation.name for one in verdicts if one.survived]
    unknown = [one for one in verdicts if one.unknown]
    print(f"\n{show_table(read_table(TABLE))}\n")
    for one in unknown:
        print(f"ERROR     {one.mutation.name}: {one.unknown}")
    for name in survivors:
        print(f"SURVIVED  {name}: no test notices")
    killed = len(verdicts) - len(survivors) - len(unknown)
    print(
        f"{killed} of {asked} mutations killed, {len(survivors)} survived, {len(unknown)} errors."
    )
    if interrupted:
        print(f"mutations: {interrupted}", file=sys.stderr)
        return 130 if interrupted == "interrupted" else 1
    return 0 if killed == asked else 1


def _tries(tests: Sequence[str], first_failure: bool) -> Trial:
    env = {preparation.PREPARED: "1", "BOX": PURPOSE, TEST_BOX: PURPOSE}
    return trial.run(tests, env=env, first_failure=first_failure)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument(
        "--only", default="", help="a word of the name, the file, the unit or a test"
    )
    return parser.parse_args(words)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
