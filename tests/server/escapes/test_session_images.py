"""The attacks that depend on an image, in a session of every other image that the site offers.

What the host stops, whatever the image, is tried once, in the usual one.
"""

from collections.abc import Iterator

import pytest

from infra.settings.site_file import load_site
from tests.server.analyst import PROFILE, Analyst
from tests.server.deployment import SITE
from tests.server.escapes.attack import bring, record
from tests.server.escapes.conftest import HUB
from tests.server.escapes.test_data import test_what_comes_with_the_session_is_read_only
from tests.server.escapes.test_other_sessions import test_another_session_has_no_port, theirs
from tests.server.escapes.test_programs import (
    test_a_terminal_has_the_rights_of_its_user_alone,
    test_r_has_no_way_that_python_has_not,
)
from tests.server.escapes.test_root import (
    test_no_capability_is_there_or_can_be_had,
    test_no_program_gives_roots_rights,
    test_su_and_its_like_open_nothing,
)
from tests.server.escapes.test_way_out import (
    test_packets_cannot_be_forged,
    test_the_internet_has_no_address,
    test_the_internet_has_no_name,
)
from tests.smoke.session import Session

# They are collected here once more, with this file's `attacker`.
__all__ = [
    "test_a_terminal_has_the_rights_of_its_user_alone",
    "test_another_session_has_no_port",
    "test_no_capability_is_there_or_can_be_had",
    "test_no_program_gives_roots_rights",
    "test_packets_cannot_be_forged",
    "test_r_has_no_way_that_python_has_not",
    "test_su_and_its_like_open_nothing",
    "test_the_internet_has_no_address",
    "test_the_internet_has_no_name",
    "test_what_comes_with_the_session_is_read_only",
    "theirs",
]
PROFILES = load_site(SITE).profiles
USUAL = PROFILES[PROFILE].image
# A profile for each other image.
OTHERS = {one.image: slug for slug, one in PROFILES.items() if one.image != USUAL}


@pytest.fixture(scope="module", params=sorted(OTHERS))
def image(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def attacker(demo: Analyst, victim: Session, image: str) -> Iterator[Session]:
    """Give demo's session of the image, which the next file may go on with."""
    session = demo.open_session_of(OTHERS[image])
    assert session.reach(*HUB) == "open"
    for one in (session, victim):
        bring(one, "network")
        bring(one, "calls")
    yield session
    session.kernel.close()


def test_rserver_serves_nobody_but_its_user(attacker: Session, image: str) -> None:
    """Where there is RStudio. It has no right that its user has not, and its socket lies in the session."""
    rserver = "/usr/lib/rstudio-server/bin/rserver"
    if not attacker.value(f"os.path.exists({rserver!r})"):
        pytest.skip(f"{image} has no RStudio")
    attacker.run(
        "def served(user):\n"
        f"    done = subprocess.Popen([{rserver!r}, '--auth-none=1', f'--server-user={{user}}', '--www-socket=/tmp/other.sock',\n"
        "        '--secure-cookie-key-file=/tmp/other.key'], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)\n"
        "    for _ in range(400):\n"
        "        if done.poll() is not None: return done.returncode\n"
        "        if os.path.exists('/tmp/other.sock'): done.kill(); os.unlink('/tmp/other.sock'); return 'serves'\n"
        "        __import__('time').sleep(0.05)\n"
        "    return 'neither serves nor ends'"
    )
    me = attacker.value("__import__('pwd').getpwuid(os.getuid()).pw_name")
    assert attacker.value(f"served({me!r})") == "serves", "it serves nobody at all"
    answers = {user: attacker.value(f"served({user!r})") for user in ("root", "alix")}
    assert "serves" not in str(answers), answers
    helped = attacker.value(
        f"subprocess.run([{rserver!r}, '--help'], capture_output=True, text=True).stdout"
    )
    stood_in = "STAND-IN" in helped
    record(
        "RStudio's server for another user",
        image=image,
        tried=", ".join(answers),
        answer="refused" + ("; STAND-IN: the real one, rsession and its terminal were not tried" if stood_in else ""),
        stopped_by="no set-uid bit, no capability",
    )  # fmt: skip
