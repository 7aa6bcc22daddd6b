"""What R and Python have in the images of sessions."""

import json
from collections.abc import Callable
from typing import cast

import pytest

from tests.images.conftest import RunIn

Inside = Callable[[str], str]


@pytest.fixture(scope="module")
def in_r(run_in: RunIn, image: str, inside: Inside) -> dict[str, object]:
    """Give what session.R says, with one processor."""
    done = run_in(
        image,
        "cat > /tmp/session.R && Rscript /tmp/session.R",
        stdin=inside("session.R"),
        options=("--cpus", "1"),
    )
    assert done.status == 0, done
    found: dict[str, object] = json.loads(done.out.splitlines()[-1])
    return found


def test_r_has_what_epidemiologists_expect(in_r: dict[str, object]) -> None:
    assert in_r["absent"] == []
    assert in_r["median"] == [270, 426]
    assert in_r["odds"] == 0.6667
    assert in_r["area"] == 2
    assert in_r["mixed"] == "lmerMod"


def test_r_draws_and_writes_documents(in_r: dict[str, object]) -> None:
    size = in_r["plot"]
    assert isinstance(size, int)
    assert size > 3000
    assert in_r["html"] is True


def test_r_reaches_pythons_packages(in_r: dict[str, object]) -> None:
    assert in_r["duckdb"] == 42


def test_r_takes_the_processors_of_its_session(in_r: dict[str, object]) -> None:
    assert in_r["processors"] == [1, 1, 1]
    assert "openblas" in str(in_r["blas"])


def test_the_hub_has_the_last_word_on_processors(run_in: RunIn, image: str) -> None:
    done = run_in(
        image,
        "Rscript -e 'cat(parallel::detectCores(), data.table::getDTthreads())'",
        options=("--cpus", "1", "--env", "OMP_NUM_THREADS=3"),
    )
    assert done.out.split()[0] == "3", done


def test_r_says_in_french_that_nothing_can_be_installed(in_r: dict[str, object]) -> None:
    assert "pas accès à Internet" in str(in_r["install"])
    assert "«\u00a0Ce qui est installé\u00a0»" in str(in_r["install"])
    assert in_r["french"] == "argument incorrect pour un opérateur unitaire"


def test_a_package_of_the_users_own_is_installed_from_its_file(run_in: RunIn, image: str) -> None:
    done = run_in(
        image,
        "cd /tmp && mkdir -p mien/R && printf 'Package: mien\\nVersion: 1.0\\n' > mien/DESCRIPTION "
        "&& echo 'export(six)' > mien/NAMESPACE && echo 'six <- function() 6' > mien/R/six.R "
        "&& R CMD build mien > /dev/null && Rscript -e 'dir.create(Sys.getenv(\"R_LIBS_USER\"), recursive = TRUE)' "
        "&& Rscript -e 'install.packages(\"mien_1.0.tar.gz\", repos = NULL)' && Rscript -e 'cat(mien::six())'",
    )
    assert done.out.endswith("6"), done


@pytest.fixture(scope="module")
def cells(run_in: RunIn, image: str, inside: Inside) -> dict[str, dict[str, object]]:
    done = run_in(image, "python -", stdin=inside("charts.py"))
    assert done.status == 0, done
    found: dict[str, dict[str, object]] = json.loads(done.out.splitlines()[-1])
    return found


def test_the_r_kernel_says_its_version_and_answers(cells: dict[str, dict[str, object]]) -> None:
    assert cells["names"]["ir"] == "R 4.5"
    table, plot = cast("list[dict[str, str]]", cells["shown"]["ir"])
    assert "image/png" in plot
    assert "été" in table["text/html"]
    assert "42" in table["text/html"]


def test_altairs_charts_need_no_internet(cells: dict[str, dict[str, object]]) -> None:
    """JupyterLab 4.6 draws this form itself; in another one a chart would fetch its JavaScript."""
    (chart,) = cast("list[dict[str, str]]", cells["shown"]["python3"])
    assert "application/vnd.vegalite.v5+json" in chart
    assert "text/html" not in chart


@pytest.mark.parametrize(
    "module",
    ["scipy", "statsmodels.api", "sklearn", "lifelines", "seaborn", "altair", "openpyxl"],
)
def test_python_has_what_epidemiologists_expect(look_in: RunIn, image: str, module: str) -> None:
    done = look_in(image, f"python -c 'import {module}'")
    assert done.status == 0, done


def test_r_without_the_sessions_variables_reads_them(run_in: RunIn, image: str) -> None:
    """As RStudio starts it; a variable that R has is not replaced."""
    done = run_in(
        image,
        "sed '/^cd /,$d' /usr/local/bin/start-session > /tmp/start; sh /tmp/start;"
        "env -u OPENCHRONIC_PROJECT OMP_NUM_THREADS=2 Rscript -e "
        '\'cat(Sys.getenv(c("OPENCHRONIC_PROJECT", "OMP_NUM_THREADS", "JUPYTERHUB_API_TOKEN")), sep = "|")\'',
        options=(
            *("--env", 'OPENCHRONIC_PROJECT=une "étude"\nsur deux lignes'),
            *("--env", "OMP_NUM_THREADS=1", "--env", "JUPYTERHUB_API_TOKEN="),
        ),
    )
    assert done.out == 'une "étude"\nsur deux lignes|2|', done


def test_packages_of_an_older_r_are_named(run_in: RunIn, image: str) -> None:
    done = run_in(
        image,
        "mkdir -p /tmp/R/x86_64-pc-linux-gnu-library/3.6; echo 'q()' | R --no-save --quiet --interactive",
    )
    assert "Vos paquets pour R 3.6 ne servent pas à R 4.5" in done.out + done.err, done


# Its files by digest, without those that say when they were installed; and that its help, its vignette and Python are there.
R_PACKAGE = """
cd /usr/local/lib/R/site-library/openchronic
find . -type f ! -name DESCRIPTION ! -path './Meta/*' ! -path './R/*' ! -path './help/*' ! -path './doc/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum
Rscript -e 'library(openchronic); stopifnot(nrow(vignette(package = "openchronic")$results) == 1); cat(ls("package:openchronic"))'
"""


def test_every_image_has_the_same_r_package(
    look_in: RunIn, image: str, references: dict[str, str]
) -> None:
    said = look_in(image, R_PACKAGE)
    assert said.status == 0, said
    assert "oc_table" in said.out
    assert said.out == look_in(references["jupyter"], R_PACKAGE).out
