"""JupyterHub's configuration, which is the same on every site; site.json has the settings that differ."""

import os
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import administration
import bounds
import cookies
import runs
import step_pages
import target
from gate import SessionGate
from journal import leave_out_strangers, log_request
from pages import (
    TEMPLATES,
    content_security_policy,
    session_opened,
    session_project,
    stopped,
)
from settings import load_settings

c = get_config()  # type: ignore[name-defined]  # noqa: F821
site = load_settings()

# Browsers connect to nginx, nginx to the proxy, which is a unit of its own, and the proxy to the hub and the sessions.
c.JupyterHub.bind_url = f"{site.addresses.proxy}/"
c.JupyterHub.public_url = site.url
if site.session_domain:
    # Each session has a host of its own. The prefix `__Host-`, which sessions use too, keeps other hosts from replacing
    # their cookies.
    c.JupyterHub.subdomain_host = f"https://{site.session_domain}"
    c.JupyterHub.cookie_host_prefix_enabled = True
    cookies.hold()
c.JupyterHub.trusted_downstream_ips = ["127.0.0.1"]
# Sessions use the API through the web server, which limits their requests (sessions-api.conf).
c.JupyterHub.hub_bind_url = target.listening(site)
c.JupyterHub.hub_connect_url = site.addresses.hub
c.Spawner.hub_connect_url = site.addresses.hub_for_sessions
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = site.addresses.proxy_api
c.ConfigurableHTTPProxy.auth_token = os.environ.get("CONFIGPROXY_AUTH_TOKEN", "")

# Sessions and their routes stay when the hub stops or crashes.
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False
# A proxy that restarts has lost its routes: the hub restores them within this many seconds.
c.JupyterHub.last_activity_interval = 15
c.JupyterHub.db_url = f"sqlite:///{site.database}"
c.JupyterHub.upgrade_db = True
c.JupyterHub.cookie_secret_file = f"{site.state}/cookie_secret"

# Logins. The login of a closed account ends within auth_refresh_age.
door = target.door(site)
notices = administration.notices_of(site)
door.pages = administration.handlers(site, notices, door.accounts.groups)
door.site = site
step_pages.hold(site)
SessionGate.lasts_s = site.login_s
c.JupyterHub.authenticator_class = door
c.JupyterHub.cookie_max_age_days = site.login_s / 86400
c.Authenticator.any_allow_config = True
# With a session domain the login is also a host name, and on a cluster a part of names: no other form is accepted.
c.Authenticator.username_pattern = (
    r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z"
    if site.session_domain or site.cluster
    else r"[a-z_][a-z0-9_.@-]*\Z"
)
c.Authenticator.auth_refresh_age = 300
c.Authenticator.auth_refresh_strict = True
c.Authenticator.refresh_pre_spawn = True
c.ProviderAuthenticator.oauth_callback_url = f"{site.url}hub/oauth_callback"
# A field for the code on the login form.
c.Authenticator.request_otp = site.logins.second_factor

# Sessions. spawner.py or pod_spawner.py sets their limits from the profile.
of_sessions = target.spawner(site)
of_sessions.settings = site
of_sessions.notices = notices
of_sessions.groups_of = door.accounts.groups
c.JupyterHub.spawner_class = of_sessions
c.JupyterHub.allow_named_servers = False
c.JupyterHub.concurrent_spawn_limit = 10
c.Spawner.default_url = "/lab"
# Whoever opens a session has read why the one before was stopped.
c.Spawner.pre_spawn_hook = lambda spawner: notices.forget(spawner.user.name)
c.Spawner.start_timeout = 180
# Also the time in which a busy session must answer a hub that has just restarted.
c.Spawner.http_timeout = 180
# Short, since the hub redirects a user to a dead session until a poll notices.
c.Spawner.poll_interval = 10
target.configure(c, site)

bounds.hold()
leave_out_strangers()

# JupyterHub's default rights of a user (`self`) without API tokens, which outlive a login, and shares of sessions.
ROLE_OF_USERS = {
    "name": "user",
    "scopes": ["read:users!user", "users:activity!user", "servers!user", "access:servers!user"],
}
# The idle culler is a unit of its own.
c.JupyterHub.services = [{"name": "culler", "api_token": os.environ.get("CULLER_API_TOKEN", "")}]
c.JupyterHub.load_roles = [
    ROLE_OF_USERS,
    {
        "name": "culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["culler"],
    },
]

# Pages.
c.JupyterHub.template_paths = [str(TEMPLATES)]
c.JupyterHub.template_vars = {
    "site_title": site.title,
    "idle_minutes": f"{site.idle.cull_after_minutes:g}",
    "greatest_age_hours": f"{site.idle.greatest_age_hours:g}",
    "session_opened": session_opened,
    "session_project": partial(session_project, site.projects),
    "help": [{"label": way.label, "address": way.address} for way in site.help],
    "provider": site.logins.oidc is not None,
    "changes_password": site.own_passwords or site.logins.ldap is not None,
    "administers": lambda user: user is not None and user.name in site.administrators,
    # Read by the page that shows them alone; on a cluster, the hub reads no home.
    "runs": lambda user: (
        list if site.cluster else partial(runs.of, user, site, groups_of=door.accounts.groups)
    ),
    "stopped": lambda user: stopped(user, notices),
}
c.JupyterHub.tornado_settings = {
    # The browser's cookie must also end with the login, and not after tornado's 30 days. It is set as an age,
    # since a hub with a wrong clock could set a date in the past.
    "cookie_options": {
        "max_age": site.login_s,
        "expires_days": None,
    },
    "log_function": log_request,
    "headers": {
        "Content-Security-Policy": content_security_policy(session_domain=site.session_domain),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    },
}
c.JupyterHub.authenticate_prometheus = True
