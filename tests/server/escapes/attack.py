"""Records attacks in a table, and loads the attackers' programs into a session."""

from pathlib import Path

from tests.server.tables import add_row
from tests.smoke.session import Session

TABLE = "escapes"
INSIDE = Path(__file__).parent / "inside"
# In the table, in place of an image: what stops the attack is the host, whatever the image, and it is tried once.
HOST = "(host)"


def record(attack: str, *, tried: str, answer: object, stopped_by: str, image: str = HOST) -> None:
    """Add a row for an attack that failed; `answer` is the measured result, `image` that of the session."""
    said = answer if isinstance(answer, str) else repr(answer)
    add_row(
        TABLE,
        {
            "attack": attack,
            "image": image,
            "tried": tried,
            "answer": said,
            "stopped by": stopped_by,
        },
    )


def bring(session: Session, program: str) -> None:
    """Run a file of `inside/` in the session's kernel, which defines its functions."""
    session.run((INSIDE / f"{program}.py").read_text())
