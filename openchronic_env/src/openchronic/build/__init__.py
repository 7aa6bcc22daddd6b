"""Builds a release: from delivered files through typed tables to the published folder."""
