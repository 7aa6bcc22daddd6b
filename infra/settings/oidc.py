"""The settings of logins at a provider of OpenID Connect: where it is, what the hub is there, and whom it sends."""

import ipaddress
from collections.abc import Iterator
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from infra.settings.setting_forms import Network, Text, Url
from infra.settings.settings_file import List, LocalPath, Settings

Scope = Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]+$")]


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _issuer(url: str) -> str:
    """Return the URL; ValueError unless it may name a provider: what it signs is trusted for where it was fetched."""
    parts = urlsplit(url)
    if parts.query or parts.fragment or "?" in url or "#" in url or parts.username is not None:
        raise ValueError("an issuer has no query, fragment or user")
    if parts.scheme != "https" and not is_loopback(url):
        raise ValueError("https is needed: the provider says who logs in")
    return url


class Oidc(Settings):
    issuer: Annotated[Url, AfterValidator(_issuer)] = Field(
        description="Identifier of the provider, exactly as its discovery document says it"
    )
    client_id: Text = Field(description="Name of this server at the provider")
    client_secret: LocalPath = Field(
        description="File with the secret of this server at the provider, on your machine, outside the checkout"
    )
    username_claim: Text = Field(
        "preferred_username", description="Claim that holds the login of the accounts file"
    )
    group_claim: Text | None = Field(
        None, description="Claim that lists a person's groups (None: groups are not looked at)"
    )
    groups: List[Text] = Field(
        (), description="Whoever is in one of these groups may log in (with group_claim)"
    )
    acr: List[Text] = Field(
        (), description="How strongly people must have proven who they are: one of these levels (empty: any)"
    )  # fmt: skip
    amr: List[Text] = Field(
        (), description="By which means people must have done so: all of these (empty: any)"
    )
    scopes: List[Scope] = Field(
        ("profile",), description="Asked for besides `openid`, so that the claims come"
    )
    logout: bool = Field(True, description="A logout here also ends the login at the provider")
    addresses: List[Network] = Field(
        (), description="Networks that the hub may connect to: the provider's, the DNS servers'"
    )

    def _wrong(self) -> Iterator[str]:
        if (self.group_claim is None) != (not self.groups):
            yield "group_claim and groups go together: set both or none"
        if not self.addresses and not is_loopback(self.issuer):
            yield "addresses: the hub connects to this server only, name the provider's networks"
        if any(ipaddress.ip_network(one).prefixlen == 0 for one in self.addresses):
            yield "addresses: the whole Internet is no provider's network"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if wrong := list(self._wrong()):
            raise ValueError("\n".join(wrong))
        return self
