"""Does an update wait for a restart: a newer kernel, a library that a running service still has in its older form?"""

import re
from dataclasses import dataclass

# Restarts are the operators' to time, but not for ever: as long as an image may lack an update.
DAYS = 14

# Sessions and builds run their images' own libraries.
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
    """`own_kernel`: False for a box, which runs its host's."""
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
    """Of the same flavour: the kernels of Debian's other flavours are no update of this one."""
    return _flavour(kernel) == _flavour(running) and _numbers(kernel) > _numbers(running)


def _flavour(kernel: str) -> str:
    found = re.search(r"-((?:[a-z]\w*-)*[a-z]\w*)$", kernel)
    return found[1] if found else ""


def _numbers(kernel: str) -> list[int]:
    """Without the flavour's own: 64 is no version."""
    return [int(part) for part in re.findall(r"\d+", kernel.removesuffix(_flavour(kernel)))]
