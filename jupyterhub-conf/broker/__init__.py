"""Makes the executors of a session's Spark and the workers of its Dask, as pods of the session's owner.

A session holds no token of the cluster. It asks the broker, which knows it by the token that the hub gave it, and answers
Spark as a small part of the Kubernetes API: pods can be listed, created and deleted. What a session writes never decides
what runs, as whom, or what it sees: a pod is the session's own with another command (templates.py).
"""
