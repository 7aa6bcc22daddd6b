"""Runs on the server: a bare `docker run` of the sessions' image, until Lab's page answers and a kernel says 2.

Usage: bare_lab.py IMAGE MEMORY_BYTES CPUS. Prints, as JSON, seconds by step and the container's memory.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from infra.settings import layout

NAME = "bench-bare"
TOKEN = uuid.uuid4().hex
HOME = "/home/bench"


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def start(image: str, memory: str, cpus: str) -> str:
    docker(
        *("run", "--detach", "--rm", "--name", NAME, "--network", "sessions"),
        *("--memory", memory, "--memory-swap", memory, "--cpus", cpus, "--cap-drop", "ALL"),
        *("--security-opt", "no-new-privileges", "--read-only", "--user", "65534:65534"),
        *("--tmpfs", "/tmp:rw,exec,mode=1777", "--tmpfs", f"{HOME}:rw,exec,mode=1777"),
        *("--env", f"HOME={HOME}", "--env", f"JUPYTER_TOKEN={TOKEN}", image),
    )
    address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return docker("inspect", "--format", address, NAME)


async def page(address: str) -> None:
    """Lab's page, as soon as it is served."""
    client = AsyncHTTPClient()
    request = HTTPRequest(
        f"http://{address}:{layout.SESSION_PORT}/lab?token={TOKEN}", request_timeout=30
    )
    answer = None
    while answer is None:
        try:
            answer = await client.fetch(request)
        except (HTTPClientError, OSError):
            await asyncio.sleep(0.05)


async def kernel_says(address: str, code: str) -> str:
    client = AsyncHTTPClient()
    headers = {"Authorization": f"token {TOKEN}"}
    url = f"http://{address}:{layout.SESSION_PORT}/api/kernels"
    made = await client.fetch(url, method="POST", headers=headers, body='{"name": "python3"}')
    channel = (
        f"ws://{address}:{layout.SESSION_PORT}/api/kernels/{json.loads(made.body)['id']}/channels"
    )
    socket = await websocket_connect(HTTPRequest(channel, headers=headers))
    message = uuid.uuid4().hex
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    header = {"msg_id": message, "msg_type": "execute_request", "username": "", "version": "5.3"}
    header["session"] = uuid.uuid4().hex
    request = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    await socket.write_message(json.dumps({**request, "channel": "shell"}))
    while True:
        reply = json.loads(await socket.read_message())
        mine = reply.get("parent_header", {}).get("msg_id") == message
        if mine and reply["msg_type"] == "stream":
            return str(reply["content"]["text"]).strip()


def memory_mb() -> float:
    """The container's share of memory: what it shares with others is divided among them."""
    pids = docker("top", NAME, "-o", "pid").split()[1:]
    kilobytes = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        if share := re.search(r"^Pss:\s+(\d+)", text, re.M):
            kilobytes += int(share[1])
    return kilobytes / 1000


async def measure(image: str, memory: str, cpus: str) -> dict[str, Any]:
    seconds: dict[str, float] = {}
    began = time.perf_counter()
    address = start(image, memory, cpus)
    await page(address)
    seconds["page"] = time.perf_counter() - began
    await asyncio.sleep(float(os.environ.get("SETTLE_S", "0")))
    before = memory_mb() if "SETTLE_S" in os.environ else 0.0
    began = time.perf_counter()
    if await kernel_says(address, "print(1 + 1)") != "2":
        raise SystemExit("the kernel cannot add")
    seconds["kernel"] = time.perf_counter() - began
    return {"seconds": seconds, "idle_mb": before, "kernel_mb": memory_mb()}


try:
    print(json.dumps(asyncio.run(measure(*sys.argv[1:]))))
finally:
    subprocess.run(["docker", "rm", "--force", NAME], capture_output=True, check=False)
