"""A directory for the time of some tests: OpenLDAP's slapd on the test box, with people, groups, and a CA of its own."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.server.machine import Machine

NAME = "annuaire.example"
FOLDER = "/srv/test-directory"
BASE = "dc=drees,dc=example"
READER = f"cn=lecteur,{BASE}"
ADMIN = f"cn=admin,{BASE}"
# The program runs where Debian's own unit does not: it has another database.
UNIT = "test-directory"
CONFIGURATION = f"""
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile {FOLDER}/ca.pem
TLSCertificateFile {FOLDER}/server.pem
TLSCertificateKeyFile {FOLDER}/server.key
security simple_bind=128
database mdb
suffix {BASE}
rootdn {ADMIN}
rootpw @ADMIN@
directory {FOLDER}/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{READER}" read by anonymous auth by * none
"""
CERTIFICATES = f"""
set -e; umask 077; mkdir -p {FOLDER}/db; cd {FOLDER}
for one in ca other-ca; do
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$one" -keyout $one.key -out $one.pem 2>/dev/null
done
openssl req -newkey rsa:2048 -nodes -subj /CN={NAME} -keyout server.key -out server.csr 2>/dev/null
echo subjectAltName=DNS:{NAME} > names
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out server.pem 2>/dev/null
"""


@dataclass(frozen=True)
class Slapd:
    server: Machine
    passwords: Mapping[str, str]
    reader: str
    admin: str

    def start(self) -> None:
        # With the limit of a service, slapd would prepare for a billion connections.
        self.server.succeed(
            f"systemd-run --quiet --collect --unit={UNIT} --property=LimitNOFILE=1024 --property=Type=forking "
            f"/usr/sbin/slapd -f {FOLDER}/slapd.conf -h ldaps://{NAME}"
        )

    def stop(self) -> None:
        self.server.execute(f"systemctl stop {UNIT}")

    def change(self, dn: str, *lines: str) -> None:
        """Change an entry, by lines of LDIF."""
        ldif = "\n".join((f"dn: {dn}", "changetype: modify", *lines)) + "\n"
        self.server.succeed(
            f"LDAPTLS_CACERT={FOLDER}/ca.pem ldapmodify -x -H ldaps://{NAME} -D {ADMIN} -y {FOLDER}/admin",
            stdin=ldif,
        )

    def read(self, name: str) -> str:
        return self.server.succeed(f"cat {FOLDER}/{name}") + "\n"


def person(login: str) -> str:
    return f"uid={login},ou=people,{BASE}"


def group(name: str) -> str:
    return f"cn={name},ou=groups,{BASE}"


@contextmanager
def directory(
    server: Machine, *, people: Sequence[str], groups: Mapping[str, Sequence[str]], address: str
) -> Iterator[Slapd]:
    """Run a directory with people, each with a password of their own, and groups of DNs; then leave nothing of it."""
    made = Slapd(
        server=server,
        passwords={login: secrets.token_urlsafe(12) for login in people},
        reader=secrets.token_urlsafe(12),
        admin=secrets.token_urlsafe(12),
    )
    try:
        server.succeed(
            "systemctl mask --quiet slapd.service; DEBIAN_FRONTEND=noninteractive apt-get -qy install "
            "--no-install-recommends slapd ldap-utils",
            timeout_s=300,
        )
        server.succeed(f"echo '{address} {NAME}' >> /etc/hosts")
        server.succeed(CERTIFICATES)
        settings = CONFIGURATION.replace("@ADMIN@", made.admin)
        server.succeed(f"cat > {FOLDER}/slapd.conf", stdin=settings)
        server.succeed(f"printf %s {made.admin} > {FOLDER}/admin")
        ldif = "\n\n".join(_entries(made, groups)) + "\n"
        server.succeed(f"slapadd -f {FOLDER}/slapd.conf", stdin=ldif)
        made.start()
        yield made
    finally:
        made.stop()
        server.execute(
            f"rm -rf {FOLDER}; sed -i '/ {NAME}$/d' /etc/hosts; DEBIAN_FRONTEND=noninteractive apt-get -qy purge slapd "
            "ldap-utils; systemctl unmask --quiet slapd.service; systemctl daemon-reload",
            timeout_s=300,
        )


def _entries(made: Slapd, groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Essai\ndc: drees"
    yield (
        f"dn: {READER}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: lecteur\n"
        f"userPassword: {made.reader}"
    )
    for unit in ("people", "groups"):
        yield f"dn: ou={unit},{BASE}\nobjectClass: organizationalUnit\nou: {unit}"
    for login, password in made.passwords.items():
        yield (
            f"dn: {person(login)}\nobjectClass: inetOrgPerson\nuid: {login}\ncn: {login}\nsn: {login}\n"
            f"userPassword: {password}"
        )
    for name, members in groups.items():
        listed = "\n".join(f"member: {one}" for one in members)
        yield f"dn: {group(name)}\nobjectClass: groupOfNames\ncn: {name}\n{listed}"
