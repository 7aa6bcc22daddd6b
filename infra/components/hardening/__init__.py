"""Hardens the host as ANSSI's guide BP-028 asks at its intermediary level; rules.toml answers each of its rules."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.operations.ops import File, ensure, tree
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.accounts import SHORTEST_PASSWORD
from infra.settings.site import Hardening, Storage

FILES = Path(__file__).parent / "files"
# Without AppArmor's parser, Docker silently leaves sessions unconfined. Without a dictionary, which cracklib-runtime
# makes, pam_pwquality refuses every password.
PACKAGES = ("apparmor", "cracklib-runtime", "libpam-pwquality", "sudo")
CHOSEN = {"aide": ("aide", "aide-common"), "auditd": ("auditd",)}
# Modes of files that exist: a server without encrypted disks has no crypttab.
MODES = {"/etc/sudoers.d": "750", "/etc/ssh/sshd_config": "600", "/etc/crypttab": "600"}
AIDE_S = 3600


def chosen_packages(hardening: Hardening) -> tuple[str, ...]:
    """Return the packages of the tools that the site chose, but chrony, which the clock component installs."""
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
        # auditd's unit refuses a manual restart, so the rules are loaded by augenrules.
        condition="systemctl is-enabled --quiet auditd && systemctl is-active --quiet auditd "
        "&& ! augenrules --check | grep -q 'should be updated'",
        command="systemctl enable --quiet auditd; systemctl start auditd; augenrules --load",
    )


@deploy("Hardening")
def seal(*, hardening: Hardening, storage: Storage) -> None:
    """Make AIDE's reference database, at the end of the first deploy that installs it."""
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
    """Return the files that apply to logins, by path below /etc: drop-ins where OpenSCAP's checks read them."""

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
        # Empty: root may log in on no console, since operators have named accounts.
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
    """Return the shell condition that the kernel has these values; settings that it lacks or that are read-only, as in a
    box, are skipped."""
    same = (
        'same() { [ ! -w "/proc/sys/$1" ] || '
        '[ "$(tr -s \'[:blank:]\' \' \' < "/proc/sys/$1")" = "$2" ]; }'
    )
    return f"{same}; " + " && ".join(
        f"same {key.replace('.', '/')} '{value}'" for key, value in settings.items()
    )


def aide_text(storage: Storage) -> str:
    """Return AIDE's exclusions: data and records change all the time, and data are too large to be read every day."""
    return "".join(f"!{place}\n" for place in _left_out(storage))


def _left_out(storage: Storage) -> Sequence[str]:
    ours = (layout.TEAMS, layout.RECORDS, layout.IMAGES, "/var/cache", "/var/log/journal")
    return (*storage.places, *ours)
