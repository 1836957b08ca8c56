"""What a server with a data directory still knows when it is started again: after an orderly end and after it was killed."""

import pathlib
import shutil
import signal
import tempfile
import unittest

import harness
import wire

CANNOT_START = 2
SUBSCRIBER = {"client_id": "thermostat", "clean": False}


def payload(number):
    return f"message {number}".encode()


class publisher:
    """Numbered messages at QoS 1 to one topic, each acknowledged before the next."""

    def __init__(self, topic="rooms/kitchen"):
        self.topic, self.next = topic, 0

    def publish(self, server, count, payload_bytes=0):
        """The payloads that the server has taken."""
        taken = []
        with wire.connected(server.port, "publisher") as client:
            for _ in range(count):
                taken.append(payload(self.next).ljust(payload_bytes, b"."))
                packet_id = self.next % 65535 + 1
                client.send(wire.publish(self.topic, taken[-1], qos=1, packet_id=packet_id))
                client.packet(wire.PUBACK)
                self.next += 1
            client.send(wire.goodbye())
        return taken


class keeping(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="headgate-persistence-")
        self.addCleanup(directory.cleanup)
        self.data = pathlib.Path(directory.name, "data")
        self.publisher = publisher()

    def start(self, *settings):
        started = harness.server(f"data_dir={self.data}", *settings)
        self.addCleanup(started.kill)
        return started

    def come_back(self, server, present=True):
        """The subscriber, with what CONNACK says about its session."""
        client = wire.client(server.port)
        self.addCleanup(client.socket.close)
        client.send(wire.connect(**SUBSCRIBER))
        self.assertEqual(bytes([1 if present else 0, 0]), client.packet(wire.CONNACK).body, server.log()[-5:])
        return client

    def subscribe(self, server):
        client = self.come_back(server, present=False)
        client.subscribe("rooms/#", qos=1)
        return client

    def expect(self, client, payloads):
        """Exactly these, in their order, each acknowledged; then nothing."""
        for expected in payloads:
            message = client.message()
            self.assertEqual((expected, 1), (message.payload, message.qos))
            client.send(wire.puback(message.packet_id))
        client.ping()

    def expect_again(self, client, known, new):
        """What was acknowledged since the session was written last may be forgotten: then it comes again, from some message on."""
        first = client.message()
        self.assertIn(first.payload, known + new[:1])
        client.send(wire.puback(first.packet_id))
        every = known + new
        self.expect(client, every[every.index(first.payload) + 1:])

    def leave(self, server, client):
        """Until the session is written: who comes after it has waited for that."""
        client.send(wire.goodbye())
        client.expect_closed()
        self.come_back(server).socket.close()


def kill(server):
    server.signal(signal.SIGKILL)
    server.wait()


def stop(server):
    server.stop()


