"""The firewall: an nftables table of ours alone, beside Docker's, in force before Docker starts."""

from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.ops import File, tree, unit
from infra.ownership import Owned

FILES = Path(__file__).parent / "files"
PACKAGES = ("nftables",)
RULES = "/etc/site-firewall"
OWNED = Owned(units=("site-firewall.service",), directories=(RULES,))


@deploy("Firewall")
def firewall() -> None:
    rules = tree(
        name="Write the rules",
        dest=RULES,
        files={"rules.nft": File((FILES / "rules.nft").read_bytes())},
    )
    service = tree(
        name="Write the firewall's unit",
        dest="/etc/systemd/system",
        files={"site-firewall.service": File((FILES / "site-firewall.service").read_bytes())},
        exclusive=False,
    )
    unit(
        name="Put the rules in force",
        unit="site-firewall.service",
        watched=[RULES, "/etc/systemd/system/site-firewall.service"],
        changes=[rules, service],
        ready="nft list chain inet site input && nft list chain bridge site forward",
    )
