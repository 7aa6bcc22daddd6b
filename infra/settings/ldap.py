"""The settings of logins by the site's directory: where it is, how it is searched, and how long its word holds."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from infra.settings.setting_forms import Network, Url
from infra.settings.settings_file import List, LocalPath, Settings

# sssd reads `base?scope?filter`: a question mark would end one of them.
Name = Annotated[str, StringConstraints(pattern=r"^[^\s?][^\n?]*$")]
Attribute = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
# Of Active Directory: an account that is disabled.
DISABLED_IN_AD = "(userAccountControl:1.2.840.113556.1.4.803:=2)"


def _uri(text: str) -> str:
    found = re.fullmatch(r"ldaps?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?/?", text)
    if found is None:
        raise ValueError("ldaps://host, ldaps://host:port, or the same with ldap:// is needed")
    if found[1] == "localhost":
        raise ValueError("the certificate would be compared with the server's own name: say another name of the host")  # fmt: skip
    return text


def _filter(text: str) -> str:
    if not text.startswith("(") or not text.endswith(")") or not _is_balanced(text):
        raise ValueError("a filter is in parentheses, such as (objectClass=person)")
    return text


def _is_balanced(text: str) -> bool:
    """Whether the parentheses close, and the first one at the end: what follows would be left out."""
    depth = 0
    for at, one in enumerate(text):
        depth += {"(": 1, ")": -1}.get(one, 0)
        if depth <= 0 and at < len(text) - 1:
            return False
    return depth == 0


Uri = Annotated[str, AfterValidator(_uri)]
Filter = Annotated[Name, AfterValidator(_filter)]


class Ldap(Settings):
    uris: List[Uri] = Field(
        min_length=1, description="The directory's servers, tried in this order"
    )
    start_tls: bool = Field(
        False,
        description="Demand StartTLS, which ldap:// needs: nothing is ever sent in clear text",
    )
    ca_certificates: LocalPath | None = Field(
        None, description="The CA certificates that sign theirs, PEM, on your machine (None: those that the server trusts)"
    )  # fmt: skip
    bind_dn: Name | None = Field(
        None, description="Who this server is in the directory (None: it searches without a name)"
    )
    bind_password: LocalPath | None = Field(
        None, description="File with its password, on your machine, outside the checkout"
    )
    schema_of_groups: Literal["rfc2307", "rfc2307bis", "ad"] = Field(
        "rfc2307bis",
        description="How groups name their members: rfc2307 by login, rfc2307bis by DN, ad as Active Directory does",
    )
    user_base: Name = Field(description="Where people are searched")
    user_filter: Filter | None = Field(
        None, description="Whom of them it is about (None: all people there; with ad, those not disabled)"
    )  # fmt: skip
    group_base: Name | None = Field(
        None, description="Where groups are searched (None: where people are)"
    )
    login_attribute: Attribute | None = Field(
        None,
        description="Holds the login of the accounts file (None: uid; with ad, sAMAccountName)",
    )
    user_class: Attribute | None = Field(
        None, description="Object class that people's entries hold (None: inetOrgPerson; with ad, user)"
    )  # fmt: skip
    group_class: Attribute | None = Field(
        None, description="Object class of groups (None: posixGroup, groupOfNames or group, by the schema)"
    )  # fmt: skip
    member_attribute: Attribute | None = Field(
        None, description="Names a group's members (None: the schema's own)"
    )
    nesting: int = Field(
        2, ge=0, le=8, description="How deep groups within groups are followed (0: not at all)"
    )
    offline_days: int = Field(
        0, ge=0, le=7,
        description="Days for which a password that the directory accepted serves while it does not answer (0: none "
        "does)",
    )  # fmt: skip
    offline_hours: float = Field(
        12, gt=0, le=168,
        description="Hours for which the memberships that the directory last told hold while it does not answer",
    )  # fmt: skip
    password_url: Url | None = Field(
        None, description="Page on which people change their password in the directory"
    )
    addresses: List[Network] = Field(
        min_length=1,
        description="Networks that this server may ask: the directory's, the DNS servers'",
    )

    @property
    def people(self) -> str | None:
        """The filter that people must pass; None: any."""
        if self.schema_of_groups != "ad":
            return self.user_filter
        return f"(&{self.user_filter or ''}(!{DISABLED_IN_AD}))"

    @property
    def login_name(self) -> str:
        return self.login_attribute or (
            "sAMAccountName" if self.schema_of_groups == "ad" else "uid"
        )

    def _wrong(self) -> Iterator[str]:
        for index, uri in enumerate(self.uris):
            if uri.startswith("ldap://") and not self.start_tls:
                yield f"uris[{index}]: {uri} is clear text: say ldaps://, or start_tls = true"
        if (self.bind_dn is None) != (self.bind_password is None):
            yield "bind_dn and bind_password go together: set both or none"
        if any(ipaddress.ip_network(one).prefixlen == 0 for one in self.addresses):
            yield "addresses: the whole Internet is no directory's network"
        if self.nesting and self.schema_of_groups == "rfc2307" and "nesting" in self.model_fields_set:  # fmt: skip
            yield "nesting: groups of rfc2307 hold no groups, leave it out"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if wrong := list(self._wrong()):
            raise ValueError("\n".join(wrong))
        return self
