"""What the tests with real clients share: one class of tests for each client and version, and the main program.

Scenarios are written once, in a class whose tests say self.peer(…); for_each_peer makes the classes that unittest runs.
HEADGATE_PEER_CLIENT, when set, names the one client to test with, HEADGATE_PEER_VERSION the one version (3_1, 3_1_1 or 5).
"""

import functools
import os
import subprocess
import sys
import tempfile
import unittest

import harness
import wire
from peers import command_line, drivers, servers

V31, V311, V5 = 3, 4, 5
NAMES = {V31: "3_1", V311: "3_1_1", V5: "5"}

# What a client cannot be asked for, or does not tell.
DRIVER_FEATURES = {"session_present", "closed", "subscribe_options", "unsubscribe", "assigned_id", "disconnect_properties", "alias_in"}
FEATURES = {
    # mosquitto_sub 2.0.11 connects again by itself when it is closed, and tells nothing of the CONNACK. Told to end, it says in
    # MQTT 5 that its will be sent ("with will message").
    "mosquitto": {"property_order"},
    "paho_python": DRIVER_FEATURES | {"property_order", "disconnect_reason"},
    "paho_c": DRIVER_FEATURES | {"property_order", "disconnect_reason"},
    # The only one that keeps a table of the aliases which the server sends. Its user properties are an object.
    "mqtt_js": DRIVER_FEATURES | {"alias_out", "disconnect_reason"},
}
COMMANDS = {"paho_python": drivers.paho_python, "paho_c": drivers.paho_c, "mqtt_js": drivers.mqtt_js}


@functools.cache
def command_of(kind):
    """How its driver is started, or why it cannot be."""
    if kind == "mosquitto":
        return None, f"{' and '.join(command_line.MISSING)} must be installed: mosquitto-clients" if command_line.MISSING else None
    return COMMANDS[kind]()


def chosen():
    kind = os.environ.get("HEADGATE_PEER_CLIENT")
    if kind and kind not in FEATURES:
        raise SystemExit(f"HEADGATE_PEER_CLIENT must be one of {', '.join(FEATURES)}, not {kind}")
    return [kind] if kind else list(FEATURES)


def available():
    return [kind for kind in chosen() if command_of(kind)[1] is None]


def make_peer(kind, version, server):
    if kind == "mosquitto":
        return command_line.peer(version, server, FEATURES[kind])
    return drivers.peer(kind, command_of(kind)[0], version, server, FEATURES[kind])


def needs(*features, since=V31):
    """A test for clients that can do this, from this version on."""

    def marked(test):
        test.features, test.since = set(features), since
        return test

    return marked


def headgate_only(_reason):
    """A test that mosquitto 2.0.11 does not pass, for the reason given."""

    def marked(test):
        test.headgate_only = True
        return test

    return marked


def applies(test, kind, version):
    if getattr(test, "headgate_only", False) and not servers.IS_HEADGATE:
        return False
    return getattr(test, "since", V31) <= version and getattr(test, "features", set()) <= FEATURES[kind]


def for_each_peer(scenarios, versions=(V31, V311, V5)):
    """Classes of tests by their names, to be put into the module; tests that do not apply to a client are not in its class."""
    made = {}
    for kind in available():
        for version in versions:
            if os.environ.get("HEADGATE_PEER_VERSION", NAMES[version]) != NAMES[version]:
                continue
            tests = [name for name in dir(scenarios) if name.startswith("test_")]
            without = {name: None for name in tests if not applies(getattr(scenarios, name), kind, version)}
            if len(without) < len(tests):
                name = f"{scenarios.__name__}_{kind}_{NAMES[version]}"
                members = {"kind": kind, "version": version, "__module__": scenarios.__module__, **without}
                made[name] = type(name, (scenarios, unittest.TestCase), members)
    return made


