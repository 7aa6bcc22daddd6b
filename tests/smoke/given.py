"""The parameters that `python -m tests.smoke` passes to the process that runs the checks."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Given:
    site: str
    login: str
    password: str = field(repr=False)
    secret: str = field(repr=False)
    """Of the second factor, base32; empty where the site asks for none."""
    colleague: str
    colleagues_password: str = field(repr=False)
    colleagues_secret: str = field(repr=False)
    browser: bool
    only: str
    """The tests to run, as an expression for pytest's -k; empty for all."""
    folder: str
    """A folder for files of this run only, which is removed at its end."""
    kept: str
    """The folder that keeps the screenshots, the log and the JUnit file."""
    junit: str
    on_cluster: bool = False
    """Whether the site is on a cluster; its doorway then says where its name leads to, if no DNS knows it."""
    doorway: str = ""
    pictures: bool = False
    """Whether to take a picture of each kind of session too."""

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Given":
        return cls(**json.loads(text))

    @property
    def work(self) -> Path:
        return Path(self.folder)

    def screenshot(self, name: str) -> Path:
        return Path(self.kept) / f"{name}.png"


class GivenPlugin:
    """A pytest plugin with the fixture `given`; without it the smoke test's modules are not collected."""

    NAME = "smoke-given"

    def __init__(self, given: Given) -> None:
        self._given = given

    @property
    def on_cluster(self) -> bool:
        return self._given.on_cluster

    @property
    def pictures(self) -> bool:
        return self._given.browser and self._given.pictures

    @pytest.fixture(scope="session")
    def given(self) -> Given:
        return self._given
