"""Counts the primes below a limit on all nodes of a multi-node parallel job: every node counts its share, the workers
report to the main node over TCP, and the main node prints the sum.

It knows the AWS_BATCH_* variables and nothing of where it runs. Usage: primes.py LIMIT
"""

import os
import socket
import sys
import time

PORT = 7001
SECONDS_TO_CONNECT = 60


def is_prime(number):
    if number < 2:
        return False
    return all(number % divisor for divisor in range(2, int(number**0.5) + 1))


def connect(address):
    """The main node runs before the others start, but may not listen yet."""
    deadline = time.monotonic() + SECONDS_TO_CONNECT
    while True:
        try:
            return socket.create_connection((address, PORT), timeout=SECONDS_TO_CONNECT)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def gather(workers):
    """One count from each worker. A worker that dies takes its connection, and with it this sum, down."""
    # On AWS a node listens on its only interface. On Longshore nodes share a host, and each has an address of its own.
    listen_on = os.environ.get("LONGSHORE_NODE_ADDRESS", "")
    with socket.create_server((listen_on, PORT), backlog=workers) as server:
        server.settimeout(SECONDS_TO_CONNECT)
        connections = [server.accept()[0] for _ in range(workers)]
    counts = []
    for connection in connections:
        with connection, connection.makefile() as lines:
            counts.append(int(lines.readline()))
    return counts


def main():
    limit = int(sys.argv[1])
    index = int(os.environ["AWS_BATCH_JOB_NODE_INDEX"])
    nodes = int(os.environ["AWS_BATCH_JOB_NUM_NODES"])
    count = sum(is_prime(number) for number in range(index, limit, nodes))
    print(f"node {index} of {nodes} counted {count}", flush=True)
    if index == int(os.environ["AWS_BATCH_JOB_MAIN_NODE_INDEX"]):
        total = count + sum(gather(nodes - 1))
        print(f"{total} primes below {limit}", flush=True)
    else:
        with connect(os.environ["AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS"]) as connection:
            connection.sendall(f"{count}\n".encode())


if __name__ == "__main__":
    main()
