"""Care pathways of a cohort, from exposures to treatments: the texts of ``models/pathways``, run on any two tables."""

from __future__ import annotations

from openchronic.pathway.parameters import Parameters, parameters_of, read_parameters
from openchronic.pathway.session import Pathways, pathways_of

__all__ = ["Parameters", "Pathways", "parameters_of", "pathways_of", "read_parameters"]
