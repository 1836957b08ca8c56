"""What the tests of the standards' statements share: one server for each class of tests, and clients of both versions.

A test says which statements it shows at the beginning of its docstring, as [3.1.1 MQTT-x.y.z-n] or [5.0 MQTT-x.y.z-n]: table.py
reads them. Client ids and topics come from the test's name, so that tests do not meet on the server they share.
"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))

import harness  # noqa: E402
import wire  # noqa: E402
from wire import V5, V311  # noqa: E402


class conversation(unittest.TestCase):
    """A class of tests with a server of its own; `settings` are for it alone."""

    settings = ()
    _version = ""  # that the test is at, as it is told

    @classmethod
    def setUpClass(cls):
        cls.server = harness.server(*cls.settings)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        self._named = 0

    def __str__(self):
        return super().__str__() + self._version

    def name(self, text=""):
        """A client id or topic that no other test has, and no other call of this one unless `text` is the same."""
        return f"{self.id().rsplit('.', 1)[1]}/{text}"

    def client(self, version=V311):
        """A connection that has said nothing yet, closed when the test ends."""
        opened = wire.client(self.server.port, version)
        self.addCleanup(opened.socket.close)
        return opened

    def connected(self, version=V311, client_id=None, **options):
        """A client whose CONNECT was accepted; options are those of wire.connect. Without an id it gets a new one."""
        if client_id is None:
            self._named += 1
            client_id = self.name(f"client {self._named}")
        opened = wire.connected(self.server.port, client_id, version, **options)
        self.addCleanup(opened.socket.close)
        return opened

    def versions(self):
        """Each version; a test that fails says with which. (A subtest must not be left from within a generator.)"""
        for version in wire.VERSIONS:
            self._version = f" (version {'5.0' if version == V5 else '3.1.1'})"
            yield version
        self._version = ""

    def assert_refused(self, client, reason, content=None):
        """What was sent is an error: MQTT 5 is told the reason, 3.1.1 sees its connection closed."""
        if content is not None:
            client.send(content)
        client.expect_disconnect(reason)
