"""`python -m tests.upgrade`: a box at FROM, deployed to TO, then back to FROM, under analysts at work."""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from infra.box import machine
from infra.box.errors import BoxError
from infra.settings import layout
from infra.settings.settings_file import ROOT, SettingsError
from tests.server import preparation, tables
from tests.server.machine import CommandError, Machine, Unreachable
from tests.upgrade import commits, projects
from tests.upgrade.box import Box, StepFailed
from tests.upgrade.commits import Commit, NotPossible
from tests.upgrade.witness import Findings, Witness

TABLE = "upgrade"
LOG = ROOT / "build" / "upgrade.log"


@dataclass
class Story:
    """The steps so far: each with its time, and what the analysts still have after it."""

    box: Box
    witnesses: list[Witness] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    project: str | None = None
    """The one for which analysts work; empty where there are none; None: each for their usual one."""

    @contextmanager
    def step(
        self, title: str, *, changes: str = "", moves_to: str | None = None
    ) -> Iterator[list[str]]:
        """Gives a list for the names of what changed. `changes`: `none` is a promise, `some` too. `moves_to`: the project
        for which all analysts go on in a new session, since the step ends those that they have."""
        print(f"\n── {title} …", flush=True)
        started = time.monotonic()
        changed: list[str] = []
        yield changed
        seconds = time.monotonic() - started
        print(f"── {title}: {seconds:.0f} s", flush=True)
        if moves_to is not None:
            self.project = moves_to
            for witness in self.witnesses:
                self.wrong += [f"{title}: {lost}" for lost in witness.goes_on(project=moves_to)]
        found = [witness.look() for witness in self.witnesses]
        if changes == "none" and changed:
            self.wrong.append(f"{title}: it changes {', '.join(changed)}")
        if changes == "some" and not changed:
            self.wrong.append(f"{title}: it changes nothing, so nothing is proven")
        self.wrong += [f"{title}: {finding}" for finding in found if not finding.good]
        row: tables.Row = {
            "step": title,
            "seconds": seconds,
            "changed operations": len(changed) if changes else "",
            **_told(found),
        }
        tables.add_row(TABLE, row)

    def smoke_test(self, commit: str) -> None:
        """A broken promise is told in the end: how the way back goes is worth knowing all the more."""
        try:
            self.box.smoke_test()
        except StepFailed as error:
            print(error, flush=True)
            self.wrong.append(f"the smoke test of {commit}: it failed, see above")

    def joins(self, login: str) -> None:
        site = self.box.site()
        self.witnesses.append(Witness(login, site=site, server=Machine(site), project=self.project))


def _told(found: list[Findings]) -> tables.Row:
    if not found:
        return {"session": "", "files lost": "", "rows lost": ""}
    return {
        "session": "; ".join(sorted({finding.session for finding in found})),
        "files lost": sum(finding.files_lost for finding in found),
        "rows lost": sum(finding.rows_lost for finding in found),
    }


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    wrong = ["the test did not come to its end"]
    try:
        migrates = bool(arguments.with_migration)
        before, after = commits.chosen(arguments.before, arguments.after, other_hub=migrates)
        with commits.checkout() as folder:
            tables.start_table(TABLE)
            LOG.unlink(missing_ok=True)
            if migrates:
                before = commits.with_older_hub(before)
            commits.refuse_a_way_without_return(before, after)
            if crosses := projects.has_projects(after) and not projects.has_projects(before):
                after = projects.with_projects(before, after)
            print(f"from  {before}, JupyterHub {before.hub}\nto    {after}, JupyterHub {after.hub}")
            with _destroyed_afterwards(Box(folder, LOG)) as box:
                story = Story(box, project="" if crosses else None)
                try:
                    tell(story, before, after, crosses=crosses)
                finally:
                    wrong = [*story.wrong, *([] if _finished(story) else wrong)]
    except (NotPossible, SettingsError) as error:
        print(f"upgrade test: {error}", file=sys.stderr)
        return 2
    except (StepFailed, BoxError, CommandError, Unreachable, AssertionError, OSError) as error:
        wrong.append(str(error))
    except subprocess.TimeoutExpired as error:
        wrong.append(f"no end: {error}")
    except KeyboardInterrupt:
        wrong.append("interrupted")
    return _verdict(wrong)


def tell(story: Story, before: Commit, after: Commit, *, crosses: bool) -> None:
    """`crosses`: from groups to projects and back, which ends sessions and keeps homes."""
    box = story.box
    there = projects.project_of_the_first_homes(after) if crosses else None
    commits.switch(before)
    # Of an earlier run that was cut short.
    box.destroy()
    with story.step("a box boots at FROM"):
        box.boot()
    with story.step("FROM is deployed", changes="some") as changed:
        changed.extend(box.deploy())
    with story.step("the base is built"):
        server = Machine(box.site())
        # Those of FROM: the site of this checkout may have others.
        listed = f"systemctl list-unit-files --no-legend '{layout.build_unit('*')}.service'"
        for unit in server.succeed(f"{listed} | cut -d ' ' -f 1").split():
            server.succeed(f"systemctl start {unit}", timeout_s=1800)
    with story.step("an analyst starts to work"):
        story.joins("demo")
    commits.switch(after)
    with story.step("TO is deployed", changes="some", moves_to=there) as changed:
        changed.extend(box.deploy())
    with story.step("the smoke test of TO"):
        story.smoke_test("TO")
    with story.step("the plan of TO", changes="none") as changed:
        changed.extend(box.plan())
    with story.step("another analyst starts to work"):
        story.joins("alix")
    commits.switch(before)
    with story.step(
        "FROM is deployed again: the return", changes="some", moves_to="" if crosses else None
    ) as changed:
        changed.extend(box.deploy())
    with story.step("the smoke test of FROM"):
        story.smoke_test("FROM")
    with story.step(LAST, changes="none") as changed:
        changed.extend(box.deploy())
    print("\nWhat the hub said of its database:")
    print(
        server.execute(
            "journalctl --unit=jupyterhub --output=cat --no-pager | grep -a migrate-database: || echo '  nothing'"
        ).out
    )


LAST = "FROM is deployed once more"


def _finished(story: Story) -> bool:
    return any(row["step"] == LAST for row in tables.read_table(TABLE))


@contextmanager
def _destroyed_afterwards(box: Box) -> Iterator[Box]:
    try:
        yield box
    finally:
        if preparation.keep():
            shell = " ".join(machine.ssh_command(box.identity))
            print(f"\nKEEP_BOX: the box runs on until the next upgrade test; a shell: {shell}")
        else:
            box.destroy()


def _verdict(wrong: list[str]) -> int:
    print(f"\n{tables.show_table(tables.read_table(TABLE))}\n")
    for reason in wrong:
        print(f"WRONG: {reason}")
    print("NOT PROVEN" if wrong else "PROVEN: upgraded and returned; sessions and data untouched")
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade", description=__doc__)
    parser.add_argument(
        "--from", dest="before", help="a commit (default: the one before the working tree)"
    )
    parser.add_argument("--to", dest="after", help="a commit (default: the working tree)")
    parser.add_argument(
        "--with-migration",
        action="store_true",
        help="give FROM a JupyterHub whose database has an older schema",
    )
    return parser.parse_args()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
