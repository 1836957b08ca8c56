"""What tests of the admin listener share: asking it, and one over made-up workers."""

import http.client
import json
import pathlib
import subprocess

import harness


class answer:
    def __init__(self, response, body):
        self.status = response.status
        self.type = (response.getheader("Content-Type") or "").split(";")[0]
        self.allow = response.getheader("Allow")
        self.authenticate = response.getheader("WWW-Authenticate")
        self.text = body.decode()

    def json(self):
        return json.loads(self.text)


def ask(port, target, method="GET", headers=()):
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=harness.DEADLINE_S)
    try:
        connection.request(method, target, headers=dict(headers))
        response = connection.getresponse()
        return answer(response, response.read())
    finally:
        connection.close()


class fake_admin:
    """The admin listener over made-up workers; silent ones never answer; any other word is the token that it asks for (fake_admin.cpp)."""

    def __init__(self, *arguments):
        program = pathlib.Path(harness.binary()).with_name("fake_admin")
        self._process = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.communicate(timeout=harness.DEADLINE_S)
        if self._process.returncode != 0:
            raise AssertionError(f"fake_admin ended with {self._process.returncode}")
