"""The culler of idle sessions, beside what it does by itself: its journal does not tell its token, which a hub that does
not answer makes it print; and it ends when it fails, for systemd to start it anew, instead of failing at each look."""

import logging
import os
import sys
import threading
from typing import Any

TOKEN = os.environ["JUPYTERHUB_API_TOKEN"]
# What tornado says of a look that failed.
FAILED = "Exception in callback"
# For its last words.
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
