"""What of each request goes to the hub's journal: what its users do and what breaks, not what strangers knock at.

The web server writes down every request, in a journal of its own: a flood of refused ones must not push the trail of
logins and sessions out of this one.
"""

import logging
from typing import Any

from jupyterhub.log import log_request as _log_request
from jupyterhub.metrics import prometheus_log_method

BROKEN = 500
# What JupyterHub says of every page that a program or a stranger asks for.
OF_STRANGERS = ("Skipping XSRF check for insecure request", "Setting new xsrf cookie")


def log_request(handler: Any) -> None:
    if handler.get_status() >= BROKEN or getattr(handler, "_jupyterhub_user", None):
        _log_request(handler)
    else:
        prometheus_log_method(handler)


def leave_out_strangers() -> None:
    """Once, before the hub starts."""
    # Tornado's own line for each refusal, beside the one above.
    logging.getLogger("tornado.general").addFilter(_is_an_error)
    for name in ("tornado.application", "JupyterHub"):
        logging.getLogger(name).addFilter(_is_not_of_strangers)


def _is_an_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def _is_not_of_strangers(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(OF_STRANGERS)
