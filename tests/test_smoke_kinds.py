"""The smoke test's comparison of what kinds of session answer, and which of them a site offers."""

import pytest

from infra.settings.site_file import load_site
from tests.smoke.kinds import KINDS, PYTORCH, RSTUDIO, disagreement, not_offered, profile_of

SAME, OTHER = "a" * 64, "b" * 64


def test_kinds_that_agree_are_no_complaint() -> None:
    assert disagreement({kind.name: SAME for kind in KINDS}) == ""


@pytest.mark.parametrize("kind", KINDS[1:], ids=lambda kind: kind.name)
def test_a_kind_whose_answer_differs_is_named(kind: object) -> None:
    found = {one.name: OTHER if one is kind else SAME for one in KINDS}
    name = next(one.name for one in KINDS if one is kind)
    assert disagreement(found) == f"Python has {SAME[:12]}, but {name} {OTHER[:12]}"


def test_an_answer_of_python_that_differs_is_a_complaint() -> None:
    assert disagreement({kind.name: SAME for kind in KINDS} | {"Python": OTHER})


def test_a_kind_is_offered_where_a_profile_opens_it_to_every_project() -> None:
    site = load_site("box")
    assert not_offered(site) == (PYTORCH.name,)
    found = profile_of(RSTUDIO, site)
    assert found is not None
    assert found[0] == "rstudio"
    # What RStudio's image is built on is in its sessions too.
    others = {slug: one for slug, one in site.profiles.items() if slug == "rstudio"}
    rstudio_alone = site.model_copy(update={"profiles": others})
    assert not_offered(rstudio_alone) == (PYTORCH.name,)
    without = site.model_copy(update={"profiles": {"petite": site.profiles["petite"]}})
    assert not_offered(without) == (RSTUDIO.name, PYTORCH.name)
