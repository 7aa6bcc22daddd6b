"""Makes the box's network namespace, its link to the operator's machine, and its outgoing connections.

No kernel setting of the operator's machine changes. If it forwards packets, an nftables table of the box's own
masquerades them; if not, `pasta` or `slirp4netns` relays the box's connections in user mode.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from infra.box.commands import run, succeeds
from infra.box.errors import OTHER_WAY, BoxError
from infra.settings.box_identity import BoxIdentity

INNER_LINK = "operator0"
OUT_LINK = "out0"


def create(box: BoxIdentity) -> None:
    """Make the namespace, the link and the outgoing connections; what an earlier run left in place is reused."""
    if not Path("/run/netns", box.netns).exists():
        run(["ip", "netns", "add", box.netns])
    if not Path("/sys/class/net", box.link).exists():
        peer = ["peer", "name", INNER_LINK, "netns", box.netns]
        run(["ip", "link", "add", box.link, "type", "veth", *peer])
    run(["ip", "address", "replace", f"{box.outer_address}/30", "dev", box.link])
    run(["ip", "link", "set", box.link, "up"])
    inside = ["ip", "-n", box.netns]
    run([*inside, "address", "replace", f"{box.address}/30", "dev", INNER_LINK])
    run([*inside, "link", "set", INNER_LINK, "up"])
    run([*inside, "link", "set", "lo", "up"])
    if Path("/proc/sys/net/ipv4/ip_forward").read_text().strip() == "1":
        _masquerade(box)
    else:
        _user_mode(box)


def destroy(box: BoxIdentity) -> None:
    """Remove whatever `create` made."""
    _stop_user_mode(box)
    if Path("/sys/class/net", box.link).exists():
        run(["ip", "link", "delete", box.link])
    if Path("/run/netns", box.netns).exists():
        run(["ip", "netns", "delete", box.netns])
    if shutil.which("nft") and succeeds(["nft", "list", "table", "ip", box.netns]):
        run(["nft", "delete", "table", "ip", box.netns])


def masquerade_rules(box: BoxIdentity) -> str:
    """Return an nftables table for this box only; loading it again replaces it."""
    table = f"table ip {box.netns}"
    return f"""{table}
delete {table}
{table} {{
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr {box.address} oifname != "{box.link}" masquerade
  }}
  chain forward {{
    type filter hook forward priority filter; policy accept;
    iifname "{box.link}" accept
    oifname "{box.link}" ct state established,related accept
    oifname "{box.link}" drop
  }}
}}
"""


def _masquerade(box: BoxIdentity) -> None:
    rules = box.state / "masquerade.nft"
    rules.write_text(masquerade_rules(box))
    run(["nft", "--file", str(rules)])
    run(["ip", "-n", box.netns, "route", "replace", "default", "via", box.outer_address])


def _user_mode(box: BoxIdentity) -> None:
    if _user_mode_pid(box) is not None:
        return
    # No forwarding of ports, in either direction: the box must not reach the operator's loopback.
    if shutil.which("pasta"):
        closed = ["--no-map-gw", "-t", "none", "-u", "none", "-T", "none", "-U", "none"]
        command = ["pasta", "--config-net", "--netns", f"/run/netns/{box.netns}", "--runas", "0"]
        command += ["--foreground", "--ns-ifname", OUT_LINK, *closed]
    else:
        command = ["slirp4netns", "--configure", "--disable-host-loopback", "--mtu=65520"]
        command += ["--netns-type=path", f"/run/netns/{box.netns}", OUT_LINK]
    with (box.state / "way-out.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    (box.state / "way-out.pid").write_text(str(process.pid))
    for _ in range(50):
        if succeeds(["ip", "-n", box.netns, "link", "show", OUT_LINK]) and succeeds(
            ["sh", "-c", f"ip -n {box.netns} route show default | grep -q ."]
        ):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise BoxError(f"{command[0]} gave the box no way out, see {log.name}. {OTHER_WAY}")


def _user_mode_pid(box: BoxIdentity) -> int | None:
    """Return the process id of this box's pasta or slirp4netns, or None; a reused id of another process is not
    accepted."""
    try:
        pid = int((box.state / "way-out.pid").read_text())
        argv = Path("/proc", str(pid), "cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if f"/run/netns/{box.netns}".encode() in argv else None


def _stop_user_mode(box: BoxIdentity) -> None:
    pid = _user_mode_pid(box)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        for _ in range(50):
            if _user_mode_pid(box) is None:
                break
            time.sleep(0.1)
        else:
            os.kill(pid, signal.SIGKILL)
    (box.state / "way-out.pid").unlink(missing_ok=True)
