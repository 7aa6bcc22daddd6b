"""What a site may offer is what the hub takes: the hub cannot import `infra/settings/offer.py` on the server, so that
profiles and idle sessions are declared on both sides, with the same fields and bounds."""

from typing import Any

import pytest
import settings
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel

from infra.settings import offer

# What one side says of numbers; texts and lists have a form of their own in JSON.
BOUNDS = (Ge, Gt, Le, Lt)


def bounds(model: type[BaseModel]) -> dict[str, tuple[Any, set[str]]]:
    """Return the type and the bounds of each field of a model that is a number or has bounds."""
    return {
        name: (field.annotation, {str(one) for one in field.metadata if isinstance(one, BOUNDS)})
        for name, field in model.model_fields.items()
        if field.annotation in (int, float)
        or any(isinstance(one, BOUNDS) for one in field.metadata)
    }


def test_a_profile_has_the_same_fields_on_both_sides() -> None:
    assert set(settings.Profile.model_fields) == {"slug", *offer.Profile.model_fields}


def test_a_profile_has_the_same_bounds_on_both_sides() -> None:
    said = bounds(offer.Profile)
    assert "memory_gb" in said
    assert bounds(settings.Profile) == said


def test_idle_sessions_have_the_same_bounds_on_both_sides() -> None:
    """The hub does not read how often its culler looks."""
    said = bounds(offer.Idle)
    del said["check_every_minutes"]
    assert bounds(settings.Idle) == said


@pytest.mark.parametrize("pids", [127, 128])
def test_the_least_number_of_processes_is_that_of_the_site(pids: int) -> None:
    site = {"title": "Petite", "memory_gb": 0.5, "cpus": 0.5, "pids": pids}
    hub = site | {"slug": "petite", "description": "", "image": "jupyter"}
    for model, said in ((offer.Profile, site), (settings.Profile, hub)):
        if pids < 128:
            with pytest.raises(ValueError, match="pids"):
                model.model_validate(said)
        else:
            assert model.model_validate(said).pids == pids
