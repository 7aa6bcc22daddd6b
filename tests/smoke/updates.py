"""Finds the packages of an image that have a newer version in Debian's security archive, by the server's apt lists."""

import shlex

from tests.server.machine import Machine

# The server and its images have the same Debian version, so the server's package lists are valid for the images.
_SCRIPT = r"""
set -euo pipefail
image=$1
installed=$(docker run --rm --network none --entrypoint dpkg-query "$image" \
  --show --showformat '${db:Status-Abbrev}\t${binary:Package}\t${Version}\n' | awk '$1 == "ii" { print $2, $3 }')
[ -n "$installed" ]
cut -d' ' -f1 <<< "$installed" | sed 's/:.*//' | sort -u | xargs apt-cache madison |
  awk -F' *[|] *' '$3 ~ /-security[\/ ]/ && $3 ~ /Packages/ { gsub(/ /, "", $1); print $1, $2 }' |
  sort -u > "$2"
while read -r package version; do
  name=${package%%:*}
  while read -r candidate newer; do
    if [ "$candidate" = "$name" ] && dpkg --compare-versions "$version" lt "$newer"; then
      echo "$name $version -> $newer"
    fi
  done < "$2"
done <<< "$installed" | sort -u
"""


def missing_security_updates(server: Machine, image: str) -> list[str]:
    """Return a line `package old -> new` for each missing security update."""
    server.succeed("apt-cache policy | grep -q -- '-security'")
    lists = "$(mktemp)"
    said = server.succeed(
        f"lists={lists}; trap 'rm -f $lists' EXIT; bash -s {shlex.quote(image)} $lists",
        stdin=_SCRIPT,
        timeout_s=300,
    )
    return said.splitlines()
