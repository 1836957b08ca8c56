"""Clause 4.8.2: shared subscriptions. Sessions that expire are in mqtt5_4_8_shared_sessions_test.cpp."""

import select

from conversation import V5, V311, harness, wire
from messages import NO_LOCAL
from subscribing import disconnect, subscribing

BAD_FILTER, PROTOCOL_ERROR = 0x8F, 0x82


class filters(subscribing):
    def refused(self, text):
        for content in (wire.subscribe(1, text, V5), wire.subscribe(1, [("good", 1), (text, 1)], V5), wire.unsubscribe(1, [text], V5)):
            self.assert_refused(self.connected(V5), BAD_FILTER, content)

    def test_a_share_name_is_at_least_one_character(self):
        """[5.0 MQTT-4.8.2-1] $share/ with an empty name is refused; with one of a character or of many it shares the messages."""
        for text in ("$share/", "$share//", "$share//t", "$share//#"):
            self.refused(text)
        publisher = self.connected()
        for number, group in enumerate(("g", "a long name of a group, with spaces", "ü", "$share", "$", "g.2_~")):
            topic = self.name(str(number))
            members = [self.connected(V5) for _ in range(2)]
            for member in members:
                self.assertEqual([0], self.granted(member, f"$share/{group}/{topic}"))
            self.assertEqual(1, self.counted(publisher, topic, members))

    def test_only_share_makes_it_shared(self):
        """[5.0 MQTT-4.8.2-1] Another beginning is a filter like others: both get everything of a topic that is called so, nothing of the rest."""
        publisher, topic = self.connected(), self.name("t")
        for text in ("$SHARE/g/", "$shared/g/", "share/g/", "/$share/g/", "$queue/"):
            members = [self.connected(V5) for _ in range(2)]
            for member in members:
                self.assertEqual([0], self.granted(member, text + topic))
            self.publish(publisher, topic, "not for them")
            self.assertEqual(2, self.counted(publisher, text + topic, members))
            for member in members:
                self.assert_none_came(member, topic, publisher)
                member.socket.close()

    def test_a_share_name_has_no_wildcard_and_a_filter_follows(self):
        """[5.0 MQTT-4.8.2-2] '+' and '#' in the name are refused, and a name without '/' and filter behind it, or with one that is none."""
        for text in (
            "$share/+/t", "$share/#/t", "$share/g+/t", "$share/+g/t", "$share/g#/t", "$share/g#h/t", "$share/g", "$share/g/", "$share/#", "$share/+",
            "$share/g/a#", "$share/g/#/a", "$share/g/a+", "$share/g/++",
        ):
            self.refused(text)
        publisher, place = self.connected(), self.name("")
        for text, topic in (("t", "t"), ("+/x", "a/x"), ("#", "any/thing"), ("/", "/"), ("//", "//"), ("$share/h/t", "$share/h/t")):
            members = [self.connected(V5) for _ in range(2)]
            for member in members:
                self.assertEqual([1], self.granted(member, (f"$share/g/{place}{text}", 1)))
            self.assertEqual(1, self.counted(publisher, place + topic, members))
            for member in members:
                member.socket.close()

    def counted(self, publisher, topic, members):
        """To how many members a message of the topic comes."""
        self.publish(publisher, topic, "x")
        self.assertTrue(select.select([member.socket for member in members], [], [], harness.DEADLINE_S)[0], "it comes to nobody")
        for member in members:
            self.granted(member, topic)
        self.publish(publisher, topic, "mark")
        count = 0
        for member in members:
            while self.next_message(member).payload != b"mark":
                count += 1
        return count


