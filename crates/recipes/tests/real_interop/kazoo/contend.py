"""Contends with kazoo's recipes, and uses a referee's resource while it holds what it contends for.

Arguments: a server, the referee, the recipe, its path, how many contend, how often each."""

import random
import socket
import sys
import threading

from kazoo.client import KazooClient

PERMITS = 2


class Contender(threading.Thread):
    """One session, and one connection to the referee."""

    def __init__(self, number, server, referee, recipe, path, rounds):
        super().__init__()
        self.number, self.recipe, self.path, self.rounds = number, recipe, path, rounds
        self.client = KazooClient(server)
        self.client.start()
        host, port = referee.rsplit(":", 1)
        self.referee = socket.create_connection((host, int(port))).makefile("rw")
        self.has_finished = False

    def run(self):
        for number in range(self.rounds):
            self.once(number)
        self.client.stop()
        self.has_finished = True

    def once(self, number):
        client, path = self.client, self.path
        if self.recipe == "mutex":
            with client.Lock(path):
                self.use("alone")
        elif self.recipe == "read-write" and (self.number + number) % 3:
            with client.ReadLock(path):
                self.use("shared")
        elif self.recipe == "read-write":
            with client.WriteLock(path):
                self.use("alone")
        elif self.recipe == "semaphore":
            with client.Semaphore(path, max_leases=PERMITS):
                self.use(str(PERMITS))
        else:
            election = client.Election(path)
            election.run(self.use, "alone")

    def use(self, how):
        token = self.token()
        assert self.ask(f"enter kazoo-{self.number} {how} {token} -") == "ok"
        # Whoever must not be inside may come meanwhile.
        threading.Event().wait(random.random() / 500)
        assert self.ask(f"leave {token}") == "ok"

    def token(self):
        session, _ = self.client.client_id
        for name in self.client.get_children(self.path):
            stat = self.client.exists(f"{self.path}/{name}")
            if stat is not None and stat.ephemeralOwner == session:
                return stat.czxid
        raise AssertionError("no znode of this session")

    def ask(self, line):
        self.referee.write(line + "\n")
        self.referee.flush()
        return self.referee.readline().strip()


def main():
    server, referee, recipe, path = sys.argv[1:5]
    count, rounds = int(sys.argv[5]), int(sys.argv[6])
    contenders = [
        Contender(number, server, referee, recipe, path, rounds) for number in range(count)
    ]
    print("connected", flush=True)
    for contender in contenders:
        contender.start()
    for contender in contenders:
        contender.join()
    assert all(contender.has_finished for contender in contenders)


main()
