"""Finds updates that need a restart: a newer kernel, or a service that still uses the old version of a library."""

import re
from dataclasses import dataclass

# Operators choose when to restart, within this limit, which is also that of an image's missing updates.
DAYS = 14

# Processes in containers are left out: they use the libraries of their images.
SCRIPT = r"""
echo "running $(uname -r)"
for kernel in /boot/vmlinuz-*; do
  [ ! -e "$kernel" ] || echo "kernel $(stat -c %Z "$kernel") ${kernel#/boot/vmlinuz-}"
done
[ ! -e /run/reboot-required ] ||
  echo "asked $(stat -c %Y /run/reboot-required) $(sort -u /run/reboot-required.pkgs 2>/dev/null | tr '\n' ' ')"
for process in /proc/[0-9]*; do
  grep -qE '/docker[-/][0-9a-f]{12}' "$process/cgroup" 2>/dev/null && continue
  name=$(cat "$process/comm" 2>/dev/null) || continue
  sed -nE 's#^[^ ]+ r-xp .* (/usr/(lib|bin|sbin)/[^ ]*) \(deleted\)$#\1#p' "$process/maps" 2>/dev/null | sort -u |
    while read -r file; do
      since=$(stat -c %Z "$file" 2>/dev/null || stat -c %Z "$(dirname "$file")")
      echo "library $since $name $file"
    done
done | sort -u
"""


@dataclass(frozen=True)
class Restarts:
    overdue: tuple[str, ...]
    waiting: tuple[str, ...]


def restarts(said: str, *, now: int, own_kernel: bool = True) -> Restarts:
    """Return the updates that need a restart. `own_kernel` is False for a box, which runs its host's kernel."""
    rows = [line.split(" ", 1) for line in said.splitlines()]
    running = next(rest for word, rest in rows if word == "running")
    found: dict[str, int] = {}
    for word, rest in rows:
        if word == "running":
            continue
        since, _, what = rest.partition(" ")
        if word == "kernel" and own_kernel and _newer(what, running):
            found[f"kernel {what} is installed, {running} runs"] = int(since)
        elif word == "asked":
            found[f"a package asks for it: {what.strip() or 'which, it does not say'}"] = int(since)
        elif word == "library":
            name, _, file = what.partition(" ")
            found[f"{name} still has the older {file.rpartition('/')[2]}"] = int(since)
    days = {what: (now - since) // 86400 for what, since in found.items()}
    told = {what: f"{what} (since {age} days)" for what, age in days.items()}
    return Restarts(
        overdue=tuple(told[what] for what, age in days.items() if age >= DAYS),
        waiting=tuple(told[what] for what, age in days.items() if age < DAYS),
    )


def _newer(kernel: str, running: str) -> bool:
    """Whether a kernel is newer than the running one and of the same flavour (Debian's cloud, rt, …)."""
    return _flavour(kernel) == _flavour(running) and _numbers(kernel) > _numbers(running)


def _flavour(kernel: str) -> str:
    found = re.search(r"-((?:[a-z]\w*-)*[a-z]\w*)$", kernel)
    return found[1] if found else ""


def _numbers(kernel: str) -> list[int]:
    """Return the numbers of a kernel's version, without those of its flavour (amd64)."""
    return [int(part) for part in re.findall(r"\d+", kernel.removesuffix(_flavour(kernel)))]
