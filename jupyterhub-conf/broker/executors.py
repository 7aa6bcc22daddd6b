"""Reads what Spark asks for when it wants an executor, and says what the executor's pod runs."""

import re
from collections.abc import Mapping
from typing import Any

from broker.errors import AskedWrongly
from broker.selectors import NAMES, is_label_value
from broker.templates import OWNER, SCRATCH_FOLDER, Part

COMPONENT = "executor"
COMMAND = ("/usr/bin/tini", "-g", "--", "/usr/local/bin/start-executor")
DRIVER_PORT = 7078
DRIVER = re.compile(r"spark://CoarseGrainedScheduler@(?P<host>[^:]+):(?P<port>[0-9]{1,5})")
# Spark's variables of an executor, and their forms. The options are Java's, of a program that runs the session's own code.
FORMS = {
    "SPARK_USER": r".{0,100}",
    "SPARK_EXECUTOR_CORES": r"[1-9][0-9]{0,2}",
    "SPARK_EXECUTOR_MEMORY": r"[1-9][0-9]{0,9}[kmg]",
    "SPARK_APPLICATION_ID": r"[A-Za-z0-9][A-Za-z0-9-]{0,62}",
    "SPARK_EXECUTOR_ID": r"[0-9]{1,9}",
    "SPARK_RESOURCE_PROFILE_ID": r"[0-9]{1,9}",
    "_SPARK_AUTH_SECRET": r"[0-9a-f]{32,256}",
}
JAVA_OPTION = re.compile(r"SPARK_JAVA_OPT_[0-9]{1,4}")
MOST_OPTIONS = 200
LONGEST_OPTION = 2000
# Spark names its own folders, which the executor does not have.
LEFT_OUT = frozenset(
    {
        *("SPARK_DRIVER_URL", "SPARK_LOCAL_DIRS", "SPARK_CONF_DIR", "SPARK_EXECUTOR_POD_IP"),
        *("SPARK_EXECUTOR_POD_NAME", "SPARK_EXECUTOR_ATTRIBUTE_APP_ID"),
        *("SPARK_EXECUTOR_ATTRIBUTE_EXECUTOR_ID",),
    }
)


def executor(asked: object, *, session: Mapping[str, Any]) -> Part:
    """Return the executor that Spark asks for by a pod of its own making, of which its variables and labels are read.

    Raises AskedWrongly.
    """
    given = _given(asked)
    environment = {
        name: value
        for name, form in FORMS.items()
        if (value := _formed(name, given.get(name), form)) is not None
    }
    if missing := {"SPARK_APPLICATION_ID", "SPARK_EXECUTOR_ID", "SPARK_EXECUTOR_MEMORY"} - set(
        environment
    ):
        raise AskedWrongly(f"an executor has {', '.join(sorted(missing))}")
    options = {name: value for name, value in given.items() if JAVA_OPTION.fullmatch(name)}
    if len(options) > MOST_OPTIONS or any(len(one) > LONGEST_OPTION for one in options.values()):
        raise AskedWrongly("too many options of Java, or too long ones")
    if foreign := sorted(set(given) - set(FORMS) - set(options) - LEFT_OUT):
        raise AskedWrongly(f"executors have no variable {foreign[0][:100]!r}")
    owner = session["metadata"]["labels"][OWNER]
    application = environment["SPARK_APPLICATION_ID"].rpartition("-")[2][:12].lower()
    return Part(
        name=f"executor-{owner}-{application}-{environment['SPARK_EXECUTOR_ID']}",
        component=COMPONENT,
        command=COMMAND,
        environment={
            **environment,
            **options,
            "SPARK_DRIVER_URL": _driver(given.get("SPARK_DRIVER_URL"), session),
            "SPARK_LOCAL_DIRS": SCRATCH_FOLDER,
        },
        labels=_labels(asked),
    )


def _given(asked: object) -> dict[str, str]:
    """Return the variables of the first container of a pod, those with a value."""
    try:
        listed = asked["spec"]["containers"][0]["env"]  # type: ignore[index]
        given = {one["name"]: one["value"] for one in listed if "value" in one}
    except (KeyError, IndexError, TypeError):
        raise AskedWrongly("not a pod of Spark's") from None
    if not all(isinstance(part, str) for pair in given.items() for part in pair):
        raise AskedWrongly("variables are text")
    return given


def _formed(name: str, value: str | None, form: str) -> str | None:
    if value is not None and not re.fullmatch(form, value):
        raise AskedWrongly(f"{name} is not of the form that Spark gives it")
    return value


def _driver(url: str | None, session: Mapping[str, Any]) -> str:
    """Return the driver's address, which is the session's: an executor obeys nobody else."""
    read = DRIVER.fullmatch(url or "")
    address = session["status"]["podIP"]
    if read is None or read["host"].strip("[]") != address or int(read["port"]) != DRIVER_PORT:
        raise AskedWrongly(
            f"the driver of an executor is its session, at {address}:{DRIVER_PORT} (spark.driver.host, spark.driver.port)"
        )
    return url or ""


def _labels(asked: object) -> dict[str, str]:
    metadata = asked.get("metadata") if isinstance(asked, dict) else None
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    if not isinstance(labels, dict):
        return {}
    return {
        name: value for name, value in labels.items() if name in NAMES and is_label_value(value)
    }
