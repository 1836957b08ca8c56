"""Runs of headgate-loadtest against a server, as a test sees them: the exit status, the words and the JSON of the results."""

import json
import pathlib
import subprocess
import tempfile

import harness
import results_schema

LONGEST_S = 120


def program():
    return str(pathlib.Path(harness.binary()).with_name("headgate-loadtest"))


class outcome:
    """What a run that has ended left. `figures` are its JSON, checked against the schema; None if it could not start."""

    def __init__(self, status, output, errors, text):
        self.status, self.output, self.errors = status, output, errors
        if harness.SANITIZER_REPORT.search(errors):
            raise AssertionError(f"headgate-loadtest said:\n{errors[-8000:]}")
        self.figures = None
        if text:
            self.figures = json.loads(text)
            if wrong := list(results_schema.problems(self.figures)):
                raise AssertionError(f"the results are not as their schema says: {wrong}")

    def faults(self):
        """The kinds of faults that the audit found, with their numbers."""
        names = ("lost", "duplicated", "duplicated_at_qos_2", "reordered", "corrupted", "misdelivered", "never_acknowledged",
                 "wrong_acknowledgement", "session_lost")
        return {name: self.figures["audit"][name] for name in names if self.figures["audit"][name]}

    def __str__(self):
        return f"status {self.status}\n{self.output}\n{self.errors}"


class running:
    """A run that goes on. `arguments`: the form or "run FILE", and options."""

    def __init__(self, port, *arguments):
        self._folder = tempfile.TemporaryDirectory()
        self._json = pathlib.Path(self._folder.name, "results.json")
        command = [program(), *arguments, "--quiet", "--json", str(self._json)]
        if port is not None:
            command += ["--target", f"127.0.0.1:{port}"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait(self):
        try:
            output, errors = self.process.communicate(timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output, errors = self.process.communicate()
            raise AssertionError(f"headgate-loadtest did not end within {LONGEST_S} s; it said {output}\n{errors}") from None
        text = self._json.read_text(encoding="utf-8") if self._json.exists() else ""
        self._folder.cleanup()
        return outcome(self.process.returncode, output, errors, text)


def run(port, *arguments):
    return running(port, *arguments).wait()
