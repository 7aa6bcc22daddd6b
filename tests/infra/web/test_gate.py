"""The gate before sessions: the hub and nginx must mean the same cookie and the same sum."""

import base64
import hashlib
import re

from infra.settings_file import ROOT
from infra.web import FILES


def test_nginx_reads_the_cookie_that_the_hub_sets() -> None:
    gate = (ROOT / "jupyterhub-conf" / "gate.py").read_text()
    cookie = re.search(r'COOKIE = "(\w+)"', gate)
    assert cookie
    # nginx has no variable for a name with a hyphen.
    assert f"map $cookie_{cookie[1]} " in (FILES / "gate.conf").read_text()


def test_nginx_computes_the_sum_that_the_hub_computes() -> None:
    """Both write the end date, the owner and the secret, in that order."""
    gate = (ROOT / "jupyterhub-conf" / "gate.py").read_text()
    assert 'f"{expires} {owner} {secret}"' in gate
    session = (FILES / "session.conf").read_text()
    assert '"$secure_link_expires $session_owner $gate_secret"' in session
    digest = base64.urlsafe_b64encode(hashlib.md5(b"x", usedforsecurity=False).digest())
    assert len(digest.decode().rstrip("=")) == 22
    assert "{22}" in (FILES / "gate.conf").read_text()
