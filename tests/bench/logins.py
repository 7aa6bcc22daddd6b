"""From the log-in form to a kernel that answers: alone, ten at once, and against a bare `docker run`."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from infra.settings.settings_file import ROOT
from tests.bench.bare import bare_lab
from tests.bench.measuring import Steps, load_average, seen
from tests.bench.result import BenchError, Measure
from tests.bench.server import Server, deploy
from tests.server.analyst import PARCOURS, PROFILE, Analyst
from tests.server.deployment import toml_file, variant
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel

GROUP = "logins"
REPEATS = 5
AT_ONCE = 10
PATIENCE_S = 300
ACCOUNTS = "infra/sites/box.accounts.toml"
PROJECTS = "infra/sites/box.projects.toml"
TOTAL = "log-in to usable Lab"
BARE = "bare docker run to usable Lab"


def measures(server: Server) -> Iterator[Measure]:
    load = load_average()
    bare = [bare_lab(server)["seconds"] for _ in range(REPEATS)]
    yield _measure(BARE, [sum(one.values()) for one in bare], load)
    yield _measure("bare: kernel", [one["kernel"] for one in bare], load)
    with accounts(server) as analysts:
        load = load_average()
        single = [usable_lab(analysts[0]) for _ in range(REPEATS)]
        for step in single[0].seconds:
            floor = "bare: kernel" if step == "kernel answers" else ""
            yield _measure(step, [one.seconds[step] for one in single], load, against=floor)
        yield _measure(TOTAL, [one.total for one in single], load, against=BARE)
        load = load_average()
        seconds, failures = at_once(analysts)
        if seconds:
            yield _measure(f"{AT_ONCE} at once, each", seconds, load, against=TOTAL)
        for failure in failures:
            print(f"  failed: {failure}")
        yield seen(
            GROUP,
            f"{AT_ONCE} at once, failed",
            len(failures),
            unit="log-ins",
            failed=bool(failures),
        )


def usable_lab(analyst: Analyst, *, ready: threading.Barrier | None = None) -> Steps:
    """What a user waits for; the session ends afterwards."""
    login = analyst.login
    # A browser that has no cookie yet.
    hub = Hub(analyst.site.url, trust=analyst.trust)
    steps = Steps()
    try:
        if ready is not None:
            ready.wait()
        with steps.step("log-in form"):
            if not hub.log_in(login, analyst.password):
                raise BenchError(f"{login} cannot log in")
        with steps.step("session starts"):
            answer = hub.submit("/hub/spawn", {"profile": PROFILE, "project": PARCOURS})
            if answer.status_code != 302:
                raise BenchError(f"the start page answers {answer.status_code}")
            deadline = time.monotonic() + PATIENCE_S
            while not hub.is_running():
                if time.monotonic() > deadline:
                    raise BenchError(f"no session of {login} after {PATIENCE_S} s")
                # Ten that ask more often than this are more than the web server grants to one address.
                time.sleep(0.3)
        with steps.step("Lab's page"):
            page = hub.get(f"/user/{login}/lab")
            if page.status_code != 200:
                raise BenchError(f"Lab's page answers {page.status_code}")
        with steps.step("kernel answers"):
            kernel = Kernel(hub)
            if kernel.value("1 + 1", timeout_s=PATIENCE_S) != 2:
                raise BenchError("the kernel cannot add")
        return steps
    finally:
        if ready is not None:
            # The others' sessions are still being measured.
            ready.wait()
        if hub.is_logged_in():
            hub.stop()


def at_once(analysts: Sequence[Analyst]) -> tuple[list[float], list[str]]:
    """The seconds of those that worked, and why the others did not."""
    ready = threading.Barrier(len(analysts))
    with ThreadPoolExecutor(len(analysts)) as pool:
        running: list[Future[Steps]] = [
            pool.submit(usable_lab, analyst, ready=ready) for analyst in analysts
        ]
    failures = [str(error) for one in running if (error := one.exception()) is not None]
    return [one.result().total for one in running if one.exception() is None], failures


@contextmanager
def accounts(server: Server) -> Iterator[Sequence[Analyst]]:
    """Ten more analysts, gone again afterwards."""
    logins = [f"bench{place:02}" for place in range(AT_ONCE)]
    rows = "".join(
        f'\n[accounts.{login}]\nname = "{login}"\nemail = "{login}@exemple.invalid"\nend = 2099-12-31\n'
        for login in logins
    )
    with ExitStack() as stack:
        file = stack.enter_context(toml_file("accounts", (ROOT / ACCOUNTS).read_text() + rows))
        members = "".join(f"{login} = {{}}\n" for login in logins)
        projects = stack.enter_context(
            # The file ends with the members of the project that Analyst opens sessions for.
            toml_file("projects", (ROOT / PROJECTS).read_text() + members)
        )
        site = stack.enter_context(variant({ACCOUNTS: file, PROJECTS: projects}, name="bench"))
        deploy(changes=True, site=site)
        stack.callback(deploy, changes=True)
        analysts = [Analyst(login, site=server.site, server=server.machine) for login in logins]
        for analyst in analysts:
            stack.callback(analyst.close)
        yield analysts


def _measure(name: str, values: Sequence[float], load: float, *, against: str = "") -> Measure:
    return Measure(
        group=GROUP, name=name, unit="s", values=tuple(values), load=load, against=against
    )
