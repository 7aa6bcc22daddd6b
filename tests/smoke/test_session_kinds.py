"""Every kind of session that the site offers gives the same rows. It comes last: it changes the user's session."""

from collections.abc import Callable

import pytest

from infra.settings.cluster_file import Target
from tests.smoke.hub import Hub
from tests.smoke.kinds import (
    EVERYWHERE,
    PYTORCH,
    RSTUDIO,
    Kind,
    digests,
    disagreement,
    not_offered,
    profile_of,
)
from tests.smoke.report import STAND_IN

Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def base(site: Target) -> str:
    return next(iter(site.bases))


@pytest.fixture(scope="module")
def answers(running: Hub, base: str) -> dict[str, str]:
    """Give the digests of the session that all checks share."""
    return digests(running, EVERYWHERE, base=base)


def test_every_kind_of_session_gives_the_same_rows(
    answers: dict[str, str], site: Target, record_property: Record
) -> None:
    """one question has the same rows in Python, R, Spark and Dask

    `python -m openchronic.selftest rows` in a session; in R `openchronic:::rows_digest()`
    """
    assert not (wrong := disagreement(answers)), wrong
    absent = "".join(f"; {name}: not offered" for name in not_offered(site))
    record_property("measured", f"SHA-256 {answers['Python']}{absent}")


def test_a_session_with_rstudio_gives_the_same_rows(
    answers: dict[str, str],
    running: Hub,
    site: Target,
    base: str,
    rstudio: str,
    record_property: Record,
) -> None:
    """a session with RStudio gives the same rows to R

    a session of the profile with RStudio, and there `openchronic:::rows_digest()` in R
    """
    said = _digest_of_another_session(RSTUDIO, running, site, base)
    found = {"Python": answers["Python"], RSTUDIO.name: said}
    assert not (wrong := disagreement(found)), wrong
    if rstudio == STAND_IN:
        record_property(STAND_IN, True)
        said += ", by R in its session: a page stands in for RStudio"
    record_property("measured", f"SHA-256 {said}")


def test_a_session_with_pytorch_gives_the_same_rows(
    answers: dict[str, str], running: Hub, site: Target, base: str, record_property: Record
) -> None:
    """a session with PyTorch gives the same rows

    `python -m openchronic.selftest rows --engine pytorch` in a session of the profile with PyTorch
    """
    said = _digest_of_another_session(PYTORCH, running, site, base)
    found = {"Python": answers["Python"], PYTORCH.name: said}
    assert not (wrong := disagreement(found)), wrong
    record_property("measured", f"SHA-256 {said}")


def _digest_of_another_session(kind: Kind, hub: Hub, site: Target, base: str) -> str:
    """Open a session of this kind instead of the one that runs, and return its digest."""
    profile = profile_of(kind, site)
    if profile is None:
        pytest.skip(f"not offered: no profile opens {kind.name} to every project")
    hub.stop()
    hub.start(profile[0])
    return digests(hub, (kind,), base=base)[kind.name]
