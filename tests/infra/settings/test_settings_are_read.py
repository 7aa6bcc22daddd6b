"""Every setting of a site and of its projects is read by some module: an unread one would have no effect."""

import ast
import typing
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any

import pytest

from infra.settings import (
    any_site,
    cluster,
    cluster_site,
    cluster_storage,
    gpu,
    ldap,
    logins,
    offer,
    oidc,
    projects,
    site,
)
from infra.settings import help as help_settings
from infra.settings.cluster_site import ClusterSite
from infra.settings.projects import ProjectsFile
from infra.settings.settings_file import ROOT, Settings
from infra.settings.site import Site

# Modules that only check values: their reads do not count.
CHECKS = {
    "contradictions.py",
    "around.py",
    "site_file.py",
    "setting_forms.py",
    "partial.py",
    "projects.py",
}
MODELS = {
    name: kind
    for module in (
        *(any_site, site, offer, gpu, projects, help_settings, logins, ldap, oidc),
        *(cluster, cluster_site, cluster_storage),
    )
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, Settings) and kind.__module__ == module.__name__
}

Found = set[tuple[str, str]]


def settings_of(model: type[Settings]) -> Found:
    """Return (table, name) of each setting of a model and of its tables."""
    found = set()
    for name, field in model.model_fields.items():
        kind = _model(field.annotation)
        found |= settings_of(kind) if kind else {(model.__name__, name)}
    return found


def _model(annotation: Any) -> type[Settings] | None:
    """Return the model of a setting that is a table, or that holds tables; None for a value."""
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return annotation
    nested = isinstance(annotation, UnionType) or typing.get_origin(annotation) in (
        dict,
        typing.Union,
    )
    return next(filter(None, map(_model, typing.get_args(annotation))), None) if nested else None


class Reads(ast.NodeVisitor):
    """Collects the settings that a module reads; the types of names come from annotations and from the models."""

    def __init__(self) -> None:
        self.found: Found = set()
        self.names: dict[str, type[Settings]] = {}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        before = dict(self.names)
        for argument in (*node.args.args, *node.args.kwonlyargs):
            self.names.pop(argument.arg, None)
            self._annotated(argument.arg, argument.annotation)
        self.generic_visit(node)
        self.names = before

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Visit a model's properties, which other modules read; reads by its validators do not count."""
        model = MODELS.get(node.name)
        for part in node.body:
            if model is None:
                self.visit(part)
            elif isinstance(part, ast.FunctionDef) and _is_property(part):
                self.names["self"] = model
                self.generic_visit(part)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._annotated(node.target.id, node.annotation)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.targets[0], ast.Name) and (kind := self._kind(node.value)):
            self.names[node.targets[0].id] = kind
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._bind(node.target, node.iter)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._bind(node.target, node.iter)
        self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        # The generators of a comprehension come first: they bind the names that its element uses.
        for maker in getattr(node, "generators", ()):
            self.visit(maker)
        super().generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if kind := self._kind(node.value):
            if node.attr in kind.model_fields:
                # Read as what it is derived from, it is read of all those.
                heirs = (one for one in MODELS.values() if issubclass(one, kind))
                self.found |= {(one.__name__, node.attr) for one in heirs}
            # A dump of a table reads all its settings; one of the whole site is only hashed.
            elif node.attr == "model_dump" and kind is not Site:
                self.found |= {(kind.__name__, name) for name in kind.model_fields}
        self.generic_visit(node)

    def _annotated(self, name: str, annotation: ast.expr | None) -> None:
        words = {part.id for part in ast.walk(annotation) if isinstance(part, ast.Name)} if annotation else set()  # fmt: skip
        if models := words & set(MODELS):
            self.names[name] = MODELS[models.pop()]

    def _bind(self, target: ast.expr, source: ast.expr) -> None:
        """Bind the names of loops such as `for slug, base in bases.items()` or `for base in bases.values()`."""
        if isinstance(source, ast.Call) and isinstance(source.func, ast.Attribute):
            source = source.func.value
        last = target.elts[-1] if isinstance(target, ast.Tuple) else target
        if isinstance(last, ast.Name) and (kind := self._kind(source)):
            self.names[last.id] = kind

    def _kind(self, node: ast.expr) -> type[Settings] | None:
        match node:
            case ast.Name():
                return self.names.get(node.id)
            case ast.Attribute() if (holder := self._kind(node.value)) is not None:
                field = holder.model_fields.get(node.attr)
                return _model(field.annotation) if field else None
            case ast.Subscript():
                return self._kind(node.value)
        return None


def _is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list)


def modules() -> Iterator[Path]:
    yield from (path for path in (ROOT / "infra").rglob("*.py") if path.name not in CHECKS)
    yield from (ROOT / "tests" / "smoke").rglob("*.py")


def read_in(text: str) -> Found:
    reads = Reads()
    reads.visit(ast.parse(text))
    return reads.found


def test_every_setting_is_read_by_a_component_or_a_verb() -> None:
    read = {setting for path in modules() for setting in read_in(path.read_text())}
    declared = settings_of(Site) | settings_of(ClusterSite) | settings_of(ProjectsFile)
    assert sorted(declared - read) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f(site: Site): return site.server.ssh.port", {("Server", "ssh"), ("Ssh", "port"), ("Site", "server")}),
        ("def f(bases: Mapping[str, Base]):\n for slug, base in bases.items(): base.build.cpus", {("Base", "build"), ("Build", "cpus")}),
        ("def f(site: Site):\n ssh = site.server.ssh\n return ssh.user", {("Site", "server"), ("Server", "ssh"), ("Ssh", "user")}),
        ("def f(site: Site): return [p.pids for p in site.profiles.values()]", {("Site", "profiles"), ("Profile", "pids")}),
        ("def f(page: Page): return page.title", set()),
        ("def f(site: AnySite): return site.title", {("AnySite", "title"), ("Site", "title"), ("ClusterSite", "title")}),
        ("class Box:\n @model_validator\n def _check(self): return self.disk_gb", set()),
        ("class Storage:\n @property\n def places(self): return self.homes", {("Storage", "homes")}),
        ("def f(site: Site): return site.model_dump()", set()),
        ("def f(projects: Sequence[Project]): return [m.end for p in projects for m in p.members.values()]", {("Project", "members"), ("Membership", "end")}),
    ],
)  # fmt: skip
def test_a_read_is_seen_and_a_check_or_anothers_name_is_none(text: str, found: Found) -> None:
    assert read_in(text) == found
