"""A session that was started after the copy of the hub's database which now serves.

The hub knows its user and its name, and not the token that it holds: its user would be refused at their own session.
"""

from collections.abc import Mapping
from typing import Any

from adoption import token
from jupyterhub.orm import APIToken
from jupyterhub.utils import hash_token
from sqlalchemy.exc import SQLAlchemyError


def recognise(container: Mapping[str, Any], spawner: Any) -> None:
    """Make the token of a running session known again, with what a session's token may do and no more."""
    own, user = token(container), spawner.user
    try:
        if not own or APIToken.find(user.db, own) is not None:
            return
        spawner.log.warning("The token of %s is made known again", spawner.object_name)
        spawner.api_token = own
        user.new_api_token(
            own,
            generated=False,
            scopes={"users:activity!user", f"access:servers!server={user.name}/"},
            note=f"Server at {user.url}",
        )
        if spawner.orm_spawner.oauth_client is not None:
            spawner.orm_spawner.oauth_client.secret = hash_token(own)
        user.db.commit()
    except (SQLAlchemyError, ValueError):
        # It runs all the same: whoever asks whether it does must hear yes.
        spawner.log.exception("The token of %s stays unknown", spawner.object_name)
        user.db.rollback()
