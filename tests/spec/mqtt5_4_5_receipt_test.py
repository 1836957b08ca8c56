"""Clause 4.5: a message that the server took belongs to the sessions of all who are subscribed."""

from conversation import harness
from messages import messages


class receipt(messages):
    def test_a_message_is_added_to_the_sessions_of_all_subscribers(self):
        """[3.1.1 MQTT-4.5.0-1] [5.0 MQTT-4.5.0-1] Those that are connected and those that are away, by any filter that matches, each its own; those without a matching one not."""
        for version in self.versions():
            topic, publisher = self.name(f"{version}/t"), self.connected(version)
            texts = [topic, self.name(f"{version}/+"), self.name(f"{version}/#"), self.name(f"{version}/other")]
            here = [self.keeping(version, f"{version} here {n}") for n in range(4)]
            away = [self.keeping(version, f"{version} away {n}") for n in range(4)]
            for clients in (here, away):
                for client, text in zip(clients, texts):
                    self.subscribe(client, (text, 1))
            for client in away:
                self.lose(client)
            payloads = [str(n) for n in range(5)]
            self.publish_all(publisher, topic, payloads)
            publisher.socket.close()
            away = [self.keeping(version, f"{version} away {n}") for n in range(4)]
            publisher = self.connected(version)
            for client, text in zip(here + away, texts * 2):
                for payload in payloads if text != texts[3] else ():
                    self.assert_message(client, topic, payload, 1)
            self.publish(publisher, topic, "last")
            self.publish(publisher, texts[3], "other")
            for client, text in zip(here + away, texts * 2):
                wanted = {texts[3]: [b"other"], texts[0]: [b"last"]}.get(text, [b"last", b"other"])
                self.assertEqual(wanted, sorted(self.next_message(client).payload for _ in wanted))

    def test_a_new_subscription_gets_what_comes_from_then_on(self):
        """[3.1.1 MQTT-4.5.0-1] [5.0 MQTT-4.5.0-1] What was published before it is not added; all that is published after its SUBACK is."""
        for version in self.versions():
            topic, publisher = self.name(str(version)), self.connected(version)
            self.publish_all(publisher, topic, map(str, range(5)))
            client = self.subscriber(version, (topic, 1))
            self.publish_all(publisher, topic, map(str, range(5, 10)))
            for number in range(5, 10):
                self.assert_message(client, topic, str(number), 1)


if __name__ == "__main__":
    harness.main()
