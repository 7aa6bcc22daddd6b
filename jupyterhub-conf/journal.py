"""Limits the hub's journal to requests of logged-in users and to errors.

The web server logs every request in a journal of its own. In the hub's journal, a flood of refused requests would make
journald delete the log of logins and sessions.
"""

import logging
from typing import Any

from jupyterhub.log import log_request as _log_request
from jupyterhub.metrics import prometheus_log_method

BROKEN = 500
# Messages that JupyterHub logs for any request without a login.
OF_STRANGERS = ("Skipping XSRF check for insecure request", "Setting new xsrf cookie")


def log_request(handler: Any) -> None:
    if handler.get_status() >= BROKEN or getattr(handler, "_jupyterhub_user", None):
        _log_request(handler)
    else:
        prometheus_log_method(handler)


def leave_out_strangers() -> None:
    """Filter the log messages that requests without a login cause; to be called once, before the hub starts."""
    # Tornado logs each refusal too, besides log_request.
    logging.getLogger("tornado.general").addFilter(_is_an_error)
    for name in ("tornado.application", "JupyterHub"):
        logging.getLogger(name).addFilter(_is_not_of_strangers)


def _is_an_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def _is_not_of_strangers(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(OF_STRANGERS)
