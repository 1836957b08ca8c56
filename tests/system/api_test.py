"""What the admin listener answers is what admin/openapi.yaml says: for every path, method and status, each member of each answer,
and nothing that the document describes is missing. Over made-up workers, which can be silent, and over a running server."""

import pathlib
import unittest

import yaml

import admin_peer
import harness
import schema
import wire

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "admin" / "openapi.yaml"
PROGRAM = {"X-Headgate-Admin": "1"}
TOKEN = "0123456789abcdef"
ELSEWHERE = {"Host": "evil.example", **PROGRAM}

# For each operation, what to ask for each status: target, headers, and of whom.
ASKED = {
    ("get", "/healthz"): {200: "/healthz", 400: "/healthz?x=1", 403: "/healthz"},
    ("get", "/readyz"): {200: "/readyz", 400: "/readyz?x=1", 403: "/readyz", 503: "/readyz"},
    ("get", "/metrics"): {200: "/metrics", 400: "/metrics?x=1", 401: "/metrics", 403: "/metrics", 503: "/metrics"},
    ("get", "/api/v1/openapi.yaml"): {
        200: "/api/v1/openapi.yaml", 400: "/api/v1/openapi.yaml?x=1", 401: "/api/v1/openapi.yaml", 403: "/api/v1/openapi.yaml"},
    ("get", "/api/v1/stats"): {200: "/api/v1/stats", 400: "/api/v1/stats?x=1", 401: "/api/v1/stats", 403: "/api/v1/stats", 503: "/api/v1/stats"},
    ("get", "/api/v1/clients"): {
        200: "/api/v1/clients?limit=2", 400: "/api/v1/clients?limit=0", 401: "/api/v1/clients", 403: "/api/v1/clients", 503: "/api/v1/clients"},
    ("get", "/api/v1/clients/{id}"): {
        200: "/api/v1/clients/device%2F1%20of%202", 400: "/api/v1/clients/%ff", 401: "/api/v1/clients/x1", 403: "/api/v1/clients/x1",
        404: "/api/v1/clients/nobody", 503: "/api/v1/clients/x1"},
    ("delete", "/api/v1/clients/{id}"): {
        204: "/api/v1/clients/x1", 400: "/api/v1/clients/%ff", 401: "/api/v1/clients/x1", 403: "/api/v1/clients/x1", 404: "/api/v1/clients/nobody",
        503: "/api/v1/clients/x1"},
    ("get", "/api/v1/topics"): {
        200: "/api/v1/topics?match=a/%23", 400: "/api/v1/topics?match=a%23", 401: "/api/v1/topics", 403: "/api/v1/topics", 503: "/api/v1/topics"},
    ("get", "/api/v1/topics/{topic}"): {
        200: "/api/v1/topics/a/b", 400: "/api/v1/topics/a/+", 401: "/api/v1/topics/a", 403: "/api/v1/topics/a", 503: "/api/v1/topics/a"},
}


