"""What those who have come in may do: publish, subscribe, be shown; wills, retained messages, shared subscriptions, $SYS; and rules that
change under clients that are connected."""

import unittest

import door
import harness
import wire
from wire import V5, V311

USERS = {"alice": "a", "bob": "b", "admin": "z"}
RULES = """\
topic read public/#
user alice
topic readwrite open/#
topic write inbox/+
topic deny open/secret/#
user bob
topic read open/#
user admin
topic readwrite #
topic read $SYS/#
pattern readwrite clients/%c/#
pattern read users/%u
"""


class rights_case(unittest.TestCase):
    rules = RULES

    def setUp(self):
        self.files = door.files(self, USERS, self.rules)
        self.server = harness.start(self, *self.files.settings(), "listeners.tcp.anonymous=allow", "sys.interval_s=1")

    def client(self, user, version=V311, client_id=None, **options):
        opened = door.connected(self.server, user, USERS[user], version, client_id, **options)
        self.addCleanup(opened.socket.close)
        return opened

    def granted(self, client, *filters, qos=1):
        return list(client.subscribe(*filters, qos=qos).body[-len(filters) :])

    def expect_only(self, client, *payloads):
        """These come, and nothing else that was sent until now."""
        for payload in payloads:
            message = client.message()
            self.assertEqual(payload.encode(), message.payload)
            if message.qos:
                client.send(wire.puback(message.packet_id))
        client.ping()


class publishing(rights_case):
    def publish(self, client, topic, qos, packet_id=7):
        """The reason of the acknowledgement; 0 in 3.1.1 where there is none to see."""
        client.send(wire.publish(topic, f"{topic} {qos}", client.version, qos=qos, packet_id=packet_id))
        if qos == 0:
            client.ping()
            return 0
        body = client.packet(wire.PUBACK if qos == 1 else wire.PUBREC).body
        if qos == 2 and not (len(body) > 2 and body[2] >= 0x80):
            client.send(wire.pubrel(packet_id))
            client.packet(wire.PUBCOMP)
        return body[2] if len(body) > 2 else 0

    def test_what_is_refused_is_acknowledged_and_dropped(self):
        watcher = self.client("admin", client_id="watcher")
        watcher.subscribe("#")
        for version in wire.VERSIONS:
            alice = self.client("alice", version, client_id=f"alice-{version}")
            for topic, allowed in (
                ("open/t", True), ("inbox/x", True), ("open/secret/x", False), ("closed", False), ("inbox/x/y", False), ("public/t", False),
                (f"clients/alice-{version}/t", True), ("clients/other/t", False), ("users/alice", False), ("Open/t", False), ("$SYS/x", False),
                ("$other", False),
            ):
                for qos in (0, 1, 2):
                    with self.subTest(topic, qos=qos, version=version):
                        reason = self.publish(alice, topic, qos)
                        refused = 0x87 if version == V5 and qos else 0
                        # Without a subscriber MQTT 5 may say so (0x10).
                        self.assertIn(reason, (0, 0x10) if allowed else (refused,))
                        if allowed:
                            self.assertEqual(f"{topic} {qos}".encode(), watcher.message().payload)
            watcher.ping()
        self.assertEqual(2 * 9 * 3, self.server.stats()["publishes_refused"])
        self.server.wait_for_line("may not publish to 'open/secret/x'")

    def test_retained_messages(self):
        admin, bob = self.client("admin"), self.client("bob", V5)
        for topic in ("open/kept", "closed/kept"):
            admin.send(wire.publish(topic, topic, qos=1, packet_id=1, flags=1))
            admin.packet(wire.PUBACK)
        self.assertEqual([0x87, 1], self.granted(bob, "closed/#", "#"))
        self.expect_only(bob, "open/kept")
        alice = self.client("alice")
        alice.send(wire.publish("closed/kept", "", qos=1, packet_id=1, flags=1))  # who may not write may not delete
        alice.packet(wire.PUBACK)
        self.granted(admin, "closed/#")
        self.expect_only(admin, "closed/kept")

    def test_wills(self):
        watcher = self.client("admin", client_id="watcher")
        watcher.subscribe("#")
        for version in wire.VERSIONS:
            refused = door.credentials("alice", "a", will=("closed/will", "no"), version=version)
            self.assertEqual(door.NOT_AUTHORIZED[version], door.answer(self.server.port, "w", version, **refused))
            allowed = door.credentials("alice", "a", will=("open/will", "yes"), version=version)
            with wire.connected(self.server.port, "w", version, **allowed):
                pass
            self.assertEqual(b"yes", watcher.message().payload)
            # A right that is gone when the will is due.
            with wire.connected(self.server.port, "w", version, **allowed) as client:
                self.files.write_rules(RULES.replace("readwrite open/#", "read open/#"))
                door.reload(self.server)
                client.send(wire.publish("open/probe", "x", version))
                client.ping()
            self.server.wait_for(lambda stats: stats["clients"] == 1, "the client has gone")
            watcher.ping()
            self.files.write_rules(RULES)
            door.reload(self.server)


