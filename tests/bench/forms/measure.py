#!/usr/bin/env python3
"""Runs every one-line form of headgate-loadtest in MQTT 3.1.1 and 5 against headgate and mosquitto, each run with a fresh
server, and prints a table in Markdown for each version; see loadtest/README.md.

Exit status 1: a run failed, or its audit found something; 2: it could not begin.
"""

import argparse
import json
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the sources stay clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import servers
import table
from forms import FORMS, VERSIONS
from servers import BenchError

MORE_SECONDS = 90  # for connecting, warming up and settling


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="how long a run measures (10)")
    parser.add_argument("--only", metavar="TEXT", default="", help="only forms whose words contain this, such as 'pairs' or '-q 2'")
    parser.add_argument("--version", choices=VERSIONS, help="only this version of MQTT")
    parser.add_argument("--server", choices=["headgate", "mosquitto", "both"], default="both")
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--json", metavar="FOLDER", type=pathlib.Path, help="keeps the results of every run there, a file each")
    parser.add_argument("--quick", action="store_true", help="runs of a second, to see that all works; the figures mean nothing")
    chosen = parser.parse_args()
    chosen.forms = [form for form in FORMS if chosen.only in form.words]
    if not chosen.forms:
        parser.error(f"no form has '{chosen.only}' in it; there are: {', '.join(form.words for form in FORMS)}")
    chosen.build_dir = chosen.build_dir.resolve()
    if chosen.quick:
        chosen.seconds = 1
    return chosen


def require_programs(chosen):
    """Says what is missing and how to get it; returns the servers that run."""
    wanted = ["headgate", "mosquitto"] if chosen.server == "both" else [chosen.server]
    for name in ["headgate-loadtest", *(["headgate"] if "headgate" in wanted else [])]:
        if not (chosen.build_dir / "bin" / name).exists():
            raise BenchError(f"{chosen.build_dir}/bin/{name} is missing: build it with `cmake --preset release && "
                             "cmake --build --preset release`, or say where it is with --build-dir.")
    if "mosquitto" in wanted and servers.mosquitto_program() is None:
        if chosen.server == "mosquitto" or not chosen.quick:
            raise BenchError("mosquitto is not installed (apt-get install mosquitto); or use --server headgate.")
        print("mosquitto is not installed: only headgate runs.", file=sys.stderr)
        wanted.remove("mosquitto")
    return wanted


class Runs:
    def __init__(self, chosen, folder):
        self.chosen, self.folder = chosen, folder
        self.failures = []

    def command(self, words, version, server, json_file, seconds):
        program = self.chosen.build_dir / "bin/headgate-loadtest"
        short = ["--warm-up", "200ms", "--settle", "1s"] if self.chosen.quick else []
        return [program, *words.split(), "-V", version, "-d", f"{seconds:g}", *short, "--target", f"127.0.0.1:{server.port}",
                "--server-pid", str(server.process.pid), "--quiet", "--json", json_file]

    def start(self, *arguments):
        return subprocess.Popen(self.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def results(self, process, words, json_file):
        """What a run that ends within its time wrote."""
        try:
            _, said = process.communicate(timeout=self.chosen.seconds + MORE_SECONDS)
        except subprocess.TimeoutExpired:
            raise BenchError(f"`{words}` did not end") from None
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()
        if not json_file.exists():
            raise BenchError(f"`{words}` ended with {process.returncode}: {said.strip()}")
        found = json.loads(json_file.read_text(encoding="utf-8"))
        if process.returncode != found["exit_status"]:
            raise BenchError(f"`{words}` ended with {process.returncode}, and its results say {found['exit_status']}")
        return found

    def measure(self, form, version, name):
        words = f"{form.words} {form.quick}" if self.chosen.quick else form.words
        stem = f"{name}-{version}-{form.words.replace(' ', '_')}"
        own_file, beside_file = self.folder / f"{stem}.json", self.folder / f"{stem}-beside.json"
        with servers.running(name, self.chosen.build_dir) as server:
            beside = None
            if form.beside:
                beside = self.start(form.beside, version, server, beside_file, self.chosen.seconds + MORE_SECONDS)
            try:
                found = self.results(self.start(words, version, server, own_file, self.chosen.seconds), words, own_file)
                if beside:  # it ends with its results
                    beside.send_signal(signal.SIGTERM)
                    other, beside = self.results(beside, form.beside, beside_file), None
                    self.judge(form.beside, other, f"{name}, MQTT {version}")
            finally:
                if beside:
                    beside.kill()
                    beside.wait()
        self.judge(words, found, f"{name}, MQTT {version}")
        if form.has_subscribers and form.qos > 0 and found["audit"]["required"] == 0:
            self.fail(f"`{words}` ({name}, MQTT {version}): the audit required nothing")
        if form.counts == "delivery" and found["deliveries"] == 0:
            self.fail(f"`{words}` ({name}, MQTT {version}): nothing was delivered")
        return found

    def judge(self, words, found, where):
        if found["exit_status"] == 0:
            return
        reasons = [*found["failures"], *table.fault_texts(found)]
        self.fail(f"`{words}` ({where}): {'; '.join(reasons) or 'exit status ' + str(found['exit_status'])}")

    def fail(self, sentence):
        self.failures.append(sentence)
        print(f"FAILED: {sentence}", file=sys.stderr, flush=True)


def measure_all(chosen, names, folder):
    runs = Runs(chosen, folder)
    for version in VERSIONS if chosen.version is None else [chosen.version]:
        rows = []
        for form in chosen.forms:
            if version not in form.versions:
                continue
            for name in names:
                try:
                    rows.append((form, name, runs.measure(form, version, name)))
                except BenchError as error:
                    runs.fail(f"{form.words} ({name}, MQTT {version}): {error}")
                print(f"MQTT {version}, {name}: {form.words}", file=sys.stderr, flush=True)
        print(f"\nMQTT {version}, `headgate-loadtest FORM -V {version} -d {chosen.seconds:g} --server-pid PID`:\n")
        print(table.text(rows), flush=True)
    return runs.failures


def main():
    chosen = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    try:
        names = require_programs(chosen)
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        print(servers.headgate_version(chosen.build_dir) + (f"; {servers.mosquitto_version()}" if "mosquitto" in names else ""))
        if chosen.json:
            chosen.json.mkdir(parents=True, exist_ok=True)
            failures = measure_all(chosen, names, chosen.json)
        else:
            with tempfile.TemporaryDirectory(prefix="headgate-forms-") as folder:
                failures = measure_all(chosen, names, pathlib.Path(folder))
    except BenchError as error:
        print(f"measure.py: {error}", file=sys.stderr)
        return 2
    print("\nEverything passed." if not failures else "\nFailed:\n" + "\n".join(f"- {each}" for each in failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
