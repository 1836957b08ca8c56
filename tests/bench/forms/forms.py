"""Every one-line form of headgate-loadtest, as a person would write it: what measure.py runs, in the order of its tables."""

import dataclasses

VERSIONS = ["3.1.1", "5"]


@dataclasses.dataclass(frozen=True)
class Form:
    words: str  # what stands behind the program's name
    quick: str = ""  # more words for a tiny run
    versions: tuple = ("3.1.1", "5")
    counts: str = "delivery"  # what CPU time is told for: a delivery, a message, or a connect; empty: for nothing
    latency: str = "deliver"  # of what its latencies are: deliver, acknowledge or connect
    holds_clients: bool = False  # memory of a client is told
    beside: str = ""  # a second run of the program that goes on meanwhile

    @property
    def qos(self):
        words = self.words.split()
        return int(words[words.index("-q") + 1]) if "-q" in words else 1 if words[0] in ("latency", "offline") else 0

    @property
    def has_subscribers(self):
        return self.counts == "delivery" and not self.beside


FORMS = [
    Form("conn -c 15000", "-c 200", counts="", latency="connect", holds_clients=True),
    Form("conn -c 15000 --subscribe", "-c 200", counts="", latency="connect", holds_clients=True),
    Form("conn -c 100 --cycle", counts="connect", latency="connect"),
    Form("pub -c 50", counts="message", latency="acknowledge"),
    Form("pub -c 50 -q 1", counts="message", latency="acknowledge"),
    Form("pub -c 50 -q 2", counts="message", latency="acknowledge"),
    Form("sub -c 50 -q 1", beside="pub -c 50 -q 1 -r 5000"),
    Form("pairs -c 50"),
    Form("pairs -c 50 -q 1"),
    Form("pairs -c 50 -q 2"),
    Form("fanout -c 1000", "-c 100"),
    Form("fanout -c 1000 -q 1", "-c 100"),
    Form("fanout -c 8 --share workers -q 1", versions=("5",)),
    Form("fanin -c 1000", "-c 100"),
    Form("fanin -c 1000 -q 1", "-c 100"),
    Form("latency -c 50 -r 5000 -q 0"),
    Form("latency -c 50 -r 5000"),
    Form("offline -c 50 -r 500", "--hold 300ms --away 300ms"),
    Form("offline -c 50 -r 500 -q 2", "--hold 300ms --away 300ms"),
]
