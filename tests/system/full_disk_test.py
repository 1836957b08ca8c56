"""A full disk: publishers are refused, everything else goes on, and with room again all is as before. Nothing acknowledged is lost.

The disk is a file system in memory, mounted where nobody else sees it; where that is not allowed the tests are skipped.
"""

import pathlib
import re
import signal
import subprocess
import tempfile
import unittest

import admin_peer
import harness
import small_disk
import wire

DISK_BYTES = 96 << 20
CANNOT_START = 2
QUOTA_EXCEEDED = 0x97
SERVER_UNAVAILABLE = 0x88
PAYLOAD_BYTES = 10_000
KEPT = {"clean": False, "pairs": [("session_expiry_interval", 3600)]}
WHY_SKIPPED = None


def setUpModule():
    global WHY_SKIPPED
    WHY_SKIPPED = small_disk.mounts_of_our_own()


def payload(number):
    return f"message {number} ".encode().ljust(PAYLOAD_BYTES, b".")


def refused(answer):
    return len(answer.body) > 2 and answer.body[2] == QUOTA_EXCEEDED


class full(unittest.TestCase):
    def setUp(self):
        if WHY_SKIPPED:
            self.skipTest(f"no disk of its own: {WHY_SKIPPED}")
        directory = tempfile.TemporaryDirectory(prefix="headgate-disk-")
        self.addCleanup(directory.cleanup)
        try:
            self.disk = small_disk.small_disk(directory.name, DISK_BYTES)
        except OSError as error:
            self.skipTest(f"no disk of its own: {error}")
        self.addCleanup(self.disk.unmount)
        self.next = 0
        self.start()

    def settings(self):
        return f"data_dir={self.disk.data}", "log.segment_bytes=1MiB", "log.retention_disk_percent=0"

    def start(self):
        self.server = harness.server(*self.settings())
        self.addCleanup(self.server.kill)

    def expect_no_start(self):
        """Without any room there is no start, and a sentence that says so."""
        ended = subprocess.run(harness.serve_command(*self.settings()), capture_output=True, text=True, timeout=harness.DEADLINE_S, check=False)
        self.assertEqual(CANNOT_START, ended.returncode, ended.stderr)
        self.assertRegex(ended.stderr, r"^headgate: [^\n]*No space left on device[^\n]*\n$")

    def kill(self):
        self.server.signal(signal.SIGKILL)
        self.server.wait()

    def connect(self, client_id, version=wire.V5, **options):
        client = wire.connected(self.server.port, client_id, version, **options)
        self.addCleanup(client.socket.close)
        return client

    def subscribe(self, client_id, qos):
        client = self.connect(client_id, **KEPT)
        client.subscribe("rooms/#", qos=qos)
        return client

    def publish(self, count, qos=1):
        """As many at once, by a client that forgets: what was acknowledged and what was refused."""
        numbers = range(self.next, self.next + count)
        self.next += count
        taken, not_taken = [], []
        with self.connect(f"publisher {numbers[0]}") as client:
            for number in numbers:
                client.send(wire.publish("rooms/kitchen", payload(number), wire.V5, qos, 1 + number - numbers[0]))
            for number in numbers:
                answer = client.packet(wire.PUBACK if qos == 1 else wire.PUBREC)
                (not_taken if refused(answer) else taken).append(number)
            client.send(wire.goodbye())
        return taken, not_taken

    def publish_until_refused(self):
        taken = []
        while True:
            more, not_taken = self.publish(20)
            taken += more
            if not_taken:
                return taken

    def publish_until_taken(self):
        def taken():
            self.server.stats()
            return self.publish(1)[0]

        return harness.eventually(taken, "messages are taken again", 20)

    def expect(self, client, numbers, qos=1):
        """These messages, in this order."""
        for number in numbers:
            message = client.message()
            self.assertEqual((payload(number)[:20], qos), (message.payload[:20], message.qos))
            client.send(wire.puback(message.packet_id) if qos == 1 else b"")
        client.ping()

    def expect_all(self, client, numbers):
        """These messages in this order. One that was refused may be among them, if the server was killed before it had cut it off."""
        seen = []
        while not seen or seen[-1] != numbers[-1]:
            message = client.message()
            seen.append(int(message.payload.split(b" ")[1]))
            client.send(wire.puback(message.packet_id))
        self.assertEqual(numbers, [number for number in seen if number in set(numbers)])
        client.ping()

    def fill(self):
        """Messages until the disk takes no more."""
        self.disk.fill(leave_bytes=1_500_000)
        taken = self.publish_until_refused()
        while len(taken) <= 20:  # the stores have taken the room for themselves
            self.disk.make_room(leave_bytes=1_500_000)
            taken += self.publish_until_taken() + self.publish_until_refused()
        return taken

    def ready(self):
        return admin_peer.ask(self.server.admin_port, "/readyz")

    def log_full(self):
        text = admin_peer.ask(self.server.admin_port, "/metrics").text
        return sum(float(value) for value in re.findall(r"^headgate_log_full(?:\{[^}]*\})? (\S+)$", text, re.MULTILINE))

    def expect_full(self):
        ready = self.ready()
        self.assertEqual(503, ready.status)
        self.assertIn("refuses messages since the disk is full; make room", ready.text)
        self.assertEqual(1, self.log_full())


