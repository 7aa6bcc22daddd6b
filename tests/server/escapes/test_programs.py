"""Attacks through the programs of an image that run commands: R, and the terminal."""

from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.escapes.attack import INSIDE, record
from tests.server.escapes.conftest import HUB
from tests.server.escapes.terminal import typed
from tests.server.escapes.test_way_out import mirror
from tests.server.machine import Machine
from tests.smoke.session import Session

CONTROLS = ("a command", "a file", "a socket", "a page")
ASKED_OF_ITSELF = ("its user", "its capabilities", "new privileges")
NO_CAPABILITY = "0" * 16


def test_r_has_no_way_that_python_has_not(
    attacker: Session, site: Site, server: Machine, image: str
) -> None:
    """R runs commands, and fetches pages and packages, by functions of its own."""
    _, address, port = mirror(site, server)
    program = (INSIDE / "ways.R").read_text()
    attacker.run(f"open('/tmp/ways.R', 'w').write({program!r})")
    addresses = [f"http://{HUB[0]}:{HUB[1]}/hub/api/", f"http://{address}:{port}/"]
    done = attacker.value(
        f"[(d := subprocess.run(['Rscript', '/tmp/ways.R', *{addresses!r}], capture_output=True, text=True)).stdout, d.stderr]",
        timeout_s=180,
    )
    found = dict(line.split("\t", 1) for line in done[0].splitlines())
    controls = {name: found.pop(f"control: {name}", "") for name in CONTROLS}
    assert set(controls.values()) == {"ok"}, f"R cannot do what it may: {controls} {done[1]}"
    user, capabilities, privileges = (found.pop(name) for name in ASKED_OF_ITSELF)
    assert user == str(attacker.value("os.getuid()"))
    assert capabilities.split()[-1] == NO_CAPABILITY
    assert privileges.split()[-1] == "1"
    assert len(found) == 10, done[1]
    assert set(found.values()) == {"refused"}, found
    record(
        "R: system(), url(), download.file(), install.packages(), sockets, its own files",
        image=image,
        tried=", ".join(found),
        answer="refused; system() runs as the user, without a capability",
        stopped_by="read-only root; no capability; internal network without a route",
    )


def test_a_terminal_has_the_rights_of_its_user_alone(
    demo: Analyst, attacker: Session, image: str
) -> None:
    shown = typed(
        demo.hub,
        "stty -echo; echo user=$(id -u); grep ^CapEff /proc/self/status; sudo -n id; touch /usr/bin/x || echo system-closed;"
        f" (echo > /dev/tcp/{HUB[0]}/{HUB[1]}) && echo hub-open;"
        f" (timeout 3 bash -c 'echo > /dev/tcp/{HUB[0]}/22') || echo host-closed;"
        " (timeout 3 bash -c 'echo > /dev/tcp/1.1.1.1/443') || echo internet-closed",
    )
    assert f"user={attacker.value('os.getuid()')}" in shown
    assert f"CapEff:\t{NO_CAPABILITY}" in shown
    for word in ("system-closed", "hub-open", "host-closed", "internet-closed"):
        assert f"\n{word}" in shown.replace("\r", ""), shown
    record(
        "a terminal of JupyterLab",
        image=image,
        tried="its user, its capabilities, sudo, a file of the system, the host, the Internet",
        answer="its user's, none, absent, EROFS, closed, closed",
        stopped_by="it runs in the session, with its rights and its network",
    )
