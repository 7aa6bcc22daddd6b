"""Compares the kernel's settings with the deployed file. A box's kernel is its host's: its settings are not judged."""

from dataclasses import dataclass

from infra.settings import layout

SCRIPT = rf"""
while IFS='=' read -r key value; do
  key=$(echo $key) value=$(echo $value)
  case $key in ''|'#'*) continue ;; esac
  path=/proc/sys/$(printf %s "$key" | tr . /)
  if [ ! -e "$path" ]; then whose=nobody; elif [ -w "$path" ]; then whose=own; else whose=host; fi
  printf '%s|%s|%s|%s\n' "$whose" "$key" "$value" "$(tr -s '[:blank:]' ' ' < "$path" 2>/dev/null)"
done < {layout.SYSCTL}
"""


@dataclass(frozen=True)
class KernelSettings:
    wrong: tuple[str, ...]
    """Lines `key is x, not y` for wrong settings that this server may set."""
    right: int
    hosts: int
    """The number of settings that belong to the host of a box."""


def kernel_settings(said: str) -> KernelSettings:
    rows = [line.split("|") for line in said.splitlines()]
    own = [(key, wanted, found) for whose, key, wanted, found in rows if whose == "own"]
    wrong = tuple(
        f"{key} is {found}, not {wanted}" for key, wanted, found in own if found != wanted
    )
    return KernelSettings(wrong, len(own) - len(wrong), sum(row[0] == "host" for row in rows))
