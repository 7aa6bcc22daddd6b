"""`python -m tests.smoke`: unlocks its accounts, runs the checks with them, and locks them whatever happens."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from infra.operate.reaching import NotReached, reach
from infra.operate.state import state_folder
from infra.settings.accounts import SMOKE_COLLEAGUE, SMOKE_LOGIN, SMOKE_LOGINS
from infra.settings.settings_file import ROOT, SettingsError
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.junit import Outcome, read_junit
from tests.server.machine import CommandError, Machine, Unreachable
from tests.smoke import account, chromium, leftovers
from tests.smoke.given import Given
from tests.smoke.promises import LOG
from tests.smoke.report import line
from tests.smoke.trust import NoAuthority, authorities

# Longer than the time limits of all checks together: only a hanging machine reaches it.
LIMIT_S = 1800


class CannotRun(Exception):
    """Nothing could be checked; the message has the reason and the next step."""


def main() -> int:
    arguments = _arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        site = load_site(arguments.site)
        kept = state_folder(site)
        kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        junit = Path(arguments.junit).absolute() if arguments.junit else kept / "smoke.xml"
        return check(
            site,
            browser=arguments.browser,
            pictures=arguments.pictures,
            only=arguments.only,
            junit=junit,
            kept=kept,
        )
    except (SettingsError, NotReached, CannotRun) as error:
        print(f"smoke test: {error}", file=sys.stderr)
    except (AssertionError, Unreachable) as error:
        print(f"FAILED: the server broke off: {error}")
        print(
            f"If {' or '.join(SMOKE_LOGINS)} is still open, it locks by itself in {account.DEAD_MAN_AFTER}."
        )
    except KeyboardInterrupt:
        print("INTERRUPTED: nothing is proven.")
    return 1


def check(site: Site, *, browser: bool, pictures: bool, only: str, junit: Path, kept: Path) -> int:
    """Run all checks of a site; return 0 if all pass and the accounts are locked again."""
    reach(site)
    _refuse_what_cannot_work(site, browser=browser)
    server = Machine(site)
    started = time.monotonic()
    print(f"The promises of « {site.title} » ({site.url}):", flush=True)
    junit.parent.mkdir(parents=True, exist_ok=True)
    junit.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="smoke-") as folder, _unlocked(server) as keys:
        status = _run(
            Given(
                site=site.name,
                login=SMOKE_LOGIN,
                password=keys[0].password,
                secret=keys[0].secret,
                colleague=SMOKE_COLLEAGUE,
                colleagues_password=keys[1].password,
                colleagues_secret=keys[1].secret,
                browser=browser,
                only=only,
                folder=folder,
                kept=str(kept),
                junit=str(junit),
                pictures=pictures,
            )
        )
    outcome = read_junit(junit) if junit.exists() else Outcome()
    _verdict(outcome, browser=browser, seconds=time.monotonic() - started, kept=kept)
    return 0 if status == 0 and outcome.count("passed") and not outcome.count("failed") else 1


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
        with _undisturbed():
            started = time.monotonic()
            account.lock(server)
            leftovers.clean(server)
            promise = "the smoke test's accounts are locked again, and their sessions gone"
            print(line("ok", time.monotonic() - started, promise), flush=True)


def _run(given: Given) -> int:
    """Run the checks in a process of their own, so that the accounts are locked however it ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.smoke.promises"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        process.communicate(given.to_json(), timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        print(f"  FAIL          no end within {LIMIT_S} s", flush=True)
    finally:
        _end(process)
    return process.returncode


def _end(process: subprocess.Popen[str]) -> None:
    """Terminate the checks first, so that the browser's driver can close the browser, then the whole group."""
    with _undisturbed():
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _verdict(outcome: Outcome, *, browser: bool, seconds: float, kept: Path) -> None:
    kept_promises, broken = outcome.count("passed"), outcome.count("failed")
    how = "" if browser else ", without a browser"
    print()
    if broken or not kept_promises:
        print(f"FAILED{how}: {broken} promises broken, {kept_promises} kept ({seconds:.0f} s).")
        print(f"More in {kept / LOG} and the pictures beside it.")
    else:
        print(f"PASSED{how}: {kept_promises} promises kept ({seconds:.0f} s).")


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


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore signals meanwhile: a second Ctrl-C must not leave the accounts unlocked."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
