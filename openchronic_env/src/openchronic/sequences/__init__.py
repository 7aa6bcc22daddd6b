"""Sequences of events as of a date, for models that learn from them.

Nothing here imports PyTorch but ``dataset`` and ``batches``: the rest works, and is tested, without it.
"""

from __future__ import annotations

from openchronic.sequences.cohort import Cohort, cohort_of
from openchronic.sequences.reading import Events
from openchronic.sequences.vocabulary import Vocabulary

__all__ = ["Cohort", "Events", "Vocabulary", "cohort_of"]
