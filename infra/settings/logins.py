"""The settings of logins: who checks them, the second factor, and the passwords that analysts choose."""

from typing import Literal

from pydantic import Field

from infra.settings.accounts import SHORTEST_PASSWORD
from infra.settings.ldap import Ldap
from infra.settings.oidc import Oidc
from infra.settings.settings_file import Settings


class Logins(Settings):
    kind: Literal["pam", "ldap", "oidc"] = Field(
        "pam",
        description="pam: by a password of this server; ldap: by one of the site's directory; oidc: at a provider of "
        "OpenID Connect",
    )
    ldap: Ldap | None = Field(None, description="The directory (kind = ldap)")
    oidc: Oidc | None = Field(None, description="The provider (kind = oidc)")
    second_factor: bool = Field(
        True, description="Ask for a code of an authenticator application besides the password"
    )
    password_min_length: int = Field(
        SHORTEST_PASSWORD,
        ge=SHORTEST_PASSWORD,
        le=64,
        description="Fewest characters of a password that an analyst chooses",
    )
    password_min_classes: int = Field(
        4,
        ge=1,
        le=4,
        description="Fewest kinds of characters in it, of capitals, small letters, digits and others",
    )
    password_max_days: int | None = Field(
        None,
        ge=1,
        description="Days after which a password must be changed (None: never by age alone)",
    )