class api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method != "parameters":
                    yield method, path, operation

    def content_of(self, operation, status):
        """The media type and the schema of a documented answer; nothing if it has no content."""
        response = schema.resolved(self.document, operation["responses"][str(status)])
        return next(iter(response.get("content", {}).items()), None)

    def check(self, answer, operation, status, seen=None):
        self.assertEqual(status, answer.status, answer.text)
        content = self.content_of(operation, status)
        if content is None:
            self.assertEqual("", answer.text)
            return
        media_type, media = content
        self.assertEqual(media_type, answer.type)
        value = answer.json() if media_type == "application/json" else answer.text
        found = list(schema.problems(self.document, media["schema"], value, seen=seen))
        self.assertEqual([], found)

    def test_every_status_is_asked_for(self):
        documented = {(method, path): sorted(map(int, operation["responses"])) for method, path, operation in self.operations()}
        self.assertEqual(documented, {operation: sorted(asked) for operation, asked in ASKED.items()})

    def test_answers_are_as_documented(self):
        seen = set()
        with admin_peer.fake_admin() as awake, admin_peer.fake_admin("silent") as silent, admin_peer.fake_admin(TOKEN) as asking:
            for method, path, operation in self.operations():
                for status, target in ASKED[(method, path)].items():
                    with self.subTest(method=method, path=path, status=status):
                        port = {503: silent, 401: asking}.get(status, awake).port
                        headers = ELSEWHERE if status == 403 else PROGRAM
                        self.check(admin_peer.ask(port, target, method.upper(), headers), operation, status, seen)
        self.expect_all_seen(seen)

    def expect_all_seen(self, seen):
        """No member is described that no answer had."""
        missing = set()
        for _, path, operation in self.operations():
            for status in operation["responses"]:
                content = self.content_of(operation, status)
                if content and content[0] == "application/json":
                    members = schema.described(self.document, content[1]["schema"], path)
                    missing |= {where for member, where in members.items() if member not in seen}
        self.assertEqual(set(), missing)

    def test_a_token_is_asked_for_where_the_document_says_so(self):
        right = {**PROGRAM, "Authorization": f"Bearer {TOKEN}"}
        self.assertEqual([{"token": []}], self.document["security"])
        with admin_peer.fake_admin(TOKEN) as asking:
            for method, path, operation in self.operations():
                good = next(status for status in (200, 204) if status in ASKED[(method, path)])
                target = ASKED[(method, path)][good]
                with self.subTest(method=method, path=path):
                    without = admin_peer.ask(asking.port, target, method.upper(), {**PROGRAM, "Host": "headgate.example"})
                    if operation.get("security") == []:
                        self.assertEqual(200, without.status)
                    else:
                        self.assertEqual((401, "Bearer"), (without.status, without.authenticate))
                        self.check(without, operation, 401)
                    self.check(admin_peer.ask(asking.port, target, method.upper(), right), operation, good)

    def test_changes_need_the_header(self):
        with admin_peer.fake_admin() as awake:
            operation = self.document["paths"]["/api/v1/clients/{id}"]["delete"]
            self.check(admin_peer.ask(awake.port, "/api/v1/clients/x1", "DELETE"), operation, 403)

    def test_other_methods(self):
        with admin_peer.fake_admin() as awake:
            for path, item in self.document["paths"].items():
                known = {name.upper() for name in item if name != "parameters"} | {"HEAD"}
                target = path.replace("{id}", "x1").replace("{topic}", "a")
                refused = admin_peer.ask(awake.port, target, "PATCH", PROGRAM)
                self.assertEqual((405, known), (refused.status, set(refused.allow.split(", "))))
                self.assertEqual((200, ""), (lambda head: (head.status, head.text))(admin_peer.ask(awake.port, target, "HEAD")))

    def test_document_is_served(self):
        with admin_peer.fake_admin() as awake:
            self.assertEqual(DOCUMENT.read_text(encoding="utf-8"), admin_peer.ask(awake.port, "/api/v1/openapi.yaml").text)

    def test_a_running_server_answers_as_documented(self):
        server = harness.start(self)
        port = server.admin_port
        with wire.connected(server.port, "thermometer/7") as client:
            client.subscribe("sensors/+/temperature")
            targets = {path: asked[200] for (method, path), asked in ASKED.items() if method == "get"}
            for path, target in {**targets, "/api/v1/clients/{id}": "/api/v1/clients/thermometer%2F7"}.items():
                with self.subTest(path=path):
                    self.check(admin_peer.ask(port, target), self.document["paths"][path]["get"], 200)
            kick = admin_peer.ask(port, "/api/v1/clients/thermometer%2F7", "DELETE", PROGRAM)
            self.check(kick, self.document["paths"]["/api/v1/clients/{id}"]["delete"], 204)
            client.expect_closed()


if __name__ == "__main__":
    harness.main()
