"""The broker's paths: a small part of the Kubernetes API for Spark, and the workers of Dask."""

import logging
import re

from tornado.web import Application, RequestHandler

from broker.asking import Broker
from broker.dask_workers import DaskWorkers
from broker.spark_pods import SparkOthers, SparkPod, SparkPods

log = logging.getLogger("broker")


class Health(RequestHandler):  # type: ignore[misc]  # tornado has no types
    def get(self) -> None:
        self.write({"status": "ok"})


def application(broker: Broker) -> Application:
    given = {"broker": broker}
    of_spark = rf"/broker/k8s/api/v1/namespaces/{re.escape(broker.pods.namespace)}"
    return Application(
        [
            ("/health", Health),
            (rf"{of_spark}/pods", SparkPods, given),
            (rf"{of_spark}/pods/([a-z0-9-]{{1,63}})", SparkPod, given),
            (rf"{of_spark}/(?:services|persistentvolumeclaims|configmaps)", SparkOthers, given),
            ("/broker/workers", DaskWorkers, given),
        ],
        log_function=_log_request,
    )


def _log_request(handler: RequestHandler) -> None:
    request, login = handler.request, getattr(handler, "login", "-")
    if request.path != "/health":
        log.info("%s %s %s %s", handler.get_status(), request.method, request.path, login)
