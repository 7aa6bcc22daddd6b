"""Registers the API token of a running session that started after the copy from which the hub's database was restored.

The hub knows the session's user and name, but not its token: the session could not authenticate its own user.
"""

from collections.abc import Mapping
from typing import Any

from adoption import token
from jupyterhub.orm import APIToken
from jupyterhub.utils import hash_token
from sqlalchemy.exc import SQLAlchemyError


def recognise(container: Mapping[str, Any], spawner: Any) -> None:
    """Register the token of a running container in the database."""
    make_known(token(container), spawner)


def make_known(own: str, spawner: Any) -> None:
    """Register the token of a running session in the database, with the rights of a session's token."""
    user = spawner.user
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
        # The session runs nevertheless: this error must not make the poll report that it ended.
        spawner.log.exception("The token of %s stays unknown", spawner.object_name)
        user.db.rollback()
