"""The PyTorch dataset: every example once, in any number of workers, and again after a stop."""

from __future__ import annotations

import datetime
import io
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import openchronic as oc
from openchronic.releases import Release, open_release
from openchronic.sequences.reading import parents_of
from tests.openchronic.made_once import made_once
from tests.openchronic.sequences.known_then import DAY, known, subjects, with_traps

EPOCH = datetime.date(1970, 1, 1)
WORKERS = (0, 1, 3)
# PyTorch knows how many processors there are, and advises no more workers.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")


@pytest.fixture(scope="module")
def release(synthetic_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = made_once(
        tmp_path_factory, "sequences", lambda folder: with_traps(synthetic_releases, folder)
    )
    return open_release((folder / "snds" / "current").resolve())


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="PyTorch is in the image pytorch-gpu only")


def drawn(dataset: Any, workers: int, **options: Any) -> list[int]:
    """Returns the examples of an epoch, in their order."""
    loader = dataset.loader(8, workers=workers, **options)
    return [int(one) for batch in loader for one in batch["example"]]


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("stays", [False, True])
def test_every_example_comes_once_an_epoch_in_any_number_of_workers(
    torch: Any, release: Release, workers: int, stays: bool
) -> None:
    """``stays``: the workers live from one epoch to the next."""
    if stays and not workers:
        pytest.skip("no worker")
    dataset = oc.torch_dataset(DAY, release, shuffle=True, seed=4)
    loader = dataset.loader(8, workers=workers, persistent_workers=stays)
    orders = []
    for epoch in (0, 1):
        dataset.set_epoch(epoch)
        orders.append([int(one) for batch in loader for one in batch["example"]])
        assert sorted(orders[-1]) == list(range(len(subjects(release.path))))
    assert orders[0] != orders[1]


def test_a_seed_and_an_epoch_give_the_same_order_again(torch: Any, release: Release) -> None:
    def order(seed: int, epoch: int, *, shuffle: bool = True) -> list[int]:
        dataset = oc.torch_dataset(DAY, release, shuffle=shuffle, seed=seed)
        dataset.set_epoch(epoch)
        return drawn(dataset, 0)

    assert order(4, 1) == order(4, 1)
    assert order(4, 1) != order(4, 0)
    assert order(4, 1) != order(5, 1)
    assert order(4, 1, shuffle=False) == order(4, 0, shuffle=False) == list(range(len(subjects(release.path))))  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [(0, 3), (3, 1), (1, 0)])
def test_a_training_that_stopped_goes_on_with_the_examples_that_are_left(
    torch: Any, release: Release, before: int, after: int
) -> None:
    dataset = oc.torch_dataset(DAY, release, shuffle=True)
    dataset.set_epoch(2)
    learnt: list[int] = []
    for batch in dataset.loader(8, workers=before):
        dataset.seen(batch)
        learnt += batch["example"].tolist()
        if len(learnt) > 30:
            break
    saved = io.BytesIO()
    torch.save(dataset.state_dict(), saved)
    saved.seek(0)
    again = oc.torch_dataset(DAY, release, shuffle=True)
    again.load_state_dict(torch.load(saved))
    assert again.epoch == 2
    left = drawn(again, after)
    assert sorted(learnt + left) == list(range(len(subjects(release.path))))
    again.set_epoch(3)
    assert len(drawn(again, 0)) == len(subjects(release.path))


def test_the_state_of_another_cohort_is_refused(torch: Any, release: Release) -> None:
    state = oc.torch_dataset(DAY, release).state_dict()
    for change in ({"release": "snds@other"}, {"examples": 3}, {"seed": 9}):
        with pytest.raises(oc.OpenChronicError, match="autre jeu de données"):
            oc.torch_dataset(DAY, release).load_state_dict(state | change)


