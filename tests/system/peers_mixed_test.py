"""All clients in all versions together on one server: what any publishes comes to each."""

import unittest

from peers import scenarios, servers
from peers.scenarios import V5, V31, V311


class mixed(unittest.TestCase):
    def setUp(self):
        self.server = servers.start()
        self.addCleanup(self.server.stop)

    def connected(self, kind, version):
        made = scenarios.make_peer(kind, version, self.server)
        self.addCleanup(made.end)
        made.connect(f"{kind}-{version}")
        made.subscribe("all/+", qos=2)
        return made

    def test_everybody_hears_everybody(self):
        peers = [self.connected(kind, version) for kind in scenarios.available() for version in (V31, V311, V5)]
        for peer in peers:
            for qos in (0, 1, 2):
                properties = {"user_property": [["from", peer.kind]]} if peer.version == V5 else None
                topic, payload = f"all/{qos}", f"{peer.kind} {peer.version} {qos}"
                peer.publish(topic, payload, qos=qos, properties=properties)
                for other in peers:
                    found = other.message()
                    self.assertEqual((topic, payload, qos, False), found[:4])
                    with_properties = properties if properties and other.version == V5 else {}
                    self.assertEqual(with_properties, found.properties)


if __name__ == "__main__":
    scenarios.main(each_client=False)
