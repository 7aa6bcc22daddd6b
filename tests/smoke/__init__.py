"""The smoke test: checks a deployed site as an analyst, an attacker and an operator."""
