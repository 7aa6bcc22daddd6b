"""The organisation's provider of logins: a real one beside the test box, and the box deployed as a site that uses it.

Boxes that run at once on one machine may share its cgroups (`system.slice/jupyterhub.service` is one for all of them), and
with them the walls of their hubs: an address that one hub alone is allowed is then shut. So the server knows the
provider's name by /etc/hosts, as a site without a DNS server does, and a relay on its loopback leads there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.components.web.certificates import site_certificate
from infra.settings import layout
from infra.settings.box_identity import box_identity
from infra.settings.site import Site, Tls
from tests.infra.components.web.front import free_port
from tests.provider.at_work import CLIENT, providing
from tests.server.deployment import PURPOSE, deploy, variant
from tests.server.machine import Machine

LOGINS_HERE = "# To try it without a telephone. A real site leaves it on.\nsecond_factor = false"
LOGINS_THERE = """kind = "oidc"
[logins.oidc]
issuer = "{issuer}"
client_id = "{client}"
client_secret = "{secret}"
group_claim = "groups"
groups = ["analystes"]
acr = ["strong"]
addresses = ["{address}"]
"""
# demo, alix and sacha have an account on the server.
PEOPLE: dict[str, dict[str, Any]] = {
    "alix": {"groups": ["analystes"]},
    "demo": {"groups": ["comptables"]},
    "sacha": {"groups": ["analystes"]},
    "claire": {"groups": ["analystes"]},
}
STRONG = {"acr": "strong", "amr": ["pwd", "otp"]}
STRENGTHS = dict.fromkeys(("alix", "demo", "claire"), STRONG)
NAME = "sso.example"
RELAY = "test-provider"
AUTHORITY = f"{layout.AUTHORITIES}/organisation.crt"


@dataclass(frozen=True)
class Organisation:
    """A provider on the operator's machine, which the box reaches by one address."""

    folder: Path
    hub: str
    address: str
    port: int

    @property
    def issuer(self) -> str:
        return f"https://{NAME}:{self.port}"

    @property
    def authority(self) -> Path:
        return self.folder / "authority" / "ca.pem"

    @contextmanager
    def open(self) -> Iterator[None]:
        """Run the provider."""
        certificate = site_certificate(
            Tls(authority="own"), names=(NAME,), state=self.folder / "authority"
        )
        with providing(
            self.folder,
            hub=self.hub,
            people=PEOPLE,
            strengths=STRENGTHS,
            address=self.address,
            port=self.port,
            certificate=certificate,
            name=NAME,
            secret="of-this-organisation+%&=",
        ):
            yield


def organisation(folder: Path, *, site: Site) -> Organisation:
    return Organisation(
        folder, site.url.rstrip("/"), box_identity(PURPOSE).outer_address, free_port()
    )


@contextmanager
def logging_in_at(there: Organisation, *, server: Machine) -> Iterator[str]:
    """Deploy the box as a site whose logins are there, and give its name; then as it was. The provider must be open."""
    secret = there.folder / "secret"
    secret.chmod(0o600)
    text = LOGINS_THERE.format(
        issuer=there.issuer, client=CLIENT, secret=secret, address=there.address
    )
    try:
        server.succeed(
            f"cat > {AUTHORITY}; update-ca-certificates", stdin=there.authority.read_text()
        )
        server.succeed(
            f"echo '127.0.0.1 {NAME}' >> /etc/hosts; systemd-run --quiet --collect --unit={RELAY} "
            f"--socket-property=ListenStream=127.0.0.1:{there.port} "
            f"/usr/lib/systemd/systemd-socket-proxyd {there.address}:{there.port}"
        )
        with variant({LOGINS_HERE: text}, name="organisation") as name:
            done = deploy(name)
            assert done.status == 0, str(done)
            yield name
    finally:
        last = deploy()
        server.execute(
            f"rm -f {AUTHORITY}; update-ca-certificates --fresh; sed -i '/ {NAME}$/d' /etc/hosts; "
            f"systemctl stop {RELAY}.socket {RELAY}.service"
        )
    assert last.status == 0, str(last)
