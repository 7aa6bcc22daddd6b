"""The errors of a request to the broker; each message is for its author, in English as Kubernetes' own."""


class AskedWrongly(Exception):
    """The request is not one for executors or workers of this session."""


class Refused(Exception):
    """The cluster refuses a pod; the message is its own."""
