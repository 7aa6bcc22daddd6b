"""Asks the cluster where pods find its API server, for the policies of a site that does not say it."""

import ipaddress

from infra.cluster.reaching import Cluster, ClusterError
from infra.cluster.values import Values

SERVICE = ("--namespace", "default", "--selector", "kubernetes.io/service-name=kubernetes")


def with_api_server(values: Values, cluster: Cluster) -> Values:
    """Return the values with the addresses and ports behind the service `kubernetes`, unless they have some already."""
    if values.policies.api_server:
        return values
    found = cluster.read("endpointslices", *SERVICE)["items"]
    addresses = {
        str(ipaddress.ip_network(address))
        for one in found
        for end in one["endpoints"]
        for address in end["addresses"]
    }
    ports = {port["port"] for one in found for port in one["ports"]}
    if not addresses:
        raise ClusterError(
            f"{cluster.site.name}: the cluster does not tell where its API server is: say cluster.api_server"
        )
    told = {"api_server": tuple(sorted(addresses)), "api_server_ports": tuple(sorted(ports))}
    return values.model_copy(update={"policies": values.policies.model_copy(update=told)})
