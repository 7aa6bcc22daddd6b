"""The hub's database holds what its columns promise: SQLite keeps a text of any length in a column of 255 letters.

Whoever may make the hub store something (a session's options, a login, an activity) could fill the disk that way.
"""

import json
from typing import Any

from jupyterhub import orm
from sqlalchemy import String, event
from sqlalchemy.orm import configure_mappers
from tornado.web import HTTPError

# Of columns that promise no length: options of a session, its state, lists of scopes.
LONGEST = 4096
TOO_LONG = "La demande contient un texte trop long."


def hold() -> None:
    """From now on, nothing is set on a row that is longer than its column."""
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
    """Options are kept for the next start only, in the midst of this one: an error here would leave it half-way.
    This start still sees them whole, and refuses them."""
    if value and len(json.dumps(value, default=list)) > LONGEST:
        return type(value)()
    return value
