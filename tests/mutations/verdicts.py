"""From what tests say to a verdict: killed by which test, survived, or nothing known and why."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.mutations.catalogue import Mutation
from tests.mutations.mutated import NOTE, NotMutated, Server, mutated
from tests.mutations.trial import Trial
from tests.server.tables import Row

Tries = Callable[[Sequence[str], bool], Trial]


@dataclass(frozen=True)
class Verdict:
    mutation: Mutation
    killer: str = ""
    """The test that noticed."""
    unknown: str = ""
    """Why nothing is known."""
    seconds: float = 0.0

    @property
    def survived(self) -> bool:
        return not self.killer and not self.unknown

    def row(self) -> Row:
        said = self.killer or ("SURVIVED" if self.survived else "ERROR")
        return {
            "mutation": self.mutation.name,
            "file": self.mutation.file,
            "killed by": said,
            "seconds": self.seconds,
        }


@dataclass
class Baseline:
    """The tests without any mutation: one that is red, or left out, says nothing about one."""

    tries: Tries
    _known: dict[str, str] = field(default_factory=dict)

    def ask(self, tests: Sequence[str]) -> None:
        """Each once, all in one go."""
        new = [test for test in dict.fromkeys(tests) if test not in self._known]
        if not new:
            return
        trial = self.tries(new, False)
        for test in new:
            cases = trial.of(test)
            self._known[test] = trial.broken or next(
                (f"{case.outcome}: {case.message}" for case in cases if case.outcome != "passed"),
                "" if cases else "no such test",
            )

    def objection(self, mutation: Mutation) -> str:
        """Why the mutation's tests are worth nothing; empty when all are green without it."""
        self.ask(mutation.tests)
        return "; ".join(
            f"{test} without the mutation: {self._known[test]}"
            for test in mutation.tests
            if self._known[test]
        )


def judge(
    server: Server, mutation: Mutation, *, baseline: Baseline, tries: Tries, note: str = NOTE
) -> Verdict:
    if objection := baseline.objection(mutation):
        return Verdict(mutation, unknown=objection)
    started = time.monotonic()
    try:
        with mutated(server, mutation, note=note):
            trial = tries(mutation.tests, True)
    except NotMutated as error:
        return Verdict(mutation, unknown=str(error), seconds=time.monotonic() - started)
    seconds = time.monotonic() - started
    if trial.failed:
        return Verdict(mutation, killer=short(trial.failed[0].name), seconds=seconds)
    red = [case for case in trial.cases if case.outcome != "passed"]
    if trial.broken or red:
        said = trial.broken or f"{red[0].name} was {red[0].outcome}: {red[0].message}"
        return Verdict(mutation, unknown=f"the tests could not ask: {said}", seconds=seconds)
    return Verdict(mutation, seconds=seconds)


def short(case: str) -> str:
    """File and test, as one looks for them; without its parameters."""
    module, _, test = case.partition("[")[0].rpartition(".")
    return f"{module.rpartition('.')[2]}::{test}"