class delivery(subscribing):
    def group(self, *members_qos, **options):
        """A topic of its own, the filter that shares it, and a member for each QoS."""
        topic = self.name(f"t{self._named}")
        shared = "$share/g/" + topic
        members = [self.connected(V5, **options) for _ in members_qos]
        for member, qos in zip(members, members_qos):
            self.assertEqual([qos], self.granted(member, (shared, qos)))
        return topic, shared, members

    def test_no_local_is_refused(self):
        """[5.0 MQTT-3.8.3-4] $share with No Local is a protocol error."""
        self.assert_refused(self.connected(V5), PROTOCOL_ERROR, wire.subscribe(1, [("$share/g/t", NO_LOCAL | 1)], V5))

    def test_suback_comes_only_after_every_shard_knows_of_the_room(self):
        """What others publish right after it comes, also at QoS 0, of which a group keeps nothing."""
        publishers = [self.connected(V5) for _ in range(3)]
        for n in range(30):
            topic = self.name(str(n)) + "/x"
            member = self.connected(V5)
            self.granted(member, "$share/g/" + (topic if n % 2 else topic.replace("/x", "/+")))
            publishers[n % 3].send(wire.publish(topic, "x", V5))
            self.assertEqual((topic, b"x"), member.message()[:2])
            member.socket.close()

    def test_each_member_gets_the_qos_that_it_was_granted(self):
        """[5.0 MQTT-4.8.2-3] Messages of every QoS come at the lower of theirs and that of the member that gets them."""
        publisher = self.connected()
        for granted in range(3):
            topic, _, (member,) = self.group(granted)
            for published in range(3):
                self.publish(publisher, topic, "x", published)
                self.assertEqual(min(granted, published), self.next_message(member).qos)
        topic, _, members = self.group(0, 1, 2)
        count = 30
        for n in range(count):
            self.publish(publisher, topic, str(n), 2)
            ready = select.select([member.socket for member in members], [], [], harness.DEADLINE_S)[0]
            self.assertEqual(1, len(ready))
            granted = next(qos for qos, member in enumerate(members) if member.socket is ready[0])
            self.assertEqual((str(n).encode(), granted), self.next_message(members[granted])[1:3])

    def test_a_message_of_qos_2_waits_for_its_client(self):
        """[5.0 MQTT-4.8.2-4] Once sent to a member it is completed with it when it comes back, whichever step it was at, and nobody else gets it."""
        publisher, lasting = self.connected(), {"clean": False, "pairs": [("session_expiry_interval", 600)]}
        for step in ("sent", "received"):
            name, topic = self.name(step), self.name("t " + step)
            first = self.connected(V5, name, **lasting)
            self.granted(first, ("$share/g/" + topic, 2))
            self.publish(publisher, topic, "one", 2)
            one = first.message()
            if step == "received":
                first.send(wire.pubrec(one.packet_id))
                first.packet(wire.PUBREL)
            second = self.connected(V5)
            self.granted(second, ("$share/g/" + topic, 2))
            first.socket.close()
            self.server.wait_for(lambda stats: stats["clients"] == 2, "the first member has gone")
            for payload in ("two", "three"):
                self.publish(publisher, topic, payload, 2)
                self.assertEqual(payload.encode(), self.next_message(second).payload)
            first = self.connected(V5, name, **lasting)
            if step == "sent":
                self.assertEqual(one._replace(dup=True), first.message())
                first.send(wire.pubrec(one.packet_id))
            self.assertEqual(wire.packet(wire.PUBREL, 2, one.packet_id.to_bytes(2, "big")), first.packet())
            first.send(wire.pubcomp(one.packet_id))
            self.dropped(first, "$share/g/" + topic)
            self.publish(publisher, topic, "four", 2)
            self.assertEqual(b"four", self.next_message(second).payload)
            for client in (first, second):
                client.send(wire.goodbye())
                client.expect_closed()
            self.server.wait_for(lambda stats: stats["clients"] == 1, "the publisher is left")

    def test_a_message_of_qos_2_ends_with_the_session_of_its_client(self):
        """[5.0 MQTT-4.8.2-5] Sent to a member whose session ends with its connection, or anew with Clean Start, it goes to no other."""
        publisher = self.connected()
        for expiry, goodbye in ((0, b""), (0, wire.goodbye()), (600, disconnect(0, [("session_expiry_interval", 0)])), (600, b"")):
            name, topic = self.name(f"{expiry}{len(goodbye)}"), self.name(f"t{expiry}{len(goodbye)}")
            first = self.connected(V5, name, pairs=[("session_expiry_interval", expiry)])
            self.granted(first, ("$share/g/" + topic, 2))
            self.publish(publisher, topic, "one", 2)
            self.assertEqual((b"one", 2), first.message()[1:3])
            second = self.connected(V5)
            self.granted(second, ("$share/g/" + topic, 2))
            first.send(goodbye)
            first.socket.close()
            self.server.wait_for(lambda stats: stats["clients"] == 2, "the first member has gone")
            if expiry and not goodbye:
                self.connected(V5, name).send(wire.PING)  # Clean Start ends the session that was kept
            for payload in ("two", "three", "four"):
                self.publish(publisher, topic, payload, 2)
                self.assertEqual(payload.encode(), self.next_message(second).payload)
            second.ping()
            second.socket.close()
            if expiry and not goodbye:
                again = self.connected(V5, name)  # takes over, and closes what is left
                again.socket.close()
            self.server.wait_for(lambda stats: stats["clients"] == 1, "the publisher is left")

    def test_a_message_that_its_client_refuses_is_discarded(self):
        """[5.0 MQTT-4.8.2-6] PUBACK or PUBREC with a reason of 0x80 or above ends it: neither that member nor another gets it again."""
        publisher, lasting = self.connected(), {"clean": False, "pairs": [("session_expiry_interval", 600)]}
        for qos, answer in ((1, 0x40), (2, 0x50)):
            for reason in (0x80, 0x83, 0x87, 0x91, 0x97, 0x99):
                name, topic = self.name(f"{qos}{reason}"), self.name(f"t{qos}{reason}")
                first = self.connected(V5, name, **lasting)
                self.granted(first, ("$share/g/" + topic, qos))
                self.publish(publisher, topic, "one", qos)
                one = first.message()
                second = self.connected(V5)
                self.granted(second, ("$share/g/" + topic, qos))
                first.send(bytes([answer, 3]) + one.packet_id.to_bytes(2, "big") + bytes([reason]))
                first.ping()
                first.socket.close()
                first = self.connected(V5, name, **lasting)
                first.ping()
                self.dropped(first, "$share/g/" + topic)
                for payload in ("two", "three"):
                    self.publish(publisher, topic, payload, qos)
                    self.assertEqual(payload.encode(), self.next_message(second).payload)
                second.ping()
                for client in (first, second):
                    client.socket.close()

    def test_members_of_both_versions(self):
        """3.1.1 leaves filters with '$' to the server: as with other servers, clients of 3.1.1 may be members of a group."""
        publisher, topic = self.connected(), self.name("t")
        members = [self.connected(V311), self.connected(V5)]
        for member in members:
            self.assertEqual([1], self.granted(member, ("$share/g/" + topic, 1)))
        members[0].socket.close()
        self.server.wait_for(lambda stats: stats["clients"] == 2, "the first member has gone")
        self.publish(publisher, topic, "x")
        self.assertEqual(b"x", self.next_message(members[1]).payload)
        members[1].socket.close()
        member = self.connected(V311)
        self.granted(member, ("$share/g/" + topic, 1))
        self.publish(publisher, topic, "y")
        self.assertEqual(b"y", self.next_message(member).payload)


if __name__ == "__main__":
    harness.main()
