"""Judges whether AppArmor confines a session, if the kernel has it."""

DOCKERS = "docker-default"
NONE = "this kernel has no AppArmor"


def apparmor_problem(enabled: str, profile: str, confined: str) -> str:
    """Return what is wrong, or an empty text. `enabled` is the kernel's parameter, empty without AppArmor; `profile` is
    Docker's setting; `confined` is the profile of a process of the session."""
    if not enabled:
        return ""
    if enabled != "Y":
        return "AppArmor is switched off: take apparmor=0 from the kernel's command line"
    if profile != DOCKERS:
        return (
            f"Docker starts sessions under the AppArmor profile « {profile or 'none'} »: "
            "install apparmor, restart Docker, start the session again"
        )
    if confined != f"{DOCKERS} (enforce)":
        return f"a session's process is confined by « {confined or 'nothing'} »"
    return ""
