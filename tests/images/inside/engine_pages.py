"""Opens Dask and Spark in a kernel of a session's server and prints, as JSON, what their pages answer through it."""

import ast
import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from jupyter_client import BlockingKernelClient  # type: ignore[import-not-found]
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

BASE = "/user/claire/"
ADDRESS = f"http://127.0.0.1:8888{BASE}"
TOKEN = {"Authorization": "token trial"}
OPENED = """
import importlib.util
import json
import openchronic as oc
from openchronic.selftest import rows
cluster, release = oc.dask_cluster(workers=1), oc.release()
spark = oc.spark(ui=True)
# PyTorch is in an image of its own.
engines = [name for name in rows.ENGINES if name != "pytorch" or importlib.util.find_spec("torch")]
inferred = {name: spark.read.parquet(*map(str, release.files(name))).schema for name in release.tables}
found = {
    "dask": cluster.dashboard_link,
    "spark": spark.sparkContext.uiWebUrl,
    "schemas": [name for name, one in inferred.items() if spark.table(name).schema != one],
    "tables": len(inferred),
    "digests": sorted({rows.digest(rows.ENGINES[name](release)) for name in engines}),
}
"""


def get(path: str, *, method: str = "GET", token: bool = True) -> tuple[int, str, str]:
    """Return the status, the text and the address at last."""
    request = urllib.request.Request(
        f"http://127.0.0.1:8888{path}", headers=TOKEN if token else {}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read().decode(errors="replace"), answer.url
    except urllib.error.HTTPError as error:
        return error.code, "", ""


def wait_for_it() -> None:
    for _ in range(120):
        try:
            if get(f"{BASE}api")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(1)


def wait_for_kernel(client: BlockingKernelClient) -> None:
    """Wait for the kernel; on a busy machine it has no heartbeat at first, which its client reports as dead."""
    deadline = time.monotonic() + 240
    while True:
        try:
            client.wait_for_ready(timeout=60)
        except RuntimeError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
        else:
            return


def opened() -> dict[str, object]:
    """Run OPENED in a kernel and return what it found; the kernel goes on."""
    request = urllib.request.Request(  # noqa: S310
        f"{ADDRESS}api/kernels", data=b'{"name": "python3"}', headers=TOKEN
    )
    kernel = json.load(urllib.request.urlopen(request))["id"]  # noqa: S310
    client = BlockingKernelClient(connection_file=f"/tmp/jupyter-runtime/kernel-{kernel}.json")
    client.load_connection_file()
    client.start_channels()
    wait_for_kernel(client)
    wanted = {"found": "json.dumps(found)"}
    reply = client.execute(OPENED, user_expressions=wanted, reply=True, timeout=400)["content"]
    if reply["status"] != "ok":
        sys.exit("\n".join(reply["traceback"]))
    answer: dict[str, object] = json.loads(
        ast.literal_eval(reply["user_expressions"]["found"]["data"]["text/plain"])
    )
    return answer


async def first_message(path: str) -> str:
    """Return the kind of the first message of a page of Dask, as its script asks for it."""
    from bokeh.util.token import (  # type: ignore[import-not-found]
        generate_jwt_token,
        generate_session_id,
    )

    token = generate_jwt_token(generate_session_id())
    request = HTTPRequest(f"ws://127.0.0.1:8888{path}/ws", headers=TOKEN)
    connection = await websocket_connect(request, subprotocols=["bokeh", token])
    said = await asyncio.wait_for(connection.read_message(), 60)
    connection.close()
    return str(json.loads(said or "{}").get("msgtype"))


class Secret(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"secret")


def listening() -> list[str]:
    """Return the addresses, in hexadecimal, at which something of the session listens besides its server."""
    found = set()
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(file).read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, port = local.split(":")
            if state == "0A" and int(port, 16) != 8888:
                found.add(address)
    return sorted(found)


def verb(*words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "openchronic", *words], check=True, stdout=subprocess.DEVNULL
    )


verb("synth", "source", "--patients", "100", "--seed", "7", "--years", "1")
verb("build", "source", "releases", "--quiet")
os.environ |= {"OPENCHRONIC_RELEASES": str(Path("releases").resolve()), "HOME": "/tmp"}
with Path("/tmp/lab.log").open("w") as log:
    server = subprocess.Popen(
        ["start-session", "--IdentityProvider.token=trial", f"--ServerApp.base_url={BASE}"],
        stderr=log,
        stdout=log,
    )
wait_for_it()
found = opened()
dask = str(found["dask"])
port = str(found["spark"]).rpartition(":")[2]
spark = f"{BASE}spark/{port}/"
other = HTTPServer(("127.0.0.1", 0), Secret)
Thread(target=other.serve_forever, daemon=True).start()
jobs = get(f"{spark}jobs/")
answers = {
    **{name: found[name] for name in ("schemas", "tables", "digests")},
    "dask": get(dask)[:1],
    "dask_first": get(dask.removesuffix("status"))[2].endswith(dask),
    "dask_message": asyncio.run(first_message(dask)),
    "spark": jobs[0],
    "spark_links": spark in jobs[1] and f'"{BASE}spark/{port}/static/' in jobs[1],
    "spark_first": get(spark)[2].endswith(f"{spark}jobs/"),
    "listed": dask.removesuffix("status") in get(f"{BASE}dask/")[1],
    "stranger": get(dask, token=False)[2].partition("?")[0].rpartition("/")[2],
    "post": get(f"{spark}jobs/", method="POST")[0],
    "other_port": get(f"{BASE}dask/{other.server_port}/")[0],
    "host": get(f"{BASE}dask/{port}:80/")[0],
    "listening": listening(),
}
server.terminate()
server.wait(timeout=60)
print(json.dumps(answers))
