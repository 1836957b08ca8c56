"""What was acknowledged outlives a server that is killed at random moments under load (tests/fault/kill.py), and the verdict can fail."""

import pathlib
import random
import sys
import tempfile
import unittest

import harness

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fault"))

import kill  # noqa: E402
import ledger  # noqa: E402


class killed(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="headgate-kill-")
        self.addCleanup(directory.cleanup)
        self.data = pathlib.Path(directory.name, "data")

    def campaign(self, *settings):
        self.seed = random.SystemRandom().randrange(1 << 32)
        return kill.campaign(self.data, settings, self.seed, say=lambda line: None)

    def expect_nothing_lost(self, rounds, *settings):
        running = self.campaign(*settings)
        running.run(rounds)
        print(f"seed {self.seed} {' '.join(settings)}\n{running.report()}", flush=True)
        self.assertEqual([], running.ledger.faults[:20], f"seed {self.seed}")

    def test_nothing_is_lost(self):
        self.expect_nothing_lost(3)

    def test_nothing_is_lost_with_everything_on_the_device(self):
        self.expect_nothing_lost(2, "log.commit=disk")

    def test_a_log_that_ends_with_the_process_is_found_out(self):
        running = self.campaign("log.commit=memory")
        running.run(5, until_fault=True)
        self.assertIn("lost", [kind for kind, _ in running.ledger.faults], f"seed {self.seed}")


class accounts(unittest.TestCase):
    """Each kind of fault is one, and what is permitted is none."""

    def setUp(self):
        self.ledger = ledger.ledger()
        self.stream = self.ledger.add(ledger.stream("a", 2, retain=True))
        self.ledger.subscribed("s", ["a"])
        for _ in range(4):
            self.stream.acknowledge(self.stream.next())

    def receive(self, *numbers, qos=1):
        for number in numbers:
            self.ledger.received("s", "a", qos, number)
        self.ledger.close()
        return [kind for kind, _ in self.ledger.faults]

    def test_all_in_order(self):
        self.assertEqual([], self.receive(0, 1, 2, 3, qos=2))

    def test_qos_1_may_repeat_earlier_ones(self):
        self.assertEqual([], self.receive(0, 1, 0, 1, 2, 2, 3))

    def test_qos_2_may_not(self):
        self.assertEqual(["twice"], self.receive(0, 1, 1, 2, 3, qos=2))

    def test_a_group_gets_each_at_least_once_in_any_order(self):
        self.receive(0, 1, 2, 3)
        self.ledger.group_subscribed(["a"])
        for number in (4, 5, 6):
            self.stream.acknowledge(self.stream.next())
        for number in (4, 5, 6):
            self.ledger.received("s", "a", 1, number)
        for number in (3, 6, 4, 4):
            self.ledger.group_received("a", number)
        self.assertEqual(["lost"], self.receive())
        self.assertEqual(["lost"], self.receive(), "told once")
        self.assertEqual(1, self.ledger.counts["the group got more than once"])

    def test_one_that_never_came(self):
        self.assertEqual(["lost"], self.receive(0, 1, 3))

    def test_the_last_one_never_came(self):
        self.assertEqual(["lost"], self.receive(0, 1, 2))

    def test_in_another_order(self):
        self.assertEqual(["reordered"], self.receive(0, 2, 1, 3))

    def test_one_that_nobody_sent(self):
        self.assertEqual(["invented"], self.receive(0, 1, 2, 3, 4))

    def test_what_was_sent_before_a_subscription_is_not_owed(self):
        self.ledger.subscribed("later", ["a"])
        self.stream.acknowledge(self.stream.next())
        self.ledger.received("later", "a", 1, 4)
        self.assertEqual([], self.receive(0, 1, 2, 3, 4))

    def test_a_retained_value_is_the_last_acknowledged_or_a_later_one(self):
        self.receive(0, 1, 2, 3)
        self.stream.next()
        self.ledger.retained("a", 3)
        self.ledger.retained("a", 4)
        self.assertEqual([], self.ledger.faults)
        self.ledger.retained("a", 2)
        self.ledger.retained("a", None)
        self.assertEqual(["retained"] * 2, [kind for kind, _ in self.ledger.faults])


if __name__ == "__main__":
    harness.main()
