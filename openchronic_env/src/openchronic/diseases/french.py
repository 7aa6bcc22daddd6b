"""Says a definition in French sentences: what each criterion finds, and how states combine them."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.diseases.definition import ANY_AGE, STATUSES, CodeList, Criterion, Definition, Pair

PLACES = {
    "mco": "en court séjour",
    "ssr": "en réadaptation",
    "had": "en hospitalisation à domicile",
    "psy": "en psychiatrie",
}
FOUND = {
    "drug": "délivrances en ville",
    "hospital_drug": "délivrances ou administrations de médicaments hospitaliers",
    "procedure": "actes",
    "biology": "examens de biologie",
    "session": "séances",
    "stay": "séjours",
    "service": "prestations",
}
WORDS = {"and": "et", "or": "ou", "not": "sans", "(": "(", ")": ")"}


def sentence(definition: Definition, one: Criterion) -> str:
    """Returns what the criterion finds, codes included."""
    codes = listed(definition.codes[one.codes])
    if one.find == "ald":
        when = (
            "ouverte au moins un jour de l'année n"
            if one.date == "open"
            else f"qui commence {_years(one.years)}"
        )
        said = f"ALD {when}, {codes}"
    elif one.find == "diagnosis":
        places = " ou ".join(PLACES[setting] for setting in one.settings)
        said = f"Séjour {places} {_years(one.years)}, {_roles(one.roles)} {codes}"
        if one.pair:
            said += _pair(definition, one.pair)
    else:
        said = f"{_counted(one)} {_years(one.years)}, {codes}"
        if one.only_among:
            said += (
                ", sans aucun autre fait de la même année parmi "
                f"{listed(definition.codes[one.only_among])}"
            )
    return f"{said}{_who(one.sex, one.ages)}."


def listed(one: CodeList) -> str:
    """Returns the codes of a list, with its status where it is not sourced."""
    codes = " ; ".join(f"{name} {', '.join(some)}" for name, some in one.codes)
    but = f" sauf {', '.join(one.without)}" if one.without else ""
    status = "" if one.status == "sourced" else f" ({STATUSES[one.status]})"
    return f"codes {codes}{but}{status}"


def told(definition: Definition) -> Iterator[str]:
    """Yields the definition as lines: title, criteria, states, what is not seen, source."""
    yield f"{definition.fr} ({definition.name}, version {definition.version})"
    yield f"Statut : {STATUSES[definition.status]}"
    yield f"Source : {definition.source}"
    if definition.sex or definition.ages != ANY_AGE:
        yield f"Population{_who(definition.sex, definition.ages)}"
    if definition.first_year:
        yield f"Aucune réponse avant {definition.first_year}"
    yield ""
    for one in definition.criteria:
        yield f"- {one.name} : {sentence(definition, one)}"
    yield ""
    for state, text in definition.expressions.items():
        yield f"{state} : {in_words(text)}"
    if definition.kind == "year":
        yield (
            f"Cas incident : observé {definition.washout_days} jours avant, sans qu'aucun critère y soit rempli (un fait qui ne "
            "suffit pas à un critère ne compte pas)"
        )
    if definition.lacks:
        yield f"Non vu : {definition.lacks}"


def in_words(text: str) -> str:
    """Returns an expression with French words between its names."""
    spaced = text.replace("(", " ( ").replace(")", " ) ").split()
    said = " ".join(WORDS.get(word, word) for word in spaced)
    return said.replace("( ", "(").replace(" )", ")")


def _counted(one: Criterion) -> str:
    said = f"Au moins {one.dates} jour{'s' if one.dates > 1 else ''} de {FOUND[one.find]}"
    if one.dates_large is not None and one.dates_large < one.dates:
        said += f" ({one.dates_large} si un conditionnement est grand)"
    if one.quantity is not None:
        said += f" et {one.quantity} en quantité"
    return f"{said}, dans une même année,"


def _pair(definition: Definition, pair: Pair) -> str:
    where = "séjour" if pair.same == "stay" else "épisode"
    word = "sans" if pair.absent else "avec"
    return (
        f", {word} dans le même {where} {_roles(pair.roles)} {listed(definition.codes[pair.codes])}"
    )


def _roles(roles: tuple[str, ...]) -> str:
    return "diagnostic quel que soit son rôle," if "*" in roles else f"{', '.join(roles)} :"


def _years(years: tuple[int, int]) -> str:
    first, last = (f"n{year}" if year else "n" for year in years)
    return f"de l'année {last}" if first == last else f"des années {first} à {last}"


def _who(sex: str, ages: tuple[int, int] | None) -> str:
    said = {"F": ", femmes", "M": ", hommes"}.get(sex, "")
    if ages and ages != ANY_AGE:
        said += f", de {ages[0]} à {ages[1]} ans"
    return said