class full_log(full):
    def test_publishers_are_refused_as_their_version_can_be_told(self):
        self.fill()
        self.assertEqual(1, len(self.publish(1)[1]))
        self.assertEqual(1, len(self.publish(1, qos=2)[1]))
        for qos in (1, 2):
            old = self.connect("publisher of 3.1.1", wire.V311)
            old.send(wire.publish("rooms/kitchen", b"refused", qos=qos, packet_id=1))
            old.expect_closed()
        self.expect_full()
        self.server.stop()

    def test_a_publisher_with_a_session_may_send_again_what_was_refused(self):
        """Also at QoS 2 under the same packet id: PUBREC with 0x97 ended the exchange, and the next is another one."""
        client = self.subscribe("subscriber", 2)
        self.fill()
        publisher = self.connect("kept", **KEPT)
        publisher.send(wire.publish("rooms/kitchen", payload(1000000), wire.V5, 2, 7))
        self.assertTrue(refused(publisher.packet(wire.PUBREC)))
        self.disk.make_room()
        self.publish_until_taken()
        publisher.send(wire.publish("rooms/kitchen", payload(1001000), wire.V5, 2, 7))
        self.assertFalse(refused(publisher.packet(wire.PUBREC)))
        publisher.send(wire.pubrel(7))
        publisher.packet(wire.PUBCOMP)
        payloads = []
        while not payloads or not payloads[-1].startswith(b"message 1001000 "):
            if (found := client.packet()).type == wire.PUBLISH:
                message = wire.as_message(found, wire.V5)
                payloads.append(message.payload)
                client.send(wire.pubrec(message.packet_id) if message.qos == 2 else wire.puback(message.packet_id))
            elif found.type == wire.PUBREL:
                client.send(wire.pubcomp(int.from_bytes(found.body[:2], "big")))
        self.assertFalse(any(each.startswith(b"message 1000000 ") for each in payloads))
        self.server.stop()

    def send_once(self, publisher, packet_id, number, again=False):
        """At QoS 2, as far as its PUBREC: whether the message was taken."""
        publisher.send(wire.publish("rooms/kitchen", payload(number), wire.V5, 2, packet_id, flags=8 if again else 0))
        return not refused(publisher.packet(wire.PUBREC))

    def restart_with_room(self):
        self.kill()
        self.disk.make_room()
        self.start()

    def test_a_packet_id_that_was_refused_means_a_new_message_also_after_a_kill(self):
        client = self.subscribe("subscriber", 1)
        taken = self.fill()
        self.expect(client, taken)
        self.assertFalse(self.send_once(self.connect("kept", **KEPT), 7, 1000000))
        self.restart_with_room()
        publisher, client = self.connect("kept", **KEPT), self.connect("subscriber", **KEPT)
        publisher.send(b"".join(wire.publish("rooms/kitchen", payload(number), wire.V5, 2, packet_id) for number, packet_id in ((1001000, 8), (1002000, 7))))
        self.expect_after(client, taken, [1001000, 1002000])
        self.server.stop()

    def test_one_that_had_been_taken_before_is_not_refused_but_taken_once(self):
        """PUBREC was lost with the connection. When the message comes again the disk is full, and nobody can say whether it
        is in the log: its client is sent away, and asks again when there is room."""
        client = self.subscribe("subscriber", 1)
        self.assertTrue(self.send_once(self.connect("kept", **KEPT), 7, 1000000))
        self.expect(client, [1000000])
        self.kill()
        self.start()
        taken = [1000000, *self.fill()]
        with self.connect("kept", **KEPT) as publisher:
            publisher.send(wire.publish("rooms/kitchen", payload(1000000), wire.V5, 2, 7, flags=wire.DUP))
            publisher.expect_disconnect(0x97)
        self.restart_with_room()
        publisher = self.connect("kept", **KEPT)
        self.assertTrue(self.send_once(publisher, 7, 1000000, again=True))
        publisher.send(wire.pubrel(7))
        publisher.packet(wire.PUBCOMP)
        self.assertTrue(self.send_once(publisher, 7, 1001000))
        self.expect_after(self.connect("subscriber", **KEPT), taken, [1001000])
        self.server.stop()

    def expect_after(self, client, known, new):
        """Acknowledgements that were not written before it was killed may be forgotten; then these. Refused ones as in expect_all."""
        seen = []
        while not seen or seen[-1] != new[-1]:
            message = client.message()
            seen.append(int(message.payload.split(b" ")[1]))
            client.send(wire.puback(message.packet_id))
        all_taken = known + new
        seen = [number for number in seen if number in set(all_taken)]
        self.assertEqual(all_taken[-len(seen):], seen)
        client.ping()

    def test_subscribers_and_qos_0_go_on(self):
        live = self.subscribe("live", 1)
        self.subscribe("away", 1).socket.close()
        taken = self.fill()
        self.expect(live, taken)
        with self.connect("publisher of QoS 0") as publisher:
            for number in range(10):
                publisher.send(wire.publish("rooms/kitchen", payload(number), wire.V5))
            for number in range(10):
                message = live.message()
                self.assertEqual((payload(number)[:20], 0), (message.payload[:20], message.qos))
        self.expect(self.connect("away", **KEPT), taken)  # read from the log
        self.connect("new").subscribe("rooms/#", qos=1)
        self.expect_full()
        self.server.stop()

    def test_it_takes_messages_again_by_itself(self):
        client = self.subscribe("subscriber", 1)
        taken = []
        for _ in range(3):
            taken += self.fill()
            self.expect_full()
            self.disk.make_room()
            taken += self.publish_until_taken()
            self.assertEqual((200, 0), (self.ready().status, self.log_full()))
            taken += self.publish(50)[0]
        self.expect(client, taken)
        self.server.stop()

    def test_nothing_acknowledged_is_lost_when_it_is_killed(self):
        self.subscribe("away", 1).socket.close()
        taken = self.fill()
        self.kill()
        self.disk.fill()
        self.expect_no_start()
        self.disk.make_room(leave_bytes=500_000)
        self.start()
        taken += self.publish_until_refused()
        self.expect_all(self.connect("away", **KEPT), taken)
        self.kill()
        self.disk.make_room()
        self.start()
        more = self.publish_until_taken() + self.publish(50)[0]
        self.expect_after(self.connect("away", **KEPT), taken, more)
        self.server.stop()

    def test_an_orderly_end_on_a_full_disk(self):
        self.subscribe("away", 1).socket.close()
        taken = self.fill()
        self.server.stop()
        self.disk.make_room()
        self.start()
        taken += self.publish(20)[0]
        self.expect(self.connect("away", **KEPT), taken)
        self.server.stop()


