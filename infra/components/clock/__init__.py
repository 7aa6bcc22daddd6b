"""Sets the server's time servers, so that journals, expiry dates and certificates agree with the site's clock."""

from collections.abc import Sequence
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.operations.ops import File, tree, unit
from infra.settings import layout
from infra.settings.site import Hardening

FILES = Path(__file__).parent / "files"
POOL = "2.debian.pool.ntp.org"
TIMESYNCD = f"{layout.SYSTEMD}/timesyncd.conf.d"
CHRONY = "/etc/chrony"


def keeper(hardening: Hardening) -> str:
    """Return the package that synchronises the clock; Debian's two packages conflict with each other."""
    return "chrony" if "chrony" in hardening.packages else "systemd-timesyncd"


@deploy("Clock")
def clock(*, servers: Sequence[str], keeper: str, disposable: bool) -> None:
    if keeper == "chrony":
        dest, name, text = CHRONY, "chrony.conf", chrony_text(servers)
    else:
        dest, name, text = TIMESYNCD, "site.conf", timesyncd_text(servers)
    written = tree(
        name="Say where the time comes from",
        dest=dest,
        files={name: File(text.encode())},
        exclusive=False,
    )
    # A box shares its host's clock and may not set it.
    if not disposable:
        unit(
            name="Keep the clock",
            unit=f"{keeper}.service",
            watched=[f"{dest}/{name}"],
            changes=[written],
        )


def timesyncd_text(servers: Sequence[str]) -> str:
    """Return timesyncd's settings: the site's servers only, or Debian's defaults when the site has none."""
    return f"[Time]\nNTP={' '.join(servers)}\nFallbackNTP=\n" if servers else "[Time]\n"


def chrony_text(servers: Sequence[str]) -> str:
    asked = [f"server {server} iburst" for server in servers] or [f"pool {POOL} iburst"]
    return "".join(f"{line}\n" for line in asked) + (FILES / "chrony.conf").read_text()
