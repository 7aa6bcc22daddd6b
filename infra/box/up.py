"""`make box`: boots a disposable server, deploys to it, builds its bases and runs the smoke test."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from infra.box import machine, preflight, rootfs
from infra.box.errors import OTHER_WAY, BoxError
from infra.operations import ssh
from infra.settings import layout
from infra.settings.box_identity import CHECKOUT, BoxIdentity
from infra.settings.site import Box, Site
from infra.settings.site_file import load_site

DEMO_LOGIN = "demo"


def create_and_start(box: BoxIdentity, needs: Box, mirrors_of: Site) -> None:
    """Make the box if need be and boot it. Raises BoxError, with every reason, if this machine cannot."""
    if not machine.is_running(box):
        found = list(preflight.obstacles(box, needs))
        if found:
            raise BoxError("No box can start here:\n  - " + "\n  - ".join(found) + f"\n{OTHER_WAY}")
    box.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not box.root.exists():
        rootfs.unpack(box, mirrors=mirrors_of.packages)
    machine.start(box)


def up(box: BoxIdentity) -> None:
    site = load_site("box")
    assert site.box is not None, "the box's site file has a [box] table"
    started = time.monotonic()
    with step("a Debian 13 server boots"):
        create_and_start(box, site.box, site)
    with step("the site is deployed to it over SSH"):
        deploy(box)
    for base in site.bases:
        with step(f"the base « {base} » is built and published"):
            build(site, base)
    with step("a demo password is set"):
        password = set_demo_password(box, site)
    with step("the smoke test logs in with a browser"):
        _checked([sys.executable, "-m", "tests.smoke", "--site", "box"], box)
    _tell(box, password, time.monotonic() - started)


@contextmanager
def step(title: str) -> Iterator[None]:
    print(f"\n── {title} …", flush=True)
    started = time.monotonic()
    yield
    print(f"── {title}: {time.monotonic() - started:.0f} s", flush=True)


def deploy(box: BoxIdentity) -> None:
    pyinfra = [sys.executable, "-m", "pyinfra", "infra/inventory.py", "infra/deploy.py", "-y"]
    _checked(pyinfra, box)


def build(site: Site, base: str) -> None:
    """Run the base's build service now and print its log meanwhile. Raises BoxError when it fails."""
    unit = f"{layout.build_unit(base)}.service"
    follow = subprocess.Popen(
        [*ssh.ssh_command(site), f"sudo journalctl --follow --lines=0 --output=cat --unit={unit}"],
        stdin=subprocess.DEVNULL,
    )
    try:
        done = ssh.run(site, f"sudo systemctl start {unit}")
        time.sleep(1)
    finally:
        follow.terminate()
        follow.wait()
    if done.returncode != 0:
        raise BoxError(
            f"{unit} failed; its log is above (`journalctl --unit={unit}` on the server)."
        )


def set_demo_password(box: BoxIdentity, site: Site) -> str:
    """Set a random password and return it; it is kept in a file of mode 600, unlike any other password."""
    file = box.state / "demo-password"
    password = file.read_text().strip() if file.exists() else secrets.token_urlsafe(12)
    file.touch(mode=0o600)
    file.write_text(f"{password}\n")
    done = ssh.run(site, "sudo chpasswd", input=f"{DEMO_LOGIN}:{password}\n")
    if done.returncode != 0:
        raise BoxError(f"the demo password could not be set: {done.stderr.strip()}")
    return password


def _checked(command: list[str], box: BoxIdentity) -> None:
    environment = {**os.environ, "SITE": "box", "BOX": box.purpose}
    if subprocess.run(command, cwd=CHECKOUT, env=environment, check=False).returncode != 0:
        raise BoxError(
            f"`{' '.join(command[1:])}` failed, for the reason above. Once that is mended, `make box` goes on from there."
        )


def _tell(box: BoxIdentity, password: str, seconds: float) -> None:
    certificate = box.state / "ca.pem"
    print(
        f"""
The server is ready ({seconds / 60:.1f} min).

  open          https://{box.address}/
  from afar     ssh -L 8443:{box.address}:443 THIS-MACHINE, then https://localhost:8443/
  log in        {DEMO_LOGIN} / {password}
  trust         {certificate}   (the box's own CA, for your browser)
  second factor none here, to try it without a telephone (infra/sites/box.toml); a real site asks for codes
  a shell       {" ".join(machine.ssh_command(box))}

What to try next:
  · in a session, open premiers-pas.ipynb and run it
  · make plan          what a deploy would change: nothing
  · make smoke-test    the same proof, at any time
  · make box-stop      stop it, `make box` starts it again; make box-destroy leaves nothing behind
"""
    )
