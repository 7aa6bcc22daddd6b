"""Which promises of a server a cluster cannot be asked, and why; and which it is asked in its own way (test_cluster.py)."""

NODES = "a cluster's nodes are its operators', and are not looked into"
NO_UNIX = "a cluster has no accounts of Unix, and no SSH of the site's"
OWN_WAY = ""
"""A check of a cluster asks the same."""

NOT_ASKED = {
    "test_a_password_opens_no_shell": NO_UNIX,
    "test_a_session_is_nobody_but_its_user": OWN_WAY,
    "test_the_docker_socket_is_not_there": OWN_WAY,
    "test_others_data_are_not_there": OWN_WAY,
    "test_another_sessions_port_is_closed": OWN_WAY,
    "test_the_internet_is_closed": OWN_WAY,
    "test_names_are_not_resolved": OWN_WAY,
    "test_the_hosts_ports_are_closed": OWN_WAY,
    "test_a_session_shares_the_folder_of_its_project_alone": OWN_WAY,
    "test_the_projects_folders_are_kept": "claims of projects are kept by the cluster's storage, which makes snapshots or not",
    "test_services_run": OWN_WAY,
    "test_nothing_has_failed": OWN_WAY,
    "test_timers_are_scheduled": OWN_WAY,
    "test_only_https_is_served": "what answers plain HTTP is the cluster's ingress, gateway or load balancer, or nothing",
    "test_the_disks_have_room": NODES,
    "test_every_base_is_up_to_date": OWN_WAY,
    "test_images_have_their_security_updates": "images are made elsewhere, and named by digests: make images makes them anew",
    "test_rstudio_is_there": "images are made elsewhere: cluster.images.rstudio says what they hold",
    "test_the_clock_is_the_sites": NODES,
    "test_apparmor_confines_sessions": NODES,
    "test_the_kernel_is_set_as_the_guide_asks": NODES,
    "test_no_update_waits_for_a_restart": NODES,
    "test_the_hub_is_what_the_locks_say": "the hub is in an image, whose digest the release names",
}
OF_A_SERVER = ("server", "images", "neighbour")
"""Fixtures that there are on a server alone."""
