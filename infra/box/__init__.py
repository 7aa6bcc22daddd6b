"""The disposable server (box): Debian 13 under systemd-nspawn, to which deploys go over SSH as to a real server."""