class reading(rights_case):
    def test_subscriptions(self):
        for version in wire.VERSIONS:
            refused = door.REFUSED_FILTER[version]
            bob = self.client("bob", version, client_id=f"bob-{version}")
            for filter, code in (
                ("open/t", 1), ("open/#", 1), ("open/+/x", 1), ("#", 1), ("+/t", 1), ("closed", refused), ("closed/#", refused), ("public/x", refused),
                (f"clients/bob-{version}/#", 1), ("clients/other/#", refused), ("users/bob", 1), ("users/alice", refused), ("$SYS/#", refused),
                ("$SYS/broker/uptime", refused), ("$share/g/open/#", 1), ("$share/g/closed/#", refused), ("$share/g/#", 1), ("$share/g/$SYS/#", refused),
            ):
                with self.subTest(filter, version=version):
                    self.assertEqual([code], self.granted(bob, filter))
            self.assertEqual([1, refused, 1], self.granted(bob, "open/a", "closed/b", "open/c"))
        with wire.connected(self.server.port, "nameless") as nameless:
            self.assertEqual([1, 0x80], self.granted(nameless, "public/t", "open/t"))
        self.assertGreaterEqual(self.server.stats()["subscribes_refused"], 2 * 9)

    def test_a_wildcard_shows_only_what_may_be_read(self):
        admin = self.client("admin", client_id="sender")
        for version in wire.VERSIONS:
            bob = self.client("bob", version, client_id=f"bob-{version}")
            self.granted(bob, "#", "+/+", qos=1 if version == V5 else 0)
            for n in range(50):
                for topic in ("closed/t", "open/t", "inbox/t", "open2/t", "clients/other/t"):
                    admin.send(wire.publish(topic, f"{topic} {n}", qos=1, packet_id=1))
                    admin.packet(wire.PUBACK)
            seen = []
            for _ in range(50):
                message = bob.message()
                seen.append(message.topic)
                if message.qos:
                    bob.send(wire.puback(message.packet_id))
                if len(seen) == 50:
                    break
            self.assertEqual({"open/t"}, set(seen))
            bob.socket.close()
        self.assertGreater(self.server.stats()["deliveries_refused"], 0)

    def test_a_shared_subscription_gives_each_member_what_it_may_read(self):
        members = [self.client(user, client_id=f"{user}-member") for user in ("bob", "admin")]
        for member in members:
            self.assertEqual([1], self.granted(member, "$share/g/#"))
        sender = self.client("admin", client_id="sender")
        for n in range(40):
            for topic in ("open/t", "closed/t"):
                sender.send(wire.publish(topic, f"{n}", qos=1, packet_id=1))
                sender.packet(wire.PUBACK)
        bob, admin = members
        seen = []

        def take(client, mine):
            try:
                message = wire.as_message(client.packet(wire.PUBLISH, wire.PINGRESP), V311)
            except AssertionError:
                return False
            mine.append(message.topic)
            client.send(wire.puback(message.packet_id))
            return True

        of_admin = []
        for client, mine in ((bob, seen), (admin, of_admin)):
            client.send(wire.PING)
            while take(client, mine):
                pass
        # What was given to bob and may not be read by him is acknowledged for him or given to the other; he never sees it.
        self.assertEqual({"open/t"} if seen else set(), set(seen))
        self.assertGreater(len(of_admin), 0)

    def test_sys_only_when_granted(self):
        admin = self.client("admin", V5)
        self.assertEqual([0], self.granted(admin, "$SYS/#", qos=0))
        self.assertTrue(admin.message().topic.startswith("$SYS/"))
        bob = self.client("bob", V5)
        self.assertEqual([0x87, 0], self.granted(bob, "$SYS/#", "#", qos=0))
        admin.message()
        bob.ping()