@pytest.mark.parametrize("workers", [0, 2])
def test_an_example_is_what_was_known_of_its_subject(
    torch: Any, release: Release, workers: int
) -> None:
    dataset = oc.torch_dataset(DAY, release, length=20, min_subjects=3)
    vocabulary, parents = dataset.vocabulary, parents_of(release)
    reference = known(release.path, DAY)
    found = 0
    for batch in dataset.loader(8, workers=workers):
        for row, subject in enumerate(batch["subject_id"].tolist()):
            events = reference.get(subject, [])[-19:]
            length = len(events) + 1
            days = [0, *((DAY - day).days for day, _, _ in events)]
            tokens = [vocabulary.ids["<sujet>"], *(vocabulary.number(name, parents.get(name)) for _, name, _ in events)]  # fmt: skip
            deltas = [0, 0, *(a - b for a, b in pairwise(days[1:]))][:length]
            assert batch["lengths"][row] == length
            assert batch["tokens"][row].tolist()[:length] == tokens
            assert batch["days"][row].tolist()[:length] == days
            assert batch["deltas"][row].tolist()[:length] == deltas
            assert batch["mask"][row].tolist() == [one < length for one in range(batch["mask"].shape[1])]  # fmt: skip
            assert not batch["tokens"][row][length:].any()
            assert "label" not in batch
            found += 1
    assert found == len(subjects(release.path))


def test_pieces_change_nothing_and_bound_what_is_read_at_once(
    torch: Any, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openchronic.sequences import dataset as module
    from openchronic.sequences.reading import Events

    def items(piece: int) -> tuple[dict[int, list[int]], int]:
        most = 0
        read = Events.read

        def watched(self: Events, *given: Any) -> Any:
            nonlocal most
            found = read(self, *given)
            most = max(most, len(found.bounds) - 1)
            return found

        with monkeypatch.context() as patch:
            patch.setattr(module, "PIECE", piece)
            patch.setattr(Events, "read", watched)
            made = oc.torch_dataset(DAY, release, min_subjects=2)
            return {one["example"]: one["tokens"].tolist() for one in made}, most

    whole, at_once = items(10_000)
    pieces, in_pieces = items(7)
    assert pieces == whole
    assert (at_once > 7, in_pieces) == (True, 7)


def test_workers_that_share_no_memory_with_the_notebook_read_the_same(
    torch: Any, release: Release
) -> None:
    """Python 3.14 starts them so."""
    dataset = oc.torch_dataset(DAY, release)
    assert sorted(drawn(dataset, 1, multiprocessing_context="spawn")) == sorted(drawn(dataset, 0))


def test_a_test_set_is_read_with_the_vocabulary_of_the_model(
    torch: Any, release: Release, tmp_path: Path
) -> None:
    some = subjects(release.path)
    train = {"subject_id": some[:60], "index_date": [datetime.date(2018, 1, 1)] * 60}
    test = {"subject_id": some[60:], "index_date": [DAY] * len(some[60:])}
    learnt = oc.torch_dataset(train, release, min_subjects=2)
    learnt.vocabulary.save(tmp_path)
    tried = oc.torch_dataset(test, release, vocabulary=tmp_path)
    assert tried.vocabulary == learnt.vocabulary
    unknown = learnt.vocabulary.ids["<inconnu>"]
    assert any((one["tokens"] == unknown).any() for one in tried)
    assert all(int(one["tokens"].max()) < len(learnt.vocabulary) for one in tried)


def test_a_label_comes_with_its_example(torch: Any, release: Release) -> None:
    some = subjects(release.path)[:4]
    outcome = {"subject_id": some[:1], "outcome_date": [datetime.date(2018, 3, 1)]}
    dataset = oc.torch_dataset("2018-01-01", release, outcome=outcome, horizon=100)
    labels = {one["subject_id"]: one["label"] for one in dataset}
    assert {who for who, label in labels.items() if label} == set(some[:1])


def test_without_pytorch_an_error_says_what_to_install(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "openchronic.sequences.dataset", raising=False)
    with pytest.raises(oc.OpenChronicError, match=r"PyTorch n.est pas installé .*pip install"):
        oc.torch_dataset(DAY, release)


def test_a_sample_has_its_own_subjects_only(torch: Any, release: Release) -> None:
    half = release.sampled(0.5)
    found = {one["subject_id"] for one in oc.torch_dataset(DAY, half)}
    assert found == {one for one in subjects(release.path) if one % 1_000_003 < 500_002}