class full_store(full):
    def fill_store(self):
        """Sessions that are written again and again, until the store takes no more."""
        self.disk.fill()
        client = self.connect("with long filters", **KEPT)
        filters = [(f"rooms/{number}/".ljust(400, "x"), 1) for number in range(100)]
        asked = answered = 0

        def written():
            nonlocal asked, answered
            if asked == answered:
                client.send(wire.subscribe(1, filters, wire.V5))
                asked += 1
            client.send(wire.PING)
            while client.packet(wire.SUBACK, wire.PINGRESP).type == wire.SUBACK:
                answered += 1
            return self.server.stats()["store_away"]

        harness.eventually(written, "the store is away")
        return client

    def expect_tried_again(self):
        """Some times, and each time there is no room at all: what closing it has freed somebody else has taken."""
        tried = set()

        def often():
            self.disk.fill()
            try:
                tried.add((self.disk.data / "sessions" / "LOG").stat().st_ino)  # made each time
            except FileNotFoundError:
                pass  # the old one has its other name, and the new one is not there yet
            return self.server.stats()["store_away"] and len(tried) > 4

        harness.eventually(often, "the store is tried again and again")

    def test_sessions_wait_and_everything_else_goes_on(self):
        live = self.subscribe("live", 1)
        self.subscribe("away", 1).socket.close()
        waiting = self.fill_store()
        self.assertEqual(503, self.ready().status)
        for version, code in ((wire.V5, SERVER_UNAVAILABLE), (wire.V311, 3)):
            client = wire.client(self.server.port, version)
            client.send(wire.connect("away", version, **(KEPT if version == wire.V5 else {"clean": False})))
            self.assertEqual(code, client.packet(wire.CONNACK).body[1])
            client.socket.close()
        live.ping()
        self.expect_tried_again()
        self.disk.make_room()
        self.server.wait_for(lambda stats: not stats["store_away"], "the store is back")
        harness.eventually(lambda: self.server.stats() and self.ready().status == 200, "it is ready")
        waiting.packet(wire.SUBACK)
        waiting.socket.close()
        taken = self.publish_until_taken()
        self.expect(live, taken)
        self.expect(self.connect("away", **KEPT), taken)
        self.kill()
        self.start()
        self.assertEqual(1, self.present("away"))
        self.server.stop()

    def present(self, client_id):
        with wire.client(self.server.port, wire.V5) as client:
            client.send(wire.connect(client_id, wire.V5, **KEPT))
            return client.packet(wire.CONNACK).body[0]


if __name__ == "__main__":
    harness.main()