class scenario:
    """Base of the scenarios. All of one class talk to one server, so each takes topics and client ids of its own."""

    settings = ()  # of Headgate
    kind = version = None

    @classmethod
    def setUpClass(cls):
        cls.server = servers.start(*cls.settings)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        self.name = self._testMethodName.removeprefix("test_")
        self._made = 0

    def topic(self, end="t"):
        return f"{self.name}/{end}"

    def new_id(self):
        """Ids have at most 23 characters in MQTT 3.1."""
        self._made += 1
        return f"{self.name[:18]}-{self._made}"

    def starting_peer(self):
        """A client whose program starts, which may take it a second, and that is not connected yet."""
        made = make_peer(self.kind, self.version, self.server)
        self.addCleanup(made.end)
        return made

    def peer(self, client_id=None, **options):
        """A connected client; options are those of connect."""
        made = self.starting_peer()
        self.answer = made.connect(self.new_id() if client_id is None else client_id, **options)
        return made

    def subscriber(self, *filters, qos=0, properties=None, **options):
        made = self.peer(**options)
        self.assertEqual([qos] * len(filters), made.subscribe(*filters, qos=qos, properties=properties))
        return made

    def expect(self, subscriber, topic, payload, qos=0, retain=False):
        found = subscriber.message()
        self.assertEqual((topic, payload, qos, retain), found[:4])
        return found

    def expect_nothing_more(self, publisher, subscriber, topic):
        """Nothing came before a message that is sent now; the subscriber must have subscribed to this topic."""
        publisher.publish(topic, "end", qos=2)
        self.assertEqual((topic, "end"), subscriber.message()[:2])

    def session_options(self, seconds=300):
        """Of a CONNECT whose session stays after the connection."""
        return {"clean": False, "properties": {"session_expiry_interval": seconds} if self.version == V5 else None}

    def let_pass(self, seconds):
        """Returns when the server's clock is so much further: it sends the will of a client that was cut off after this delay."""
        with wire.client(self.server.port, V5) as witness, wire.connected(self.server.port, self.new_id(), V5) as watching:
            topic = self.topic("clock")
            watching.subscribe(topic)
            delay = b"\x05\x18" + seconds.to_bytes(4, "big")
            will = delay + wire.data(topic) + wire.data("now")
            witness.send(wire.connect(self.new_id(), V5, pairs=[("session_expiry_interval", 2 * seconds)], flags=0x04, rest=will))
            witness.packet(wire.CONNACK)
            witness.socket.close()
            self.assertEqual((topic, b"now"), watching.message()[:2])


def run_each_client():
    """This file once for each client, all at the same time, since they mostly wait; gives the exit status of them together.

    Paho's C library waits most, a tenth of a second here and there, and starts fastest: once for each version.
    """
    running = []
    for kind in chosen():
        for version in NAMES.values() if kind == "paho_c" else [None]:
            output = tempfile.TemporaryFile("w+")
            environment = {**os.environ, "HEADGATE_PEER_CLIENT": kind, **({"HEADGATE_PEER_VERSION": version} if version else {})}
            process = subprocess.Popen([sys.executable, "-B", *sys.argv], env=environment, stdout=output, stderr=output)
            running.append((f"{kind} {version or ''}", output, process))
    statuses = []
    for name, output, process in running:
        statuses.append(process.wait())
        with output:
            output.seek(0)
            print(f"---- {name}, status {statuses[-1]}\n{output.read()}")
    if any(status not in (0, harness.SKIPPED) for status in statuses):
        return 1
    return harness.SKIPPED if harness.SKIPPED in statuses else 0


def run_here():
    try:
        result = unittest.main(verbosity=2, exit=False).result
    finally:
        drivers.peer.end_all()
    return 0 if result.wasSuccessful() else 1


def main(each_client=True):
    """Runs the tests of the file that is called, for each client apart or all in one. A client that cannot be had is named, and
    the file then counts as skipped, unless a test failed."""
    reason = servers.missing()
    absent = [command_of(kind)[1] for kind in chosen() if command_of(kind)[1]]
    if reason is None and len(absent) == len(chosen()):
        reason = "; ".join(absent)
    if reason:
        print(f"skipped: {reason}")
        sys.exit(harness.SKIPPED)
    if each_client and len(chosen()) > 1:
        sys.exit(run_each_client())
    status = run_here()
    if absent and not status:
        print(f"without some clients: {'; '.join(absent)}")
        status = harness.SKIPPED
    sys.exit(status)
