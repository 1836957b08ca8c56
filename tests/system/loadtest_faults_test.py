"""What the audit of headgate-loadtest makes of faults: through the relay, each is reported, and none is invented."""

import unittest

import harness
import loadtest
import relay

PAIRS = ("pairs", "-c", "4", "-w", "20", "--warm-up", "0", "--settle", "3", "-d", "60")


class faults(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)
        self.relay = relay.start(self, self.server)

    def run_pairs(self, *options):
        return loadtest.run(self.relay.port, *PAIRS, *options)

    def test_none_is_invented(self):
        for version in ("3.1", "3.1.1", "5"):
            for qos in ("0", "1", "2"):
                with self.subTest(version=version, qos=qos):
                    done = self.run_pairs("-V", version, "-q", qos, "--messages", "3000", "--no-drops")
                    self.assertEqual((0, {}), (done.status, done.faults()), done)
                    self.assertEqual(0, done.figures["audit"]["qos0_dropped"])

    def test_one_of_each_kind_in_10_000_messages(self):
        for version in ("3.1.1", "5"):
            with self.subTest(version=version):
                self.relay.tell("clear")
                # The drop last: a message that is never acknowledged ends a session's window 1,024 messages later.
                for command in ("duplicate publish down nth 2000", "swap publish down nth 4000", "corrupt publish payload down nth 6000",
                                "corrupt publish topic down nth 8000", "drop publish down nth 9500"):
                    self.relay.tell(command)
                before = len(self.relay.faults())
                done = self.run_pairs("-V", version, "-q", "1", "--messages", "10000")
                made = [fault["fault"] for fault in self.relay.faults()[before:]]
                self.assertEqual(["duplicate", "swap", "corrupt", "corrupt", "drop"], made)
                self.assertEqual({"lost": 1, "duplicated": 1, "reordered": 1, "corrupted": 1, "misdelivered": 1}, done.faults(), done)
                self.assertEqual(1, done.status)

    def test_at_qos_0_a_drop_is_a_line_of_its_own(self):
        self.relay.tell("drop publish down nth 2000")
        self.relay.tell("swap publish down nth 6000")
        done = self.run_pairs("--messages", "10000")
        self.assertEqual({"reordered": 1}, done.faults(), done)
        self.assertEqual(1, done.figures["audit"]["qos0_dropped"])
        self.relay.tell("drop publish down nth 2000")
        done = self.run_pairs("--messages", "4000")
        self.assertEqual((0, {}), (done.status, done.faults()), done)
        self.relay.tell("drop publish down nth 2000")
        done = self.run_pairs("--messages", "4000", "--no-drops")
        self.assertEqual((1, {}), (done.status, done.faults()), done)

    def test_the_last_message_of_a_publisher(self):
        # One message under way, and acknowledgements come before deliveries: so after 500 of these exactly one more is published.
        self.relay.tell("delay 2ms down client last-s")
        self.relay.tell("drop publish down nth 501")
        done = loadtest.run(self.relay.port, "pairs", "-c", "1", "-w", "1", "-q", "1", "--warm-up", "0", "--messages", "500",
                            "--settle", "1", "--client-id", "last")
        self.assertEqual({"lost": 1}, done.faults(), done)
        self.assertEqual([500, 501], [done.figures["audit"]["findings"][0][end] for end in ("from", "to")])
        self.assertEqual(500, done.figures["audit"]["received"])

    def test_a_publish_that_does_not_reach_the_server_is_never_acknowledged(self):
        self.relay.tell("drop publish up nth 1000")
        done = self.run_pairs("-q", "1", "--messages", "4000")
        self.assertEqual({"never_acknowledged": 1}, done.faults(), done)

    def test_a_publish_that_reaches_the_server_twice(self):
        self.relay.tell("duplicate publish up nth 1000")
        done = self.run_pairs("-q", "1", "--messages", "4000")
        self.assertEqual({"duplicated": 1, "wrong_acknowledgement": 1}, done.faults(), done)

    def test_twice_at_qos_2_is_absorbed_by_both_sides(self):
        self.relay.tell("duplicate publish times 2")
        done = self.run_pairs("-q", "2", "--messages", "4000")
        self.assertEqual({}, done.faults(), done)

    def test_a_dropped_acknowledgement(self):
        self.relay.tell("drop puback down nth 1000")
        done = self.run_pairs("-q", "1", "--messages", "4000")
        self.assertEqual({"never_acknowledged": 1}, done.faults(), done)

    def test_connections_that_are_cut_have_reasons_for_what_comes_twice(self):
        self.relay.tell("cut publish every 1000 down")
        done = loadtest.run(self.relay.port, "offline", "-c", "5", "-V", "5", "-r", "2000", "-d", "4", "--hold", "60", "--settle", "4")
        self.assertGreater(len(self.relay.faults()), 3)
        self.assertEqual((0, {}), (done.status, done.faults()), done)


if __name__ == "__main__":
    harness.main()
