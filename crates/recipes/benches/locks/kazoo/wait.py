"""How long kazoo's lock takes to go through all who wait for it, in seconds.

Arguments: a server, how many wait, how many sessions they have together."""

import sys
import threading
import time

from kazoo.client import KazooClient

LOCK = "/locks-kazoo/bench"

# For how long all are quiet before the first release, in seconds.
QUIET = 0.2


def connect(server):
    client = KazooClient(server)
    client.start()
    return client


def wait_and_release(client, acquired):
    lock = client.Lock(LOCK)
    lock.acquire()
    acquired.append(time.monotonic())
    lock.release()


def main():
    server, waiters, sessions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    clients = [connect(server) for _ in range(sessions)]
    first = clients[0].Lock(LOCK)
    first.acquire()
    acquired = []
    threads = [
        threading.Thread(target=wait_and_release, args=(clients[i % sessions], acquired))
        for i in range(waiters)
    ]
    for thread in threads:
        thread.start()
    while len(clients[0].get_children(LOCK)) <= waiters:
        time.sleep(0.02)
    time.sleep(QUIET)
    began = time.monotonic()
    first.release()
    for thread in threads:
        thread.join()
    print(max(acquired) - began)
    for client in clients:
        client.stop()


main()
