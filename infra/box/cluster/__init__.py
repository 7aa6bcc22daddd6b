"""A Kubernetes of one node in a box: `python -m infra.box.cluster`."""
