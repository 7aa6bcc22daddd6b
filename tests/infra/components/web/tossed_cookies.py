"""Cookies that a hostile page sets for all hosts of a domain, under the names of ours."""

from tests.infra.components.web.conftest import OWN

# Names of our cookies that a hostile page may want to replace, and spellings that some parser reads as these names.
HOST_ONLY = (
    "__Host-jupyterhub-hub-login",
    "__Host-session_gate",
    f"__Host-jupyterhub-user-{OWN}",
    f"__Host-jupyterhub-user-{OWN}-oauth-state-x",
)
DISGUISES = (
    "{}",
    "={}",
    "\u2000{}",
    "\u0085{}",
    "\u00a0{}",
    "{}\u00a0",
    "__HOST-{}",
    '"{}"',
    "{}\t",
)
PATHS = ("/", "/hub/", "/hub/api/", "/hub/home", f"/user/{OWN}/", f"/user/{OWN}/lab")
# The browser stores cookies in its own time; a page that reads them afterwards waits until they are stored.
TOSS = """([names, disguises, paths, domain]) => {
  for (const name of names) for (const disguise of disguises) for (const path of paths)
    document.cookie = `${disguise.replace("{}", name)}=evil; Domain=${domain}; Path=${path}; Secure`;
  return document.cookie;
}"""
