"""Settings of the Jupyter server of every session, with or without a hub."""

c = get_config()  # noqa: F821

# Not a login shell, which would reset the image's PATH, nor the account's shell, which is nologin.
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash"]}
# Files in a trash folder would still count in the quota of the home.
c.FileContentsManager.delete_to_trash = False
# Without a network nothing can be installed: the extension manager must not offer it.
c.LabApp.extension_manager = "readonly"
# Says under its cell that a kernel ended for lack of memory.
c.ServerApp.kernel_websocket_connection_class = "out_of_memory.Connection"
# Kernel and server share a container: Unix sockets in a folder of the user need no open port.
c.KernelManager.transport = "ipc"
