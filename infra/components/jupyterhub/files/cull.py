"""Runs jupyterhub-idle-culler with two changes: its token is removed from the log, where a failing request would print
it, and the process exits after a failed check, so that systemd restarts it instead of every later check failing."""

import logging
import os
import sys
import threading
from typing import Any

TOKEN = os.environ["JUPYTERHUB_API_TOKEN"]
# The beginning of tornado's log message when a check failed.
FAILED = "Exception in callback"
# Leaves the log time to be written.
ENDS_AFTER_S = 1.0
_record = logging.getLogRecordFactory()


def record(*args: Any, **fields: Any) -> logging.LogRecord:
    made = _record(*args, **fields)
    made.msg, made.args = made.getMessage().replace(TOKEN, "[secret]"), None
    if made.msg.startswith(FAILED):
        end = threading.Timer(ENDS_AFTER_S, os._exit, (1,))
        end.daemon = True
        end.start()
    return made


if __name__ == "__main__":
    logging.setLogRecordFactory(record)
    from jupyterhub_idle_culler import main

    sys.exit(main())
