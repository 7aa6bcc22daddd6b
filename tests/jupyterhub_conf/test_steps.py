"""The steps before a session: in their order, and none opens when one is left or cannot be looked at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import steps
from jupyterhub.spawner import SpawnException
from settings import Settings, load_settings
from steps import Step, StepsUnknown, pending_steps, refuse_start

ALL = (Step.PASSWORD, Step.SECOND_FACTOR, Step.CHARTER)


@pytest.fixture
def asking(site_json: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give settings that ask for a second factor, and a first password for everybody but claire."""
    monkeypatch.setattr(steps, "must_change", lambda login, max_days: login != "claire")
    found = load_settings(site_json())
    logins = found.logins.model_copy(update={"second_factor": True})
    return found.model_copy(update={"logins": logins})


def done(settings: Settings, login: str) -> None:
    (Path(settings.logins.second_factors) / login).touch()


def test_a_new_login_has_all_steps_before_it(asking: Settings) -> None:
    assert pending_steps("alix", asking) == ALL


def test_what_is_done_is_asked_no_more(asking: Settings) -> None:
    assert pending_steps("claire", asking) == (Step.SECOND_FACTOR,)
    done(asking, "claire")
    assert pending_steps("claire", asking) == ()
    refuse_start("claire", asking)


def test_without_the_setting_nobody_needs_a_second_factor(asking: Settings) -> None:
    logins = asking.logins.model_copy(update={"second_factor": False})
    assert pending_steps("claire", asking.model_copy(update={"logins": logins})) == ()


def test_a_new_version_of_the_charter_asks_everybody_again(asking: Settings) -> None:
    done(asking, "claire")
    (Path(asking.onboarding) / "charte.md").write_text("# Charte\n\nVersion 2\n")
    assert pending_steps("claire", asking) == (Step.CHARTER,)


@pytest.mark.parametrize(
    ("login", "told"), [("alix", "mot de passe"), ("claire", "second facteur")]
)
def test_a_session_that_is_refused_says_what_to_do_first(
    asking: Settings, login: str, told: str
) -> None:
    with pytest.raises(SpawnException) as refused:
        refuse_start(login, asking)
    assert refused.value.status_code == 403
    assert told in refused.value.jupyterhub_message


def break_charter(settings: Settings) -> None:
    (Path(settings.onboarding) / "charte.md").unlink()


def break_record(settings: Settings) -> None:
    Path(settings.logins.acceptances).unlink()
    Path(settings.logins.acceptances).mkdir()


@pytest.mark.parametrize("damage", [break_charter, break_record])
def test_what_cannot_be_looked_at_is_not_done(
    asking: Settings, damage: Callable[[Settings], None]
) -> None:
    done(asking, "claire")
    assert pending_steps("claire", asking) == ()
    damage(asking)
    with pytest.raises(StepsUnknown):
        pending_steps("claire", asking)
    with pytest.raises(SpawnException) as refused:
        refuse_start("claire", asking)
    assert refused.value.status_code == 503


def test_an_unreadable_shadow_file_opens_nothing(
    asking: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> bool:
        raise PermissionError("shadow")

    done(asking, "claire")
    monkeypatch.setattr(steps, "must_change", fails)
    with pytest.raises(StepsUnknown):
        pending_steps("claire", asking)
