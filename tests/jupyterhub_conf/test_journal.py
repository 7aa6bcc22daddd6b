"""The hub's journal has the requests of its users and the errors; the web server's journal has all requests."""

import logging

import journal
import pytest


@pytest.mark.parametrize(
    ("logger", "level", "message", "told"),
    [
        ("tornado.general", logging.WARNING, "403 GET /hub/api/user (192.0.2.1): Forbidden", False),
        ("tornado.general", logging.ERROR, "broken", True),
        ("tornado.application", logging.WARNING, "Skipping XSRF check for insecure request GET /hub/home", False),
        ("JupyterHub", logging.INFO, "Setting new xsrf cookie for b'x'", False),
        ("JupyterHub", logging.WARNING, "Failed login of 'alix' from 192.0.2.1: 1 in a row", True),
        ("JupyterHub", logging.INFO, "User logged in: alix", True),
    ],
)  # fmt: skip
def test_a_line_is_a_users_or_an_errors(logger: str, level: int, message: str, told: bool) -> None:
    journal.leave_out_strangers()
    record = logging.LogRecord(logger, level, __file__, 1, message, None, None)
    assert bool(logging.getLogger(logger).filter(record)) is told
