"""Real clients and their wills: sent when the connection is cut, not when it is ended in order; retained; delayed in MQTT 5."""

import time

from peers import scenarios
from peers.scenarios import V5, needs


def will_on(topic, payload="gone", qos=1, retain=False, **properties):
    return {"topic": topic, "payload": payload, "qos": qos, "retain": retain, **({"properties": properties} if properties else {})}


class will(scenarios.scenario):
    def test_is_sent_when_the_connection_is_cut(self):
        subscriber = self.subscriber(self.topic(), qos=2)
        for qos in (0, 1, 2):
            cut = self.peer(will=will_on(self.topic(), f"gone {qos}", qos))
            cut.kill()
            self.expect(subscriber, self.topic(), f"gone {qos}", qos)
        self.expect_nothing_more(self.peer(), subscriber, self.topic())

    def test_is_retained(self):
        subscriber = self.subscriber(self.topic(), qos=1)
        self.peer(will=will_on(self.topic(), retain=True)).kill()
        self.expect(subscriber, self.topic(), "gone", 1)
        self.expect(self.subscriber(self.topic(), qos=1), self.topic(), "gone", 1, retain=True)

    def test_is_not_sent_at_disconnect(self):
        if self.kind == "mosquitto" and self.version == V5:
            return self.sent_by_mosquitto_sub()
        subscriber = self.subscriber(self.topic(), qos=1)
        self.peer(will=will_on(self.topic())).disconnect()
        self.expect_nothing_more(self.peer(), subscriber, self.topic())

    def sent_by_mosquitto_sub(self):
        """It disconnects with the reason 4, by which it asks for its will."""
        subscriber = self.subscriber(self.topic(), qos=1)
        self.peer(will=will_on(self.topic())).disconnect()
        self.expect(subscriber, self.topic(), "gone", 1)

    @needs("closed")
    def test_is_sent_at_a_takeover(self):
        subscriber = self.subscriber(self.topic(), qos=1)
        first = self.peer("will-taken", will=will_on(self.topic()))
        second = self.peer("will-taken")
        first.closed()
        self.expect(subscriber, self.topic(), "gone", 1)
        self.expect_nothing_more(second, subscriber, self.topic())

    def test_of_a_session_that_stays(self):
        subscriber = self.subscriber(self.topic(), qos=1)
        self.peer("will-stays", will=will_on(self.topic()), **self.session_options()).kill()
        self.expect(subscriber, self.topic(), "gone", 1)
        self.peer("will-stays", **self.session_options()).kill()
        self.expect_nothing_more(self.peer(), subscriber, self.topic())


class will_in_5(scenarios.scenario):
    @needs("disconnect_reason")
    def test_is_sent_when_disconnect_asks_for_it(self):
        subscriber = self.subscriber(self.topic(), qos=1)
        self.peer(will=will_on(self.topic())).disconnect(reason=4)
        self.expect(subscriber, self.topic(), "gone", 1)

    def test_keeps_its_properties(self):
        properties = {"content_type": "text/plain", "response_topic": "answers", "correlation_data": "c0rr", "user_property": [["k", "v"]]}
        subscriber = self.subscriber(self.topic(), qos=1)
        self.peer(will=will_on(self.topic(), **properties)).kill()
        self.assertEqual(properties, self.expect(subscriber, self.topic(), "gone", 1).properties)

    def test_is_delayed(self):
        subscriber = self.subscriber(self.topic(), qos=1)
        cut = self.peer(will=will_on(self.topic(), will_delay_interval=2), **self.session_options())
        start = time.monotonic()
        cut.kill()
        self.expect_nothing_more(self.peer(), subscriber, self.topic())
        self.expect(subscriber, self.topic(), "gone", 1)
        self.assertGreater(time.monotonic() - start, 0.9)  # servers may count whole seconds

    def test_that_is_delayed_is_not_sent_when_the_client_returns(self):
        subscriber = self.subscriber(self.topic(), qos=1)
        returning = self.starting_peer()
        self.peer("will-returns", will=will_on(self.topic(), will_delay_interval=2), **self.session_options()).kill()
        returning.connect("will-returns", will=will_on(self.topic(), "other", will_delay_interval=60), **self.session_options())
        self.let_pass(4)
        self.expect_nothing_more(self.peer(), subscriber, self.topic())

    def test_that_is_delayed_is_sent_when_the_session_ends(self):
        subscriber = self.subscriber(self.topic(), qos=1)
        self.peer(will=will_on(self.topic(), will_delay_interval=600), **self.session_options(1)).kill()
        self.expect(subscriber, self.topic(), "gone", 1)


globals().update(scenarios.for_each_peer(will))
globals().update(scenarios.for_each_peer(will_in_5, versions=(V5,)))

if __name__ == "__main__":
    scenarios.main()