class lives(keeping):
    def expect_kept_over(self, end, *settings):
        server = self.start(*settings)
        with self.subscribe(server) as client:
            self.expect(client, self.publisher.publish(server, 3))
            self.leave(server, client)
        missed = self.publisher.publish(server, 20)
        end(server)

        server = self.start(*settings)
        missed += self.publisher.publish(server, 5)
        with self.come_back(server) as client:
            self.expect(client, missed)
            self.expect(client, self.publisher.publish(server, 3))
            self.leave(server, client)
        end(server)

        server = self.start(*settings)
        with self.come_back(server) as client:
            self.expect(client, [])
        server.stop()

    def test_who_was_away_over_an_orderly_end(self):
        self.expect_kept_over(stop)

    def test_who_was_away_when_it_was_killed(self):
        self.expect_kept_over(kill)

    def test_the_same_with_everything_on_the_device_before_it_is_acknowledged(self):
        self.expect_kept_over(kill, "log.commit=disk")

    def test_who_was_connected_over_an_orderly_end(self):
        server = self.start()
        with self.subscribe(server) as client:
            known = self.publisher.publish(server, 3)
            self.expect(client, known)
            server.stop()
        server = self.start()
        missed = self.publisher.publish(server, 5)
        with self.come_back(server) as client:
            self.expect_again(client, known, missed)
        server.stop()

    def test_who_was_connected_when_it_was_killed(self):
        server = self.start()
        with self.subscribe(server) as client:
            known = self.publisher.publish(server, 3)
            self.expect(client, known)
            kill(server)
        server = self.start()
        missed = self.publisher.publish(server, 5)
        with self.come_back(server) as client:
            self.expect_again(client, known, missed)
        server.stop()

    def test_what_was_not_acknowledged_comes_again(self):
        server = self.start()
        with self.subscribe(server) as client:
            sent = self.publisher.publish(server, 2)
            for expected in sent:
                self.assertEqual(expected, client.message().payload)
            client.send(wire.goodbye())
            client.expect_closed()
        kill(server)
        server = self.start()
        with self.come_back(server) as client:
            self.expect(client, sent)
        server.stop()

    def test_a_session_that_is_over_is_forgotten(self):
        server = self.start()
        self.subscribe(server).socket.close()
        with wire.connected(server.port, SUBSCRIBER["client_id"], clean=True) as client:
            client.send(wire.goodbye())
            client.expect_closed()
        kill(server)
        server = self.start()
        self.come_back(server, present=False)
        server.stop()

    def test_sessions_outlive_a_log_in_memory(self):
        settings = ("log.commit=memory", "sys.interval_s=0")
        server = self.start(*settings)
        self.subscribe(server).socket.close()
        server.stop()
        self.assertFalse((self.data / "log").exists())
        server = self.start(*settings)
        with self.come_back(server) as client:
            self.expect(client, self.publisher.publish(server, 3))
        server.stop()


    def test_an_orderly_end_forgets_no_acknowledgement(self):
        """Also where the session's directory is at another worker than its client."""
        server = self.start()
        clients = {}
        for number in range(12):
            clients[f"thermostat {number}"] = client = wire.connected(server.port, f"thermostat {number}", clean=False)
            client.subscribe("rooms/#", qos=1)
        known = self.publisher.publish(server, 3)
        for client in clients.values():
            self.expect(client, known)
        server.stop()
        server = self.start()
        missed = self.publisher.publish(server, 2)
        for client_id, before in clients.items():
            before.socket.close()
            with wire.connected(server.port, client_id, clean=False) as client:
                self.expect(client, missed)
        server.stop()

    def test_a_session_goes_on_in_the_next_log_in_memory(self):
        server = self.start("log.commit=memory")
        with self.subscribe(server) as client:
            self.expect(client, self.publisher.publish(server, 50))
            self.leave(server, client)
        server.stop()
        server = self.start("log.commit=memory")
        with self.come_back(server) as client:
            self.expect(client, self.publisher.publish(server, 3))
        server.stop()


class by_topic(keeping):
    """A device reads its own messages, and not the log in which they stand."""

    def publish_between(self, server, numbers, others=1000):
        own = []
        with wire.connected(server.port, "fleet") as client:
            for number in numbers:
                own.append(payload(number))
                client.send(wire.publish("rooms/kitchen", own[-1], qos=1, packet_id=1))
                for other in range(others):
                    client.send(wire.publish(f"halls/{other}", b"." * 1000, qos=1, packet_id=2 + other))
                for _ in range(1 + others):
                    client.packet(wire.PUBACK)
            client.send(wire.goodbye())
        return own

    def test_of_sealed_segments_and_of_the_one_being_written(self):
        server = self.start("log.segment_bytes=1MiB")
        client = self.come_back(server, present=False)
        client.subscribe("rooms/kitchen", qos=1)
        self.leave(server, client)
        missed = self.publish_between(server, range(5))
        server.stop()
        server = self.start("log.segment_bytes=1MiB")
        missed += self.publish_between(server, range(5, 10))
        with self.come_back(server) as client:
            self.expect(client, missed)
            self.leave(server, client)
        stats = server.stats()
        self.assertGreaterEqual(stats["log_segments"], 5)
        self.assertGreaterEqual(stats["read_by_topic"], len(missed))
        self.assertLess(stats["read_records"], 100 * len(missed), "of 10,000")
        server.stop()


