"""Sets up the base system: packages and their sources, time zone, journal, security upgrades, SSH for operators."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.operations.debian import sources_deb822
from infra.operations.ops import File, ensure, tree, unit
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.accounts import OPERATORS
from infra.settings.site import Access, Packages

FILES = Path(__file__).parent / "files"
PACKAGES = (
    "ca-certificates",
    "curl",
    "unattended-upgrades",
)
TIME_ZONE = "Europe/Paris"
OWNED = Owned(directories=(layout.SSH_DROP_IN,))


@deploy("System")
def system(*, packages: Packages, access: Access, ssh_user: str, wanted: Sequence[str]) -> None:
    """Set up the base system; `wanted` holds the Debian packages of all components."""
    tree(
        name="Trust the site's certification authorities",
        dest=layout.SITE_AUTHORITIES,
        files={f"{path.stem}.crt": File(path.read_bytes()) for path in packages.ca_certificates},
    )
    ensure(
        name="Rebuild the store of trusted certificates",
        condition=f"[ {layout.TRUSTED} -nt {layout.SITE_AUTHORITIES} ]"
        f" || [ ! -d {layout.SITE_AUTHORITIES} ]",
        command=f"update-ca-certificates && touch {layout.TRUSTED}",
    )
    tree(
        name="Set the package sources", dest=layout.APT, files=apt_files(packages), exclusive=False
    )
    ensure(
        name="Refresh the package lists, at most once a day",
        condition=f"find {layout.APT_STAMP} -mmin -1440 -newer {layout.APT}/sources.list.d/debian.sources"
        " | grep -q .",
        command=f"apt-get -q update && mkdir -p $(dirname {layout.APT_STAMP}) && touch {layout.APT_STAMP}",
    )
    ensure(
        name="Install the packages",
        condition=packages_condition(wanted),
        command=install_command(wanted),
    )
    configuration = tree(
        name="Configure the journal and time",
        dest=layout.SYSTEMD,
        files=systemd_files(),
        exclusive=False,
    )
    unit(
        name="Keep the journal within its limits",
        unit="systemd-journald.service",
        watched=[layout.JOURNALD_DROP_IN],
        changes=[configuration],
        static=True,
    )
    ensure(
        name="Set the time zone",
        condition=f'[ "$(readlink -f /etc/localtime)" = /usr/share/zoneinfo/{TIME_ZONE} ]',
        command=f"ln -sfn /usr/share/zoneinfo/{TIME_ZONE} /etc/localtime",
    )
    unit(name="Install security updates every day", unit="apt-daily-upgrade.timer")
    _ssh(access=access, ssh_user=ssh_user)


def _ssh(*, access: Access, ssh_user: str) -> None:
    operators = sorted({ssh_user, *access.operators})
    # Before sshd requires the group: an operator who is not a member would be locked out.
    for login in operators:
        ensure(
            name=f"Admit the operator {login}",
            condition=f"id -nG {shlex.quote(login)} | grep -qw {OPERATORS}",
            command=f"groupadd --force {OPERATORS} && usermod -aG {OPERATORS} {shlex.quote(login)}",
        )
    configuration = tree(
        name="Configure SSH: keys only, operators only",
        dest=layout.SSHD_FOLDER,
        files={layout.SSHD_SITE.rpartition("/")[2]: File(sshd_conf(), mode="600")},
        exclusive=False,
    )
    restarts = tree(
        name="Restart SSH however often it dies",
        dest=layout.SSH_DROP_IN,
        files={"site.conf": File((FILES / "ssh-restart.conf").read_bytes())},
    )
    unit(
        name="Serve SSH",
        unit="ssh.service",
        watched=[layout.SSHD_SITE, layout.SSH_DROP_IN],
        changes=[configuration, restarts],
        ready="sshd -t",
    )


def sshd_conf() -> bytes:
    return rendered_file(FILES / "sshd.conf", OPERATORS=OPERATORS)


def apt_files(packages: Packages) -> dict[str, File]:
    proxy = f'Acquire::http::Proxy "{packages.proxy}";\nAcquire::https::Proxy "{packages.proxy}";\n'
    return {
        "sources.list": File(b"# The sources are in sources.list.d/debian.sources.\n"),
        "sources.list.d/debian.sources": File(sources_deb822(packages).encode()),
        "apt.conf.d/50site": File(
            (FILES / "apt.conf").read_bytes() + (proxy.encode() if packages.proxy else b"")
        ),
    }


def systemd_files() -> dict[str, File]:
    return {"journald.conf.d/site.conf": File((FILES / "journald.conf").read_bytes())}


def packages_condition(wanted: Sequence[str]) -> str:
    names = shlex.join(sorted(wanted))
    installed = "dpkg-query --show --showformat='${db:Status-Abbrev}\\n' " + names
    return f"[ ! -e /usr/sbin/policy-rc.d ] && [ $({installed} | grep -c '^ii') -eq {len(set(wanted))} ]"


def install_command(wanted: Sequence[str]) -> str:
    """Return the command that installs packages; policy-rc.d keeps services from starting without their configuration."""
    return (
        "export DEBIAN_FRONTEND=noninteractive; "
        "printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; "
        "trap 'rm -f /usr/sbin/policy-rc.d' EXIT; "
        "dpkg --configure --pending; "
        "apt-get -qy install --no-install-recommends -o Dpkg::Options::=--force-confold "
        f"{shlex.join(sorted(wanted))}; rm -f /usr/sbin/policy-rc.d"
    )
