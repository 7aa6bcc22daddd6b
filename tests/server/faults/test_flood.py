"""Floods of requests from inside or outside are slowed down; other users can work, and the journal stays complete."""

import json
import secrets
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.machine import Machine
from tests.server.outside.door import Door
from tests.server.tables import add_row
from tests.smoke.trust import write_bundle

# Limits of the flood: requests in all, seconds, threads.
MOST, SECONDS, THREADS = 20_000, 10, 16
PAGE_S = 2.0
ENOUGH = 1_000
MOST_FLOODS = 5
STRANGERS = 1_500
# Of the strangers, in the hub's trail.
MOST_LINES = 15
JOURNAL = "journalctl --since='{since}' --output=cat --no-pager"
FLOOD = f"""
import collections, os, threading, time, urllib.error, urllib.request
def flood(path, answers, end):
    ask = urllib.request.Request(os.environ['JUPYTERHUB_API_URL'] + path, headers={{'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']}})
    while time.monotonic() < end and sum(answers.values()) < {MOST}:
        try:
            answers[urllib.request.urlopen(ask, timeout=10).status] += 1
        except urllib.error.HTTPError as error:
            answers[error.code] += 1
        except OSError:
            answers['refused'] += 1
answers = collections.Counter()
end = time.monotonic() + {SECONDS}
threads = [threading.Thread(target=flood, args=('/user', answers, end)) for _ in range({THREADS})]
for one in threads: one.start()
"""


def test_a_session_that_floods_the_hub_slows_nobody_else(demo: Analyst, alix: Analyst) -> None:
    flooder = alix.open_session()
    demo.open_session().kernel.close()
    before = _pages(demo, seconds=2)
    flooder.run(FLOOD)
    during = _pages(demo, seconds=SECONDS - 3)
    flooder.run("[one.join() for one in threads]", timeout_s=60)
    answers = json.loads(
        flooder.run("import json; print(json.dumps({str(k): v for k, v in answers.items()}))")
    )
    flooder.kernel.close()
    assert answers.get("200", 0) >= 10, f"nothing came through: nothing is proven: {answers}"
    assert answers.get("429", 0) > answers["200"], f"nothing slowed it: {answers}"
    # A slow machine asks less often, of a server that answers as slowly.
    assert sum(answers.values()) >= ENOUGH / patience(1), f"no flood: {answers}"
    assert max(during) < patience(PAGE_S), f"a page took {max(during):.1f} s"
    add_row(
        "faults",
        {
            "fault": f"a session asks the hub {sum(answers.values())} times in {SECONDS} s",
            "state": "idle",
            "seen": f"another's page: {max(during):.1f} s at most ({max(before):.1f} s before)",
            "seconds": f"{SECONDS}",
            "lost": "0",
        },
    )


def _pages(analyst: Analyst, *, seconds: float) -> list[float]:
    """Request the user's page repeatedly for some seconds, and return the times."""
    found: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end or not found:
        asked = time.monotonic()
        assert analyst.hub.get("/hub/home").status_code == 200
        found.append(time.monotonic() - asked)
        time.sleep(0.25)
    return found


def test_strangers_do_not_push_the_trail_out_of_the_journal(
    server: Machine, site: Site, demo: Analyst
) -> None:
    """Requests without a login are in the web server's own journal only; a login is in the hub's."""
    trust = demo.trust
    write_bundle(site, trust)
    door = Door(site.server.address, trust)
    since = server.succeed("date '+%F %T'; sleep 1")
    paths = ("/", "/nothing", "/hub/nothing", "/hub/api/user", "/user/demo/lab", "//x", "/hub/home")
    # Wait until journald has written its queue.
    synced = f"journalctl --namespace=web --sync; {JOURNAL.format(since=since)} --namespace=web"
    # nginx sends each line without waiting: of a flood, a journald that gets no processor meanwhile receives what its
    # socket's queue holds, some hundred lines. The rest is lost, so that a busy server needs more than one flood.
    seen = Counter[int]()
    flood = 0
    for _ in range(MOST_FLOODS):
        with ThreadPoolExecutor(16) as pool:
            asked = [paths[number % len(paths)] for number in range(STRANGERS)]
            seen.update(pool.map(lambda path: door.ask(path).status, asked))
        # The web server's limit for this address recovers meanwhile.
        time.sleep(10)
        flood = int(server.succeed(f"{synced} | wc -l", timeout_s=patience(120)))
        if flood >= MOST_LINES * 10:
            break
    assert {200, 404, 400} <= set(seen), seen
    demo.log_in()
    assert flood >= MOST_LINES * 10, f"{flood} lines of {seen}: nothing is proven"
    # A request when the flood is over is in that journal, whatever was lost before.
    mark = secrets.token_hex(8)
    assert door.ask(f"/nothing/{mark}").status == 404
    assert mark in server.succeed(synced, timeout_s=patience(120))
    lines = JOURNAL.format(since=since)
    unit = f"{lines} --unit=jupyterhub --unit=nginx --unit=jupyterhub-proxy"
    hub = server.succeed(unit).splitlines()
    assert not [line for line in hub if mark in line], "strangers are in the trail"
    assert [line for line in hub if "demo" in line], "the login is not in the trail"
    others = [line for line in hub if "demo" not in line]
    assert len(others) < MOST_LINES, f"{len(others)} lines of strangers: {others[:3]}"
