"""The chart's values of logins: at a provider of OpenID Connect, or by the demonstration's password."""

from typing import Literal

from pydantic import Field

from infra.cluster.value_forms import List, Text, Value


class Oidc(Value):
    """`infra/settings/oidc.py` explains each. The client's secret is in the Secret `bigdata-logins`, key `client-secret`."""

    issuer: str = Field(
        pattern=r"^https?://[^\s/]+\S*$", description="Identifier of the provider, to the letter"
    )
    client_id: Text = Field(description="Name of the hub at the provider")
    username_claim: Text = Field("preferred_username", description="Claim that holds the login")
    group_claim: Text | None = Field(None, description="Claim that lists a person's groups")
    groups: List[Text] = Field((), description="Who is in one of these may log in")
    acr: List[Text] = Field((), description="Levels of proof, one of which is needed")
    amr: List[Text] = Field((), description="Means of proof, all of which are needed")
    scopes: List[Text] = Field(("profile",), description="Asked for besides openid")
    logout: bool = Field(True, description="A logout here also ends the login there")


class Logins(Value):
    kind: Literal["oidc", "demonstration"] = Field(
        description="demonstration: each account of the file by one password, from the Secret `bigdata-hub`"
    )
    oidc: Oidc | None = Field(None, description="The provider (kind: oidc)")
    authorities: str | None = Field(
        None,
        description="CA certificates, PEM, that the hub trusts for the provider, besides Debian's",
    )
