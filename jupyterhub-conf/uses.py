"""Notes when a user's sessions were last open for each project: `make access-review` finds the rights that nobody uses."""

import datetime
from pathlib import Path

# A running session is noted again after this time.
AGAIN_AFTER = datetime.timedelta(minutes=10)


def note(folder: Path, *, login: str, project: str) -> None:
    """Write the present time as the last use of a project by a user, by a rename. Raises OSError."""
    folder.mkdir(mode=0o700, exist_ok=True)
    place = folder / f"{login}@{project}"
    partial = folder / f".{place.name}"
    partial.write_text(f"{datetime.datetime.now(datetime.UTC).isoformat(timespec='seconds')}\n")
    partial.replace(place)
