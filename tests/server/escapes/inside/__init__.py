"""Programs of attackers, which run in a session's kernel and need nothing that a session lacks."""
