"""The workloads, and the bars that Headgate is to hold: the one table of both."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Bar:
    figure: str  # a member of the generator's JSON object; a dot leads into an object
    limit: float
    # "mosquitto": the most that the ratio of a pair may be; "at least": the least; "own": the most that the ratio
    # to the small variant may be; "absolute": the most that the figure itself may be.
    against: str
    unit: str = "µs"


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    title: str
    arguments: list
    bars: list
    quick: list  # arguments that make the run tiny
    small: list = None  # arguments of the small variant, for a bar against Headgate itself
    small_title: str = "few topics"
    settings: tuple = ()  # Headgate's; those of the small variant are the defaults
    counted: bool = False  # allocations, look-ups and system calls are counted in a run of their own
    once: bool = False  # memory hardly varies: one run is enough

    @property
    def is_logged(self):
        return "--qos" in self.arguments


CPU = "cpu_us_per_delivery"
QUICK_PAIRS = ["--pairs", "5"]
QUICK_IDLE = ["--clients-low", "100", "--clients-high", "300"]

WORKLOADS = [
    Workload("pairs-0-1000", "50 pairs, QoS 0, window 1,000", ["--workload", "pairs", "--window", "1000"],
             [Bar(CPU, 0.03, "mosquitto")], QUICK_PAIRS, counted=True),
    Workload("pairs-0-20", "50 pairs, QoS 0, window 20", ["--workload", "pairs", "--window", "20"],
             [Bar(CPU, 0.08, "mosquitto")], QUICK_PAIRS, counted=True),
    Workload("pairs-1", "50 pairs, QoS 1, window 100", ["--workload", "pairs", "--qos", "1", "--window", "100"],
             [Bar(CPU, 0.05, "mosquitto")], QUICK_PAIRS, counted=True),
    Workload("fanout", "1 to 1,000, QoS 0, window 20", ["--workload", "fanout", "--window", "20"],
             [Bar(CPU, 0.05, "mosquitto")], ["--subscribers", "50"], counted=True),
    Workload("fanin-0", "1,000 to 1, QoS 0, one in flight each", ["--workload", "fanin"],
             [Bar(CPU, 0.70, "mosquitto")], ["--publishers", "50"], counted=True),
    Workload("fanin-1", "1,000 to 1, QoS 1, one in flight each", ["--workload", "fanin", "--qos", "1"],
             [Bar(CPU, 0.65, "mosquitto")], ["--publishers", "50"], counted=True),
    Workload("latency", "latency, 50 pairs, QoS 1, 5,000 messages/s",
             ["--workload", "latency", "--qos", "1", "--rate", "5000", "--max-seconds", "15"],
             [Bar("latency.p50_us", 1.1, "mosquitto"), Bar("latency.p99_us", 1.3, "mosquitto")],
             [*QUICK_PAIRS, "--max-seconds", "0.3"]),
    Workload("topics", "50 pairs over 20,000 topics each, against 20 each",
             ["--workload", "pairs", "--window", "1000", "--topics-per-pair", "20000"],
             [Bar(CPU, 1.5, "own")], [*QUICK_PAIRS, "--topics-per-pair", "600"], small=["--topics-per-pair", "20"],
             counted=True),
    Workload("pairs-1-1000", "50 pairs, QoS 1, window 1,000", ["--workload", "pairs", "--qos", "1", "--window", "1000"],
             [Bar(CPU, 0.05, "mosquitto")], QUICK_PAIRS, counted=True),
    Workload("workers-2", "50 pairs, QoS 1, window 100, two workers against one",
             ["--workload", "pairs", "--qos", "1", "--window", "100"],
             [Bar(CPU, 1.25, "own")], QUICK_PAIRS, small=[], small_title="one worker",
             settings=("workers=2", "clusters.main.shards=2")),
    Workload("subscribes", "50 pairs, QoS 0, window 1,000, and 1,000 subscribes and unsubscribes a second, against none",
             ["--workload", "pairs", "--window", "1000", "--subscribes", "1000"],
             [Bar(CPU, 1.1, "own")], QUICK_PAIRS, small=["--subscribes", "0"], small_title="none"),
    Workload("idle", "memory of an idle client, 5,000 to 15,000 clients", ["--workload", "idle"],
             [Bar("bytes_per_client", 600, "absolute", "B")], QUICK_IDLE, once=True),
    Workload("idle-subscribed", "the same with one subscription each", ["--workload", "idle", "--subscribed"],
             [Bar("bytes_per_client", 850, "absolute", "B")], QUICK_IDLE, once=True),
    Workload("connects", "connects, 100 at a time", ["--workload", "connects", "--in-flight", "100"],
             [Bar("deliveries_per_s", 1.0, "at least", "/s"), Bar(CPU, 0.8, "mosquitto")],
             ["--in-flight", "10", "--messages", "500"]),
]

# Of every counted workload in steady state: per delivery, and topic look-ups per message received. One allocation in a
# thousand messages is too much; what timers and the like allocate, which belongs to no message, stays below.
ALLOCATIONS_BAR = 0.001
LOOKUPS_BAR = 1.001
# READs in all of such a run: whoever keeps up never reads the log.
READS_BAR = 0

# Headgate's in-memory log (64 MB) takes a block of memory at a time until it is full, and recycles them from then on:
# only that is the steady state of QoS 1. A record is larger than its payload of 64 bytes, so that this many fill it.
LOG_FILLED = ["--warm-up-messages", "1000000"]

# Arguments of --quick: everything runs, nothing is judged.
QUICK = ["--warm-up", "0.05", "--warm-up-messages", "0", "--max-seconds", "2", "--messages", "20000"]
