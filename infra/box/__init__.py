"""The disposable server: a Debian 13 root under systemd-nspawn, deployed to over SSH like any other."""
