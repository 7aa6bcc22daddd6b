"""Reads what a session asks for when it wants workers of Dask, and says what a worker's pod runs."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from broker.errors import AskedWrongly
from broker.templates import OWNER, SCRATCH_FOLDER, Part

COMPONENT = "worker"
COMMAND = ("/usr/bin/tini", "-g", "--", "/usr/local/bin/start-dask-worker")
SCHEDULER_PORT = 8786
# The session's own authority, and what it signed for its workers: PEM texts, which distributed takes as they are.
CERTIFICATES = {
    "ca": "DASK_DISTRIBUTED__COMM__TLS__CA_FILE",
    "certificate": "DASK_DISTRIBUTED__COMM__TLS__WORKER__CERT",
    "key": "DASK_DISTRIBUTED__COMM__TLS__WORKER__KEY",
}
PEM = re.compile(r"-----BEGIN [A-Z ]+-----\n[A-Za-z0-9+/=\n]{1,8192}-----END [A-Z ]+-----\n?")


def wanted(asked: object, *, most: int) -> tuple[int, dict[str, str]]:
    """Return how many workers, and the variables of each, of a request `{"workers": n, "tls": {…}}`. Raises AskedWrongly."""
    if not isinstance(asked, dict) or set(asked) != {"workers", "tls"}:
        raise AskedWrongly(
            'a request for workers is {"workers": number, "tls": {"ca", "certificate", "key"}}'
        )
    count, tls = asked["workers"], asked["tls"]
    if type(count) is not int or not 1 <= count <= most:
        raise AskedWrongly(f"workers: a number from 1 to {most}")
    if not isinstance(tls, dict) or set(tls) != set(CERTIFICATES):
        raise AskedWrongly(f"tls: the texts {', '.join(CERTIFICATES)}")
    for name, text in tls.items():
        if not isinstance(text, str) or not PEM.fullmatch(text):
            raise AskedWrongly(f"tls.{name}: one PEM text")
    return count, {variable: tls[name] for name, variable in CERTIFICATES.items()}


def worker(certificates: Mapping[str, str], *, session: Mapping[str, Any]) -> Part:
    owner = session["metadata"]["labels"][OWNER]
    address = session["status"]["podIP"]
    host = f"[{address}]" if ":" in address else address
    return Part(
        name=f"worker-{owner}-{secrets.token_hex(4)}",
        component=COMPONENT,
        command=COMMAND,
        environment={
            **certificates,
            "DASK_SCHEDULER_ADDRESS": f"tls://{host}:{SCHEDULER_PORT}",
            "DASK_TEMPORARY_DIRECTORY": SCRATCH_FOLDER,
        },
        labels={},
    )
