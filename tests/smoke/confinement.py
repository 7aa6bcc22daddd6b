"""Does AppArmor confine a session, where the kernel has it?"""

DOCKERS = "docker-default"
NONE = "this kernel has no AppArmor"


def apparmor_problem(enabled: str, profile: str, confined: str) -> str:
    """`enabled`: the kernel's own word, empty where it has no AppArmor; `profile`: Docker's; `confined`: what the
    kernel says of a process of the session."""
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
