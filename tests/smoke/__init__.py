"""The smoke test: does this site keep its promises, for an analyst, an attacker and an operator?"""
