"""Loads a site's file by its target: a ClusterSite where it has a table [cluster], the Site of a server otherwise."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from infra.settings.around import absent, absent_texts, open_secret, people
from infra.settings.cluster_site import ClusterSite, contradictions
from infra.settings.other_target import not_on_a_cluster
from infra.settings.partial import Check, problems, readable
from infra.settings.projects import Project
from infra.settings.settings_file import ROOT, located, read_toml, reasons
from infra.settings.site import Site, SiteError
from infra.settings.site_file import SITES, expanded, load_site, site_path

Target = Site | ClusterSite


def load_target(name: str, *, folder: Path = SITES, root: Path = ROOT) -> Target:
    """Return the site of infra/sites/<name>.toml, whatever its target. Raises SiteError with every error of the file."""
    path = site_path(name, folder=folder)
    raw = read_toml(path, error=SiteError)
    if "cluster" not in raw:
        return load_site(name, folder=folder, root=root)
    return _cluster_site(raw, name, path=path, root=root)


def load_cluster_site(name: str, *, folder: Path = SITES, root: Path = ROOT) -> ClusterSite:
    """Return a site on a cluster. Raises SiteError with every error of the file, or if it is a server's."""
    found = load_target(name, folder=folder, root=root)
    if isinstance(found, ClusterSite):
        return found
    raise SiteError(
        f"{name} is a server's site ([server]), and this is for one on a cluster ([cluster]): "
        "infra/sites/cluster.example.toml explains one"
    )


def _cluster_site(raw: dict[str, Any], name: str, *, path: Path, root: Path) -> ClusterSite:
    wrong = not_on_a_cluster(raw)
    # What was taken out is not also missing.
    said = {line.partition(": ")[0] for line in wrong}
    complete = _completed(raw, name)
    try:
        site, whole = ClusterSite.model_validate(complete), True
    except ValidationError as error:
        site, whole = readable(ClusterSite, complete), False
        found = [*reasons(ClusterSite, error), *problems(contradictions(site), whole=False)]
        wrong += [line for line in found if line.partition(": ")[0] not in said]
    wrong += problems(_around(site, root), whole=whole)
    if wrong:
        raise SiteError(located(path, dict.fromkeys(wrong)))
    return site


def _completed(raw: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the file's settings with paths of this machine made absolute; what is of a wrong type stays, for validation
    to refuse."""
    complete = {**raw, "name": name}
    for place, keys in (
        ("cluster", ("kubeconfig",)),
        ("cluster.images", ("archives",)),
        ("tls", ("certificate", "key")),
        ("logins", ("ca_certificates",)),
        ("logins.oidc", ("client_secret",)),
    ):
        _expand(complete, place.split("."), keys)
    return complete


def _expand(table: dict[str, Any], parts: list[str], keys: tuple[str, ...]) -> None:
    inner = table.get(parts[0])
    if not isinstance(inner, dict):
        return
    table[parts[0]] = inner = dict(inner)
    if parts[1:]:
        _expand(inner, parts[1:], keys)
    else:
        inner.update(expanded(inner, *keys))


def _around(site: ClusterSite, root: Path) -> Iterator[Check]:
    yield partial(_absent_files, site)
    yield partial(absent_texts, site)
    yield partial(_open_secrets, site)
    yield from people(
        site,
        root=root,
        projects_too=lambda projects: [partial(_groups_of_no_directory, site, projects)],
    )


def _absent_files(site: ClusterSite) -> Iterator[str]:
    yield from absent("cluster.kubeconfig", site.cluster.kubeconfig)
    yield from absent("tls.certificate", site.tls.certificate)
    yield from absent("tls.key", site.tls.key)
    yield from absent("logins.ca_certificates", site.logins.ca_certificates)


def _open_secrets(site: ClusterSite) -> Iterator[str]:
    if site.logins.oidc is not None:
        yield from open_secret(
            "logins.oidc.client_secret", site.logins.oidc.client_secret, form=rb"[!-~]+"
        )


def _groups_of_no_directory(site: ClusterSite, projects: Sequence[Project]) -> Iterator[str]:
    for project in projects:
        if project.groups:
            yield (
                f"projects: projects.{project.slug}.groups in {site.projects}: groups are those of a directory, which a "
                "cluster asks not: name members"
            )