class changing(rights_case):
    def test_a_right_that_is_taken_away_stops_deliveries_and_publishes_at_once(self):
        alice, admin = self.client("alice", V5), self.client("admin")
        bobs = [self.client("bob", version, client_id=f"bob-{version}") for version in wire.VERSIONS]
        for bob in bobs:
            self.granted(bob, "#", "open/exact")
        alice.send(wire.publish("open/t", "before", V5, qos=1, packet_id=1))
        self.assertLess(alice.packet(wire.PUBACK).body[2:3], b"\x80")
        for bob in bobs:
            self.expect_only(bob, "before")
        self.files.write_rules("user admin\ntopic readwrite #\nuser bob\ntopic read other/#\nuser alice\ntopic read open/#\n")
        door.reload(self.server)
        admin.send(b"".join(wire.publish(topic, topic, qos=1, packet_id=n + 1) for n, topic in enumerate(("open/t", "open/exact", "other/t"))))
        for _ in range(3):
            admin.packet(wire.PUBACK)
        for bob in bobs:
            self.expect_only(bob, "other/t")
        alice.send(wire.publish("open/t", "after", V5, qos=1, packet_id=2))
        self.assertEqual(bytes([0, 2, 0x87]), alice.packet(wire.PUBACK).body[:3])
        # And given back.
        self.files.write_rules(RULES)
        door.reload(self.server)
        admin.send(wire.publish("open/t", "again", qos=1, packet_id=1))
        admin.packet(wire.PUBACK)
        for bob in bobs:
            self.expect_only(bob, "again")

    def test_while_messages_are_on_their_way(self):
        admin, bob = self.client("admin"), self.client("bob", V5, pairs=[("receive_maximum", 5)])
        self.granted(bob, "#")
        count = 400
        admin.send(b"".join(wire.publish("open/t", b"%06d" % n, qos=1, packet_id=n + 1) for n in range(count)))
        for _ in range(count):
            admin.packet(wire.PUBACK)
        self.files.write_rules(RULES.replace("user bob\ntopic read open/#", "user bob\ntopic read other/#"))
        door.reload(self.server)
        admin.send(wire.publish("other/t", "last", qos=1, packet_id=1))
        admin.packet(wire.PUBACK)
        payloads = []
        while not payloads or payloads[-1] != b"last":
            message = bob.message()
            payloads.append(message.payload)
            bob.send(wire.puback(message.packet_id))
        self.assertLess(len(payloads), 20)  # those that were sent before, and the last

    def test_a_bad_file_leaves_the_rules_as_they_are_and_names_its_lines(self):
        bob, admin = self.client("bob"), self.client("admin")
        self.granted(bob, "#")
        for text, lines in (("user bob\ntopic reed open/#\nuser\n", (2, 3)), ("topic read a/#/b\n", (1,)), ("\n\nrule x\n", (3,))):
            self.files.write_rules(text)
            said = door.reload(self.server, f"{self.files.rules}:{lines[-1]}: ")
            for line in lines:
                self.assertTrue(any(f"{self.files.rules}:{line}: " in each for each in said), said)
            admin.send(wire.publish("closed/t", "no", qos=1, packet_id=1) + wire.publish("open/t", "yes", qos=1, packet_id=2))
            for _ in range(2):
                admin.packet(wire.PUBACK)
            self.expect_only(bob, "yes")


if __name__ == "__main__":
    harness.main()
