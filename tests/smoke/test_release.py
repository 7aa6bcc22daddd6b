"""Queries of an analyst on the releases, from a session."""

from collections.abc import Callable

from infra.settings.cluster_file import Target
from tests.smoke.questions import SCRIPT, silent
from tests.smoke.session import Session

QUESTION_S = 300


def test_every_type_of_event_answers(
    session: Session, site: Target, record_property: Callable[[str, object], None]
) -> None:
    """every base counts its events of each type, as it did when it was built, and a made-up one has them all

    `openchronic info <base>` in a session
    """
    session.run(SCRIPT)
    asked = 0
    for slug, base in site.bases.items():
        found = session.value(f"events_of({slug!r})", timeout_s=QUESTION_S)
        wrong = silent(found, has_all=base.synthetic is not None)
        assert not wrong, f"{slug}: {'; '.join(wrong)}"
        asked += len(found["counted"])
    record_property("measured", f"{asked} types")
