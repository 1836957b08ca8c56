"""Clients that do not keep up: each bears the loss itself, the server's memory stays bounded, all others are served.

A subscriber above QoS 0 that has no room goes through two stages. It waits: the worker keeps references of what came for it, at
most 4,096 for each client, in a tail of the newest batches of at most 64 MB for all. Then it is behind, and reads the log.
"""

import select
import socket
import unittest

import harness
import wire
from wire import V5, V311


MAX_WAITING, TAIL_BYTES = 4096, 64 << 20  # max_waiting and tail_bytes of base/limits.hpp


def number_of(message):
    return int(message.payload[:8])


def numbered(number, size=8):
    return (b"%08d" % number).ljust(size, b".")


def publish_all(publisher, topic, count, size, qos, first=0, batch=500):
    """Publishes numbered messages, waiting for the acknowledgements of each batch so that none is more than a batch ahead."""
    for start in range(first, first + count, batch):
        numbers = range(start, min(start + batch, first + count))
        publisher.send(b"".join(wire.publish(topic, numbered(n, size), V311, qos, n % 60_000 + 1) for n in numbers))
        if qos == 0:
            publisher.ping()
            continue
        for number in numbers:
            acknowledged = publisher.packet(wire.PUBACK)
            if acknowledged.body != (number % 60_000 + 1).to_bytes(2, "big"):
                raise AssertionError(f"message {number} was acknowledged with {acknowledged.body.hex()}")


def read_acknowledging(subscriber, last, at_once=25):
    """Reads until the message numbered `last` has come, acknowledging several at once; gives all numbers in their order."""
    numbers, answers = [], bytearray()
    while not numbers or numbers[-1] != last:
        message = subscriber.message()
        numbers.append(number_of(message))
        if message.qos:
            answers += wire.puback(message.packet_id)
        if len(answers) >= 4 * at_once or numbers[-1] == last:
            subscriber.send(bytes(answers))
            answers.clear()
        if len(numbers) > 2 * last + 10:
            raise AssertionError(f"messages come again and again: {numbers[-10:]}")
    return numbers


class round_trips:
    """Two well-behaved clients: messages go through while another client misbehaves."""

    def __init__(self, server):
        self.subscriber = wire.connected(server.port, "good-subscriber")
        self.publisher = wire.connected(server.port, "good-publisher", V5)
        self.subscriber.subscribe("good", qos=1)
        self.made = 0

    def make(self, count):
        for _ in range(count):
            self.made += 1
            self.publisher.send(wire.publish("good", numbered(self.made), V5, qos=1, packet_id=7))
            self.publisher.packet(wire.PUBACK)
            message = self.subscriber.message()
            if number_of(message) != self.made:
                raise AssertionError(f"expected message {self.made}, got {message}")
            self.subscriber.send(wire.puback(message.packet_id))

    def close(self):
        self.subscriber.socket.close()
        self.publisher.socket.close()


