"""Debian's mosquitto as a bridge to the server under test: in and out, each message once, in the three versions of MQTT.

In 3.1 and 3.1.1 a bridge says that it is one with the highest bit of the protocol version (0x83, 0x84), by which the server knows
not to send it its own messages back and to leave the retain flag as published; in 5 it asks for both in its subscriptions.
"""

import sys
import unittest

import harness
import wire
from peers import servers

BRIDGE = """
connection bridge-{version}
address 127.0.0.1:{port}
bridge_protocol_version {version}
remote_clientid bridge-{version}
try_private true
cleansession true
restart_timeout 1
topic both/# both 1
topic in/# in 1
topic out/# out 1
topic exact both 2
"""


def connected(server, client_id, *filters, qos=2):
    client = wire.connected(server.port, client_id)
    if filters:
        client.subscribe(*filters, qos=qos)
    return client


def publish(client, topic, payload, qos=1, retain=False):
    client.send(wire.publish(topic, payload, qos=qos, packet_id=9, flags=int(retain)))
    if qos == 1:
        client.packet(wire.PUBACK)
    elif qos == 2:
        client.packet(wire.PUBREC)
        client.send(wire.frame(0x62, (9).to_bytes(2, "big")))
        client.packet(wire.PUBCOMP)


def message(client):
    """The next message, acknowledged."""
    found = client.message()
    if found.qos == 1:
        client.send(wire.puback(found.packet_id))
    elif found.qos == 2:
        identifier = found.packet_id.to_bytes(2, "big")
        client.send(wire.frame(0x50, identifier))
        client.packet(wire.PUBREL)
        client.send(wire.frame(0x70, identifier))
    return found


class bridge(unittest.TestCase):
    version = None

    def setUp(self):
        self.remote = servers.start()
        self.addCleanup(self.remote.stop)
        self.local = servers.mosquitto(BRIDGE.format(port=self.remote.port, version=self.version))
        self.addCleanup(self.local.stop)
        for _ in range(3):  # one for each filter that comes in
            self.local.wait_for_line("Received SUBACK")

    def clients(self, *filters):
        """At each end one that publishes and one that listens."""
        made = [connected(self.local, "lp"), connected(self.local, "ls", *filters),
                connected(self.remote, "rp"), connected(self.remote, "rs", *filters)]
        for one in made:
            self.addCleanup(one.socket.close)
        return made

    def expect(self, client, topic, payload, retain=False):
        found = message(client)
        self.assertEqual((topic, payload.encode(), retain), (found.topic, found.payload, found.retain))
        return found

    def test_out_and_in_once(self):
        local, at_local, remote, at_remote = self.clients("#")
        for publisher, topic in ((local, "out/a"), (remote, "in/a")):
            for number in range(50):
                publish(publisher, topic, f"crosses {number}")
            for listener in (at_local, at_remote):
                for number in range(50):
                    self.expect(listener, topic, f"crosses {number}")
        # What does not cross comes at the other end before neither the end nor the answer to a ping.
        for publisher, here, there, wrong, right in ((local, at_local, at_remote, "in/a", "out/a"), (remote, at_remote, at_local, "out/a", "in/a")):
            publish(publisher, wrong, "stays")
            self.expect(here, wrong, "stays")
            publish(publisher, right, "end")
            for listener in (here, there):
                self.expect(listener, right, "end")
                listener.ping()

    def test_both_without_a_loop(self):
        local, at_local, remote, at_remote = self.clients("both/#", "exact")
        for number in range(20):
            for topic, qos in (("both/x", 1), ("exact", 2)):
                for publisher, name in ((local, "local"), (remote, "remote")):
                    publish(publisher, topic, f"{name} {number}", qos)
                    for listener in (at_local, at_remote):
                        self.expect(listener, topic, f"{name} {number}")
        at_local.ping()
        at_remote.ping()

    def test_retained_stays_retained(self):
        local, _, remote, _ = self.clients("none")
        watching = [connected(self.local, "wl", "both/#", "out/#"), connected(self.remote, "wr", "both/#", "out/#")]
        for one in watching:
            self.addCleanup(one.socket.close)
        for publisher, topic in ((local, "both/local"), (remote, "both/remote"), (local, "out/kept")):
            publish(publisher, topic, "kept", retain=True)
            for one in watching:
                self.expect(one, topic, "kept")
        for server in (self.local, self.remote):
            for topic in ("both/local", "both/remote", "out/kept"):
                with connected(server, "later", topic) as later:
                    self.expect(later, topic, "kept", retain=True)
        publish(local, "both/remote", "", retain=True)
        for one in watching:
            self.expect(one, "both/remote", "")
        with connected(self.remote, "last", "both/remote", "end") as last:
            publish(remote, "end", "end")
            self.expect(last, "end", "end")


for version in ("mqttv31", "mqttv311", "mqttv50"):
    globals()[f"bridge_{version}"] = type(f"bridge_{version}", (bridge,), {"version": version, "__module__": __name__})
del bridge

if __name__ == "__main__":
    if servers.MOSQUITTO is None:
        print("skipped: mosquitto must be installed: the package mosquitto")
        sys.exit(harness.SKIPPED)
    sys.exit(0 if unittest.main(verbosity=2, exit=False).result.wasSuccessful() else 1)
