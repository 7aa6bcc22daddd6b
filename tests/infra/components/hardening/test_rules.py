"""Every rule of ANSSI's profile is fulfilled or waived with a reason, and the files have the fulfilled settings."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import pytest

from infra.components import hardening
from infra.components.system import FILES as SYSTEM
from infra.settings.accounts import SHORTEST_PASSWORD
from infra.settings.site import Hardening, Storage
from tests.infra.components.hardening.rules import RULES, answers

PROFILE = Path(__file__).parent / "anssi_bp28_intermediary.txt"
# From Debian's package ssg-debian, if the machine has a version that knows Debian 13.
CONTENT = Path("/usr/share/xml/scap/ssg/content/ssg-debian13-ds.xml")
FORWARDING = "sysctl_net_ipv4_ip_forward"
LOCKING = "accounts_passwords_pam_faillock_deny"


def profile() -> list[str]:
    return PROFILE.read_text().split()


def test_every_rule_of_the_profile_has_one_answer() -> None:
    given = Counter(answers().rules())
    assert len(profile()) > 200
    assert sorted(given) == profile()
    assert [rule for rule, times in given.items() if times > 1] == []


def test_the_profile_is_that_of_the_content() -> None:
    if not CONTENT.exists():
        pytest.skip("no ssg-debian with Debian 13's content on this machine")
    prefix = "xccdf_org.ssgproject.content_"
    space = "{http://checklists.nist.gov/xccdf/1.2}"
    for found in ElementTree.parse(CONTENT).iter(f"{space}Profile"):
        if found.get("id") == f"{prefix}profile_anssi_bp28_intermediary":
            chosen = (
                str(row.get("idref"))
                for row in found.iter(f"{space}select")
                if row.get("selected") == "true"
            )
            rules = [
                name.removeprefix(f"{prefix}rule_")
                for name in chosen
                if name.startswith(f"{prefix}rule_")
            ]
            assert sorted(rules) == profile()
            return
    pytest.fail("the content has no such profile")


def test_what_is_held_has_a_check_and_what_is_left_out_a_reason() -> None:
    told = answers()
    assert [answer.why for answer in told.held if not answer.check] == []
    assert [answer.rules for answer in told.left_out if len(answer.why.split()) < 5] == []
    reasons = {rule: answer.why for answer in told.left_out for rule in answer.rules}
    assert "Docker" in reasons[FORWARDING]
    assert "Nobody is locked by a stranger" in reasons[LOCKING]


def test_the_kernel_settings_are_those_of_the_rules() -> None:
    written = {key.replace(".", "_"): value for key, value in hardening.kernel_settings().items()}
    # Not a rule of the guide: a server reboots after a panic.
    assert written.pop("kernel_panic") == "60"
    assert written == answers().sysctl
    assert f"sysctl_{'net_ipv4_ip_forward'}" == FORWARDING
    assert "net_ipv4_ip_forward" not in written, "Docker's to set"


def test_a_setting_that_another_value_has_is_noticed(tmp_path: Path) -> None:
    """The condition reads files of the test in place of /proc/sys."""
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "range").write_text("32768\t65535\n")
    (folder / "flag").write_text("1\n")
    asked = {"net.range": "32768 65535", "net.flag": "1", "net.absent": "0"}
    condition = hardening.in_force(asked).replace("/proc/sys", str(tmp_path))

    def holds() -> bool:
        return subprocess.run(["sh", "-c", condition], check=False).returncode == 0

    assert holds()
    (folder / "flag").write_text("0\n")
    assert not holds()
    (folder / "flag").write_text("1\n")
    (folder / "range").write_text("32768\t60999\n")
    assert not holds()


def test_passwords_are_as_long_wherever_they_are_set() -> None:
    text = hardening.login_files()["security/pwquality.conf"].content.decode()
    assert re.search(rf"^minlen = {SHORTEST_PASSWORD}$", text, re.M)
    assert SHORTEST_PASSWORD >= 15


def test_sudo_reads_its_file(tmp_path: Path) -> None:
    """A sudoers file with an error would lock every operator out."""
    visudo = shutil.which("visudo") or "/usr/sbin/visudo"
    if not Path(visudo).exists():
        pytest.skip("visudo is not on this machine")
    file = tmp_path / "site"
    file.write_bytes(hardening.login_files()["sudoers.d/site"].content)
    check = [visudo, "--check", "--strict", f"--file={file}"]
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    file.write_text("Defaults ignore_dots_of_all_kinds x\n")
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0
    assert hardening.login_files()["sudoers.d/site"].mode == "440"


def test_a_shell_that_is_left_alone_ends_and_makes_nothing_for_everybody() -> None:
    profile = hardening.FILES / "profile.sh"
    shown = subprocess.run(
        ["bash", "-c", f". {profile}; . {profile}; umask; echo $TMOUT; TMOUT=0; echo still there"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.stdout.split() == ["0027", "600"]
    assert "TMOUT: readonly variable" in shown.stderr
    # A login shell other than bash reads the file too.
    plain = subprocess.run(
        ["sh", "-c", f". {profile}; umask"], capture_output=True, text=True, check=False
    )
    assert (plain.stdout.split(), plain.stderr) == (["0027"], "")


def test_ssh_forwards_nothing() -> None:
    """sshd reads the file if it is installed; it uses the first value of each setting."""
    lines = (SYSTEM / "sshd.conf").read_text().splitlines()
    for what in ("X11Forwarding", "AllowTcpForwarding", "AllowAgentForwarding"):
        assert [line for line in lines if line.startswith(what)] == [f"{what} no"]
    assert "AllowStreamLocalForwarding no" in lines


def test_only_what_the_site_chose_is_installed_besides() -> None:
    assert hardening.chosen_packages(Hardening()) == ()
    chosen = Hardening(packages=("auditd", "aide", "chrony"))
    assert hardening.chosen_packages(chosen) == ("auditd", "aide", "aide-common")


def test_aide_reads_none_of_the_data() -> None:
    places = Storage(data="/data/snds")
    left_out = hardening.aide_text(places).splitlines()
    assert {f"!{place}" for place in places.places} <= set(left_out)
    assert "!/data/snds" in left_out


def test_the_list_says_of_which_content_it_is() -> None:
    assert re.search(
        r'^content = "ssg-debian [\d.]+, ssg-debian13-ds\.xml"$', RULES.read_text(), re.M
    )
