"""What an analyst does in the first steps, whatever is at hand: a browser, or the pages' forms and the API."""

from typing import Protocol

from infra.settings.offer import Profile


class Analyst(Protocol):
    """Each step needs those before. It raises AssertionError where the site does not let an analyst take it."""

    def read_landing_page(self) -> str:
        """Return what the landing page says, which is in French."""

    def log_in(self) -> None: ...

    def accept_charter(self) -> None:
        """Accept the charter in force, unless it has been."""

    def read_start_page(self) -> str:
        """Return what the start page says, which is in French and offers the profiles that are open to everybody."""

    def open_session(self, profile: tuple[str, Profile]) -> None:
        """Choose a profile, and wait for the session."""

    def run_first_notebook(self) -> str:
        """Run all cells, and return what the one says in which both engines agree."""
