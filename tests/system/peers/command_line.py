"""Debian's mosquitto_sub and mosquitto_pub behind the interface of drivers.peer.

One mosquitto_sub is one connection with the filters that it was started with; each publish is a mosquitto_pub of its own.
"""

import os
import queue
import re
import shutil
import signal
import subprocess
import threading

import harness
from peers.drivers import message

VERSION_NAMES = {3: "31", 4: "311", 5: "5"}
MISSING = [program for program in ("mosquitto_pub", "mosquitto_sub", "stdbuf") if shutil.which(program) is None]
NUMBERS = ("payload_format_indicator", "message_expiry_interval")
MARK = "\x1e"  # begins the line of a message, so that it is told from those of -d
FORMAT = MARK + "%t\t%q\t%r\t%F\t%E\t%C\t%R\t%D\t%P\t%S\t%p"
NAMES = ("payload_format_indicator", "message_expiry_interval", "content_type", "response_topic", "correlation_data")


def as_options(packet, properties):
    """Properties as options -D."""
    words = []
    for name, value in (properties or {}).items():
        values = value if name == "user_property" else [[value]]
        for one in values:
            words += ["-D", packet, name.replace("_", "-"), *map(str, one)]
    return words


def as_message(line):
    topic, qos, retain, *properties, pairs, identifiers, payload = line.removeprefix(MARK).split("\t", 10)
    found = {name: int(value) if name in NUMBERS else value for name, value in zip(NAMES, properties) if value}
    if pairs:
        found["user_property"] = [pair.split(":", 1) for pair in pairs.split(" ")]
    if identifiers:
        found["subscription_identifier"] = [int(number) for number in identifiers.split(" ")]
    return message(topic, payload, int(qos), retain == "1", found)


class peer:
    def __init__(self, version, server, features):
        self.kind, self.version, self.features = "mosquitto", version, features
        self._server, self._listening = server, None
        self._kept = {}  # client id -> options of the subscription of its session

    def _command(self, program):
        return ["stdbuf", "-oL", program, "-h", "127.0.0.1", "-p", str(self._server.port), "-V", VERSION_NAMES[self.version]]

    def connect(self, client_id, clean=True, will=None, properties=None, keep_alive=60):
        """Connects at once with a will or to a session; otherwise when it subscribes. Tells nothing of the CONNACK."""
        # Of the 20 that mosquitto_sub allows by default, broker and library of 2.0.11 lose count now and then.
        properties = {"receive_maximum": 1000, **(properties or {})} if self.version == 5 else {}
        expiry = properties.pop("session_expiry_interval", None)
        self._options = ["-i", client_id, "-k", str(keep_alive), *as_options("CONNECT", properties), *([] if clean else ["-c"])]
        self._options += [] if expiry is None else ["-x", str(expiry)]
        self._client_id, self._clean = client_id, clean
        if will:
            self._options += ["--will-topic", will["topic"], "--will-payload", will["payload"], "--will-qos", str(will["qos"])]
            self._options += ["--will-retain"] if will["retain"] else []
            self._options += as_options("WILL", will.get("properties"))
        if clean:
            self._kept.pop(client_id, None)
        if will or client_id in self._kept:
            self._start(self._kept.get(client_id, ["-q", "0", "-t", f"nothing/{client_id}"]))
        return {}

    def subscribe(self, *filters, qos=0, properties=None):
        options = ["-q", str(qos), *as_options("SUBSCRIBE", properties)]
        for text in filters:
            options += ["-t", text]
        if not self._clean:
            self._kept[self._client_id] = options
        return self._start(options)

    def _start(self, options):
        self._ended_by_test = False
        self.messages, self._codes, self._lines = queue.Queue(), queue.Queue(), []
        self._listening = subprocess.Popen([*self._command("mosquitto_sub"), "-d", "-F", FORMAT, *self._options, *options],
                                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._reader = threading.Thread(target=self._read, args=(self._listening.stdout,), daemon=True)
        self._reader.start()
        codes = self._codes.get(timeout=harness.DEADLINE_S)
        if codes is None:
            raise AssertionError(f"mosquitto_sub ended: {self._lines[-20:]}")
        return codes

    def _read(self, stream):
        with stream:
            for line in stream:
                line = line.rstrip("\n")
                if line.startswith(MARK):
                    self.messages.put(as_message(line))
                    continue
                self._lines.append(line)
                if found := re.match(r"Subscribed \(mid: \d+\): (.*)", line):
                    self._codes.put([int(code) for code in found[1].split(", ")])
        self._codes.put(None)

    def publish(self, topic, payload="", qos=0, retain=False, properties=None):
        words = ["-t", topic, "-q", str(qos), *(["-m", payload] if payload else ["-n"]), *(["-r"] if retain else [])]
        self._publish([*words, *as_options("PUBLISH", properties)])

    def publish_many(self, topic, payloads, qos):
        self._publish(["-t", topic, "-q", str(qos), "-l"], "".join(f"{payload}\n" for payload in payloads))

    def _publish(self, words, content=""):
        done = subprocess.run([*self._command("mosquitto_pub"), *words], input=content, capture_output=True, text=True,
                              timeout=harness.DEADLINE_S, check=False)
        if done.returncode != 0 or done.stderr:
            raise AssertionError(f"mosquitto_pub {words} ended with {done.returncode}: {done.stderr}")

    def message(self, timeout=harness.DEADLINE_S):
        """The next message; None when none came in a time that the test named."""
        try:
            return self.messages.get(timeout=timeout)
        except queue.Empty:
            if timeout < harness.DEADLINE_S:
                return None
            raise AssertionError(f"no message came to mosquitto_sub; it said {self._lines[-20:]}") from None

    def disconnect(self):
        self._end(signal.SIGTERM)

    def kill(self):
        self._end(signal.SIGKILL)

    def _end(self, number):
        if self._listening is None:  # it has not had a reason to connect
            return
        os.kill(self._listening.pid, number)
        try:
            self._listening.wait(harness.DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._listening.kill()
            self._listening.wait()
        self._reader.join(harness.DEADLINE_S)
        self._listening = None

    def end(self):
        if self._listening is not None:
            self.kill()
