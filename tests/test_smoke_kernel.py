"""The smoke test's connection to a kernel respects its time limit."""

import time
from typing import cast

import pytest
import websocket

from tests.smoke.kernel import Kernel, KernelError


class Pinging:
    """A fake socket of a session whose kernel does not answer: it receives Jupyter's pings only."""

    def settimeout(self, seconds: float) -> None:
        self.seconds = seconds

    def send(self, text: str) -> None:
        pass

    def recv_data_frame(self, *, control_frame: bool) -> tuple[int, None]:
        assert control_frame
        time.sleep(min(self.seconds, 0.05))
        return websocket.ABNF.OPCODE_PING, None


def test_a_silent_kernel_is_given_up_in_time_whatever_pings_come() -> None:
    kernel = Kernel.__new__(Kernel)
    kernel.socket = cast(websocket.WebSocket, Pinging())
    with pytest.raises(KernelError, match="no end within"):
        kernel.run("while True: pass", timeout_s=0.3)
