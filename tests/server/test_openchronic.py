"""The builds of the bases: releases are published whole, and a failed build keeps the old release."""

import json
import shlex

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.faults import states
from tests.server.machine import Machine
from tests.smoke.session import Session

BASE = "demo"
SERVICE = f"{layout.build_unit(BASE)}.service"
LIMIT_S = 900
RUN = layout.BUILD_RUN


@pytest.fixture
def base(site: Site) -> str:
    """Give the folder of the base's releases."""
    return f"{site.storage.releases}/{BASE}"


def current(server: Machine, base: str) -> str:
    return server.succeed(f"readlink {base}/current")


def test_a_build_has_published_a_release(site: Site, server: Machine, base: str) -> None:
    manifest = json.loads(server.succeed(f"cat {base}/current/manifest.json"))
    assert manifest
    assert server.unit_property(SERVICE, "Result") == "success"
    patients = site.bases[BASE].synthetic
    assert patients is not None
    assert f"{current(server, base)}" in server.succeed(f"ls {base}")


def test_a_build_tells_its_figures_in_its_journal(server: Machine) -> None:
    journal = server.succeed(f"journalctl --unit={SERVICE} --output=cat --no-pager")
    for told in ("What became of the delivered lines", "In the release", "Euros", "peak memory"):
        assert told in journal
    # One line per step, without the progress bar of a terminal.
    assert "\nclaims: " in journal
    assert "\x1b" not in journal


def test_the_next_build_is_scheduled(server: Machine) -> None:
    timer = f"{layout.build_unit(BASE)}.timer"
    assert server.unit_state(timer) == "active"
    assert server.unit_property(timer, "NextElapseUSecRealtime")
    assert server.succeed(f"systemctl is-enabled {timer}") == "enabled"


def test_the_build_runs_alone_and_unprivileged(server: Machine) -> None:
    text = server.succeed(f"cat {layout.BUILD_RUN}")
    for option in ("--network none", "--cap-drop ALL", "no-new-privileges", "--read-only"):
        assert option in text


def test_refused_values_are_shown_to_root_alone(server: Machine) -> None:
    told = f"{layout.BUILD_RUN} demo rejects"
    # The invented delivery contains this defect: files that were joined with their headers.
    assert "header repeated" in server.succeed(told)
    server.fail(f"runuser --user demo -- {told}")


def test_rows_and_releases_leave_the_restricted_zone_by_root_alone_who_is_noted(
    site: Site, server: Machine, session: Session
) -> None:
    event = session.value(
        "__import__('openchronic').table('event').filter(\"event_type = 'drug'\")"
        ".project('event_id').limit(1).fetchall()[0][0]"
    )
    run = f"{RUN} {BASE}"
    zone = f"{site.storage.restricted}/{BASE}/openchronic-{BASE}"
    try:
        assert "PHA_PRS_C13" in server.succeed(f"{run} trace {event}")
        server.succeed(f"{run} export --meds whole --sample 0.1")
        server.succeed(f"test -s {zone}-exports/whole/metadata/dataset.json")
        noted = server.succeed(f"cat {zone}-access/access.jsonl").splitlines()
        assert [json.loads(line)["what"] for line in noted] == ["trace", "export", "exported"]
        told = server.succeed("journalctl --identifier=openchronic-restricted --output=cat")
        assert f"{site.server.ssh.user} asked of the base {BASE}: trace {event}" in told
        assert "export --meds whole" in told
        server.fail(f"runuser --user demo -- {run} trace {event}")
        for call in (f"trace({event!r})", "export_meds('meds')"):
            code = f"import openchronic as oc; oc.{call}"
            said = session.value(
                f"subprocess.run(['python3', '-c', {code!r}], capture_output=True, text=True).stderr"
            )
            assert "l'administrateur du serveur" in said
        assert session.value("os.path.exists('meds')") is False
    finally:
        server.execute(f"find {zone}-exports {zone}-access -mindepth 1 -delete")


def test_raw_data_are_for_the_builder_alone(site: Site, server: Machine, session: Session) -> None:
    source = site.bases[BASE].source
    server.succeed(f"find {source} -name 'IR_BEN_R*' | grep -q .")
    server.fail(f"runuser --user demo -- ls {source}")
    server.fail(f"runuser --user demo -- ls {site.storage.data}")
    key = layout.build_key(BASE)
    server.succeed(f"test -s {key}")
    server.fail(f"runuser --user demo -- cat {key}")
    assert session.value(f"os.path.exists({site.storage.data!r})") is False


def test_a_failed_build_leaves_the_old_release(
    site: Site, server: Machine, base: str, session: Session
) -> None:
    """A file is truncated: the build names it, the release in service stays, and the next build succeeds."""
    before = current(server, base)
    find = f"find {site.bases[BASE].source} -name 'IR_BEN_R.*'"
    file = server.succeed(find)
    assert len(file.splitlines()) == 1
    server.succeed(f"cp --preserve {file} /var/tmp/whole && : > {file}")
    try:
        server.execute(f"systemctl start {SERVICE}", timeout_s=LIMIT_S)
        assert server.unit_property(SERVICE, "Result") != "success"
        journal = server.succeed(f"journalctl --unit={SERVICE} --lines=40 --output=cat")
        assert "IR_BEN_R" in journal
        assert "Traceback" not in journal
        assert current(server, base) == before
        assert session.value(
            "__import__('openchronic').connect().sql('select count(*) from patient').fetchall()[0][0]"
        )
    finally:
        server.succeed(f"cat /var/tmp/whole > {file}; rm /var/tmp/whole")


