"""How fast the server is: every measure beside its floor or its peer, from the same run on the same machine."""