class slow_subscribers(unittest.TestCase):
    def server(self, *settings):
        started = harness.start(self, *settings)
        self.others = round_trips(started)
        self.addCleanup(self.others.close)
        return started

    def test_qos_0_for_who_does_not_read_is_dropped_and_counted(self):
        server = self.server("log.memory_bytes=1048576")
        self.others.make(10)
        before = server.memory_bytes()
        with wire.connected(server.port, "lazy", receive_buffer_bytes=65536) as lazy, wire.connected(server.port, "p") as publisher:
            lazy.subscribe("t")
            count, size = 8000, 8192
            for first in range(0, count, 1000):
                publish_all(publisher, "t", 1000, size, qos=0, first=first, batch=100)
                # What one worker hands to another is not what this is about. The well-behaved ones have QoS 1 only.
                handled = lambda stats, sent=first + 1000: stats["deliveries_out_qos0"] + stats["dropped_output_full"] == sent
                stats = server.wait_for(handled, "messages are neither delivered nor dropped")
            self.assertGreater(stats["dropped_output_full"], count / 2)
            self.others.make(100)
            if not harness.is_sanitized():
                # Of 64 MB of messages: 1 MB of output, a log of 1 MB, blocks of records of one turn, and what malloc keeps.
                self.assertLess(server.memory_bytes() - before, 24 << 20)
            publish_all(publisher, "end", 1, 8, qos=0)
            # What it reads in the end is in order, and as many as were not dropped.
            numbers = [number_of(lazy.message()) for _ in range(count - stats["dropped_output_full"])]
            self.assertEqual(sorted(set(numbers)), numbers)
            lazy.ping()

    def keep_up_later(self, server, version, size, count, receive_buffer_bytes=None, window=100, falls_behind=True):
        """A subscriber that takes nothing while `count` messages come, and then everything."""
        pairs = [("receive_maximum", window)] if version == V5 else []
        with wire.connected(server.port, "lazy", version, receive_buffer_bytes, pairs=pairs) as lazy:
            lazy.subscribe("t", qos=1)
            with wire.connected(server.port, "p") as publisher:
                publish_all(publisher, "t", count, size, qos=1, batch=min(500, max(1, (4 << 20) // size)))
            self.others.make(50)
            server.wait_for(lambda stats: stats["waiting"] == 1, "it does not wait")
            self.assertEqual(list(range(count)), read_acknowledging(lazy, count - 1, (window + 3) // 4))
            # Once it has caught up it is live again.
            with wire.connected(server.port, "p") as publisher:
                publish_all(publisher, "t", 100, size, qos=1, first=count)
            self.assertEqual(list(range(count, count + 100)), read_acknowledging(lazy, count + 99, (window + 3) // 4))
            lazy.ping()
        stats = server.stats()
        self.assertEqual(falls_behind, stats["catching_up"] > 0)
        self.assertEqual(falls_behind, stats["read_records"] > 0, "who waits is served without a look at the log")
        self.assertEqual(0, stats["lost_below_log_start"])
        self.assertEqual(0, stats["acknowledgements_unknown"])

    def test_qos_1_waits_for_who_does_not_acknowledge(self):
        for version, window in ((V311, 1024), (V5, 100), (V5, 1)):
            with self.subTest(version=version, window=window):
                self.keep_up_later(self.server(), version, 64, MAX_WAITING, window=window, falls_behind=False)

    def test_qos_1_waits_for_who_does_not_read(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version):
                server = self.server("limits.max_output_bytes=65536")
                self.keep_up_later(server, version, 16 * 1024, 1000, receive_buffer_bytes=65536, falls_behind=False)

    def test_qos_1_catches_up_when_it_acknowledges_again(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version):
                self.keep_up_later(self.server(), version, size=64, count=10_000)

    def test_qos_1_catches_up_with_a_window_of_one(self):
        self.keep_up_later(self.server(), V5, size=64, count=MAX_WAITING + 500, window=1)

    def test_qos_1_catches_up_when_it_reads_again(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version):
                server = self.server("limits.max_output_bytes=65536")
                self.keep_up_later(server, version, size=2048, count=MAX_WAITING + 2000, receive_buffer_bytes=65536)

    def test_qos_1_catches_up_when_the_tail_has_dropped_what_it_waited_for(self):
        server = self.server("limits.max_output_bytes=65536", f"log.memory_bytes={4 * TAIL_BYTES}")
        self.keep_up_later(server, V311, size=64 * 1024, count=TAIL_BYTES // (64 * 1024) + 300, receive_buffer_bytes=65536)

    def test_qos_1_misses_nothing_while_it_keeps_falling_behind(self):
        server = self.server("limits.max_output_bytes=4096", "limits.max_inflight=8")
        with wire.connected(server.port, "lazy", V5, 4096) as lazy, wire.connected(server.port, "p") as publisher:
            lazy.subscribe("t/+", "t/#", qos=1)
            unread, count = MAX_WAITING + 500, 6000
            for first in range(0, 3 * count, count):
                publish_all(publisher, "t/x", unread, 600, qos=1, first=first, batch=50)
                server.wait_for(lambda stats: stats["catching_up"] > 0, "it does not fall behind")
                found = []
                harness.in_parallel([
                    lambda: publish_all(publisher, "t/x", count - unread, 600, qos=1, first=first + unread, batch=50),
                    lambda: found.extend(read_acknowledging(lazy, first + count - 1, at_once=4)),
                ])
                self.assertEqual(list(range(first, first + count)), found)

    def test_what_the_log_dropped_meanwhile_is_counted(self):
        server = self.server("log.memory_bytes=1048576")
        with wire.connected(server.port, "lazy") as lazy, wire.connected(server.port, "p") as publisher:
            lazy.subscribe("t", qos=1)
            in_hand = 1024 + MAX_WAITING  # sent, and waiting: the log may drop it meanwhile
            count = in_hand + 4000
            publish_all(publisher, "t", count, 1024, qos=1, batch=100)
            server.wait_for(lambda stats: stats["catching_up"] > 0, "it is not behind")
            numbers = read_acknowledging(lazy, count - 1)
            self.assertEqual(sorted(set(numbers)), numbers, "in order, and none twice")
            self.assertEqual(list(range(in_hand)), numbers[:in_hand])
            lost = server.stats()["lost_below_log_start"]
            self.assertGreater(lost, 0)
            self.assertEqual(count, len(numbers) + lost)
            self.assertLess(lost, count - in_hand - 512, "what the log still held was delivered")
            publish_all(publisher, "t", 10, 1024, qos=1, first=count)
            self.assertEqual(list(range(count, count + 10)), read_acknowledging(lazy, count + 9))

    def test_qos_0_goes_on_while_qos_1_waits(self):
        server = self.server("limits.max_inflight=10")
        with wire.connected(server.port, "lazy") as lazy, wire.connected(server.port, "p") as publisher:
            lazy.send(wire.subscribe(1, [("one", 1), ("zero", 0)]))
            lazy.packet(wire.SUBACK)
            publish_all(publisher, "one", 100, 8, qos=1)
            publish_all(publisher, "zero", 5, 8, qos=0)
            publish_all(publisher, "one", 100, 8, qos=0, first=1000)  # QoS 0 publishes are in no log
            publish_all(publisher, "zero", 100, 8, qos=1, first=100)
            found = {"one": [], "zero": []}
            while len(found["one"]) < 200 or len(found["zero"]) < 105:
                message = lazy.message()
                found[message.topic].append((number_of(message), message.qos))
                if message.qos:
                    lazy.send(wire.puback(message.packet_id))
            self.assertEqual([(n, 1) for n in range(100)], [pair for pair in found["one"] if pair[1] == 1])
            self.assertEqual([(n, 0) for n in range(1000, 1100)], [pair for pair in found["one"] if pair[1] == 0])
            self.assertEqual([(n, 0) for n in (*range(5), *range(100, 200))], found["zero"])
            lazy.ping()


class slow_publishers(unittest.TestCase):
    # Acknowledgements have four bytes each: it takes a million before the kernel has no more room for them.
    IDS = range(1, 50_001)
    PUBLISHES = b"".join(wire.publish("void", b"", qos=1, packet_id=n) for n in IDS)
    ACKNOWLEDGEMENTS = b"".join(wire.puback(n) for n in IDS)

    def send_until_stuck(self, server, publisher, others):
        """Sends all PUBLISHES again and again until the server has taken none of them in a hundred round trips of others.
        Gives how often it has begun, and what is left of the last time."""
        publisher.socket.setblocking(False)
        for times in range(1, 100):
            rest = memoryview(self.PUBLISHES)
            while rest:
                try:
                    rest = rest[publisher.socket.send(rest) :]
                except BlockingIOError:
                    before = server.stats()["publishes_in_qos1"]
                    others.make(100)
                    can_send = select.select([], [publisher.socket], [], 0)[1]
                    if not can_send and server.stats()["publishes_in_qos1"] == before + 100:
                        return times, rest
        raise AssertionError("the server goes on to read a client that does not take its acknowledgements")

    def test_who_never_reads_its_acknowledgements_is_not_read(self):
        server = harness.start(self, "limits.max_output_bytes=65536", "log.memory_bytes=1048576")
        others = round_trips(server)
        self.addCleanup(others.close)
        others.make(10)
        before = server.memory_bytes()
        with wire.connected(server.port, "greedy", receive_buffer_bytes=65536) as greedy:
            times, rest = self.send_until_stuck(server, greedy, others)
            if not harness.is_sanitized():
                self.assertLess(server.memory_bytes() - before, 24 << 20)
            self.go_on(greedy, times, rest)
            others.make(1)

    def go_on(self, greedy, times, rest):
        """Once it reads, everything is taken, and acknowledged in order."""

        def expect_all():
            for _ in range(times):
                greedy.expect(self.ACKNOWLEDGEMENTS)

        greedy.socket.setblocking(True)
        with greedy.socket.dup() as sender:
            sender.settimeout(harness.DEADLINE_S)
            harness.in_parallel([lambda: sender.sendall(rest), expect_all])


class crowds(unittest.TestCase):
    def test_two_hundred_at_once(self):
        server = harness.start(self)
        clients = [wire.client(server.port, wire.VERSIONS[n % 2]) for n in range(200)]
        for n, client in enumerate(clients):
            client.send(wire.connect(f"c{n}", client.version) + wire.subscribe(1, [(f"own/{n}", 1), ("all", 0)], client.version))
        for client in clients:
            client.packet(wire.CONNACK)
            client.packet(wire.SUBACK)
        for n, client in enumerate(clients):
            client.send(wire.publish(f"own/{(n + 1) % 200}", numbered(n), client.version))
        clients[0].send(wire.publish("all", "x" * 5000, clients[0].version))
        for n, client in enumerate(clients):
            found = sorted((client.message() for _ in range(2)), key=lambda message: message.topic)
            self.assertEqual([("all", b"x" * 5000), (f"own/{n}", numbered((n - 1) % 200))], [message[:2] for message in found])
        self.assertEqual(200, server.stats()["clients"])
        for client in clients:
            client.socket.close()
        server.wait_for(lambda stats: stats["clients"] == 0 and stats["filters"] == 0, "clients that left are still counted")

    def refused_beyond(self, server, allowed):
        clients = [wire.connected(server.port, f"c{n}") for n in range(allowed)]
        with wire.client(server.port) as one_more:
            one_more.expect_closed_or_reset()
        self.assertEqual(1, server.stats()["refused_too_many_clients"])
        server.wait_for_line("limits.max_clients")
        for client in clients:
            client.ping()
        clients.pop().socket.close()
        server.wait_for(lambda stats: stats["clients"] == allowed - 1, "a client that left is still counted")
        clients.append(wire.connected(server.port, "later"))
        for client in clients:
            client.ping()
            client.socket.close()

    def test_the_limit_of_clients(self):
        self.refused_beyond(harness.start(self, "limits.max_clients=3"), 3)

    def test_the_limit_of_open_files_bounds_the_clients(self):
        self.refused_beyond(harness.start(self, prefix=harness.with_open_files(144)), 16)

    def test_more_clients_than_open_files_are_refused_at_the_start(self):
        ended = harness.run("serve", "--set", "listeners.tcp.port=0", "--set", "limits.max_clients=1000", prefix=harness.with_open_files(100))
        self.assertEqual(2, ended.returncode)
        self.assertRegex(ended.stderr, r"^headgate: limits\.max_clients=1000 needs 1128 open files, and the limit is 100: .*ulimit -Hn.*\n$")

    def test_a_storm_of_connections_that_never_say_anything(self):
        server = harness.start(self, "limits.max_clients=50")
        others = round_trips(server)
        self.addCleanup(others.close)
        sockets = []
        for _ in range(300):
            sockets.append(socket.create_connection(("127.0.0.1", server.port), harness.DEADLINE_S))
        others.make(20)
        server.wait_for(lambda stats: stats["refused_too_many_clients"] == 252, "not all that are too many were refused")
        for opened in sockets:
            opened.close()
        others.make(20)


if __name__ == "__main__":
    harness.main()