class what_is_said(keeping):
    def test_where_things_are_and_for_how_long(self):
        server = self.start("log.retention_age_s=7200", "log.retention_bytes=1GiB")
        server.stats()
        said = "\n".join(server.output())
        self.assertIn(f"messages are kept in {self.data}/log for 2 hours, up to 1GiB a shard, while less than 80 % of the disk is in use", said)
        self.assertIn(f"sessions are kept in {self.data}/sessions", said)
        server.stop()

    def test_without_a_directory_nothing_is_kept_and_that_is_said(self):
        server = harness.start(self)
        client = wire.connected(server.port, **SUBSCRIBER)
        client.subscribe("rooms/#", qos=1)
        client.socket.close()
        server.stats()
        said = "\n".join(server.output())
        self.assertRegex(said, r"nothing is kept on disk: .*--set data_dir=DIRECTORY")
        server.stop()
        server = harness.start(self)
        self.come_back(server, present=False)

    def test_an_end_that_was_none_is_told(self):
        server = self.start()
        self.publisher.publish(server, 1)
        kill(server)
        server = self.start()
        server.wait_for_line("was not closed in order: 1 segment without an index read through")
        server.stop()
        server = self.start()
        server.stats()
        self.assertFalse(any("not closed in order" in line for line in server.log()), server.log())
        server.stop()

    def test_the_counters_show_the_disk(self):
        server = self.start("log.commit=disk")
        self.subscribe(server).socket.close()
        self.publisher.publish(server, 3)
        stats = server.wait_for(lambda stats: stats["log_syncs"] > 0, "the log was synced")
        self.assertGreater(stats["log_bytes_written"], 0)
        self.assertGreater(stats["log_segments"], 0)
        self.assertGreater(stats["store_jobs"], 0)
        self.assertEqual((0, 0, 0), (stats["log_full"], stats["log_failed"], stats["store_away"]))
        server.stop()

    def test_retention_takes_the_oldest(self):
        server = self.start("log.segment_bytes=1MiB", "log.retention_bytes=2MiB")
        self.publisher.publish(server, 60, payload_bytes=100_000)
        stats = server.wait_for(lambda stats: stats["log_segments_dropped"] > 0 and stats["log_bytes"] < 4 << 20, "retention has taken segments")
        self.assertGreater(stats["log_start"], 0)
        server.stop()


TOPICS = [f"rooms/{name}" for name in "abcd"]


class retained(keeping):
    """Retained messages, also those of a log that is gone."""

    def publish(self, server, messages):
        with wire.connected(server.port, "publisher") as client:
            for packet_id, (topic, value) in enumerate(messages, start=1):
                client.send(wire.publish(topic, value, qos=1, packet_id=packet_id, flags=wire.RETAIN))
                client.packet(wire.PUBACK)
            client.send(wire.goodbye())

    def expect_retained(self, server, values):
        """Exactly these come to who subscribes now."""
        with wire.connected(server.port, "all") as client:
            client.subscribe("rooms/#", qos=0)
            found = [client.message() for _ in values]
            self.assertEqual(values, {one.topic: one.payload for one in found})
            client.send(wire.goodbye())
        for topic in TOPICS:
            with wire.connected(server.port, "one") as client, wire.connected(server.port, "other") as publisher:
                client.subscribe(topic, qos=1)
                publisher.send(wire.publish(topic, b"end", qos=1, packet_id=1))  # behind what is retained
                found = {}
                while (message := client.message()).payload != b"end":
                    found[topic] = message.payload
                self.assertEqual({name: value for name, value in values.items() if name == topic}, found)

    def expect_kept_over(self, end, *settings):
        server = self.start(*settings)
        self.publish(server, [("rooms/a", b"1"), ("rooms/b", b"1"), ("rooms/c", b"1"), ("rooms/b", b"2"), ("rooms/c", b"")])
        end(server)
        server = self.start(*settings)
        self.expect_retained(server, {"rooms/a": b"1", "rooms/b": b"2"})
        self.publish(server, [("rooms/a", b""), ("rooms/d", b"3")])
        end(server)
        server = self.start(*settings)
        self.expect_retained(server, {"rooms/b": b"2", "rooms/d": b"3"})
        server.stop()

    def test_over_an_orderly_end(self):
        self.expect_kept_over(stop)

    def test_when_it_was_killed(self):
        self.expect_kept_over(kill)

    def test_when_their_log_is_gone(self):
        server = self.start()
        self.publish(server, [("rooms/a", b"1"), ("rooms/b", b"1")])
        self.expect_retained(server, {"rooms/a": b"1", "rooms/b": b"1"})
        server.stop()
        shutil.rmtree(self.data / "log")
        server = self.start()
        self.publish(server, [("rooms/b", b"2")])
        self.expect_retained(server, {"rooms/a": b"1", "rooms/b": b"2"})
        server.stop()


