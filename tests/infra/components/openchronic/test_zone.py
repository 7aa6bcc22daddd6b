"""A deploy makes the folders of the restricted zone that openchronic uses: the names are said on both sides, and alike."""

from pathlib import Path

from infra.components import openchronic
from infra.settings import layout
from infra.settings.site_file import load_site
from openchronic.build.workspace import prepare
from openchronic.releases import Release
from openchronic.restricted.leaving import allowed
from openchronic.restricted.zone import Zone
from openchronic.store import places

BASE = "demo"


def test_both_sides_name_the_same_folders() -> None:
    assert (layout.ZONE, layout.ZONE_STORE, layout.ZONE_EXPORTS) == (
        places.ZONE,
        places.STORE,
        places.EXPORTS,
    )
    for what in layout.ZONE:
        assert layout.zone_folder(BASE, what) == places.on_disk(BASE, what)


def test_a_build_works_in_the_folders_that_a_deploy_made_and_makes_no_other(tmp_path: Path) -> None:
    site = load_site("box")
    storage = site.storage.model_copy(update={"restricted": str(tmp_path / "restricted")})
    made = {Path(one) for one in openchronic.restricted_folders(BASE, storage, typed=True)}
    for folder in made:
        folder.mkdir(parents=True, exist_ok=True)
    zone = tmp_path / "restricted" / BASE
    (tmp_path / "releases" / BASE).mkdir(parents=True)
    place = prepare(tmp_path / "releases" / BASE, base=BASE, work=zone, spill=None)
    beside = Zone(BASE, place.store)
    used = {
        place.private,
        place.store,
        beside.beside(places.ACCESS),
        beside.beside(places.EXPORTS),
    }
    assert used == made - {zone}
    assert set(zone.iterdir()) == used


def test_openchronic_reads_the_file_that_says_where_exports_may_go(tmp_path: Path) -> None:
    base = load_site("box").bases[BASE].model_copy(update={"export_folders": ("/srv/exports",)})
    (tmp_path / openchronic.EXPORTS).write_text(openchronic.exports_text(base))
    release = Release(
        path=tmp_path / "2026-01-01-0123", base=BASE, id="2026-01-01-0123", manifest={}
    )
    assert allowed(release) == [Path("/srv/exports")]
