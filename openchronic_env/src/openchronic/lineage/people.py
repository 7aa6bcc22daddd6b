"""Finds the pairs and numbers of one subject, as a build finds them."""

from __future__ import annotations

from openchronic.build.people import refuse_collisions
from openchronic.errors import RefusedError
from openchronic.lineage.making import make_stage
from openchronic.lineage.workspace import Workspace
from openchronic.models import people


def identify(workspace: Workspace, subject: int) -> None:
    """Makes the tables of identity for one subject only.

    The whole referential is read: an identity depends on who shares a number with whom. Raises RefusedError
    where no person in it is this subject.
    """
    for stage in people.stages(workspace.delivery):
        make_stage(workspace, stage.nodes)
    refuse_collisions(workspace.context)
    keep = {
        "subject": f"subject_id = {subject}",
        "pair": "natural_id IN (SELECT natural_id FROM subject)",
        "psa": "BEN_NIR_PSA IN (SELECT BEN_NIR_PSA FROM pair)",
    }
    if workspace.delivery.simplified:
        keep["known_person"] = (
            "(BEN_NIR_PSA, BEN_RNG_GEM) IN (SELECT (BEN_NIR_PSA, BEN_RNG_GEM) FROM pair)"
        )
    for table, condition in keep.items():
        workspace.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE mine AS SELECT * FROM {table} WHERE {condition}; "
            f"DROP TABLE {table}; CREATE TEMP TABLE {table} AS SELECT * FROM mine; DROP TABLE mine"
        )
    if not workspace.one("SELECT count(*) FROM subject")[0]:
        raise RefusedError(
            "nobody of the referential is the subject of this event: its release was made with "
            "another key or by another version of openchronic",
            "Personne, dans le référentiel, n'est le sujet de cet événement : la version a été faite "
            "avec une autre clé ou par un autre openchronic.",
        )
