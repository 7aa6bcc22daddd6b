"""The numbers of people and projects: computed, the same for ever, and never the same for two."""

import hashlib

import pytest

from infra.cluster import identities
from infra.cluster.identities import SameNumberError, refuse_the_same


def test_a_number_is_a_million_and_the_first_28_bits_of_a_hash_of_the_name() -> None:
    bits = f"{int(hashlib.sha256(b'uid:alix').hexdigest(), 16):0256b}"[:28]
    assert identities.uid("alix") == 1_000_000 + int(bits, 2) == 171284018
    assert identities.gid("alix") != identities.uid("alix")


def test_all_numbers_are_above_those_of_images_and_within_what_kubernetes_takes() -> None:
    numbers = [identities.uid(f"login{at}") for at in range(20_000)]
    assert min(numbers) >= 1_000_000
    assert max(numbers) < 1_000_000 + 2**28 < 2**31


def test_two_logins_with_one_number_are_refused_by_name() -> None:
    # Found by trying: one pair is to be expected in some 20,000 names.
    seen: dict[int, str] = {}
    for at in range(200_000):
        login = f"a{at}"
        other = seen.setdefault(identities.uid(login), login)
        if other != login:
            break
    else:
        pytest.fail("no two of these names have one number")
    with pytest.raises(
        SameNumberError, match=f"the login {other} and the login {login} have the same number"
    ):
        refuse_the_same(logins=[other, "zoe", login], projects=[])
    refuse_the_same(logins=[other, "zoe"], projects=["parcours"])


def test_a_project_that_has_a_logins_number_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session's own group has its user's number: such a project would own what is theirs."""
    number = identities.uid("alix")
    monkeypatch.setattr(identities, "gid", lambda project: number if project == "parcours" else 1)
    with pytest.raises(SameNumberError, match="the login alix and the project parcours"):
        refuse_the_same(logins=["alix"], projects=["parcours"])
