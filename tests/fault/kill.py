#!/usr/bin/env python3
"""Kills `headgate serve` at random moments under load, again and again, and says what was lost.

    HEADGATE_BINARIES=build/release/bin tests/fault/kill.py --rounds 100 --seed 1
    … tests/fault/kill.py --rounds 100 --set log.commit=disk --wide
    … tests/fault/kill.py --rounds 3 --set log.commit=memory         # has to find losses: the log ends with the process

In each round publishers and subscribers of both versions are at work, the server dies once to three times, by SIGKILL, now and then
by SIGTERM, also while it starts, and comes back. Then publishers stop, everybody comes back, and accounts are settled; ledger.py has the rules.
Status 1: there were faults. What was counted stands at the end either way.
"""

import argparse
import collections
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import clients
import ledger

import harness
import wire

SETTLED_S = 30  # for everybody to be back, and for publishers to have their answers
QUIET_S = 5  # nothing came for so long: nothing more will
WIDE = ("workers=3", "clusters.a.shards=2", "clusters.b.shards=2", "clusters.c.shards=2")
NARROW = ("workers=1",)
ALWAYS = ("log.segment_bytes=1MiB",)
FAULTS_SHOWN = 5  # of a kind and round


class campaign:
    def __init__(self, data, settings, seed, say=print):
        self.settings = (f"data_dir={data}", *ALWAYS, *settings)
        self.random = random.Random(seed)
        self.ledger = ledger.ledger()
        self.crowd = clients.crowd(self.ledger, self.random)
        self.figures = collections.Counter()
        self.server = None
        self.say = say
        self._newcomers = 0
        self._publishers = [self._publisher(number) for number in range(6)]
        self._subscribers = [
            self._subscriber("stays-1", wire.V311, 1),
            self._subscriber("stays-2", wire.V5, 2),
            self._subscriber("holds-1", wire.V5, 1, holds=True, receive_maximum=10),
            self._subscriber("holds-2", wire.V311, 2, holds=True),
            self._subscriber("goes-1", wire.V311, 1, comes_and_goes=True),
            self._subscriber("goes-2", wire.V5, 2, comes_and_goes=True, holds=True, receive_maximum=30),
            self._subscriber("goes-2-of-3.1.1", wire.V311, 2, comes_and_goes=True),
        ]
        for number in (1, 2):
            clients.subscriber(self.crowd, f"shares-{number}", wire.V5, ["$share/group/kill/#"], number, shares=True)

    def _publisher(self, number):
        streams = [ledger.stream(f"kill/{number}/once", 1), ledger.stream(f"kill/{number}/twice", 2),
                   ledger.stream(f"kill/keep/{number}", 1 + number % 2, retain=True)]
        for added in streams:
            self.ledger.add(added)
        return clients.publisher(self.crowd, f"publisher-{number}", wire.VERSIONS[number // 2 % 2], streams)

    def _subscriber(self, name, version, qos, receive_maximum=None, **options):
        made = clients.subscriber(self.crowd, name, version, ["kill/#"], qos, **options)
        made.receive_maximum = receive_maximum
        if made.comes_and_goes:
            self.crowd.come_and_go(made)
        return made

    # ---- the server

    def start(self):
        began = time.monotonic()
        self.server = harness.server(*self.settings)
        self.crowd.port = self.server.port
        self.figures["starts"] += 1
        self.figures["slowest start, ms"] = max(self.figures["slowest start, ms"], round((time.monotonic() - began) * 1000))

    def kill(self):
        self.server.signal(signal.SIGKILL)
        self.figures["SIGKILL"] += 1
        self.server.wait()
        self._gone()

    def stop(self):
        self.server.signal(signal.SIGTERM)
        self.figures["SIGTERM"] += 1
        if not self.crowd.run_until(self.server.has_ended, SETTLED_S):
            self.ledger.fault("stuck", f"the server did not end within {SETTLED_S} s of SIGTERM")
            self.server.kill()
        elif self.server.wait() != 0:
            self.ledger.fault("stuck", f"the server ended with status {self.server.wait()}: {self.server.log()[-5:]}")
        self._gone()

    def _gone(self):
        text = "\n".join(self.server.log())
        if harness.SANITIZER_REPORT.search(text):
            self.ledger.fault("sanitizer", text[-4000:])
        self.server = None
        self.crowd.server_is_gone()

    def kill_while_it_starts(self):
        process = subprocess.Popen(harness.serve_command(*self.settings), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.crowd.run_for(self.random.uniform(0, self.figures["slowest start, ms"] / 1000))
        if process.poll() is not None and not self.ledger.disk_may_be_full:
            self.ledger.fault("stuck", f"the server did not start: status {process.returncode}")
        process.kill()
        process.wait()
        self.figures["SIGKILL while it starts"] += 1

    # ---- rounds

    def everybody_is_in(self):
        everybody = [who for who in self.crowd.clients if isinstance(who, clients.subscriber)]
        for who in everybody:
            who.wanted = True
        if not self.crowd.run_until(lambda: all(who.accepted and who.subscribed for who in everybody), SETTLED_S):
            away = [who.client_id for who in everybody if not (who.accepted and who.subscribed)]
            self.ledger.fault("stuck", f"{away} could not connect and subscribe within {SETTLED_S} s")

    def _die(self):
        # Short times as likely as long ones: moments just after the start are as good as any.
        self.crowd.run_for(10 ** self.random.uniform(-2.5, 0))
        if self.random.random() < 0.2:
            self.random.choice(self._publishers).close()  # a network that breaks
            self.crowd.run_for(0.02)
        if self.random.random() < 0.2:
            self.stop()
        else:
            self.kill()
        self.come_back()

    def come_back(self):
        while self.random.random() < 0.25:
            self.kill_while_it_starts()
        self.start()

    def round(self):
        self.crowd.publishing = True
        self._newcomers += 1
        newcomer = self._subscriber(f"newcomer-{self._newcomers}", self.random.choice(wire.VERSIONS), self.random.choice((1, 2)))
        for _ in range(self.random.choice((1, 1, 2, 3))):
            self._die()
        self.crowd.publishing = False
        if self.random.random() < 0.25:
            self._die()  # while the rest of it is delivered
        self.settle()
        self._leave(newcomer)
        self.figures["rounds"] += 1

    def settle(self):
        """All that is owed has to come; then accounts are closed."""
        self.everybody_is_in()
        if not self.crowd.run_until(lambda: not any(who.under_way for who in self._publishers), SETTLED_S):
            waiting = {who.client_id: len(who.under_way) for who in self._publishers if who.under_way}
            self.ledger.fault("unanswered", f"publishers wait for answers after {SETTLED_S} s: {waiting}")
        before = None
        while self.ledger.missing() and before != (before := self.ledger.counts["received"]):
            self.crowd.run_until(lambda: not self.ledger.missing(), QUIET_S)
        self.crowd.run_for(0.1)  # for what comes too often
        self.ledger.close()
        self._look_at_retained()
        self._count()

    def _look_at_retained(self):
        wanted = {topic for topic, of in self.ledger.streams.items() if of.retain and of.sent > 0}
        found = {}
        until = time.monotonic() + QUIET_S
        with wire.connected(self.server.port, "fresh") as fresh:
            fresh.subscribe("kill/keep/#", qos=1)
            while not wanted <= found.keys() and time.monotonic() < until:
                fresh.send(wire.PING)
                while (packet := fresh.packet()).type == wire.PUBLISH:
                    message = wire.as_message(packet)
                    found[message.topic] = int(message.payload.split(b" ", 1)[0])
                    fresh.send(wire.puback(message.packet_id))
        for topic in wanted:
            self.ledger.retained(topic, found.get(topic))

    def _leave(self, newcomer):
        newcomer.leave(politely=True)
        self.crowd.remove(newcomer)
        self.ledger.forget(newcomer.client_id)
        wire.connected(self.server.port, newcomer.client_id, clean=True).socket.close()

    def _count(self):
        stats = self.server.stats()
        self.figures["messages of QoS 2 known again"] += stats["records_repeated"]
        self.figures["bytes of a torn end cut"] += stats["log_bytes_cut"]
        self.figures["segments"] = max(self.figures["segments"], stats["log_segments"])
        self.figures["unreadable"] += stats["log_offsets_unreadable"] + stats["store_unreadable"]

    def run(self, rounds, until_fault=False):
        """Whether there was no fault."""
        self.start()
        try:
            self.everybody_is_in()
            for number in range(1, rounds + 1):
                before = len(self.ledger.faults)
                self.round()
                shown = collections.Counter()
                for kind, sentence in self.ledger.faults[before:]:
                    shown[kind] += 1
                    if shown[kind] <= FAULTS_SHOWN:
                        self.say(f"round {number}: {kind}: {sentence}")
                if until_fault and self.ledger.faults:
                    break
            self.stop()
        finally:
            self.crowd.end()
            if self.server is not None:
                self.server.kill()
        return not self.ledger.faults

    def report(self):
        lines = {**self.figures, **self.ledger.counts}
        return "\n".join(f"  {name}: {value}" for name, value in sorted(lines.items()))


def parser_of(what):
    parser = argparse.ArgumentParser(description=what, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--wide", action="store_true", help="three workers and six shards instead of one and one")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the server, such as log.commit=disk")
    parser.add_argument("--until-fault", action="store_true", help="end with the first round that has a fault")
    return parser


def run(options, make):
    """`make` makes the campaign of settings, seed and leniency. Gives the exit status."""
    harness.binary()
    began = time.monotonic()
    running = make((*(WIDE if options.wide else NARROW), *options.set), options.seed)
    good = running.run(options.rounds, options.until_fault)
    print(f"seed {options.seed}, {time.monotonic() - began:.0f} s, {'wide' if options.wide else 'narrow'}, {' '.join(options.set) or 'as it is by default'}")
    print(running.report())
    print("nothing was lost, nothing came twice" if good else f"FAULTS: {len(running.ledger.faults)}")
    return 0 if good else 1


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--data", type=pathlib.Path, help="data directory, kept; otherwise one that is removed unless there were faults")
    options = parser.parse_args()
    data = options.data or pathlib.Path(tempfile.mkdtemp(prefix="headgate-kill-"), "data")
    status = run(options, lambda settings, seed: campaign(data, settings, seed))
    if status == 0 and not options.data:
        shutil.rmtree(data.parent)
    else:
        print(f"data: {data}")
    sys.exit(status)


if __name__ == "__main__":
    main()
