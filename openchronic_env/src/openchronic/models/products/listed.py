"""Lists the products of the PMSI other than MCO, one entry each, with their tables and where they differ."""

from __future__ import annotations

from dataclasses import dataclass

from openchronic.models.hospital import Detail


@dataclass(frozen=True)
class Product:
    """A product of the PMSI. The rows of its first table are judged by the filters of ``step``.

    ``doubles``: whether some of its facilities declare twice. ``details``: the detail tables of its records.
    For stays: ``care_setting``, empty for visits; ``written``: the query of the records where a second table
    completes them; ``month``: SQL, the first day of the month of a record; ``groups``: the vocabulary of its groups
    of stays; ``diagnoses``: the query of the diagnoses in the records themselves. For visits: ``record``, the query
    that finds the visits sent twice.
    """

    step: str
    name: str
    tables: tuple[str, ...]
    doubles: bool
    reads: tuple[str, ...] = ()
    care_setting: str = ""
    written: str = ""
    month: str = ""
    groups: str = ""
    diagnoses: str = "coded_line"
    record: str = "doubled_record"
    details: tuple[Detail, ...] = ()

    @property
    def records(self) -> str:
        return self.tables[0]


BY_RECORD = ("judged",)
LETTERS = ("service_letter",)
# AP-HP, HCL and AP-HM send records twice where a published filter says so: not in psychiatry.
PRODUCTS = (
    Product(
        "ssr",
        "rehabilitation",
        ("T_SSRaaB", "T_SSRaaC"),
        doubles=True,
        care_setting="ssr",
        # MMYYYY.
        month="date_of(substr(MOI_ANN, 3, 4), substr(MOI_ANN, 1, 2), 1)",
        groups="GME",
        diagnoses="ssr_diagnosis",
        details=(
            Detail("T_SSRaaD", reads=BY_RECORD),
            Detail("T_SSRaaCCAM", reads=BY_RECORD),
            Detail("T_SSRaaCSARR", reads=BY_RECORD),
        ),
    ),
    Product(
        "had",
        "hospital at home",
        ("T_HADaaB", "T_HADaaC", "T_HADaaGRP"),
        doubles=True,
        care_setting="had",
        written="had_grouped",
        month="date_of(SOR_ANN, SOR_MOI, 1)",
        groups="GHPC",
        details=(
            Detail("T_HADaaD", reads=BY_RECORD),
            Detail("T_HADaaA", reads=BY_RECORD),
        ),
    ),
    Product(
        "rip",
        "psychiatry",
        ("T_RIPaaRSA", "T_RIPaaC"),
        doubles=False,
        care_setting="psy",
        month="date_of(SEQ_FIN_ANN, SEQ_FIN_MOI, 1)",
        details=(
            Detail("T_RIPaaRSAD", reads=BY_RECORD),
            Detail("T_RIPaaR3A", "rip_act", host="rip_patient"),
        ),
    ),
    Product(
        "ssr_ace",
        "rehabilitation outpatients",
        ("T_SSRaaCSTC",),
        doubles=True,
        reads=("hospital_number",),
        record="ssr_ace_record",
        details=(
            Detail("T_SSRaaFBSTC", "ace_service", LETTERS),
            Detail("T_SSRaaFCSTC", "ace_service", LETTERS),
            Detail("T_SSRaaFMSTC"),
            Detail("T_SSRaaFLSTC"),
        ),
    ),
    Product(
        "ace",
        "hospital outpatients",
        ("T_MCOaaCSTC",),
        doubles=True,
        details=(
            Detail("T_MCOaaFBSTC", "ace_service", LETTERS),
            Detail("T_MCOaaFCSTC", "ace_service", LETTERS),
            Detail("T_MCOaaFMSTC"),
            Detail("T_MCOaaFLSTC"),
        ),
    ),
)


def judged(product: Product) -> str:
    """Returns the name of the model of the records of a year, with the filter that removes each."""
    return f"{product.step}_record_judged"


def diagnoses_of(product: Product) -> Detail:
    """Returns the diagnoses in the records of ``product`` themselves, as detail lines."""
    return Detail(product.records, product.diagnoses, of_records=f"{product.step}_diagnosis")
