#!/usr/bin/env python3
"""What sessions cost that nobody is connected to: per message that many of them will be given, and in memory.

Pairs of runs with the log and the sessions on disk: messages of one topic to which one offline session has subscribed, and to which
1,000 have. Then the memory that 300,000 offline sessions take, each with a subscription to a topic of its own, after as many others:
with fewer it is the store's buffers that are measured, which fill up once. Bars: 1.1 times the CPU per message, 64 bytes a session.
"""

import argparse
import pathlib
import socket
import statistics
import sys

sys.dont_write_bytecode = True  # the sources stay clean
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import servers
import stored
import wire

CPU_RATIO_BAR = 1.1
BYTES_BAR = 64
TOPIC = "site/7/state"
WINDOW = 500
AT_ONCE = 200  # connections


def receive(connection, size):
    received = b""
    while len(received) < size:
        piece = connection.recv(65536)
        if not piece:
            raise servers.BenchError("the server closed a connection")
        received += piece
    return received


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def leave_sessions(port, numbers, topic_of):
    """Sessions that subscribe at QoS 1 and go."""
    numbers = list(numbers)
    for first in range(0, len(numbers), AT_ONCE):
        some = [(number, connect(port)) for number in numbers[first:first + AT_ONCE]]
        for number, connection in some:
            connection.sendall(wire.connect(f"offline-{number:015}", clean=False)
                               + wire.subscribe(1, [(topic_of(number), 1)]))
        for _, connection in some:
            if receive(connection, 9)[-1] != 1:
                raise servers.BenchError("a subscription was refused")
            connection.sendall(wire.goodbye())
        for _, connection in some:
            connection.recv(1)  # the server has let it go
            connection.close()


def publish(port, count):
    packets = [wire.publish(TOPIC, b"x" * 64, qos=1, packet_id=number + 1) for number in range(WINDOW)]
    window = b"".join(packets)
    with connect(port) as connection:
        connection.sendall(wire.connect("publisher"))
        receive(connection, 4)
        for _ in range(0, count, WINDOW):
            connection.sendall(window)
            receive(connection, 4 * WINDOW)


def us_per_message(build_dir, sessions, messages):
    with servers.running("headgate", build_dir, settings=("data_dir=data", "workers=1")) as server:
        leave_sessions(server.port, range(sessions), lambda _: TOPIC)
        publish(server.port, messages // 10)
        before = stored.cpu_s(server.process.pid)
        publish(server.port, messages)
        return (stored.cpu_s(server.process.pid) - before) / messages * 1e6


def bytes_per_session(build_dir, sessions):
    with servers.running("headgate", build_dir, settings=("data_dir=data", "workers=1")) as server:
        leave_sessions(server.port, range(sessions), lambda number: f"site/{number}/state")
        before, _ = stored.memory_of(server.process.pid)
        leave_sessions(server.port, range(sessions, 2 * sessions), lambda number: f"site/{number}/state")
        after, _ = stored.memory_of(server.process.pid)
        return (after - before) / sessions


def judge(what, value, bar):
    print(f"{what}: {value:.2f}, bar {bar}: {'held' if value <= bar else 'MISSED'}")
    return value <= bar


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=300_000)
    parser.add_argument("--quick", action="store_true", help="tiny runs, which judge nothing")
    asked = parser.parse_args()
    if asked.quick:
        asked.runs, asked.messages, asked.sessions = 1, 2000, 400
    build_dir = asked.build_dir.resolve()
    one, many = [], []
    for _ in range(asked.runs):
        one.append(us_per_message(build_dir, 1, asked.messages))
        many.append(us_per_message(build_dir, 1000 if not asked.quick else 50, asked.messages))
    ratios = [b / a for a, b in zip(one, many)]
    print(f"a message, µs of CPU: {statistics.median(one):.2f} with one offline session, {statistics.median(many):.2f} with many; "
          f"ratios {', '.join(f'{ratio:.2f}' for ratio in ratios)}")
    held = judge("CPU of a message with many offline sessions, times that with one", statistics.median(ratios), CPU_RATIO_BAR)
    held = judge("bytes of an offline session", bytes_per_session(build_dir, asked.sessions), BYTES_BAR) and held
    return 0 if held or asked.quick else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.BenchError as error:
        sys.exit(f"offline.py: {error}")
