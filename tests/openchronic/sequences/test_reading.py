"""Sequences as of a date, compared with plain Python; without PyTorch."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest

import openchronic as oc
from openchronic.releases import Release, open_release
from openchronic.sequences import Cohort, Events, Vocabulary, cohort_of
from openchronic.sequences.cohort import Outcome
from openchronic.sequences.reading import learn, parents_of
from openchronic.sequences.vocabulary import SPECIAL
from tests.openchronic.front_door import rows
from tests.openchronic.made_once import made_once
from tests.openchronic.sequences.known_then import DAY, TRAPS, Event, known, subjects, with_traps

EPOCH = datetime.date(1970, 1, 1)
Sequences = dict[tuple[int, datetime.date], list[tuple[datetime.date, int, float]]]


@pytest.fixture(scope="module")
def release(synthetic_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = made_once(
        tmp_path_factory, "sequences", lambda folder: with_traps(synthetic_releases, folder)
    )
    return open_release((folder / "snds" / "current").resolve())


def read(cohort: Cohort, events: Events, size: int = 7) -> Sequences:
    """Reads every example, in pieces that begin and end within a bucket."""
    found: Sequences = {}
    with events.open() as connection:
        for bucket, first, end in cohort.buckets:
            for start, stop in cohort.pieces(first, end, size):
                piece = events.read(connection, cohort, bucket, start, stop)
                for one in range(stop - start):
                    part = slice(piece.bounds[one], piece.bounds[one + 1])
                    day = EPOCH + datetime.timedelta(int(cohort.days[start + one]))
                    example = (int(cohort.subjects[start + one]), day)
                    assert example not in found
                    days = [EPOCH + datetime.timedelta(int(x)) for x in piece.days[part]]
                    found[example] = list(
                        zip(
                            days,
                            piece.tokens[part].tolist(),
                            piece.values[part].tolist(),
                            strict=True,
                        )
                    )
    return found


def expected(events: list[Event], vocabulary: Vocabulary, parents: dict[str, str | None], length: int) -> list[tuple[datetime.date, int, float]]:  # fmt: skip
    last = events[-(length - 1) :]
    return [(day, vocabulary.number(name, parents.get(name)), value) for day, name, value in last]


@pytest.mark.parametrize("length", [4, 2000])
def test_a_sequence_is_what_was_known_on_the_day_and_nothing_more(
    release: Release, length: int
) -> None:
    cohort = cohort_of(release, DAY)
    vocabulary = learn(release, cohort, min_subjects=3)
    found = read(cohort, Events.of(release, vocabulary, length))
    reference, parents = known(release.path, DAY), parents_of(release)
    assert sorted(subject for subject, _ in found) == subjects(release.path)
    for (subject, _), sequence in found.items():
        assert sequence[0][1] == vocabulary.ids["<sujet>"]
        assert sequence[1:] == expected(reference.get(subject, []), vocabulary, parents, length)
    assert sum(len(sequence) for sequence in found.values()) > 3 * len(found)


def test_no_event_comes_that_happened_or_was_known_after_the_day(release: Release) -> None:
    """Its subject has one of each kind; with a vocabulary that knows all of them, none hides as unknown."""
    vocabulary = Vocabulary((*SPECIAL, *(f"TRAP//{code}" for code in TRAPS)), "snds@x", 1, 1)
    found = read(cohort_of(release, DAY), Events.of(release, vocabulary, 2000))
    seen = {
        vocabulary.tokens[token].removeprefix("TRAP//"): value
        for sequence in found.values()
        for _, token, value in sequence
        if token >= len(SPECIAL)
    }
    assert set(seen) == {code for code, (*_, stays) in TRAPS.items() if stays}
    # Its quantity counts days of after.
    assert seen["STILL-GOING-ON"] == 0
    assert seen["KNOWN-ON-THE-DAY"] == 7


def test_a_stay_is_not_known_before_the_file_of_its_year_came(release: Release) -> None:
    """Stays of 2017 are in the data from July 2018 on."""
    late = "SELECT event_id FROM event WHERE event_type = 'stay' AND end_date < '2018-01-01' AND known_date = '2018-07-01'"
    stays = len(rows(release.path, late))
    assert stays > 5
    vocabulary = Vocabulary(SPECIAL, "snds@x", 1, 1)
    lengths = {}
    for day in (datetime.date(2018, 6, 30), datetime.date(2018, 7, 1)):
        found = read(cohort_of(release, day), Events.of(release, vocabulary, 2000))
        lengths[day] = sum(len(sequence) - 1 for sequence in found.values())
        assert lengths[day] == sum(map(len, known(release.path, day).values()))
    before, after = lengths.values()
    assert after - before >= stays


def test_each_example_has_its_own_day(release: Release) -> None:
    days = (datetime.date(2017, 3, 1), datetime.date(2018, 3, 1))
    some = subjects(release.path)[::3]
    index = {
        "subject_id": np.array([one for one in some for _ in days]),
        "index_date": np.array([np.datetime64(day) for _ in some for day in days]),
    }
    cohort = cohort_of(release, index)
    vocabulary = learn(release, cohort, min_subjects=1)
    found = read(cohort, Events.of(release, vocabulary, 2000))
    reference = {day: known(release.path, day) for day in days}
    parents = parents_of(release)
    assert set(found) == {(one, day) for one in some for day in days}
    for (subject, day), sequence in found.items():
        wanted = expected(reference[day].get(subject, []), vocabulary, parents, 2000)
        assert sequence[1:] == wanted


def test_a_vocabulary_learns_nothing_from_after_the_day(release: Release) -> None:
    cohort = cohort_of(release, DAY)
    events = [event for held in known(release.path, DAY).values() for event in held]
    assert set(learn(release, cohort, min_subjects=1).tokens) == {
        *SPECIAL,
        *(name for _, name, _ in events),
    }


def test_a_code_of_few_subjects_counts_as_its_parent_and_else_as_unknown(release: Release) -> None:
    cohort = cohort_of(release, DAY)
    least = 4
    vocabulary = learn(release, cohort, min_subjects=least)
    parents = parents_of(release)
    holders: dict[str, set[int]] = {}
    for subject, events in known(release.path, DAY).items():
        for _, name, _ in events:
            holders.setdefault(name, set()).add(subject)
    rare = {name for name, held in holders.items() if len(held) < least}
    above: dict[str, set[int]] = {}
    for name in rare:
        if parent := parents.get(name):
            above.setdefault(parent, set()).update(holders[name])
    wanted = {name for name, held in (*holders.items(), *above.items()) if len(held) >= least}
    assert rare
    assert set(vocabulary.tokens) == {*SPECIAL, *wanted}
    grouped = next(name for name in rare if parents.get(name) in wanted)
    assert vocabulary.tokens[vocabulary.number(grouped, parents[grouped])] == parents[grouped]
    assert vocabulary.tokens[vocabulary.number("CCAM//NO-SUCH")] == "<inconnu>"


def test_a_saved_vocabulary_is_the_same_and_says_where_it_comes_from(
    release: Release, tmp_path: Path
) -> None:
    vocabulary = learn(release, cohort_of(release, DAY), min_subjects=2)
    path = vocabulary.save(tmp_path / "modele")
    assert path == tmp_path / "modele" / "vocabulaire.json"
    assert Vocabulary.load(tmp_path / "modele") == Vocabulary.load(path) == vocabulary
    assert vocabulary.release == release.name
    assert vocabulary.tokens[:3] == SPECIAL


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 1}', '{"format": 1, "release": "a", "subjects": 1, "min_subjects": 1, "tokens": ["a", "b"]}'])  # fmt: skip
def test_another_file_is_no_vocabulary(tmp_path: Path, text: str) -> None:
    (tmp_path / "vocabulaire.json").write_text(text)
    with pytest.raises(oc.OpenChronicError, match="pas un vocabulaire"):
        Vocabulary.load(tmp_path)
    with pytest.raises(oc.OpenChronicError, match="illisible"):
        Vocabulary.load(tmp_path / "nowhere")


def test_a_label_says_what_comes_between_the_gap_and_the_horizon(release: Release) -> None:
    one, *others = subjects(release.path)[:6]
    day = datetime.date(2018, 1, 1)
    later = dict(zip(others, (0, 30, 31, 130, 131), strict=True))
    # A first outcome counts, a second one does not.
    dates = {
        "subject_id": [*later, *later],
        "outcome_date": [
            *(day + datetime.timedelta(days) for days in later.values()),
            *(datetime.date(2018, 12, 30) for _ in later),
        ],
    }
    index = {"subject_id": [one, *others], "index_date": [day] * 6}
    cohort = cohort_of(release, index, Outcome(dates, horizon=100, gap=30))
    found = dict(zip(cohort.subjects.tolist(), cohort.labels.tolist(), strict=True))
    assert found == {one: 0, others[2]: 1, others[3]: 1, others[4]: 0}
    assert cohort.already == 2
    with pytest.raises(oc.OpenChronicError, match="dépasse le 2018-12-31"):
        cohort_of(release, index, Outcome(dates, horizon=365))


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ("yesterday", "n'est pas une date"),
        (3, "un tableau"),
        ({"subject_id": [1], "index_date": ["?"]}, "un tableau"),
        ({"subject_id": [1]}, "un tableau"),
        ({"subject_id": [None], "index_date": [DAY]}, "sans valeur manquante"),
        ({"subject_id": [-1], "index_date": [DAY]}, "1 sujets de index ne sont pas dans"),
    ],
)
def test_an_index_that_is_no_cohort_of_the_release_is_refused(
    release: Release, index: object, words: str
) -> None:
    with pytest.raises(oc.OpenChronicError, match=words):
        cohort_of(release, index)


def test_an_example_comes_once(release: Release) -> None:
    one = subjects(release.path)[0]
    with pytest.raises(oc.OpenChronicError, match="répétés"):
        cohort_of(release, {"subject_id": [one, one], "index_date": [DAY, DAY]})
