"""The workloads, and the bars that Headgate is to hold: the one table of both."""

import dataclasses

from door import Door


@dataclasses.dataclass(frozen=True)
class Bar:
    figure: str  # a member of the generator's results; a dot leads into an object
    limit: float
    # "mosquitto": the most that the ratio of a pair may be; "at least": the least; "own": the most that the ratio
    # to the small variant may be; "server": the most of its ratio to the server's CPU for a delivery in the same run;
    # "absolute": the most that the figure itself may be; "least": the least.
    against: str
    unit: str = "µs"


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    title: str
    arguments: list  # of headgate-loadtest, the form first
    bars: list
    quick: list  # arguments that make the run tiny
    small: list = None  # arguments of the small variant, for a bar against Headgate itself
    small_title: str = "few topics"
    settings: tuple = ()  # Headgate's; files stand in a directory that is made for the run
    mosquitto: tuple = ()  # lines of its configuration
    small_settings: tuple = ()
    counted: bool = False  # allocations, look-ups and system calls are counted in a run of their own
    once: bool = False  # memory hardly varies: one run is enough
    held: tuple = ()  # arguments of a process whose clients are there meanwhile
    held_quick: tuple = ()  # and those that make it tiny
    door: Door = Door()
    small_door: Door = None  # that of the small variant; None: the same
    resumes: bool = None  # whether TLS sessions go on where a client comes again; None: it does not matter
    storm: tuple = ()  # arguments of who tries passwords while it is measured; the small variant is without
    storm_quick: tuple = ()
    used_memory: bool = False  # on a machine whose memory has all been used before

    @property
    def is_logged(self):
        return "--qos" in self.arguments


CPU = "server.cpu_us_per_delivery"
CONNECT_CPU = "server.cpu_us_per_connect"
GENERATOR_CPU = "generator.cpu_us_per_delivery"
MEMORY = "server.bytes_per_client"
GENERATOR_MEMORY = "generator.bytes_per_client"

# Topics of 19 bytes and client ids of 23; and no Keep Alive, so that silent clients cost no timer at the server.
OWN_TOPIC = ["--topic", "bench/%4c/00000000", "--keep-alive", "0"]
OWN_TOPICS = ["--topic", "bench/%4c/%8n"]
ONE_TOPIC = ["--topic", "bench/0000/00000000", "--keep-alive", "0"]
PASSING = ["--client-id", "bench-%17c", "--keep-alive", "0"]
# Mosquitto writes its sessions when it ends, and every half hour. It gives up the rights to the run's directory otherwise.
PERSISTENT = ("persistence true", "user root")
HELD = ["--client-id", "held--%17c", "--keep-alive", "0"]

PAIRS = ["pairs", "--clients", "50", *OWN_TOPIC]
FANIN = ["fanin", "--clients", "1000", "--one-topic", "--window", "1", *ONE_TOPIC]
# Measured is the memory between the beginning and a second after the last client: what the server does for a client
# after its answer (timers, lists that settle) is over by then.
IDLE = ["conn", "--clients", "10000", "--duration", "0.1", *PASSING]
IDLE_HELD = ("conn", "--clients", "5000", *HELD)
SUBSCRIBED = ["--subscribe", "--topic", "bench/0000/%8c"]
SUBSCRIBED_HELD = ("--subscribe", "--topic", "bench/0001/%8c")

QUICK_PAIRS = ["--clients", "5"]
QUICK_CROWD = ["--clients", "50"]
QUICK_IDLE = ["--clients", "200", "--duration", "0.1"]
QUICK_HELD = ("--clients", "100")

# CONNECT, CONNACK, DISCONNECT, and again: a handshake each.
HANDSHAKES = ["conn", "--clients", "50", "--cycle", *PASSING]
QUICK_HANDSHAKES = ["--clients", "10", "--messages", "300"]

