"""Clients of three libraries behind one interface: each runs in a program of its own, a driver, and is led by lines of JSON.

A command is {"id": number, "do": verb, …}; verbs and their members are those of the methods below. A driver answers each with
{"event": "done", "id": …, …} or {"event": "error", "id": …, "reason": …}, a QoS 1 or 2 publish when it is acknowledged. In
between it says {"event": "message", topic, payload, qos, retain, properties} for each message that comes, in their order, and
{"event": "closed", "reason": code or null} when the connection ends that the test did not end. Properties are an object whose
names are those of MQTT in snake_case; user_property is a list of pairs, subscription_identifier of numbers.

A driver serves one client at a time and is used again for the next, since starting one takes as long as a whole scenario.
"""

import collections
import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import threading

import harness

HERE = pathlib.Path(__file__).resolve().parent
MQTT_JS = pathlib.Path(os.environ.get("HEADGATE_PEERS") or HERE.parents[2] / "build" / "peers")

message = collections.namedtuple("message", "topic payload qos retain properties")


class refused(AssertionError):
    """The driver answered with an error."""


def python_with_paho():
    """An interpreter that finds paho-mqtt: this one, or Debian's, for which its package is."""
    for program in (sys.executable, "/usr/bin/python3"):
        try:
            tried = subprocess.run([program, "-c", "import paho.mqtt.client as c; c.Client(protocol=5)"], capture_output=True, check=False)
        except OSError:
            continue
        if tried.returncode == 0:
            return program
    return None


def paho_python():
    program = python_with_paho()
    return ([program, "-B", str(HERE / "python_driver.py")], None) if program else (None, "python3-paho-mqtt 1.6 is not installed")


def paho_c():
    driver = pathlib.Path(os.environ.get("HEADGATE_BINARIES", "")) / "paho_c_driver"
    return ([str(driver)], None) if driver.is_file() else (None, "paho_c_driver was not built: libpaho-mqtt-dev and nlohmann-json3-dev")


def mqtt_js():
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        return None, "nodejs is not installed"
    if not (MQTT_JS / "node_modules" / "mqtt").is_dir():
        return None, "tests/system/peers/install.sh has not installed MQTT.js"
    return [node, str(HERE / "mqtt_js_driver.js"), str(MQTT_JS)], None


class process:
    """A running driver."""

    def __init__(self, command):
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._errors = harness.output_lines(self._process.stderr)
        self._answers = queue.Queue()
        self.messages = queue.Queue()
        self.closed = queue.Queue()
        self._number = 0
        self._early = {}  # answers to commands that nobody has asked about yet
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with self._process.stdout as stream:
            for line in stream:
                event = json.loads(line)
                kind = event.pop("event")
                if kind == "message":
                    self.messages.put(message(**event))
                elif kind == "closed":
                    self.closed.put(event["reason"])
                else:
                    self._answers.put((kind, event))
        self._answers.put(("error", {"id": None, "reason": "the driver ended"}))

    def send(self, verb, **members):
        self._number += 1
        self._process.stdin.write(json.dumps({"id": self._number, "do": verb, **members}) + "\n")
        self._process.stdin.flush()
        return self._number

    def answer(self, number, verb):
        """The answer to the command of this number. Answers may come in another order than the commands were given."""
        until = harness.deadline()
        while number not in self._early:
            try:
                kind, event = self._answers.get(timeout=harness.left(until))
            except queue.Empty:
                raise AssertionError(f"no answer to {verb}; the driver said {self._errors.lines[-20:]}") from None
            self._early[number if event["id"] is None else event["id"]] = (kind, event)
        kind, event = self._early.pop(number)
        if kind == "error":
            raise refused(f"{verb} failed: {event}; the driver said {self._errors.lines[-20:]}")
        return event

    def alive(self):
        return self._process.poll() is None

    def kill(self):
        """The kernel closes the connection; nothing is said on it."""
        self._process.kill()
        self._process.wait()
        self._reader.join(harness.DEADLINE_S)
        self._process.stdin.close()
        self._errors.join()


