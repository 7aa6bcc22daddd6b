"""The hub stores no text longer than its column, which SQLite does not enforce."""

from collections.abc import Callable

import bounds
import pytest
from jupyterhub import orm
from tornado.web import HTTPError

bounds.hold()


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda text: orm.APIToken(note=text), 1023),
        (lambda text: orm.OAuthCode(session_id=text), 255),
        (lambda text: orm.User(name=text), 255),
    ],
)
def test_a_text_that_is_longer_than_its_column_is_refused(
    make: Callable[[str], object], most: int
) -> None:
    make("x" * most)
    with pytest.raises(HTTPError) as refused:
        make("x" * (most + 1))
    assert refused.value.status_code == 400


@pytest.mark.parametrize("options", [{"profile": "x" * 5000}, {"x" * 5000: "y"}])
def test_long_options_are_not_kept(options: dict[str, str]) -> None:
    """An error here would interrupt the start of a session half-way."""
    assert orm.Spawner(user_options={"profile": "petite"}).user_options == {"profile": "petite"}
    assert orm.Spawner(user_options=options).user_options == {}
