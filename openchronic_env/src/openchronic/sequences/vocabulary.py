"""The vocabulary of a model: which code is which number, learnt from a training set and saved with the weights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from openchronic.errors import OpenChronicError

PADDING, UNKNOWN, SUBJECT = "<vide>", "<inconnu>", "<sujet>"
SPECIAL = (PADDING, UNKNOWN, SUBJECT)
FORMAT = 1
FILE = "vocabulaire.json"


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of a model, in the order of their numbers; ``release``: the one that it learnt from.

    ``subjects``: how many there were, of whom each token has at least ``min_subjects``: a code of fewer counts as
    its parent, else as ``<inconnu>``, so that no rare code names a person in the weights.
    """

    tokens: tuple[str, ...]
    release: str
    subjects: int
    min_subjects: int

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """The number of each token."""
        return {token: number for number, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def number(self, code: str, parent: str | None = None) -> int:
        """Returns the number of a code: its own, else its parent's, else that of ``<inconnu>``."""
        known = self.ids.get(code)
        if known is None and parent is not None:
            known = self.ids.get(parent)
        return self.ids[UNKNOWN] if known is None else known

    def save(self, place: str | Path) -> Path:
        """Écrit le vocabulaire dans ``place`` : un dossier, où il se nomme ``vocabulaire.json``, ou un fichier."""
        path = Path(place)
        path = path / FILE if path.is_dir() or not path.suffix else path
        path.parent.mkdir(parents=True, exist_ok=True)
        said = {
            "format": FORMAT,
            "release": self.release,
            "subjects": self.subjects,
            "min_subjects": self.min_subjects,
            "tokens": list(self.tokens),
        }
        partial = path.with_name(f".{path.name}.partial")
        partial.write_text(json.dumps(said, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
        partial.replace(path)
        return path

    @classmethod
    def load(cls, place: str | Path) -> Vocabulary:
        """Lit un vocabulaire enregistré. Lève ``OpenChronicError`` si ce n'en est pas un."""
        path = Path(place)
        path = path / FILE if path.is_dir() else path
        try:
            return cls(**_checked(json.loads(path.read_text(encoding="utf-8"))))
        except OSError as problem:
            raise OpenChronicError(
                f"{path}: cannot be read: {problem.strerror}",
                f"{path} : illisible ({problem.strerror}).",
            ) from None
        except (ValueError, TypeError, KeyError):
            raise OpenChronicError(
                f"{path}: no vocabulary of this version",
                f"{path} n'est pas un vocabulaire que cette version sait lire.",
            ) from None


def _checked(said: Any) -> dict[str, Any]:
    """Returns the fields of a vocabulary. Raises ValueError, TypeError or KeyError for anything else."""
    tokens = tuple(said["tokens"])
    right = (
        said["format"] == FORMAT
        and tokens[: len(SPECIAL)] == SPECIAL
        and len(set(tokens)) == len(tokens)
        and all(isinstance(token, str) for token in tokens)
        and isinstance(said["release"], str)
    )
    if not right:
        raise ValueError(said["format"])
    return {
        "tokens": tokens,
        "release": said["release"],
        "subjects": int(said["subjects"]),
        "min_subjects": int(said["min_subjects"]),
    }


def learnt(
    codes: Mapping[str, int],
    parents: Mapping[str, int],
    *,
    release: str,
    subjects: int,
    min_subjects: int,
) -> Vocabulary:
    """Returns the vocabulary of the codes with enough subjects, most frequent first.

    ``codes``: subjects of each code; ``parents``: of each parent, those who have one of its rare codes.
    """
    enough: Sequence[tuple[int, str]] = sorted(
        (-held, token)
        for token, held in (dict(parents) | dict(codes)).items()
        if held >= min_subjects
    )
    return Vocabulary((*SPECIAL, *(token for _, token in enough)), release, subjects, min_subjects)
