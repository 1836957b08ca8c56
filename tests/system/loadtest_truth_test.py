"""Latencies tell the truth: a server that stalls shows it when messages are due at a rate, and hides it from who waits for it."""

import unittest

import harness
import loadtest
import relay


class stalls(unittest.TestCase):
    def test_one_second_in_ten_shows_in_an_open_loop_and_hides_from_a_closed_one(self):
        server = harness.start(self)
        between = relay.start(self, server, "stall 1s every 10s")
        lasting = ("-q", "1", "-d", "20", "--warm-up", "0", "--stall", "15")
        opened = loadtest.running(between.port, "latency", "-c", "10", "-t", "open/%c", "-r", "500", *lasting)
        closed = loadtest.running(between.port, "pairs", "-c", "1", "-w", "1", "-t", "closed/%c", *lasting)
        opened, closed = opened.wait(), closed.wait()
        for done in (opened, closed):
            self.assertEqual((0, {}), (done.status, done.faults()), done)
        # A tenth of all messages were due in a stall: a hundredth waited for nine tenths of it or longer.
        self.assertGreater(opened.figures["latency"]["deliver"]["p99_us"], 700_000, opened)
        self.assertEqual("open", opened.figures["loop"])
        # Of thousands of messages one or two met the stall, or their acknowledgements did, and those that were not sent meanwhile
        # are missing.
        self.assertLess(closed.figures["latency"]["deliver"]["p99_us"], 100_000, closed)
        slowest_us = max(closed.figures["latency"][way]["max_us"] for way in ("deliver", "acknowledge"))
        self.assertGreater(slowest_us, 700_000, closed)
        self.assertEqual("closed", closed.figures["loop"])


if __name__ == "__main__":
    harness.main()
