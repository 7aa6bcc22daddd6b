"""The hub's cookies are its own host's alone: JupyterHub gives the number of a login to every host below it too.

Sessions need it for nothing (they fall back on what else they know of a browser), and what every neighbour may read
and replace says nothing about anybody.
"""

from typing import Any

from jupyterhub.handlers import BaseHandler


def hold() -> None:
    """Whatever sets or clears a cookie of the hub's names no domain."""
    for name in ("_set_cookie", "clear_cookie"):
        original = getattr(BaseHandler, name)
        if not getattr(original, "names_no_domain", False):
            setattr(BaseHandler, name, _without_domain(original))


def _without_domain(original: Any) -> Any:
    def method(handler: Any, *positional: Any, domain: Any = None, **options: Any) -> Any:
        return original(handler, *positional, **options)

    method.names_no_domain = True  # type: ignore[attr-defined]
    return method
