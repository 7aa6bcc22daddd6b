"""Attacks from inside a session on the secrets of second factors, the charter's record, and the helper of passwords."""

from infra.settings import layout
from tests.server.escapes.attack import record
from tests.server.machine import Machine
from tests.smoke.session import Session


def test_the_state_of_logins_and_the_helpers_door_are_nowhere_in_a_session(
    attacker: Session, server: Machine
) -> None:
    places = [
        layout.LOGINS_STATE,
        layout.SECOND_FACTORS,
        layout.ACCEPTANCES,
        layout.CHANGE_SOCKET,
        f"/proc/1/root{layout.LOGINS_STATE}",
        f"/proc/1/root{layout.CHANGE_SOCKET}",
        f"{layout.HOMES}/../../..{layout.LOGINS_STATE}",
    ]
    server.succeed(f"[ -d {layout.SECOND_FACTORS} ] && [ -S {layout.CHANGE_SOCKET} ]")
    assert attacker.value("os.path.exists('/etc/passwd')"), "the probe sees nothing at all"
    assert attacker.value(f"[one for one in {places!r} if os.path.exists(one)]") == []
    record(
        "the state of logins and the helper of passwords",
        tried=", ".join(places),
        answer="0 there",
        stopped_by="no mount of a session holds them",
    )


def test_the_hubs_api_shows_a_session_no_step_of_anybody(attacker: Session) -> None:
    """With the session's own token, which any code in it may use."""
    attacker.run(
        "import urllib.request, urllib.error\n"
        "def asked(path):\n"
        "    request = urllib.request.Request(os.environ['JUPYTERHUB_API_URL'].removesuffix('/api') + path,\n"
        "        headers={'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']})\n"
        "    try: return urllib.request.urlopen(request, timeout=20).status\n"
        "    except urllib.error.HTTPError as error: return error.code\n"
    )
    assert attacker.value("asked('/api/user')") == 200, "the token opens nothing: nothing is proven"
    pages = ("password", "second-factor", "charter")
    answers = [attacker.value(f"asked('/{page}')") for page in pages]
    assert set(answers) <= {403, 404}, answers
    record(
        "the pages of the steps with a session's token",
        tried=", ".join(f"/hub/{page}" for page in pages),
        answer=", ".join(map(str, answers)),
        stopped_by="sessions reach four paths of the hub's API",
    )
