"""Subjects written by hand, and the state that each must have in each year, one definition at a time.

Every criterion is met, not met, met at its edge, and asked about what is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.openchronic.reference.lives import YEARS, Life

ALL = tuple(YEARS)


@dataclass(frozen=True)
class Subject:
    """``states``: the years of each state; in the other years from 2018 to 2022 there is none."""

    of: str
    life: Life
    states: dict[str, tuple[int, ...]] = field(default_factory=dict)


def case(*years: int) -> dict[str, tuple[int, ...]]:
    return {"case": years}


def woman() -> Life:
    return Life(sex="F", born="1950-03-01")


THREE = ("2020-01-10", "2020-03-10", "2020-05-10")
SUBJECTS: dict[str, Subject] = {
    # -- diabetes
    "nothing": Subject("diabetes", woman()),
    "an open ALD": Subject(
        "diabetes", woman().ald("E11", "2019-12-31"), case(2019, 2020, 2021, 2022)
    ),
    "an ALD that ends on the first day of a year": Subject(
        "diabetes", woman().ald("E119", "2010-01-01", "2020-01-01"), case(2018, 2019, 2020)
    ),
    "an ALD for something else": Subject("diabetes", woman().ald("J450", "2010-01-01")),
    "three days of drugs": Subject("diabetes", woman().drug("A10BA02", *THREE), case(2020, 2021)),
    "three packs on two days": Subject(
        "diabetes", woman().drug("A10BA02", "2020-01-10", "2020-03-10", "2020-03-10")
    ),
    "two days with a large pack": Subject(
        "diabetes",
        woman().drug("A10BA02", "2020-01-10").drug("A10BB12", "2020-03-10"),
        case(2020, 2021),
    ),
    "two days without a large pack": Subject(
        "diabetes", woman().drug("A10BA02", "2020-01-10", "2020-03-10")
    ),
    "a large pack of the year before is none of this year": Subject(
        "diabetes",
        woman().drug("A10BB12", "2019-12-31").drug("A10BA02", "2020-01-10", "2020-03-10"),
    ),
    "one large pack": Subject("diabetes", woman().drug("A10BB12", "2020-01-10")),
    "three days over two years": Subject(
        "diabetes", woman().drug("A10BA02", "2019-11-10", "2019-12-10", "2020-01-10")
    ),
    "a drug that is left out": Subject("diabetes", woman().drug("A10BX06", *THREE)),
    "a drug that is left out makes no third day": Subject(
        "diabetes", woman().drug("A10BX06", "2020-05-10").drug("A10BA02", *THREE[:2])
    ),
    "a stay": Subject("diabetes", woman().stay("2020-05-01", DP="E113"), case(2020, 2021)),
    "a stay belongs to the year of its discharge": Subject(
        "diabetes", woman().stay("2019-12-30", "2020-01-02", DR="E113"), case(2020, 2021)
    ),
    "a stay without an end": Subject("diabetes", woman().stay("2020-05-01", None, DP="E113")),
    "a diagnosis of a role that does not count": Subject(
        "diabetes", woman().stay("2020-05-01", DAS="E113")
    ),
    "a diagnosis in rehabilitation": Subject(
        "diabetes", woman().stay("2020-05-01", setting="ssr", DP="E113")
    ),
    "a complication": Subject(
        "diabetes", woman().stay("2020-05-01", DP="H360", DAS="E113"), case(2020, 2021)
    ),
    "a complication with a diagnosis of a unit": Subject(
        "diabetes", woman().stay("2020-05-01", DP="H360", DP_UM="E113"), case(2020, 2021)
    ),
    "a complication and the disease in two stays": Subject(
        "diabetes",
        woman().stay("2020-05-01", DP="H360").stay("2020-06-01", DP="J189", DAS="E113"),
    ),
    "only a gliflozin counts nationally": Subject(
        "diabetes", woman().drug("A10BK01", "2022-01-10", "2022-03-10", "2022-05-10"), case(2022)
    ),
    "only a gliflozin is no treated diabetes": Subject(
        "diabetes.pharmacological",
        woman().drug("A10BK01", "2022-01-10", "2022-03-10", "2022-05-10"),
    ),
    "a gliflozin beside another drug is treated diabetes": Subject(
        "diabetes.pharmacological",
        woman()
        .drug("A10BK01", "2022-01-10", "2022-03-10", "2022-05-10")
        .drug("A10BA02", "2022-07-10"),
        case(2022),
    ),
    "a benfluorex beside a gliflozin changes nothing": Subject(
        "diabetes.pharmacological",
        woman()
        .drug("A10BK01", "2022-01-10", "2022-03-10", "2022-05-10")
        .drug("A10BX06", "2022-07-10"),
    ),
    "no pharmacological answer before its first year": Subject(
        "diabetes.pharmacological",
        woman().drug("A10BA02", "2021-01-10", "2021-03-10", "2021-05-10"),
    ),
    # -- who is counted
    "somebody who is not seen in the year": Subject(
        "diabetes", Life(seen=(2020,)).ald("E11", "2010-01-01"), case(2020)
    ),
    "somebody who died the year before": Subject(
        "diabetes", Life(died="2019-12-31").ald("E11", "2010-01-01"), case(2018, 2019)
    ),
    "somebody who died on the first day": Subject(
        "diabetes", Life(died="2020-01-01").ald("E11", "2010-01-01"), case(2018, 2019, 2020)
    ),
    "somebody who was born in the year": Subject(
        "diabetes", Life(born="2019-02-01").ald("E11", "2019-03-01"), case(2020, 2021, 2022)
    ),
    "somebody of no known sex or birth": Subject(
        "diabetes", Life(sex=None, born=None).ald("E11", "2010-01-01"), case(*ALL)
    ),
    # -- COPD
    "COPD by an ALD": Subject("copd", woman().ald("J42", "2021-05-01"), case(2021, 2022)),
    "COPD before forty": Subject(
        "copd", Life(born="1981-06-01").ald("J449", "2010-01-01"), case(2021, 2022)
    ),
    "COPD at no known age": Subject("copd", Life(born=None).ald("J449", "2010-01-01")),
    "COPD by a stay of four years before": Subject(
        "copd", woman().stay("2015-05-01", DP="J449"), case(2018, 2019)
    ),
    "COPD by an associated diagnosis": Subject(
        "copd", woman().stay("2020-05-01", DP="J189", DAS="J449"), case(2020)
    ),
    "long-acting drugs": Subject("copd", woman().drug("R03BB04", *THREE), case(2020)),
    "long-acting drugs on two days": Subject("copd", woman().drug("R03BB04", *THREE[:2])),
    "long-acting drugs of somebody with asthma": Subject(
        "copd", woman().drug("R03BB04", *THREE).ald("J450", "2020-12-31")
    ),
    "long-acting drugs of somebody with asthma later": Subject(
        "copd", woman().drug("R03BB04", *THREE).ald("J450", "2021-01-01"), case(2020)
    ),
    "respiratory failure alone": Subject("copd", woman().ald("J961", "2010-01-01")),
    "respiratory failure and drugs, asthma or not": Subject(
        "copd",
        woman().ald("J961", "2010-01-01").ald("J450", "2010-01-01").drug("R03BB04", *THREE),
        case(2020),
    ),
    "young, treated, without COPD: asthma": Subject(
        "asthma", Life(born="1981-06-01").drug("R03AC02", *THREE), case(2020)
    ),
    "treated on the day of forty years": Subject(
        "asthma",
        Life(born="1980-05-01").drug("R03AC02", "2020-04-28", "2020-04-29", "2020-05-01"),
    ),
    "treated until the day before forty years": Subject(
        "asthma",
        Life(born="1980-05-01").drug("R03AC02", "2020-04-28", "2020-04-29", "2020-04-30"),
        case(2020),
    ),
    "treated at no known age": Subject("asthma", Life(born=None).drug("R03AC02", *THREE)),
    "lungs of cystic fibrosis": Subject(
        "chronic_respiratory", woman().drug("R03AC02", *THREE).ald("E84", "2010-01-01")
    ),
    # -- heart failure
    "acute by the diagnosis of a unit": Subject(
        "heart_failure",
        Life().stay("2018-05-01", DP="J189", DP_UM="I501"),
        {"acute": (2018,), "chronic": (2019, 2020, 2021, 2022)},
    ),
    "acute before chronic": Subject(
        "heart_failure",
        Life().ald("I50", "2010-01-01").stay("2020-05-01", DP="I500"),
        {"acute": (2020,), "chronic": (2018, 2019, 2021, 2022)},
    ),
    "oedema with heart failure": Subject(
        "heart_failure",
        Life().stay("2022-05-01", DP="J81", DAS="I500"),
        {"acute": (2022,)},
    ),
    "oedema without heart failure": Subject("heart_failure", Life().stay("2022-05-01", DP="J81")),
    "heart failure associated": Subject(
        "heart_failure", Life().stay("2020-05-01", DP="J189", DAS="I500"), {"chronic": (2020,)}
    ),
    "an ALD of a hypertensive heart": Subject(
        "heart_failure", Life().ald("I110", "2021-01-01"), {"chronic": (2021, 2022)}
    ),
    # -- breast cancer
    "a cancer of the year before": Subject(
        "breast_cancer",
        woman().stay("2018-05-01", DP="C509"),
        {"active": (2018, 2019), "surveillance": (2020, 2021, 2022)},
    ),
    "an ALD that begins": Subject(
        "breast_cancer",
        woman().ald("C50", "2019-05-01"),
        {"active": (2019, 2020), "surveillance": (2021, 2022)},
    ),
    "a man's cancer": Subject("breast_cancer", Life(sex="M").ald("C50", "2019-05-01")),
    "a cancer of somebody of no known sex": Subject(
        "breast_cancer", Life(sex=None).ald("C50", "2019-05-01")
    ),
    "a control visit": Subject(
        "breast_cancer",
        woman().stay("2020-05-01", DP="Z08", DR="C509"),
        {"surveillance": (2020, 2021, 2022)},
    ),
    "a control visit and chemotherapy": Subject(
        "breast_cancer",
        woman().stay("2020-05-01", DP="Z08", DR="C509").stay("2020-06-01", DP="Z511"),
        {"active": (2020, 2021), "surveillance": (2022,)},
    ),
    "active by a targeted therapy": Subject(
        "breast_cancer",
        woman().ald("C50", "2010-01-01").hospital_drug("L01FD01", "2021-05-01"),
        {"active": (2021, 2022), "surveillance": (2018, 2019, 2020)},
    ),
    "active by a metastasis": Subject(
        "breast_cancer",
        woman().ald("C50", "2010-01-01").stay("2022-05-01", DP="C787"),
        {"active": (2022,), "surveillance": (2018, 2019, 2020, 2021)},
    ),
    "nobody's case: the last stay five years before, then a metastasis": Subject(
        "breast_cancer",
        woman().stay("2015-05-01", DP="C509").stay("2020-05-01", DP="C787"),
        {"surveillance": (2018, 2019)},
    ),
    # -- counts, acts, services
    "prostate, treated by anti-androgens after forty": Subject(
        "prostate_cancer",
        Life(sex="M").drug("L02BB03", *THREE),
        {"active": (2020, 2021)},
    ),
    "forty-five sessions": Subject(
        "dialysis",
        woman().sessions("2019-03-01", "28Z04Z", 13).sessions("2019-05-01", "28Z04Z", 32),
        case(2019),
    ),
    "forty-four sessions": Subject(
        "dialysis", woman().sessions("2019-03-01", "28Z04Z", 44), case()
    ),
    "forty-five sessions, then one": Subject(
        "dialysis",
        woman().sessions("2019-03-01", "28Z04Z", 45).sessions("2020-03-01", "28Z04Z", 1),
        case(2019, 2020),
    ),
    "one peritoneal day": Subject(
        "dialysis", woman().sessions("2019-03-01", "28Z02Z", 1), case(2019)
    ),
    "forty-five days in claims": Subject(
        "dialysis", woman().services("2121", "2019-03-01", 45), case(2019)
    ),
    "forty-five days of which one was cancelled": Subject(
        "dialysis",
        woman().services("2121", "2019-03-01", 45).services("2121", "2019-03-01", 1, -1),
    ),
    "a graft comes before dialysis": Subject(
        "dialysis", woman().sessions("2019-03-01", "28Z04Z", 60).act("2019-06-01", "JAEA003")
    ),
    "a graft, then its treatment": Subject(
        "kidney_transplant",
        woman().act("2018-06-01", "JAEA003").drug("L04AA06", *THREE),
        {"year": (2018,), "follow_up": (2020,)},
    ),
    "a treatment without a graft": Subject("kidney_transplant", woman().drug("L04AA06", *THREE)),
    # -- stays
    "exacerbations are stays, not years": Subject(
        "copd_exacerbation",
        woman().stay("2020-05-01", DP="J441").stay("2020-06-01", DP="J960", DAS="J449"),
    ),
    # -- what only a made-up definition has
    "any role, elsewhere, one or two years before": Subject(
        "odd", woman().stay("2019-05-01", setting="ssr", MMP="R05"), {"one": (2020, 2021)}
    ),
    "together in an episode": Subject(
        "odd",
        woman()
        .stay("2020-05-01", episode="e1", DP="R05")
        .stay("2020-05-02", episode="e1", DAS="J100"),
        {"one": (2020,)},
    ),
    "in two episodes": Subject(
        "odd", woman().stay("2020-05-01", DP="R05").stay("2020-05-02", DAS="J100")
    ),
    "an ALD of men that begins": Subject(
        "odd", Life(sex="M").ald("J10", "2020-05-01"), {"one": (2020, 2021)}
    ),
    "an ALD of a woman": Subject("odd", woman().ald("J10", "2020-05-01")),
    "a service of a man on the day on which he is forty": Subject(
        "odd",
        Life(sex="M", born="1980-05-02").services("2149", "2020-05-01", 2),
        {"one": (2020,)},
    ),
    "a service the day before": Subject(
        "odd", Life(sex="M", born="1980-05-02").services("2149", "2020-05-01", 1)
    ),
    "a service of a woman": Subject(
        "odd", Life(sex="F", born="1970-05-02").services("2149", "2020-05-01", 2)
    ),
    "a service of a list in which an ALD is looked for": Subject(
        "odd", Life(sex="M", born="1970-05-02").services("2148", "2020-05-01", 2)
    ),
    "older than the definition": Subject(
        "odd",
        Life(born="1940-01-01").stay("2017-05-01", setting="psy", DP="R05"),
        {"one": (2018, 2019)},
    ),
    "the state of another definition": Subject(
        "odd",
        woman()
        .sessions("2020-03-01", "28Z04Z", 45)
        .ald("J450", "2010-01-01")
        .stay("2019-05-01", setting="ssr", DP="R05"),
        {"treated": (2020,), "one": (2021,)},
    ),
}
