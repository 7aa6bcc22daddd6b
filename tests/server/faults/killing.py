"""Kills a unit's main process with SIGKILL, and checks that it died."""

from tests.server.machine import Machine


def main_pid(server: Machine, unit: str) -> int:
    return int(server.unit_property(unit, "MainPID"))


def kill(server: Machine, unit: str) -> None:
    """Kill the main process of a unit, and wait until another one runs."""
    before = main_pid(server, unit)
    assert before > 0, f"{unit} does not run: there is nothing to kill"
    # In one command, since the killed unit may be SSH itself.
    server.succeed(
        f"kill -9 {before}; for i in $(seq 50); do kill -0 {before} || exit 0; sleep 0.1; done; exit 1"
    )
    server.wait_until_succeeds(
        f"pid=$(systemctl show -P MainPID {unit}); [ $pid != {before} ] && [ $pid != 0 ]",
        timeout_s=90,
    )
    server.wait_until_succeeds(f"systemctl is-active --quiet {unit}", timeout_s=90)