class peer:
    """A client of one library in one version of MQTT."""

    idle = {}  # kind -> drivers without a client

    def __init__(self, kind, command, version, server, features):
        self.kind, self.version, self.features = kind, version, features
        self._command, self._server, self._driver = command, server, None
        self._is_closed = False

    def connect(self, client_id, clean=True, will=None, properties=None, keep_alive=60):
        """Gives code, session_present and properties of the CONNACK. A will has topic, payload, qos, retain, and properties."""
        if self._driver is None:
            waiting = self.idle.setdefault(self.kind, [])
            self._driver = waiting.pop() if waiting else process(self._command)
        members = {"port": self._server.port, "version": self.version, "client_id": client_id, "clean": clean, "keep_alive": keep_alive}
        members.update({"will": will} if will else {}, **({"properties": properties} if properties else {}))
        self._is_closed = False
        return self._do("connect", **members)

    def _do(self, verb, **members):
        return self._driver.answer(self._driver.send(verb, **members), verb)

    def subscribe(self, *filters, qos=0, properties=None, no_local=False, retain_as_published=False, retain_handling=0):
        """Gives the codes of the SUBACK."""
        options = {"qos": qos, "no_local": no_local, "retain_as_published": retain_as_published, "retain_handling": retain_handling}
        members = {"properties": properties} if properties else {}
        return self._do("subscribe", filters=[{"filter": text, **options} for text in filters], **members)["codes"]

    def unsubscribe(self, *filters):
        self._do("unsubscribe", filters=list(filters))

    def publish(self, topic, payload="", qos=0, retain=False, properties=None):
        """Returns when a QoS 1 or 2 message is acknowledged."""
        members = {"properties": properties} if properties else {}
        self._do("publish", topic=topic, payload=payload, qos=qos, retain=retain, **members)

    def publish_many(self, topic, payloads, qos):
        """Has up to ten on their way at once, if the library does that, and returns when each is acknowledged.

        Ten, since MQTT.js does not keep to the server's Receive Maximum.
        """
        sent = collections.deque()
        for payload in payloads:
            if len(sent) == 10:
                self._driver.answer(sent.popleft(), "publish")
            sent.append(self._driver.send("publish", topic=topic, payload=payload, qos=qos, retain=False))
        for number in sent:
            self._driver.answer(number, "publish")

    def message(self, timeout=harness.DEADLINE_S):
        """The next message; None when none came in a time that the test named."""
        try:
            return self._driver.messages.get(timeout=timeout)
        except queue.Empty:
            if timeout < harness.DEADLINE_S:
                return None
            raise AssertionError(f"no message came to {self.kind}") from None

    def closed(self):
        """Waits for the server to close the connection; gives the reason code, if the library tells one."""
        self._is_closed = True
        try:
            return self._driver.closed.get(timeout=harness.DEADLINE_S)
        except queue.Empty:
            raise AssertionError(f"the connection of {self.kind} was not closed") from None

    def disconnect(self, reason=0, properties=None):
        self._is_closed = True
        self._do("disconnect", **({"reason": reason} if reason else {}), **({"properties": properties} if properties else {}))

    def kill(self):
        self._driver.kill()
        self._driver = None

    def end(self):
        """After a test: the driver goes back if its client can be closed in order."""
        driver, self._driver = self._driver, None
        if driver is None:
            return
        if self.kind == "paho_c":  # starting it takes less time than its disconnecting in order
            driver.kill()
            return
        try:
            if driver.closed.empty() and not self._is_closed:
                driver.answer(driver.send("disconnect"), "disconnect")
        except (AssertionError, OSError):
            driver.kill()
            return
        driver.messages, driver.closed = queue.Queue(), queue.Queue()
        self.idle[self.kind].append(driver)

    @classmethod
    def end_all(cls):
        for drivers in cls.idle.values():
            while drivers:
                drivers.pop().kill()
