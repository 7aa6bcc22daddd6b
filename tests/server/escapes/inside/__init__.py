"""What attackers run: sources that are sent to a session's kernel, and use what any session has."""
