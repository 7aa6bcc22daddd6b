"""Settings of every session's server, whoever starts it."""

c = get_config()  # noqa: F821

# A login shell would lose the image's PATH, and analysts' own shell is nologin.
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash"]}
# The dustbin would hide in the home and eat its quota.
c.FileContentsManager.delete_to_trash = False
# Nothing can be installed without a network: no button that fails.
c.LabApp.extension_manager = "readonly"
# A kernel and its server share a container: sockets in a folder of the user alone, no port.
c.KernelManager.transport = "ipc"
