"""What operators watch: a Prometheus scrapes a server under load, and every query of the Grafana dashboard returns data from it; the
alert rules load, ring when they should, and name metrics that there are."""

import http.client
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse

import certificates
import harness
import tls
import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "deploy/grafana/headgate.json"
RULES = ROOT / "deploy/prometheus/alerts.yml"

CONFIGURATION = """\
global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}
rule_files: [ {rules} ]
scrape_configs:
  - job_name: headgate
    static_configs: [ {{ targets: [ "127.0.0.1:{port}" ] }} ]
"""


def need(program):
    found = shutil.which(program)
    if found is None:
        raise unittest.SkipTest(f"{program} is not installed (Debian package prometheus)")
    return found


class prometheus:
    """A Prometheus that scrapes one server, in a directory of its own, on a port that it picks."""

    def __init__(self, test, scraped_port):
        directory = tempfile.TemporaryDirectory(prefix="headgate-prometheus-")
        test.addCleanup(directory.cleanup)
        configuration = pathlib.Path(directory.name, "prometheus.yml")
        configuration.write_text(CONFIGURATION.format(rules=RULES, port=scraped_port), encoding="utf-8")
        self._process = subprocess.Popen(
            [need("prometheus"), f"--config.file={configuration}", f"--storage.tsdb.path={directory.name}/data",
             "--web.listen-address=127.0.0.1:0", "--log.level=info"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        test.addCleanup(self._end)
        self._lines = harness.output_lines(self._process.stderr)
        until = harness.deadline()
        while True:
            line = self._lines.next(until, "prometheus did not say where it listens")
            if line is None:
                raise AssertionError(f"prometheus ended: {self._lines.lines[-10:]}")
            found = re.search(r"Listening on\" address=127\.0\.0\.1:(\d+)", line)
            if found and int(found[1]) > 0:
                self.port = int(found[1])
                break
        harness.eventually(lambda: self._request("/-/ready").status == 200, "prometheus is ready")

    def _end(self):
        self._process.terminate()
        self._process.wait(harness.DEADLINE_S)
        self._lines.join()

    def _request(self, path):
        """The response, whose text has been read into it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=harness.DEADLINE_S)
        connection.request("GET", path)
        response = connection.getresponse()
        response.text = response.read().decode()
        connection.close()
        return response

    def get(self, path, **parameters):
        answer = json.loads(self._request(path + "?" + urllib.parse.urlencode(parameters)).text)
        if answer["status"] != "success":
            raise AssertionError(f"prometheus refuses {path} {parameters}: {answer}")
        return answer["data"]

    def numbers(self, expression):
        """The values that the expression has now, without those that are no numbers."""
        values = [float(series["value"][1]) for series in self.get("/api/v1/query", query=expression)["result"]]
        return [value for value in values if value == value]


def dashboard_queries():
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    for panel in panels:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def as_grafana_asks(expression):
    return expression.replace("$job", "headgate").replace("$instance", ".*").replace("$__rate_interval", "8s")


class load:
    """Messages of both QoS to one subscriber, and clients that come and go."""

    def __init__(self, test, port):
        self.port, self.packet_id = port, 0
        self.publisher = test.enterContext(wire.connected(port, "publisher"))
        self.subscriber = test.enterContext(wire.connected(port, "subscriber"))
        self.subscriber.subscribe("t/0", qos=0)
        self.subscriber.subscribe("t/1", qos=1)

    def go_on(self):
        with wire.connected(self.port, "passer-by") as passer_by:
            passer_by.ping()
        self.packet_id = self.packet_id % 60_000 + 1
        self.publisher.send(wire.publish("t/0", "x") + wire.publish("t/1", "x", qos=1, packet_id=self.packet_id))
        self.publisher.packet(wire.PUBACK)
        for message in (self.subscriber.message(), self.subscriber.message()):
            if message.qos > 0:
                self.subscriber.send(wire.puback(message.packet_id))


def listener_with_certificates(test):
    """Settings of one beside the first, with all that has an end."""
    certificates.need_openssl()
    directory = tempfile.TemporaryDirectory(prefix="headgate-monitoring-")
    test.addCleanup(directory.cleanup)
    root = certificates.authority(directory.name, "root")
    return ["listeners.tcp.bind=127.0.0.1",
            *tls.listener(root.issue("server", ["IP:127.0.0.1"]), name="safe", port=0, client_certificate="optional",
                          client_ca=root.certificate, crl=root.crl())]


class watching(unittest.TestCase):
    def test_every_query_of_the_dashboard_returns_data(self):
        need("prometheus")
        server = harness.start(self, *listener_with_certificates(self))
        watcher = prometheus(self, server.admin_port)
        clients = load(self, server.port)
        waiting = list(dashboard_queries())
        self.assertGreater(len(waiting), 30)

        def all_return_data():
            clients.go_on()
            waiting[:] = [(title, query) for title, query in waiting if not watcher.numbers(as_grafana_asks(query))]
            return not waiting

        try:
            harness.eventually(all_return_data, "every query returns data")
        except AssertionError:
            raise AssertionError(f"these return nothing: {waiting}") from None

        def is_up():
            clients.go_on()
            return [target["health"] for target in watcher.get("/api/v1/targets")["activeTargets"]] == ["up"]

        harness.eventually(is_up, "the last scrape went well")
        for group in watcher.get("/api/v1/rules")["groups"]:
            for rule in group["rules"]:
                self.assertIn(rule["health"], ("ok", "unknown"), rule)
                self.assertNotEqual("firing", rule["state"], rule)
        self._expect_known_metrics(watcher)

    def _expect_known_metrics(self, watcher):
        """A rule about a metric that nobody has would never ring."""
        known = set(watcher.get("/api/v1/label/__name__/values"))
        named = set(re.findall(r"\b(?:headgate|process)_\w+", "".join(re.findall(r"expr: (.*)", RULES.read_text(encoding="utf-8")))))
        self.assertGreater(len(named), 10)
        self.assertEqual(set(), named - known)


class rules(unittest.TestCase):
    def promtool(self, *arguments):
        ended = subprocess.run([need("promtool"), *arguments], cwd=RULES.parent, capture_output=True, text=True, timeout=harness.DEADLINE_S, check=False)
        self.assertEqual(0, ended.returncode, ended.stdout + ended.stderr)
        return ended.stdout + ended.stderr

    def test_the_rules_and_the_example_are_valid(self):
        self.assertRegex(self.promtool("check", "rules", "alerts.yml"), r"SUCCESS: \d\d rules found")
        self.promtool("check", "config", "prometheus.yml")

    def test_each_rule_rings_when_it_should(self):
        self.promtool("test", "rules", "alerts_test.yml")
        tested = (RULES.parent / "alerts_test.yml").read_text(encoding="utf-8")
        for name in re.findall(r"alert: (\w+)", RULES.read_text(encoding="utf-8")):
            self.assertIn(f"- name: {name}\n", tested)


if __name__ == "__main__":
    harness.main()
