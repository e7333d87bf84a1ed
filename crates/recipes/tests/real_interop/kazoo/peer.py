"""A program with kazoo's recipes: does what each line of its input says, and answers with a line."""

import sys

from kazoo.client import KazooClient

MEMBERS = 3


class Peer:
    """The recipes, by the first word of a command."""

    def __init__(self, client):
        self.client = client
        self.doubles = {}
        self.mutex = client.Lock("/lock")

    def barrier(self, action):
        barrier = self.client.Barrier("/barrier")
        {"close": barrier.create, "open": barrier.remove, "wait": barrier.wait}[action]()
        return "ok"

    def lock(self, action):
        return "ok" if getattr(self.mutex, action)() is not False else "not acquired"

    def double(self, action, number):
        if action == "enter":
            path = "/double/" + number
            double = self.client.DoubleBarrier(path, MEMBERS)
            self.doubles[number] = double
            double.enter()
            return "ok" if double.participating else "not inside"
        self.doubles.pop(number).leave()
        return "ok"

    def count(self, kind, action, times="0"):
        is_shared = kind == "shared"
        counter = self.client.Counter("/count-" + kind, support_curator=is_shared)
        if action == "get":
            return str(counter.value)
        for _ in range(int(times)):
            counter += 1
        return "ok"

    def queue(self, kind, action, *arguments):
        recipe = self.client.LockingQueue if kind == "locking" else self.client.Queue
        queue = recipe("/queue-" + kind)
        if action == "put":
            for data in arguments:
                queue.put(data.encode())
            return "ok"
        taken = []
        while len(taken) < int(arguments[0]):
            data = queue.get()
            if data is None:
                continue
            if kind == "locking":
                assert queue.consume()
            taken.append(data.decode())
        return " ".join(taken)


def main():
    client = KazooClient(sys.argv[1])
    client.start()
    peer = Peer(client)
    print("connected", flush=True)
    for line in sys.stdin:
        recipe, *arguments = line.split()
        print(getattr(peer, recipe)(*arguments), flush=True)
    client.stop()


main()
