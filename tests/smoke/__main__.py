"""`python -m tests.smoke`: unlocks its accounts, runs the checks with them, and locks them whatever happens."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TypedDict, Unpack

from infra.cluster import images_record
from infra.cluster.reaching import ClusterError
from infra.operate.cluster_programs import ProgramMissingError
from infra.operate.reaching import NotReached, reach
from infra.operate.state import state_folder
from infra.settings.accounts import SMOKE_COLLEAGUE, SMOKE_LOGIN, SMOKE_LOGINS
from infra.settings.cluster_file import load_target
from infra.settings.cluster_site import ClusterSite
from infra.settings.settings_file import SettingsError
from infra.settings.site import Site
from tests.server.machine import CommandError, Machine, Unreachable
from tests.smoke import account, chromium, leftovers, on_cluster
from tests.smoke.given import Given
from tests.smoke.report import line
from tests.smoke.running import CannotRun, run, undisturbed, verdict
from tests.smoke.trust import NoAuthority, authorities


def main() -> int:
    arguments = _arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        site = load_target(arguments.site)
        if isinstance(site, ClusterSite):
            return on_cluster.check(site, **_asked(arguments, images_record.state(site)))
        return check(site, **_asked(arguments, state_folder(site)))
    except (SettingsError, NotReached, CannotRun, ClusterError, ProgramMissingError) as error:
        print(f"smoke test: {error}", file=sys.stderr)
    except (AssertionError, Unreachable) as error:
        print(f"FAILED: the server broke off: {error}")
        print(
            f"If {' or '.join(SMOKE_LOGINS)} is still open, it locks by itself in {account.DEAD_MAN_AFTER}."
        )
    except KeyboardInterrupt:
        print("INTERRUPTED: nothing is proven.")
    return 1


class Asked(TypedDict):
    """What the operator asks for, whatever the site's target."""

    browser: bool
    pictures: bool
    only: str
    junit: str
    kept: str


def _asked(arguments: argparse.Namespace, kept: Path) -> Asked:
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    junit = Path(arguments.junit).absolute() if arguments.junit else kept / "smoke.xml"
    junit.parent.mkdir(parents=True, exist_ok=True)
    junit.unlink(missing_ok=True)
    return {
        "browser": arguments.browser,
        "pictures": arguments.pictures,
        "only": arguments.only,
        "junit": str(junit),
        "kept": str(kept),
    }


def check(site: Site, **asked: Unpack[Asked]) -> int:
    """Run all checks of a server; return 0 if all pass and the accounts are locked again."""
    reach(site)
    _refuse_what_cannot_work(site, browser=asked["browser"])
    server = Machine(site)
    started = time.monotonic()
    print(f"The promises of « {site.title} » ({site.url}):", flush=True)
    with tempfile.TemporaryDirectory(prefix="smoke-") as folder, _unlocked(server) as keys:
        given = Given(
            site=site.name,
            login=SMOKE_LOGIN,
            password=keys[0].password,
            secret=keys[0].secret,
            colleague=SMOKE_COLLEAGUE,
            colleagues_password=keys[1].password,
            colleagues_secret=keys[1].secret,
            folder=folder,
            **asked,
        )
        status = run(given)
    return verdict(status, given, seconds=time.monotonic() - started)


@contextmanager
def _unlocked(server: Machine) -> Iterator[tuple[account.Key, ...]]:
    """Unlock the accounts and give what opens them; the accounts are locked at the end, also after an error."""
    try:
        account.lock(server)
        leftovers.clean(server)
        leftovers.wait_for_hub(server)
    except Unreachable as error:
        raise CannotRun(f"the server does not answer over SSH: {error}") from None
    except CommandError as error:
        raise CannotRun(f"{error}\nDeploy the site first: the deploy makes the account.") from None
    try:
        yield account.unlock(server)
    finally:
        with undisturbed():
            started = time.monotonic()
            account.lock(server)
            leftovers.clean(server)
            promise = "the smoke test's accounts are locked again, and their sessions gone"
            print(line("ok", time.monotonic() - started, promise), flush=True)


def _refuse_what_cannot_work(site: Site, *, browser: bool) -> None:
    if site.logins.kind == "oidc":
        raise CannotRun(
            "its accounts have a password of the server, and analysts of this site log in at their provider "
            "([logins] kind): open a session yourself, and look at `make status`."
        )
    if browser and (reason := chromium.missing()):
        raise CannotRun(f"{reason}. Install it, or say BROWSER=0 to do without.")
    try:
        authorities(site)
    except NoAuthority as error:
        raise CannotRun(str(error)) from None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.smoke", description=__doc__)
    parser.add_argument(
        "--site", default=os.environ.get("SITE") or "box", help="default: $SITE, or box"
    )
    parser.add_argument(
        "--no-browser",
        dest="browser",
        action="store_false",
        default=os.environ.get("BROWSER", "1") not in ("0", "no", "false"),
        help="use the API alone (also BROWSER=0)",
    )
    parser.add_argument(
        "--pictures",
        action="store_true",
        default=os.environ.get("PICTURES", "0") not in ("", "0"),
        help="also keep a picture of each kind of session in build/kinds (also PICTURES=1)",
    )
    parser.add_argument(
        "--only", default="", help="check some promises: pytest's -k on the tests' names"
    )
    parser.add_argument(
        "--junit", help="JUnit file (default: smoke.xml in the site's state folder)"
    )
    return parser.parse_args()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
