"""The chart of the cluster target: rendered by helm, judged without a cluster."""
