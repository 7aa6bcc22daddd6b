import subprocess
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from infra.settings.box_identity import ADDRESSES, box_identity


def test_each_checkout_and_purpose_has_a_box_of_its_own() -> None:
    boxes = [
        box_identity(purpose, checkout=Path(f"/checkout/{i}"))
        for i in range(50)
        for purpose in ("demo", "test")
    ]
    assert len({box.state for box in boxes}) == 100
    assert len({box.netns for box in boxes}) == 100
    assert len({box.address for box in boxes}) == 100


def test_a_box_keeps_its_identity_from_one_run_to_the_next() -> None:
    assert box_identity("demo") == box_identity("demo")


def test_both_ends_of_the_link_are_in_the_range_set_aside_for_benchmarks() -> None:
    box = box_identity("test")
    link = IPv4Network(f"{box.address}/30", strict=False)
    assert link.subnet_of(ADDRESSES)
    assert set(link.hosts()) == {IPv4Address(box.address), IPv4Address(box.outer_address)}


def test_the_kernel_takes_the_interface_name() -> None:
    assert len(box_identity("rehear").link) <= 15


@pytest.mark.parametrize("purpose", ["", "Demo", "much-too-long", "../x"])
def test_a_purpose_that_names_cannot_hold_is_refused(purpose: str) -> None:
    if not purpose:
        assert box_identity(purpose).purpose == "demo"
        return
    with pytest.raises(ValueError, match="purpose"):
        box_identity(purpose)


def test_the_box_says_where_it_is_without_a_site_or_a_root_user() -> None:
    done = subprocess.run(
        [
            "python3",
            "-c",
            "from infra.settings.box_identity import box_identity; print(box_identity().name)",
        ],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == box_identity().name
