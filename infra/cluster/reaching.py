"""Talks to a site's cluster by kubectl and helm; what goes wrong is one sentence with the next step."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.operate.cluster_programs import find_helm, find_kubectl
from infra.settings.cluster_site import ClusterSite

# Of the release, in the site's namespace.
RELEASE = "bigdata"
# For an answer to one request; a cut network says nothing for ever.
ANSWER_S = 20
# Between two looks at what helm waits for.
LOOK_EVERY_S = 5
# By a word of what kubectl or helm says, in this order: what it means.
MEANINGS = (
    ("no configuration has been provided", "there is no kubeconfig: set cluster.kubeconfig, or KUBECONFIG"),
    ("does not exist", "cluster.context is not in the kubeconfig: `kubectl config get-contexts` lists those that are"),
    ("no context exists", "cluster.context is not in the kubeconfig: `kubectl config get-contexts` lists those that are"),
    ("no such host", "the name of its API server is not known here: the address in the kubeconfig, or this machine's DNS"),
    ("connection refused", "nothing answers at the address of the kubeconfig: the cluster is down, or the address is old"),
    ("was refused", "nothing answers at the address of the kubeconfig: the cluster is down, or the address is old"),
    ("no route to host", "the network does not lead there from this machine"),
    ("timeout", "nothing answered in time: a firewall, a tunnel or a VPN is between"),
    ("deadline exceeded", "nothing answered in time: a firewall, a tunnel or a VPN is between"),
    ("x509", "the certificate of what answers is not the one of the kubeconfig: compare before anything else"),
    ("unauthorized", "the cluster does not know you: the credentials of the kubeconfig are wrong or have ended"),
    ("forbidden", "the kubeconfig's user may not do that: ask the cluster's operators"),
)  # fmt: skip


class ClusterError(Exception):
    """The cluster is not reached, or refuses; the message is a sentence that says what to do next."""


@dataclass(frozen=True)
class Cluster:
    site: ClusterSite

    @property
    def namespace(self) -> str:
        return self.site.cluster.namespace

    @property
    def work(self) -> str:
        return self.site.cluster.work_namespace

    def kubectl(
        self,
        *words: str,
        given: str | None = None,
        allowed: Sequence[int] = (0,),
        answer_s: int | None = None,
    ) -> str:
        """Return what kubectl says. Raises ClusterError unless it ends with an allowed status, or where one request takes
        more than `answer_s` (None: ANSWER_S, 0: as long as it takes)."""
        command = [
            str(find_kubectl()),
            *self._where("--context", "--kubeconfig"),
            f"--request-timeout={ANSWER_S if answer_s is None else answer_s}s",
            *words,
        ]
        return self._run(command, given=given, allowed=allowed)

    def helm(self, *words: str, allowed: Sequence[int] = (0,)) -> str:
        """Return what helm says of the release's namespace. Raises ClusterError."""
        where = self._where("--kube-context", "--kubeconfig")
        command = [str(find_helm()), *words, "--namespace", self.namespace, *where]
        return self._run(command, given=None, allowed=allowed)

    def helm_until(self, given_up: Callable[[], bool], *words: str) -> None:
        """Run helm, and end it in order, so that it goes back itself, once `given_up` says so. Raises ClusterError where it fails."""
        where = self._where("--kube-context", "--kubeconfig")
        command = [str(find_helm()), *words, "--namespace", self.namespace, *where]
        environment = {**os.environ, "LC_ALL": "C"}
        with (
            tempfile.TemporaryFile("w+", encoding="utf-8") as said,
            subprocess.Popen(command, stdout=said, stderr=said, env=environment) as process,
        ):
            try:
                _wait(process, given_up)
            except BaseException:
                process.kill()
                raise
            said.seek(0)
            if process.returncode != 0:
                raise ClusterError(self._sentence("helm", _without_notes(said.read())))

    def read(self, *words: str) -> dict[str, Any]:
        """Return objects that kubectl gets, as JSON."""
        found: dict[str, Any] = json.loads(self.kubectl("get", *words, "--output=json"))
        return found

    def has(self, kind: str, name: str, *, namespace: str | None = None) -> bool:
        words = ["get", kind, name, "--ignore-not-found", "--output=name"]
        return bool(
            self.kubectl(*words, *(["--namespace", namespace] if namespace else [])).strip()
        )

    def apply(self, *objects: dict[str, Any]) -> None:
        """Make these objects what they say, as the owner of their fields."""
        whole = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        words = (
            "apply",
            "--server-side",
            "--force-conflicts",
            "--field-manager=openchronic-deploy",
        )
        self.kubectl(*words, "--filename=-", given=json.dumps(whole))

    def create(self, what: dict[str, Any]) -> None:
        """Make an object that must not be there: one that is stays as it is."""
        self.kubectl("create", "--filename=-", given=json.dumps(what))

    def release(self) -> dict[str, Any] | None:
        """Return what helm says of the release, of whatever status; None where there is none."""
        states = ("--deployed", "--failed", "--pending", "--superseded", "--uninstalling")
        said = self.helm("list", *states, "--filter", f"^{RELEASE}$", "--output=json")
        found: list[dict[str, Any]] = json.loads(said or "[]")
        return found[0] if found else None

    def reach(self) -> None:
        """Raise ClusterError unless the API server answers this user."""
        self.kubectl("get", "--raw=/version")
        self.kubectl("auth", "can-i", "get", "pods", "--namespace", self.namespace)

    def _where(self, context: str, kubeconfig: str) -> list[str]:
        file = self.site.cluster.kubeconfig
        return [context, self.site.cluster.context, *([kubeconfig, str(file)] if file else [])]

    def _run(self, command: list[str], *, given: str | None, allowed: Sequence[int]) -> str:
        environment = {**os.environ, "LC_ALL": "C"}
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, check=False, env=environment
        )
        if done.returncode not in allowed:
            said = done.stderr.strip() or done.stdout.strip()
            raise ClusterError(self._sentence(Path(command[0]).name, _without_notes(said)))
        return done.stdout

    def _sentence(self, program: str, said: str) -> str:
        last = said.splitlines()[-1] if said else "nothing"
        lower = said.lower()
        meaning = next((text for word, text in MEANINGS if word in lower), None)
        begin = f"{self.site.name}: the cluster of the context {self.site.cluster.context}: "
        return (
            f"{begin}{meaning} ({program} says: {last})"
            if meaning
            else f"{begin}{program} says: {said}"
        )


def _wait(process: subprocess.Popen[bytes], given_up: Callable[[], bool]) -> None:
    """Wait until a program ends; tell it to end, once, as soon as `given_up` says so."""
    is_told = False
    while True:
        try:
            process.wait(timeout=LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            if not is_told and given_up():
                process.terminate()
                is_told = True
        else:
            return


def _without_notes(said: str) -> str:
    return "\n".join(
        line for line in said.splitlines() if not line.startswith("level=INFO")
    ).strip()
