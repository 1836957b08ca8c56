"""Every one-line form of headgate-loadtest against a real server, and its ends: by itself, interrupted, without a server."""

import pathlib
import signal
import tempfile
import unittest

import harness
import loadtest

FORMS = (
    ("conn", "-c", "200"),
    ("conn", "-c", "200", "--subscribe"),
    ("conn", "-c", "10", "--cycle"),
    ("pub", "-c", "10", "-r", "1000", "-q", "1"),
    ("sub", "-c", "10"),
    ("pairs", "-c", "10"),
    ("pairs", "-c", "10", "-q", "2", "--topics", "50"),
    ("fanout", "-c", "50", "-q", "1"),
    ("fanin", "-c", "50", "-q", "1"),
    ("latency", "-c", "10", "-r", "500"),
    ("offline", "-c", "20", "-r", "500", "--hold", "200ms", "--away", "200ms"),
)


class forms(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def test_every_form_in_every_version(self):
        for version in ("3.1", "3.1.1", "5"):
            for form in FORMS:
                with self.subTest(version=version, form=" ".join(form)):
                    done = loadtest.run(self.server.port, *form, "-V", version, "-d", "500ms", "--warm-up", "100ms",
                                        "--server-pid", str(self.server.pid))
                    self.assertEqual((0, {}), (done.status, done.faults()), done)
                    self.assertEqual(0, done.figures["connections"]["ended_by_server"], done)
                    if form[0] not in ("conn", "sub"):
                        self.assertGreater(done.figures["messages_sent"], 50, done)
                    if form[0] not in ("conn", "sub", "pub"):
                        self.assertGreater(done.figures["deliveries"], 50, done)

    def test_nothing_of_a_run_stays_at_the_server(self):
        done = loadtest.run(self.server.port, "offline", "-c", "20", "-V", "5", "-d", "1", "--hold", "300ms", "--away", "300ms")
        self.assertEqual(0, done.status, done)
        self.server.wait_for(lambda counters: counters["sessions_kept"] == 0, "sessions are left")

    def test_an_interrupted_run_has_results(self):
        run = loadtest.running(self.server.port, "pairs", "-c", "5", "-q", "1", "-d", "100", "--warm-up", "0")
        self.server.wait_for(lambda counters: counters["publishes_in"] > 1000, "nothing is published")
        run.process.send_signal(signal.SIGINT)
        done = run.wait()
        self.assertEqual((0, True), (done.status, done.figures["interrupted"]), done)
        self.assertGreater(done.figures["deliveries"], 0)
        self.assertIn("INTERRUPTED", done.output)

    def test_a_server_that_ends_is_a_failure(self):
        run = loadtest.running(self.server.port, "pairs", "-c", "5", "-q", "1", "-d", "100", "--warm-up", "0", "--stall", "1")
        self.server.wait_for(lambda counters: counters["publishes_in"] > 1000, "nothing is published")
        self.server.stop()
        done = run.wait()
        self.assertEqual(1, done.status, done)
        self.assertIn("nothing was delivered or acknowledged for 1 s", done.output)
        self.assertGreater(done.figures["connections"]["ended_by_server"], 0)

    def test_a_server_that_is_not_there(self):
        port = self.server.port
        self.server.stop()
        done = loadtest.run(port, "conn", "-c", "5", "--stall", "1")
        self.assertEqual(1, done.status, done)
        self.assertIn("Connection refused", done.output)

    def test_names_are_resolved(self):
        done = loadtest.run(None, "pairs", "-c", "5", "-d", "300ms", "--target", f"localhost:{self.server.port}")
        # localhost may be ::1 first, where this server does not listen: the next address is tried.
        self.assertEqual(0, done.status, done)
        done = loadtest.run(None, "conn", "-c", "1", "--target", "no.such.name.invalid:1883")
        self.assertEqual(2, done.status, done)
        self.assertIn("no.such.name.invalid", done.errors)

    def test_clients_are_spread_over_several_targets(self):
        other = harness.start(self)
        done = loadtest.run(self.server.port, "conn", "-c", "100", "-d", "500ms", "--target", f"127.0.0.1:{other.port}")
        self.assertEqual(0, done.status, done)
        self.assertEqual([50, 50], [server.stats()["connects"] for server in (self.server, other)])

    def test_a_plan_of_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "plan.yaml")
            file.write_text(f"""\
targets: [ '127.0.0.1:{self.server.port}' ]
measure: {{ warm_up: 0s, duration: 3s, settle: 3s }}
groups:
  sensors:
    clients: 40
    version: 5
    publish: {{ topic: 'site/%c/temperature', qos: 1, payload: 64..512, rate: 400 }}
    reconnect: {{ first: 100ms, most: 1s, jitter: 0.5 }}
  rooms:
    clients: 4
    version: 5
    session: {{ clean_start: false, expiry: 1h }}
    subscribe: {{ filters: 'site/+/temperature', qos: 1 }}
    reconnect: {{ first: 100ms, most: 1s }}
  workers:
    clients: 3
    version: 5
    subscribe: {{ filters: 'site/#', qos: 1, share: work }}
events:
  - {{ at: 1s, group: sensors, disconnect: 50%, how: cut }}
  - {{ at: 1500ms, group: rooms, disconnect: 100%, how: cut }}
""", encoding="utf-8")
            done = loadtest.run(None, "run", str(file))
        self.assertEqual((0, {}), (done.status, done.faults()), done)
        # Half of the sensors and all rooms were cut, and everybody left in the end.
        self.assertGreater(done.figures["connections"]["ended_by_plan"], 47 + 10)


if __name__ == "__main__":
    harness.main()
