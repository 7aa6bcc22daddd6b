"""Asks PAM: whether a password or a code is right, and whether an account is open."""

import pamela

# PAM's answer for an account whose password must be changed: a step of the login (steps.py), and not its end.
NEW_PASSWORD_DUE = 12
# Of the bytes that PAM takes, 511; longer ones cannot be anybody's.
LONGEST = 500


def is_right(login: str, secret: str, *, service: str) -> bool:
    """Whether PAM accepts the answer to its one hidden prompt. PAM would read a text with a NUL up to there only."""
    if "\0" in secret or len(secret.encode(errors="surrogatepass")) > LONGEST:
        return False
    try:
        # The account is looked at apart: here, a password that must be changed would be a wrong one.
        pamela.authenticate(login, secret, service=service, check=False, resetcred=0)
    except (pamela.PAMError, UnicodeEncodeError):
        return False
    return True


def why_closed(login: str, *, service: str, encoding: str = "utf8") -> str:
    """Return PAM's reason for which the account is closed; empty if it is open."""
    try:
        pamela.check_account(login, service=service, encoding=encoding)
    except pamela.PAMError as error:
        return "" if error.errno == NEW_PASSWORD_DUE else str(error)
    return ""
