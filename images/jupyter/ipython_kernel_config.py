"""Settings of the Python kernel of every session."""

c = get_config()  # noqa: F821

c.InteractiveShellApp.extensions = ["offline_charts"]