class exactly_once(keeping):
    """A QoS 2 message that its publisher sends again when the server is back."""

    def publish(self, client, packet_id, value, again=False):
        client.send(wire.publish("rooms/x", value, qos=2, packet_id=packet_id, flags=wire.DUP if again else 0))

    def expect_once(self, answered, end):
        server = self.start()
        with wire.connected(server.port, "counter", clean=False) as counter:
            counter.subscribe("rooms/x", qos=2)
        with wire.connected(server.port, "publisher", clean=False) as client:
            for packet_id in range(1, 21):
                self.publish(client, packet_id, payload(packet_id))
                if answered:
                    client.packet(wire.PUBREC)
        end(server)
        server = self.start()
        with wire.connected(server.port, "publisher", clean=False) as client:
            for packet_id in range(1, 21):
                self.publish(client, packet_id, payload(packet_id), again=True)
            for _ in range(20):
                client.packet(wire.PUBREC)
            for packet_id in range(1, 21):
                client.send(wire.pubrel(packet_id))
            for _ in range(20):
                client.packet(wire.PUBCOMP)
            # The packet ids are free: these are other messages [MQTT-4.3.3-12].
            self.publish(client, 7, b"another")
            client.packet(wire.PUBREC)
        end(server)
        server = self.start()
        with wire.connected(server.port, "counter", clean=False) as counter:
            found = []
            while not found or found[-1] != b"another":
                packet = counter.packet(wire.PUBLISH, wire.PUBREL)
                if packet.type == wire.PUBREL:
                    counter.send(wire.pubcomp(int.from_bytes(packet.body, "big")))
                    continue
                message = wire.as_message(packet)
                counter.send(wire.pubrec(message.packet_id))
                found.append(message.payload)
            self.assertEqual([payload(n) for n in range(1, 21)] + [b"another"], found)
        server.stop()

    def test_that_was_answered(self):
        for end in (stop, kill):
            with self.subTest(end=end.__name__):
                self.setUp()
                self.expect_once(True, end)

    def test_that_was_not_answered(self):
        for end in (stop, kill):
            with self.subTest(end=end.__name__):
                self.setUp()
                self.expect_once(False, end)


class wills(keeping):
    """Of clients that are connected when the process dies, and of those that it has just lost: each comes once."""

    ROUNDS = 6
    CLIENTS = 30

    def come_with_will(self, server, text):
        client = wire.client(server.port)
        will = 0x04 | 0x10  # QoS 2
        client.send(wire.connect(f"device {text}", clean=False, flags=will, rest=wire.data(f"rooms/{text}") + wire.data(text)))
        self.assertEqual(b"\0\0", client.packet(wire.CONNACK).body)
        return client

    def test_each_comes_once_over_kills(self):
        server = self.start()
        with self.subscribe(server) as client:
            self.leave(server, client)
        expected = []
        for number in range(self.ROUNDS):
            texts = [f"{number}-{n}" for n in range(self.CLIENTS)]
            clients = [self.come_with_will(server, text) for text in texts]
            # So that some wills are on their way into the log, some are there and not yet gone from the store.
            for client in clients[number * self.CLIENTS // self.ROUNDS:]:
                client.socket.close()
            kill(server)
            for client in clients:
                client.socket.close()
            expected += [text.encode() for text in texts]
            server = self.start()
        found = []
        with self.come_back(server) as client:
            while len(found) < len(expected):
                message = client.message()
                client.send(wire.puback(message.packet_id))
                found.append(message.payload)
            client.ping()
            self.leave(server, client)
        self.assertEqual(sorted(expected), sorted(found))
        # And none of them once more: the store gives what is left before what this kill adds, and what is published
        # to a topic comes behind that.
        last = self.come_with_will(server, "last")
        kill(server)
        last.socket.close()
        server = self.start()
        with self.come_back(server) as client:
            self.assertEqual(b"last", client.message().payload)
            behind = [payload for text in texts for payload in publisher(f"rooms/{text}").publish(server, 1)]
            found = [client.message().payload for _ in behind]
            client.ping()
        self.assertEqual(behind, found)
        server.stop()


class refusals(keeping):
    def expect_refused(self, pattern, *settings):
        arguments = [part for setting in ("listeners.tcp.port=0", "admin.port=0", *harness.SETTINGS_OF_ALL, *settings) for part in ("--set", setting)]
        ended = harness.run("serve", *arguments)
        self.assertEqual(CANNOT_START, ended.returncode, ended.stderr)
        self.assertRegex(ended.stderr, rf"^headgate: [^\n]*{pattern}[^\n]*\n$")

    def test_what_is_to_be_on_disk_needs_a_directory(self):
        for setting in ("log.commit=os", "log.commit=disk", "session_store.engine=embedded"):
            with self.subTest(setting):
                self.expect_refused(f"{setting} keeps .*set data_dir to", setting)

    def test_a_log_that_is_no_log(self):
        self.data.mkdir()
        (self.data / "log").write_text("no directory", encoding="utf-8")
        self.expect_refused(f"the log in {self.data}/log cannot be used: ", f"data_dir={self.data}")

    def test_sessions_that_are_none(self):
        self.start().stop()
        (self.data / "sessions" / "CURRENT").write_text("nothing that RocksDB knows", encoding="utf-8")
        self.expect_refused(f"{self.data}/sessions", f"data_dir={self.data}")


if __name__ == "__main__":
    harness.main()
