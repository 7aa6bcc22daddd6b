"""The first session of a home, and the guides that lead through it."""

import json
import re
from pathlib import Path

from tests.images.conftest import RunIn

ROOT = Path(__file__).parents[2]
# Prints the names of menus, and those of all else that JupyterLab says, in French.
FRENCH = """
import json, pathlib, jupyterlab_language_pack_fr_FR as pack
file = pathlib.Path(pack.__file__).parent / "locale/fr_FR/LC_MESSAGES/jupyterlab.json"
said = {key: text[0] for key, text in json.loads(file.read_text()).items() if isinstance(text, list)}
print(json.dumps([[text for key, text in said.items() if key.startswith("menu" + chr(4))], list(said.values())]))
"""


# It leaves nothing behind: /tmp/session is what start-session writes for RStudio.
FIRST = (
    "d=$(mktemp -d); trap 'rm -rf $d /tmp/session' EXIT; export ONBOARDING=$d/given HOME=$d/home;"
    "mkdir -p $HOME $ONBOARDING/notebooks && touch $ONBOARDING/bienvenue.md && echo original > $ONBOARDING/notebooks/premiers-pas.ipynb;"
    "sed -e 's/^    exec jupyterhub.*/    true/' -e 's/^exec jupyter lab.*/env/' /usr/local/bin/start-session > $d/start;"
    "begin() { sh $d/start | grep JUPYTERHUB_DEFAULT_URL; };"
)
WELCOME = "JUPYTERHUB_DEFAULT_URL=/lab/tree/onboarding/bienvenue.md?file-browser-path=/"


def test_a_home_begins_on_the_welcome_page_with_a_first_notebook_to_write_in(
    look_in: RunIn, image: str
) -> None:
    done = look_in(
        image, FIRST + "begin; echo mine >> $HOME/premiers-pas.ipynb; cat $HOME/premiers-pas.ipynb"
    )
    assert done.out.splitlines() == [WELCOME, "original", "mine"], done


def test_the_first_notebook_is_given_once_and_replaces_nothing(look_in: RunIn, image: str) -> None:
    again = look_in(image, FIRST + "begin; rm $HOME/premiers-pas.ipynb; begin; ls $HOME")
    assert again.out.splitlines() == [WELCOME, "logiciels", "onboarding"], again
    own = look_in(
        image, FIRST + "echo own > $HOME/premiers-pas.ipynb; begin; cat $HOME/premiers-pas.ipynb"
    )
    assert own.out.splitlines() == [WELCOME, "own"], own
    link = look_in(
        image,
        FIRST + "ln -s /nowhere $HOME/premiers-pas.ipynb; begin; readlink $HOME/premiers-pas.ipynb",
    )
    assert link.out.splitlines() == [WELCOME, "/nowhere"], link


def test_a_page_that_the_site_chose_stays(look_in: RunIn, image: str) -> None:
    done = look_in(image, FIRST + "JUPYTERHUB_DEFAULT_URL=/rstudio begin")
    assert done.out.splitlines() == ["JUPYTERHUB_DEFAULT_URL=/rstudio"], done


def test_guides_name_the_menus_as_they_are(look_in: RunIn, image: str) -> None:
    """What a guide writes as **A → B** is the name of a menu and of its items, in the image's French; an item of the hub's
    pages is in their templates."""
    said = look_in(image, "python -", stdin=FRENCH)
    menus, items = json.loads(said.out)
    pages = "".join(
        path.read_text() for path in (ROOT / "jupyterhub-conf/templates").glob("*.html")
    )
    told = [
        [name.strip() for name in path.split("→")]
        for guide in sorted((ROOT / "onboarding").rglob("*"))
        if guide.suffix in (".md", ".ipynb") and guide.name != "README.md"
        for path in re.findall(r"\*\*([^*]+→[^*]+)\*\*", guide.read_text())
    ]
    assert len(told) > 3
    assert [path for path in told if path[0] not in menus] == []
    assert [
        name
        for _, *names in told
        for name in names
        if name not in items and f">{name}<" not in pages
    ] == []
