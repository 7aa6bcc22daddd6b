"""The script by which root runs openchronic for a base, with a fake `docker` that keeps containers as files."""

import os
import subprocess
from pathlib import Path

from infra.components import openchronic
from infra.operations.folders import SOUND
from infra.settings import layout
from infra.settings.offer import Base
from infra.settings.site import Site

# A container is a file of three lines: its status, who asked for it, and when it was created. `docker start` sets its
# status and returns at once.
DOCKER = r"""#!/bin/bash
echo "$*" >> "$CALLS"
verb=$1; shift
name=$(sed -n 's/.*--name \([^ ]*\) .*/\1/p' <<< " $* ")
asker=$(sed -n 's/.*openchronic.asker=\(.*\) --label openchronic.service.*/\1/p' <<< " $* ")
make() {
  if [ -e "$STORE/$name" ]; then
    echo "Error response from daemon: Conflict. The container name \"/$name\" is already in use by container \"1\"." >&2
    exit 1
  fi
  printf '%s\n%s\n%s\n' "$1" "$asker" "$(date --utc +%FT%T.%NZ)" > "$STORE/$name"
}
case $verb in
  ps)
    for one in "$STORE"/*; do
      [ -e "$one" ] && [[ $* == *"status=$(sed -n 1p "$one")"* ]] && basename "$one"
    done ;;
  inspect)
    [ -e "$STORE/${!#}" ] || exit 1
    case $* in *StartedAt*|*Created*) sed -n 3p ;; *asker*) sed -n 2p ;; esac < "$STORE/${!#}" ;;
  rm) for one; do [ "$(sed -n 1p "$STORE/$one")" != running ] && rm "$STORE/$one"; done ;;
  create) make created; echo 0123abcd ;;
  start) sed -i '1s/.*/running/' "$STORE/${!#}" ;;
  run) make running ;;
esac
exit 0
"""


class Server:
    """The script with its settings and the folders of one base."""

    def __init__(self, place: Path, site: Site) -> None:
        self.place = place
        self.site = site
        self.top = place / "top"
        self.store = place / "containers"
        for folder in (self.top, self.store, place / "bin"):
            folder.mkdir()
        self.storage = site.storage.model_copy(
            update={name: str(self.top / name) for name in ("data", "releases", "restricted")}
        )
        self.settle(site.bases["demo"])
        (place / "current.json").write_text('{"spark": "image"}')
        (place / "folders.sh").write_text(SOUND)
        for name, text in (
            ("docker", DOCKER),
            ("logger", f'#!/bin/sh\necho "$@" >> {place}/logged\n'),
        ):
            (place / "bin" / name).write_text(text)
            (place / "bin" / name).chmod(0o755)
        script = openchronic.script().decode()
        for where in (
            layout.BUILDS,
            layout.IMAGES,
            layout.BUILD_SCRIPTS,
        ):
            assert where in script
            script = script.replace(where, str(place))
        script = script.replace(f"id -u {layout.BUILDER}", "id -u")
        script = script.replace(f"id -g {layout.BUILDER}", "id -g")
        (place / "run").write_text(script)
        (place / "run").chmod(0o755)

    def settle(self, base: Base, slug: str = "demo", *, typed: bool = False) -> None:
        """Make the base's settings and folders as a deploy does."""
        base = base.model_copy(update={"source": f"{self.storage.data}/{slug}"})
        text = openchronic.settings(slug, base, self.storage, typed=typed)
        (self.place / f"{slug}.env").write_text(text)
        for folder in (
            base.source,
            f"{self.storage.releases}/{slug}",
            *openchronic.restricted_folders(slug, self.storage, typed=typed),
        ):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.place / "run"), *arguments],
            env={
                "PATH": f"{self.place / 'bin'}:{os.environ['PATH']}",
                "FOLDERS_BELOW": str(self.top),
                "STORE": str(self.store),
                "CALLS": str(self.place / "calls"),
                **env,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def contain(self, name: str, status: str, *, made: str = "2026-01-02T03:04:05.678Z") -> None:
        """Make a container in advance."""
        (self.store / name).write_text(f"{status}\nmdurand\n{made}\n")

    @property
    def calls(self) -> str:
        file = self.place / "calls"
        return file.read_text() if file.exists() else ""

    @property
    def containers(self) -> dict[str, str]:
        """Return the status of each container by name."""
        return {one.name: one.read_text().splitlines()[0] for one in sorted(self.store.iterdir())}
