"""What ANSSI's guide asks of a GNU/Linux host (BP-028, intermediary level): rules.toml says what is done, and why not all."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.operations.ops import File, ensure, tree
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.accounts import SHORTEST_PASSWORD
from infra.settings.site import Hardening, Storage

FILES = Path(__file__).parent / "files"
# Docker confines sessions by AppArmor where its parser is installed, and says nothing where it is not.
# pam_pwquality refuses every password while there is no dictionary to look it up in: cracklib-runtime makes one.
PACKAGES = ("apparmor", "cracklib-runtime", "libpam-pwquality", "sudo")
CHOSEN = {"aide": ("aide", "aide-common"), "auditd": ("auditd",)}
# Where they are: a server without encrypted disks has no crypttab.
MODES = {"/etc/sudoers.d": "750", "/etc/ssh/sshd_config": "600", "/etc/crypttab": "600"}
AIDE_S = 3600


def chosen_packages(hardening: Hardening) -> tuple[str, ...]:
    """Of what the site chose; who keeps the time is for the clock."""
    return tuple(name for choice in hardening.packages for name in CHOSEN.get(choice, ()))


@deploy("Hardening")
def hardening(*, hardening: Hardening, disposable: bool) -> None:
    tree(
        name="Write the kernel settings",
        dest=layout.SYSCTL.rpartition("/")[0],
        files={layout.SYSCTL.rpartition("/")[2]: File((FILES / "sysctl.conf").read_bytes())},
        exclusive=False,
    )
    beside = " (a box cannot set kernel settings: those of its network alone)"
    ensure(
        name=f"Put the kernel settings in force{beside if disposable else ''}",
        condition=in_force(kernel_settings()),
        command=f"/usr/lib/systemd/systemd-sysctl {layout.SYSCTL}",
    )
    tree(name="Write what logins obey", dest="/etc", files=login_files(), exclusive=False)
    ensure(
        name="Give services no core dump",
        condition='[ "$(systemctl show --property=DefaultLimitCORE --value)" = 0 ]',
        command="systemctl daemon-reload",
    )
    for path, mode in MODES.items():
        ensure(
            name=f"Close {path} to others",
            condition=f'[ ! -e {path} ] || [ "$(stat -c "%a %U %G" {path})" = "{mode} root root" ]',
            command=f"chown root:root {path}; chmod {mode} {path}",
        )
    if "auditd" in hardening.packages:
        _audit()


def _audit() -> None:
    tree(
        name="Write what is audited",
        dest="/etc/audit/rules.d",
        files={"site.rules": File(rendered_file(FILES / "audit.rules"), mode="640")},
        exclusive=False,
    )
    ensure(
        name="Keep the audit's trail",
        # Its unit refuses to be restarted by hand.
        condition="systemctl is-enabled --quiet auditd && systemctl is-active --quiet auditd "
        "&& ! augenrules --check | grep -q 'should be updated'",
        command="systemctl enable --quiet auditd; systemctl start auditd; augenrules --load",
    )


@deploy("Hardening")
def seal(*, hardening: Hardening, storage: Storage) -> None:
    """Once all is in place: what AIDE will compare the server with."""
    if "aide" not in hardening.packages:
        return
    tree(
        name="Say what AIDE leaves out",
        dest="/etc/aide/aide.conf.d",
        files={"90_site": File(aide_text(storage).encode())},
        exclusive=False,
    )
    ensure(
        name="Take AIDE's first picture of the server",
        condition="[ -s /var/lib/aide/aide.db ] && systemctl is-enabled --quiet dailyaidecheck.timer",
        command="[ -s /var/lib/aide/aide.db ] || aideinit --yes --force; "
        "systemctl enable --now --quiet dailyaidecheck.timer",
        timeout_s=AIDE_S,
    )


def login_files() -> dict[str, File]:
    """By path below /etc; in folders for what a site adds, where the checks of the guide look there."""

    def text(name: str) -> bytes:
        return rendered_file(FILES / name, MINLEN=SHORTEST_PASSWORD)

    return {
        "security/pwquality.conf": File(text("pwquality.conf")),
        "security/limits.d/site.conf": File(text("limits.conf")),
        "systemd/coredump.conf.d/site.conf": File(text("coredump.conf")),
        "systemd/system.conf.d/site.conf": File(text("system.conf")),
        "profile.d/site.sh": File(text("profile.sh")),
        "default/login": File(text("login")),
        "sudoers.d/site": File(text("sudoers"), mode="440"),
        # On no console, should anything ask: operators are named.
        "securetty": File(b""),
    }


def kernel_settings() -> dict[str, str]:
    def lines() -> Iterator[tuple[str, str]]:
        for line in (FILES / "sysctl.conf").read_text().splitlines():
            if line and not line.startswith("#"):
                key, _, value = line.partition("=")
                yield key.strip(), value.strip()

    return dict(lines())


def in_force(settings: dict[str, str]) -> str:
    """The shell condition that the kernel has these, where it has them at all and where they are this machine's."""
    same = (
        'same() { [ ! -w "/proc/sys/$1" ] || '
        '[ "$(tr -s \'[:blank:]\' \' \' < "/proc/sys/$1")" = "$2" ]; }'
    )
    return f"{same}; " + " && ".join(
        f"same {key.replace('.', '/')} '{value}'" for key, value in settings.items()
    )


def aide_text(storage: Storage) -> str:
    """The data change by nature, and are too many to be read every day; the journal has its own seals."""
    return "".join(f"!{place}\n" for place in _left_out(storage))


def _left_out(storage: Storage) -> Sequence[str]:
    ours = (layout.RECORDS, layout.IMAGES, "/var/cache", "/var/log/journal")
    return (*storage.places, *ours)
