"""The pages that the site adds to the hub, however its users log in, and those of JupyterHub that it closes."""

from collections.abc import Sequence
from typing import Any

import gate
import step_pages
from jupyterhub.handlers import BaseHandler
from settings import Settings
from tornado.web import HTTPError


class NoSuchPage(BaseHandler):
    """Answers 404 for a page of JupyterHub that is disabled."""

    def prepare(self) -> None:
        raise HTTPError(404)


def handlers(site: Settings, more: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [
        *gate.handlers(session_domain=site.session_domain),
        *more,
        *step_pages.handlers(site),
        # Users need no API token: a session has its own, and the role `user` of the configuration allows none.
        (r"/token", NoSuchPage),
        # This API checks passwords without the limits of the login form.
        (r"/api/users/[^/]+/tokens(?:/.*)?", NoSuchPage),
    ]
