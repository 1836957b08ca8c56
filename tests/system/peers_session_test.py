"""Real clients whose sessions outlast their connections: what came meanwhile, who takes over, when a session ends."""

from peers import scenarios, servers
from peers.scenarios import V5, V31, needs


class sessions(scenarios.scenario):
    def expect_session(self, present):
        """What the last CONNACK said; MQTT 3.1 has no such flag, and not every client tells."""
        if self.version != V31 and (found := self.answer.get("session_present")) is not None:
            self.assertEqual(present, found)

    def keep(self, client_id, qos=2):
        """A connected client with a session that stays."""
        kept = self.peer(client_id, **self.session_options())
        self.expect_session(False)
        kept.subscribe(self.topic(), qos=qos)
        return kept

    def again(self, kept, client_id):
        """The same client connects anew."""
        self.answer = kept.connect(client_id, **self.session_options())
        self.expect_session(True)
        return kept


class session(sessions):
    def messages_meanwhile(self, leave):
        publisher, client_id = self.peer(), self.new_id()
        kept = self.keep(client_id)
        publisher.publish(self.topic(), "before", qos=2)
        self.expect(kept, self.topic(), "before", 2)
        for turn in ("first", "second"):
            leave(kept)
            for number in range(10):
                publisher.publish(self.topic(), f"{turn} {number}", qos=1 + number % 2)
            self.again(kept, client_id)
            # A library may hand a QoS 2 message over only at its PUBREL, after QoS 1 messages that came later.
            found = [kept.message()[:3] for _ in range(10)]
            wanted = [(self.topic(), f"{turn} {number}", 1 + number % 2) for number in range(10)]
            for qos in (1, 2):
                self.assertEqual([one for one in wanted if one[2] == qos], [one for one in found if one[2] == qos])
            self.expect_nothing_more(publisher, kept, self.topic())

    def test_keeps_messages_after_disconnect(self):
        self.messages_meanwhile(lambda kept: kept.disconnect())

    def test_keeps_messages_when_cut(self):
        def cut(kept):
            # When this is acknowledged, the server has the acknowledgements that the library sent before; else it sends again.
            kept.publish(self.topic("other"), "x", qos=1)
            kept.kill()

        self.messages_meanwhile(cut)

    def test_keeps_many_messages_in_order(self):
        for qos in (1, 2):
            client_id = f"many-{qos}"
            kept = self.keep(client_id, qos)
            kept.disconnect()
            publisher = self.peer()
            payloads = [str(number) for number in range(200)]
            publisher.publish_many(self.topic(), payloads, qos)
            self.again(kept, client_id)
            self.assertEqual(payloads, [kept.message().payload for _ in payloads])
            self.expect_nothing_more(publisher, kept, self.topic())
            kept.end()

    @needs("unsubscribe")
    def test_forgets_filters_that_were_left(self):
        publisher = self.peer()
        kept = self.keep("leaving", 1)
        kept.subscribe(self.topic("left"), qos=1)
        kept.unsubscribe(self.topic("left"))
        kept.disconnect()
        publisher.publish(self.topic("left"), "x", qos=1)
        publisher.publish(self.topic(), "y", qos=1)
        self.again(kept, "leaving")
        self.expect(kept, self.topic(), "y", 1)

    @needs("session_present")
    def test_is_dropped_by_a_clean_start(self):
        publisher = self.peer()
        self.keep("clean").disconnect()
        publisher.publish(self.topic(), "lost", qos=1)
        self.peer("clean").disconnect()
        self.expect_session(False)
        kept = self.peer("clean", **self.session_options())
        self.expect_session(False)
        kept.subscribe(self.topic(), qos=2)
        self.expect_nothing_more(publisher, kept, self.topic())

    @needs("session_present")
    def test_does_not_stay_when_it_was_not_asked_to(self):
        self.peer("leaves").disconnect()
        self.peer("leaves", **self.session_options())
        self.expect_session(False)

    @needs("closed")
    def test_is_taken_over(self):
        publisher = self.peer()
        first = self.keep("taken")
        second = self.peer("taken", **self.session_options())
        self.expect_session(True)
        reason = first.closed()
        if self.version == V5 and servers.IS_HEADGATE:  # mosquitto 2.0.11 closes without a word
            self.assertEqual(0x8E, reason)
        publisher.publish(self.topic(), "x", qos=2)
        self.expect(second, self.topic(), "x", 2)
        self.expect_nothing_more(publisher, second, self.topic())


class session_in_5(sessions):
    @needs("disconnect_properties")
    def test_ends_at_a_disconnect_that_says_so(self):
        kept = self.keep("ended")
        kept.disconnect(properties={"session_expiry_interval": 0})
        self.peer()  # a round trip, by whose end the server has read the DISCONNECT
        self.peer("ended", **self.session_options())
        self.expect_session(False)

    @needs("session_present")
    def test_expires(self):
        kept = self.peer("expired", **self.session_options(1))
        kept.disconnect()
        self.peer("stays", **self.session_options(100)).disconnect()
        self.let_pass(4)
        self.peer("stays", **self.session_options())
        self.expect_session(True)
        self.peer("expired", **self.session_options())
        self.expect_session(False)

    @needs("session_present")
    def test_stays_after_a_clean_start_with_an_expiry(self):
        self.peer("new", clean=True, properties={"session_expiry_interval": 300}).disconnect()
        self.peer("new", **self.session_options())
        self.expect_session(True)


globals().update(scenarios.for_each_peer(session))
globals().update(scenarios.for_each_peer(session_in_5, versions=(V5,)))

if __name__ == "__main__":
    scenarios.main()
