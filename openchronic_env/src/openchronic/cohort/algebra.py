"""The algebra of cohorts: it writes the steps that a file would have, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Day = date | str
Words = str | Iterable[str]
WINDOW = tuple[int, int]


@dataclass(frozen=True)
class Facts:
    """Des faits à chercher : ``oc.disease``, ``oc.stays``, ``oc.events`` ; ``|`` en réunit. Ce sont aussi des jours d’index.

    ``first()`` ne garde que le premier de chaque sujet.
    """

    some: tuple[Mapping[str, Any], ...]
    only_first: bool = False
    index: Mapping[str, Any] = field(default_factory=dict)

    def __or__(self, other: Facts) -> Facts:
        return Facts((*self.some, *other.some))

    def first(self) -> Facts:
        """Le premier de chaque sujet, dans toutes les données."""
        return Facts(self.some, only_first=True, index=self.index)

    def said(self, **more: Any) -> dict[str, Any]:
        """Returns the fact as a file says it."""
        own: dict[str, Any] = dict(self.some[0]) if len(self.some) == 1 else {"any": [*self.some]}
        if self.only_first:
            own["first"] = True
        return own | {key: one for key, one in more.items() if one is not None}

    def plan(self, *, on: str | None = None) -> Plan:
        """Les jours d’index que ces faits donnent. ``on`` : ``discharge``, ``admission``, ``day``, ``onset``…"""
        (one,) = self.some
        own = {"from": one["definition"]} if "definition" in one else dict(one)
        if self.only_first:
            own["keep"] = "first_ever"
        return Plan(index={**own, **self.index, **({"on": on} if on else {})})

    def between(self, first: Day, last: Day) -> Plan:
        """Ces faits comme jours d’index, du premier au dernier jour, inclus."""
        return self.plan().between(first, last)


@dataclass(frozen=True)
class Plan:
    """Une cohorte à faire : ``oc.cohort(plan)`` la fait. Chaque fonction rend un nouveau plan, avec une étape de plus."""

    index: Mapping[str, Any]
    step: tuple[Mapping[str, Any], ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def said(self) -> dict[str, Any]:
        """Returns what a file would say."""
        steps = {"step": [dict(one) for one in self.step]} if self.step else {}
        return {**self.more, "index": dict(self.index), **steps}

    def _index(self, **keys: Any) -> Plan:
        return Plan({**self.index, **keys}, self.step, self.more)

    def _more(self, **keys: Any) -> Plan:
        return Plan(self.index, self.step, {**self.more, **keys})

    def _step(self, fr: str | None, **keys: Any) -> Plan:
        one = ({"fr": fr} if fr else {}) | keys
        return Plan(self.index, (*self.step, one), self.more)

    def named(self, name: str) -> Plan:
        """Nomme la cohorte."""
        return self._more(name=name)

    def between(self, first: Day, last: Day) -> Plan:
        """Ne garde que les jours d’index du premier au dernier jour, inclus."""
        return self._index(between=[first, last])

    def on(self, on: str) -> Plan:
        """Le jour d’index : ``onset``, ``discharge``, ``admission``, ``day``, ``date:2022-01-01``, ``each_year``."""
        return self._index(on=on)

    def incident(self) -> Plan:
        """Ne garde que les cas incidents (``incidence`` de ``disease_onset``)."""
        return self._index(incident=True)

    def first(self) -> Plan:
        """Le premier des jours d’index entre les bornes (par défaut)."""
        return self._index(keep="first")

    def last(self) -> Plan:
        """Le dernier des jours d’index entre les bornes, si ``allow_future`` : qu’il soit le dernier ne se sait qu’ensuite."""
        return self._index(keep="last")

    def first_ever(self) -> Plan:
        """Le tout premier des jours d’index, s’il est entre les bornes."""
        return self._index(keep="first_ever")

    def every(self) -> Plan:
        """Tous les jours d’index : plusieurs périodes par sujet, numérotées."""
        return self._index(keep="all")

    def follow(self, until: str) -> Plan:
        """La fin du suivi : ``"death or end_of_observation or 730 days"``, la première qui vient."""
        return self._more(follow={"until": until})

    def allow_future(self) -> Plan:
        """Permet de choisir par ce qui suit l’index ; tout résultat le rappelle."""
        return self._more(allow_future=True)

    def keep_twins(self) -> Plan:
        """Garde les jumeaux, dont les séjours ne sont pas sûrs."""
        return self._more(keep_twins=True)

    def observed(
        self, *, before: int | None = None, after: int | None = None, fr: str | None = None
    ) -> Plan:
        """Observé sans interruption, ``before`` jours avant l’index, ``after`` jours après."""
        keys = {"observed_before": before, "observed_after": after}
        return self._step(fr, **{key: one for key, one in keys.items() if one is not None})

    def aged(self, least: int, most: int = 130, *, fr: str | None = None) -> Plan:
        """L’âge au jour d’index, bornes incluses."""
        return self._step(fr, ages=[least, most])

    def sex(self, sex: str, *, fr: str | None = None) -> Plan:
        """``"F"`` ou ``"M"``."""
        return self._step(fr, sex=sex)

    def lives_in(self, *places: str, fr: str | None = None) -> Plan:
        """Réside là au jour d’index : ``"metropole"``, ``"outre_mer"`` ou des départements (``"75"``, ``"2A"``)."""
        return self._step(fr, lives_in=[*places])

    def alive_at(self, when: int | Day, *, fr: str | None = None) -> Plan:
        """Vivant tant de jours après l’index (0 ou moins), ou à une date si ``allow_future``."""
        return self._step(fr, alive_at=when)

    def having(
        self,
        facts: Facts | str,
        days: WINDOW | None = None,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
        fr: str | None = None,
    ) -> Plan:
        """Avec ces faits dans une fenêtre de jours autour de l’index (``(-365, -1)``), bornes incluses.

        Sans ``days`` : jusqu’au jour d’index compris. ``at_least``, ``at_most`` comptent des jours distincts.
        """
        said = _facts(facts).said(days=_days(days), at_least=at_least, at_most=at_most)
        return self._step(fr, **{"with": said})

    def count(
        self, facts: Facts | str, days: WINDOW | None = None, *, at_least: int | None = None,
        at_most: int | None = None, fr: str | None = None,
    ) -> Plan:  # fmt: skip
        """Comme ``having``, pour compter les jours distincts de ces faits."""
        return self.having(facts, days, at_least=at_least, at_most=at_most, fr=fr)

    def without(
        self, facts: Facts | str, days: WINDOW | None = None, *, fr: str | None = None
    ) -> Plan:
        """Sans aucun de ces faits dans la fenêtre de jours."""
        return self._step(fr, without=_facts(facts).said(days=_days(days)))

    def days_since(
        self,
        facts: Facts | str,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
        fr: str | None = None,
    ) -> Plan:
        """Les jours depuis le dernier de ces faits, à l’index : de ``at_least`` à ``at_most``. Qui n’en a pas n’y est pas."""
        return self._step(fr, days_since=_facts(facts).said(at_least=at_least, at_most=at_most))


def onset(definition: str) -> Plan:
    """Le début d’une maladie, comme jour d’index : le premier jour où un critère d’un de ses états a été rempli.

    ``definition`` : un nom de ``openchronic diseases``, suivi d’un état s’il en faut un (``"heart_failure.acute"``). C’est
    ``onset_date`` de ``disease_onset`` : le début d’une ALD ou d’un séjour, le jour où des délivrances ont été assez
    nombreuses. L’état est celui d’une année civile : un fait plus tardif de la même année peut avoir fait, avec
    celui-là, le cas.
    """
    return Plan(index={"from": definition, "on": "onset"})


def disease(definition: str) -> Facts:
    """Une maladie, à chercher autour de l’index.

    Sans ``days``, elle est présente depuis son début (voir ``oc.onset``). Avec ``days``, les jours comptés sont ceux des
    faits qui ont fait un cas : tous ceux d’une ALD ou d’un séjour, et le jour où des délivrances, des actes ou des
    séances d’une année civile ont été assez nombreux (pour ``dialysis``, la 45e séance de l’année). Le premier de ces
    jours est le début, avec la même réserve : le cas est celui d’une année civile entière.
    """
    return Facts(({"definition": definition},))


def stays(
    codes: Words | None = None, *, roles: Words | None = None, settings: Words | None = None
) -> Facts:
    """Des séjours, par leurs diagnostics ou leur GHM : ``oc.stays("CIM10:I50", roles=["DP"])``.

    ``codes`` : débuts de codes, ``roles`` : ceux des diagnostics (DP par défaut, ``"*"`` pour tous), ``settings`` : ``mco``
    (par défaut), ``ssr``, ``had``, ``psy``. Dans une fenêtre, un séjour est daté de sa sortie.
    """
    return Facts(({"stays": _keys(codes=codes, roles=roles, settings=settings)},))


def events(
    type: str,  # noqa: A002 - the word of the column
    codes: Words | None = None,
    *,
    roles: Words | None = None,
    settings: Words | None = None,
) -> Facts:
    """Des événements, par leur nature (``event_type``) et leurs codes : ``oc.events("drug", "ATC:A10")``.

    La nomenclature par défaut est celle de la nature : ATC pour un médicament, CIM10 pour un diagnostic, CCAM pour un
    acte. Un événement est daté de son premier jour, un diagnostic de la sortie de son séjour ; une ALD dure.
    """
    return Facts(
        ({"events": {"type": type, **_keys(codes=codes, roles=roles, settings=settings)}},)
    )


def everyone(on: str = "each_year") -> Plan:
    """Tous les sujets de la version, à une date (``"date:2022-01-01"``) ou au 31 décembre de chaque année."""
    return Plan(index={"from": "everyone", "on": on})


def _facts(given: Facts | str) -> Facts:
    return disease(given) if isinstance(given, str) else given


def _days(days: WINDOW | None) -> list[int] | None:
    return None if days is None else [*days]


def _keys(**keys: Words | None) -> dict[str, Any]:
    return {
        key: one if isinstance(one, str) else [*one] for key, one in keys.items() if one is not None
    }
