"""Paths that some parser may read as one of a colleague's session; each must be refused.

nginx, the proxy (Node's URL), its HTTP client and the hub (tornado) parse paths differently.
"""

# Paths that all parsers read alike and that do not exist: requests by IP address may be redirected to the host name.
PLAIN = frozenset({"a semicolon after the name", "upper case"})


def tricks(*, other: str, own: str, page: str) -> dict[str, str]:
    """Return paths, by name, with which the user `own` tries to open a page of `other`'s session."""
    theirs = f"/user/{other}/{page}"
    # From the page up to the root, and to the folder of all sessions.
    ups = page.count("/") + 3

    def up(dots: str, slash: str, *, less: int = 0) -> str:
        return slash.join([dots] * (ups - less))

    return {
        # nginx's normalisation leads to another location.
        "double slash before the hub": f"//hub{theirs}",
        "triple slash before the hub": f"///hub{theirs}",
        "double slash before the session": f"/{theirs}",
        "double slash after user": f"/user//{other}/{page}",
        "up from the session to the hub": f"{theirs}/{up('..', '/')}/hub/login",
        "up, slash encoded": f"{theirs}/{up('..', '%2f')}%2fhub/x",
        "up, slash encoded, upper case": f"{theirs}/{up('..', '%2F')}%2Fhub/x",
        "up, dots encoded": f"{theirs}/{up('%2e%2e', '/')}/hub/x",
        "up, one dot encoded": f"{theirs}/{up('.%2e', '/', less=2)}/.%2E/%2e./hub/x",
        "up, all encoded": f"{theirs}/{up('%2e%2e', '%2f')}%2fhub/x",
        "up, twice encoded": f"{theirs}/{up('%252e%252e', '%252f')}%252fhub/x",
        "up to the login": f"{theirs}/{up('..', '%2f')}%2fhub/login",
        "up to the logout": f"{theirs}/{up('..', '%2f')}%2fhub/logout",
        "up to the pages": f"{theirs}/{up('..', '%2f')}%2fstyle.css",
        "up to the start page": f"{theirs}/{up('..', '%2f')}%2f",
        # The proxy's normalisation leads from the hub's location to the session.
        "down from the hub": f"/hub/..{theirs}",
        "down from the hub, dots encoded": f"/hub/%2e%2e{theirs}",
        "down from the hub, one dot encoded": f"/hub/.%2e{theirs}",
        "down from the hub, slash encoded": f"/hub/..%2fuser/{other}/{page}",
        "down from the hub, twice encoded": f"/hub/%252e%252e{theirs}",
        "down from the login": f"/hub/login/..%2f..{theirs}",
        "down from the hub, backslash": f"/hub/..\\user\\{other}\\{page}",
        "down from the hub, backslash encoded": f"/hub/..%5cuser%5c{other}%5c{page}",
        "down from the hub, semicolon": f"/hub/..;{theirs}",
        "down from the hub, semicolon first": f"/hub;/..{theirs}",
        "down from the hub, a tab between": f"/hub/.%09.{theirs}",
        # From one's own session to the other's: one's own cookie matches the path that nginx normalises.
        "out of one's own": f"/user/{own}/../{other}/{page}",
        "out of one's own, slash encoded": f"/user/{own}/..%2f{other}/{page}",
        "out of one's own, dots encoded": f"/user/{own}/%2e%2e/{other}/{page}",
        "out of one's own, all encoded": f"/user/{own}%2f%2e%2e%2f{other}%2f{page}",
        "out of one's own, backslash": f"/user/{own}/..\\{other}/{page}",
        "out of one's own, backslash encoded": f"/user/{own}/..%5c{other}/{page}",
        "out of one's own, twice encoded": f"/user/{own}/%252e%252e/{other}/{page}",
        "into one's own from theirs": f"/user/{other}/..%2f{own}/../{other}/{page}",
        "theirs, then one's own": f"{theirs}/{up('..', '%2f', less=1)}%2f{own}/x",
        "a semicolon after the name": f"/user/{other};/{page}",
        "a semicolon in one's own": f"/user/{own};/../{other}/{page}",
        # Other spellings of the same path.
        "user encoded": f"/%75ser/{other}/{page}",
        "hub encoded": f"/%68ub/..{theirs}",
        "the name encoded": f"/user/%{ord(other[0]):x}{other[1:]}/{page}",
        "the slash after user encoded": f"/user%2f{other}/{page}",
        "the slash after the name encoded": f"/user/{other}%2f{page}",
        "upper case": f"/USER/{other}/{page}",
        "upper case of the hub": f"/HUB/..{theirs}",
        "a question mark encoded": f"/hub/%3f/..{theirs}",
        "a fragment": f"/hub/#/..{theirs}",
        "a fragment before theirs": f"/hub#/../user/{other}/{page}",
        "a name with a colon": f"/hub/@{other}:x/..{theirs}",
        "another host before it": f"//{other}{theirs}",
        "a scheme before it": f"/https://x{theirs}",
        "bytes that are no UTF-8": f"/user/{other}/%ff/..%2f{page}",
        "an overlong slash": f"/hub/..%c0%af..{theirs}",
        "an overlong dot": f"/hub/%c0%ae%c0%ae{theirs}",
        "a NUL": f"/hub/%00/..{theirs}",
        "a line feed": f"/hub/%0a/..{theirs}",
    }


def fine(own: str) -> tuple[str, ...]:
    """Return paths of users and of JupyterLab, which must still reach one's own session."""
    return (
        f"/user/{own}/lab",
        f"/user/{own}/lab/tree/Donn%C3%A9es%20brutes/essai%20(1).ipynb",
        f"/user/{own}/files/100%25.csv",
        f"/user/{own}/files/a;b=c,d+e&f@g!$'*~.csv",
        f"/user/{own}/files/C%23.txt?download=1",
        f"/user/{own}/files/why%3F.txt",
        f"/user/{own}/api/contents/notes..txt",
        f"/user/{own}/api/contents/...",
        f"/user/{own}/lab/api/settings/@jupyterlab/apputils-extension:themes",
        f"/user/{own}/lab/api/settings/@jupyterlab%2Fapputils-extension%3Athemes",
        f"/user/{own}/lab/tree//twice",
        f"/user/{own}/api/contents?next=/../..//%2e%2e#",
    )