def test_a_killed_build_leaves_the_old_release_and_no_debris(server: Machine, base: str) -> None:
    before = current(server, base)
    with states.build(server):
        server.succeed(f"docker kill {states.CONTAINER}")
        server.wait_until_fails(states.BUILDING)
        assert server.unit_property(SERVICE, "Result") != "success"
        assert current(server, base) == before
    # Every folder is a release with a manifest.
    server.succeed(f"cd {base} && for entry in */; do test -s $entry/manifest.json || exit 1; done")
    server.fail(f"docker inspect {states.CONTAINER}")


def test_two_traces_at_once_end_each_by_itself(server: Machine, session: Session) -> None:
    event = session.value(
        "__import__('openchronic').table('event').filter(\"event_type = 'drug'\")"
        ".project('event_id').limit(1).fetchall()[0][0]"
    )
    try:
        told = server.succeed(
            f'for i in 1 2; do {RUN} {BASE} trace {event} > /run/trace-$i & pids="$pids $!"; done; '
            'for pid in $pids; do wait "$pid" || exit 1; done; cat /run/trace-1 /run/trace-2; rm /run/trace-?',
            timeout_s=300,
        )
        assert told.count("PHA_PRS_C13") >= 2
    finally:
        zone = f"{layout.RESTRICTED}/{BASE}/openchronic-{BASE}"
        server.execute(f"find {zone}-access -mindepth 1 -delete")


def test_a_second_build_leaves_the_first_one_alone_and_says_whose_it_is(
    server: Machine, base: str
) -> None:
    """The service's build runs when an operator starts another. Then the first is stopped, and leaves nothing."""
    identity = f"docker inspect --format '{{{{.Id}}}}' {states.CONTAINER}"
    before = current(server, base)
    states.start_build(server)
    try:
        nightly = server.succeed(identity)
        second = server.execute(f"{RUN} {BASE} build")
        assert second.status == 75, str(second)
        assert "runs already, since 20" in second.err
        assert f"asked for by {SERVICE}" in second.err
        server.succeed(f"{RUN} {BASE} rejects --help")
        assert server.succeed(identity) == nightly
        assert server.execute(states.BUILDING).status == 0, "the build ended too soon"
    finally:
        server.succeed(
            f"systemctl stop {SERVICE}; rm -rf /run/systemd/system/{SERVICE}.d; systemctl daemon-reload"
        )
    server.fail(f"docker inspect {states.CONTAINER}")
    assert current(server, base) == before


def test_the_service_leaves_an_operators_build_alone_and_fails_by_itself(
    server: Machine, base: str
) -> None:
    by_hand = (
        f"{RUN} {BASE} build --rebuild --reread > /run/by-hand 2>&1; echo $? > /run/by-hand.status"
    )
    identity = f"docker inspect --format '{{{{.Id}}}}' {states.CONTAINER}"
    server.succeed(f"systemd-run --quiet --collect sh -c {shlex.quote(by_hand)}")
    try:
        server.wait_until_succeeds(f"docker top {states.CONTAINER} | grep -q 'openchronic build'")
        operators = server.succeed(identity)
        server.fail(f"systemctl start {SERVICE}")
        assert server.unit_property(SERVICE, "ExecMainStatus") == "75"
        assert server.succeed(identity) == operators
        # A program that is stopped before its first line of code has nothing to say.
        server.wait_until_succeeds("grep -q 'checking files' /run/by-hand")
        server.succeed(f"docker stop {states.CONTAINER}")
        server.wait_until_succeeds("test -s /run/by-hand.status")
        assert "the release in service has not changed" in server.succeed("cat /run/by-hand")
        # The next build succeeds, and clears the unit's failed state.
        server.succeed(f"systemctl start {SERVICE}", timeout_s=LIMIT_S)
    finally:
        server.execute(f"docker rm --force {states.CONTAINER}; rm -f /run/by-hand*")


def test_the_script_alone_explains_itself(server: Machine) -> None:
    assert f"Bases here: cohorte {BASE}." in server.fail(RUN)
    assert f"the bases are cohorte {BASE}" in server.fail(f"{RUN} elsewhere build")


def test_analysts_pin_and_list_releases(session: Session, server: Machine, demo: Analyst) -> None:
    said = session.value(
        "subprocess.run(['openchronic', 'releases'], capture_output=True, text=True).stdout"
    )
    assert BASE in said
    release = current(server, f"{layout.RELEASES}/{BASE}").rstrip("/")
    code = f"__import__('openchronic').release({f'{BASE}@{release}'!r}) is not None"
    assert session.value(code) is True
