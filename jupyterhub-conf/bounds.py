"""Limits the length of what the hub stores: SQLite does not enforce the length of a column.

Requests make the hub store texts (a session's options, a login, an activity), which could otherwise fill the disk.
"""

import json
from typing import Any

from jupyterhub import orm
from sqlalchemy import String, event
from sqlalchemy.orm import configure_mappers
from tornado.web import HTTPError

# The limit, in characters, of columns without a declared length: a session's options and state, lists of scopes.
LONGEST = 4096
TOO_LONG = "La demande contient un texte trop long."


def hold() -> None:
    """Make SQLAlchemy refuse, with HTTPError 400, a text longer than its column, and drop longer JSON values."""
    configure_mappers()
    for mapper in orm.Base.registry.mappers:
        for attribute in mapper.column_attrs:
            column = getattr(mapper.class_, attribute.key)
            kind = attribute.columns[0].type
            if isinstance(kind, orm.JSONDict | orm.JSONList):
                event.listen(column, "set", _forget_what_is_long, retval=True)
            elif isinstance(kind, String):
                event.listen(column, "set", _refuse_longer_than(kind.length or LONGEST))


def _refuse_longer_than(longest: int) -> Any:
    def refuse(row: Any, value: Any, old: Any, initiator: Any) -> None:
        if isinstance(value, str) and len(value) > longest:
            raise HTTPError(400, TOO_LONG)

    return refuse


def _forget_what_is_long(row: Any, value: Any, old: Any, initiator: Any) -> Any:
    """Replace a JSON value that is too long by an empty one.

    An error would interrupt the start of a session half-way. The stored options are for the next start only; the current
    one reads the request's options, and refuses unknown ones.
    """
    if value and len(json.dumps(value, default=list)) > LONGEST:
        return type(value)()
    return value
