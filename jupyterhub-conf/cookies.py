"""Limits the hub's cookies to its own host: JupyterHub also sends its session id cookie to the hosts of sessions.

Sessions do not need that cookie, and those of other users could read and replace it.
"""

from typing import Any

from jupyterhub.handlers import BaseHandler


def hold() -> None:
    """Make the hub set and clear all its cookies without a domain."""
    for name in ("_set_cookie", "clear_cookie"):
        original = getattr(BaseHandler, name)
        if not getattr(original, "names_no_domain", False):
            setattr(BaseHandler, name, _without_domain(original))


def _without_domain(original: Any) -> Any:
    def method(handler: Any, *positional: Any, domain: Any = None, **options: Any) -> Any:
        return original(handler, *positional, **options)

    method.names_no_domain = True  # type: ignore[attr-defined]
    return method
