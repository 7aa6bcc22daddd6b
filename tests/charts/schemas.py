"""Judges manifests by the schemas of Kubernetes itself, of which a package has those of each version: strict, no download."""

import kubernetes_validate

from tests.charts.rendering import Manifest

# Those that the chart's kubeVersion allows.
SERVED = ("1.34", "1.35", "1.36")


def wrong(manifest: Manifest, *, version: str) -> str:
    """Return what is wrong with a manifest for a version of Kubernetes; empty if nothing is. An unknown key is wrong."""
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        place = ".".join(str(part) for part in error.path)
        return f"{manifest['kind']} {manifest['metadata']['name']}: {place}: {error.message[:200]}"
    return ""
