"""A pytest plugin: kazoo's test suite against a server that runs already.

The suite starts a ZooKeeper of its own unless its harness has a cluster. This presets one that
consists of the server at DOCKEEPER_SERVER and that nobody can start or stop.
"""

import os

import kazoo.testing.harness as harness

# The suite asks for the version that it is to start, and compares it with the server's.
os.environ["ZOOKEEPER_VERSION"] = "3.8.0"
os.environ["ZOOKEEPER_CLUSTER_SIZE"] = "1"


class Server:
    """A server that is there."""

    running = True
    address = os.environ["DOCKEEPER_SERVER"]
    client_port = int(address.rsplit(":", 1)[1])

    def run(self):
        raise RuntimeError("the server is not the suite's to start")

    def stop(self):
        raise RuntimeError("the server is not the suite's to stop")


class Cluster(list):
    """All servers."""

    def start(self):
        pass

    def stop(self):
        pass

    def terminate(self):
        pass

    def get_logs(self):
        return []


CLUSTER = Cluster([Server()])
harness.get_global_cluster = lambda: CLUSTER
harness.CLUSTER = CLUSTER