WORKLOADS = [
    Workload("pairs-0-1000", "50 pairs, QoS 0, window 1,000", [*PAIRS, "--window", "1000"],
             [Bar(CPU, 0.03, "mosquitto"), Bar(GENERATOR_CPU, 1.0, "server")], QUICK_PAIRS, counted=True),
    Workload("pairs-0-20", "50 pairs, QoS 0, window 20", [*PAIRS, "--window", "20"],
             [Bar(CPU, 0.08, "mosquitto")], QUICK_PAIRS, counted=True),
    Workload("pairs-1", "50 pairs, QoS 1, window 100", [*PAIRS, "--qos", "1", "--window", "100"],
             [Bar(CPU, 0.05, "mosquitto")], QUICK_PAIRS, counted=True),
    Workload("fanout", "1 to 1,000, QoS 0, window 20", ["fanout", "--clients", "1000", "--window", "20", *ONE_TOPIC],
             [Bar(CPU, 0.05, "mosquitto")], QUICK_CROWD, counted=True),
    Workload("fanin-0", "1,000 to 1, QoS 0, one in flight each", FANIN,
             [Bar(CPU, 0.70, "mosquitto")], QUICK_CROWD, counted=True),
    Workload("fanin-1", "1,000 to 1, QoS 1, one in flight each", [*FANIN, "--qos", "1"],
             [Bar(CPU, 0.65, "mosquitto")], QUICK_CROWD, counted=True),
    Workload("latency", "latency, 50 pairs, QoS 1, 5,000 messages/s",
             ["latency", "--clients", "50", "--qos", "1", "--rate", "5000", "--duration", "15",
              *OWN_TOPIC],
             [Bar("latency.deliver.p50_us", 1.1, "mosquitto"), Bar("latency.deliver.p99_us", 1.3, "mosquitto")],
             [*QUICK_PAIRS, "--duration", "0.3"]),
    Workload("topics", "50 pairs over 20,000 topics each, against 20 each",
             [*PAIRS, *OWN_TOPICS, "--window", "1000", "--topics", "20000"],
             [Bar(CPU, 1.5, "own")], [*QUICK_PAIRS, "--topics", "600"], small=["--topics", "20"], counted=True,
             used_memory=True),
    Workload("pairs-1-1000", "50 pairs, QoS 1, window 1,000", [*PAIRS, "--qos", "1", "--window", "1000"],
             [Bar(CPU, 0.05, "mosquitto")], QUICK_PAIRS, counted=True),
    Workload("log-1", "50 pairs, QoS 1, window 100, on a log on disk (os)", [*PAIRS, "--qos", "1", "--window", "100"],
             [Bar(CPU, 0.05, "mosquitto")], QUICK_PAIRS, settings=("data_dir=data",), counted=True),
    Workload("log-1-1000", "the same with window 1,000, against QoS 0", [*PAIRS, "--qos", "1", "--window", "1000"],
             [Bar(CPU, 3.0, "own")], QUICK_PAIRS, small=["--qos", "0"], small_title="QoS 0",
             settings=("data_dir=data",), small_settings=("data_dir=data",), used_memory=True),
    # As after days: what comes takes the memory of what goes, not memory that nobody has used yet.
    Workload("log-steady", "log-1-1000 where the log drops as much as it takes", [*PAIRS, "--qos", "1", "--window", "1000"],
             [Bar(CPU, 3.0, "own")], QUICK_PAIRS, small=["--qos", "0"], small_title="QoS 0",
             settings=("data_dir=data", "log.retention_bytes=512MiB"), small_settings=("data_dir=data",)),
    Workload("log-disk", "the same with log.commit=disk, against os", [*PAIRS, "--qos", "1", "--window", "1000"],
             [Bar(CPU, 1.3, "own")], QUICK_PAIRS, small=[], small_title="os",
             settings=("data_dir=data", "log.commit=disk"), small_settings=("data_dir=data",), used_memory=True),
    # Five segments a second begin, are sealed and go; a record has a payload of 1,000 bytes.
    Workload("log-rolls", "latency, 50 pairs, QoS 1, 5,000 messages/s of 1,000 bytes, while segments of 1 MiB roll and go, "
             "against a log in memory",
             ["latency", "--clients", "50", "--qos", "1", "--rate", "5000", "--size", "1000", "--duration", "15",
              *OWN_TOPIC],
             [Bar("latency.deliver.p99_9_us", 3.0, "own")], [*QUICK_PAIRS, "--duration", "0.3"],
             small=[], small_title="memory",
             settings=("data_dir=data", "log.segment_bytes=1MiB", "log.retention_bytes=4MiB")),
    Workload("workers-2", "50 pairs, QoS 1, window 100, two workers against one",
             [*PAIRS, "--qos", "1", "--window", "100"],
             [Bar(CPU, 1.25, "own")], QUICK_PAIRS, small=[], small_title="one worker",
             settings=("workers=2", "clusters.main.shards=2")),
    Workload("subscribes", "50 pairs, QoS 0, window 1,000, and 1,000 subscribes and unsubscribes a second, against none",
             [*PAIRS, "--window", "1000", "--churn", "1000"],
             [Bar(CPU, 1.1, "own")], QUICK_PAIRS, small=["--churn", "0"], small_title="none"),
    Workload("idle", "memory of an idle client, 5,000 to 15,000 clients", IDLE,
             [Bar(MEMORY, 600, "absolute", "B"), Bar(GENERATOR_MEMORY, 300, "absolute", "B")], QUICK_IDLE, once=True,
             held=IDLE_HELD, held_quick=QUICK_HELD),
    Workload("idle-subscribed", "the same with one subscription each", [*IDLE, *SUBSCRIBED],
             [Bar(MEMORY, 850, "absolute", "B")], QUICK_IDLE, once=True,
             held=(*IDLE_HELD, *SUBSCRIBED_HELD), held_quick=QUICK_HELD),
    Workload("connects", "connects, 100 at a time", ["conn", "--clients", "100", "--cycle", *PASSING],
             [Bar("connects_per_s", 1.0, "at least", "/s"), Bar(CONNECT_CPU, 0.8, "mosquitto")],
             ["--clients", "10", "--messages", "500"]),
    Workload("connects-stored", "the same, and both servers keep on disk what outlives its connection",
             ["conn", "--clients", "100", "--cycle", *PASSING],
             [Bar("connects_per_s", 1.0, "at least", "/s"), Bar(CONNECT_CPU, 1.0, "mosquitto")],
             ["--clients", "10", "--messages", "500"], settings=("data_dir=data",), mosquitto=PERSISTENT),
    Workload("connects-persistent", "the same by clients that come again to sessions that are kept",
             ["conn", "--clients", "100", "--cycle", "--keep-session", *PASSING],
             # Headgate writes twice for each of them, mosquitto nothing until it ends.
             [Bar(CONNECT_CPU, 1.5, "mosquitto")],
             ["--clients", "10", "--messages", "500"], settings=("data_dir=data",), mosquitto=PERSISTENT),
    Workload("acl", "50 pairs, QoS 0, window 1,000, with 200 lines of rights, against none", [*PAIRS, "--window", "1000"],
             [Bar(CPU, 1.1, "own")], QUICK_PAIRS, small=[], small_title="none", counted=True,
             door=Door(users=True, rights=True), small_door=Door(users=True)),
    Workload("acl-topics", "the same over 20,000 topics a pair",
             [*PAIRS, *OWN_TOPICS, "--window", "1000", "--topics", "20000"],
             [Bar(CPU, 2.0, "own")], [*QUICK_PAIRS, "--topics", "600"], small=[], small_title="none", counted=True,
             door=Door(users=True, rights=True), small_door=Door(users=True)),
    Workload("tls-idle", "memory of an idle client with TLS 1.3, 3,000 clients",
             ["conn", "--clients", "3000", "--duration", "0.1", *PASSING],
             [Bar(MEMORY, 15 * 1024, "absolute", "B")], QUICK_IDLE, once=True, door=Door(tls=True)),
    Workload("handshakes-1.3", "full handshakes of TLS 1.3, ECDSA on P-256", [*HANDSHAKES, "--no-resume"],
             [Bar(CONNECT_CPU, 1.0, "mosquitto")], QUICK_HANDSHAKES, door=Door(tls=True), resumes=False),
    Workload("handshakes-1.3-resumed", "resumed sessions of TLS 1.3", HANDSHAKES,
             [Bar(CONNECT_CPU, 1.0, "mosquitto")], QUICK_HANDSHAKES, door=Door(tls=True), resumes=True),
    Workload("handshakes-1.2", "full handshakes of TLS 1.2, ECDSA on P-256",
             [*HANDSHAKES, "--tls-version", "1.2", "--no-resume"],
             [Bar(CONNECT_CPU, 1.0, "mosquitto")], QUICK_HANDSHAKES, door=Door(tls=True), resumes=False),
    Workload("handshakes-1.2-resumed", "resumed sessions of TLS 1.2", [*HANDSHAKES, "--tls-version", "1.2"],
             [Bar(CONNECT_CPU, 1.0, "mosquitto")], QUICK_HANDSHAKES, door=Door(tls=True), resumes=True),
    # The clients are there before the storm; the wrong passwords come from one address, the right one from another.
    Workload("wrong-passwords", "latency, 20 pairs, QoS 1, 500 messages/s, while 10,000 wrong passwords/s come, against none",
             ["latency", "--clients", "20", "--qos", "1", "--rate", "500", "--duration", "20", "--cpu-seconds", "0",
              *OWN_TOPIC],
             [Bar("latency.deliver.p99_us", 2.0, "own"), Bar("storm.right_s", 2.0, "absolute", "s"),
              Bar("storm.refusals_per_s", 9_500, "least", "/s")],
             [*QUICK_PAIRS, "--duration", "2"], small=[], small_title="none", door=Door(users=True),
             storm=("conn", "--clients", "1000", "--rate", "10000", "--expect-refused", "--user", "load", "--password", "wrong-%c",
                    "--keep-alive", "0"),
             storm_quick=("--rate", "300")),
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
QUICK = ["--warm-up", "0.05", "--duration", "2", "--messages", "20000"]
