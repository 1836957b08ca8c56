"""headgate log: what it lists, prints and checks of a server that runs, that was stopped and that was killed; where it finds damage;
and that it changes nothing."""

import json
import os
import pathlib
import shutil
import tempfile
import unittest

import harness
import wire

DONE, DAMAGED, CANNOT_LOOK = 0, 1, 2
MESSAGES = 60
PAYLOAD_BYTES = 40_000
SETTINGS = ("log.segment_bytes=1MiB", "sys.interval_s=0")


def payload(number):
    return f"message {number} ".ljust(PAYLOAD_BYTES, ".")


def contents(directory):
    """Every file below it with its bytes and when it was changed."""
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None for path in sorted(directory.rglob("*"))}


def flip(path, at):
    changed = bytearray(path.read_bytes())
    changed[at] ^= 0x20
    path.write_bytes(changed)


class looking(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="headgate-log-command-")
        self.addCleanup(directory.cleanup)
        self.place = pathlib.Path(directory.name)
        self.data = self.place / "data"

    def start(self):
        started = harness.server(f"data_dir={self.data}", *SETTINGS)
        self.addCleanup(started.kill)
        return started

    def publish(self, server):
        """Messages to one topic, and so to one log, until that has three segments."""
        self.published = 0
        with wire.connected(server.port, "publisher") as client:
            while self.published < MESSAGES or not self.has_three_segments():
                client.send(wire.publish("rooms/kitchen", payload(self.published).encode(), qos=1, packet_id=self.published % 65535 + 1))
                client.packet(wire.PUBACK)
                self.published += 1
            client.send(wire.goodbye())

    def has_three_segments(self):
        return any(len(list(path.parent.glob("0*.log"))) > 2 for path in self.data.glob("log/*/*/identity"))

    def has_spare_files(self):
        spares = [path.with_name("spare.log") for path in self.data.glob("log/*/*/identity")]
        return spares and all(spare.exists() and spare.stat().st_size == 0 for spare in spares)

    def look(self, *arguments, status=DONE, directory=None):
        """What a command says; and it changes nothing."""
        directory = directory or self.data
        before = contents(directory / "log")
        ended = harness.run("log", arguments[0], str(directory), *arguments[1:])
        self.assertEqual((status, ""), (ended.returncode, ended.stderr), ended.stdout)
        self.assertEqual(before, contents(directory / "log"), "it has changed something")
        return ended.stdout

    def objects(self, *arguments, **options):
        return [json.loads(line) for line in self.look(*arguments, **options).splitlines()]

    def segments(self, **options):
        """Those of the log with the messages."""
        return [found for found in self.objects("list", "--json", **options) if found["bytes"] > PAYLOAD_BYTES]

    def segments_when_settled(self):
        """Of a server that runs, when its log thread has nothing more to do."""

        def settled():
            # Not looked at for changes: the server may still make some.
            ended = harness.run("log", "list", str(self.data), "--json")
            found = [json.loads(line) for line in ended.stdout.splitlines()]
            large = [segment for segment in found if segment["bytes"] > PAYLOAD_BYTES]
            is_named = all(segment["file"] != "spare.log" for segment in found)
            is_sealed = all(segment["state"] == "sealed" for segment in large[:-1])
            return len(large) > 1 and is_named and is_sealed and self.has_spare_files() and large

        return harness.eventually(settled, "the segments are sealed")

    def file_of(self, segment):
        return self.data / "log" / segment["log"] / segment["file"]

    def stopped(self):
        """The segments that a server has left that was stopped."""
        server = self.start()
        self.publish(server)
        self.segments_when_settled()
        server.stop()
        return self.segments()

    def expect_all_messages(self):
        records = self.objects("dump")
        self.assertEqual([payload(number)[:12] for number in range(self.published)], [record["payload"][:12] for record in records])
        self.assertEqual({PAYLOAD_BYTES}, {len(record["payload"]) for record in records})
        self.assertEqual({("rooms/kitchen", 1, False, "message")},
                         {(record["topic"], record["qos"], record["retain"], record["kind"]) for record in records})
        offsets = [record["offset"] for record in records]
        self.assertEqual(offsets, sorted(set(offsets)))
        return records

    def test_of_a_server_that_runs(self):
        self.publish(self.start())
        self.segments_when_settled()
        self.assertEqual("open", self.segments()[-1]["state"])
        self.expect_all_messages()
        self.assertIn("nothing is damaged", self.look("verify"))

    def test_while_a_server_writes(self):
        server = self.start()

        def look_again_and_again():
            for _ in range(10):
                ended = harness.run("log", "verify", str(self.data))
                self.assertEqual((DONE, ""), (ended.returncode, ended.stderr), ended.stdout)

        harness.in_parallel([lambda: self.publish(server), look_again_and_again])

    def test_of_a_server_that_was_stopped(self):
        found = self.stopped()
        self.assertEqual({"sealed"}, {segment["state"] for segment in found})
        for before, after in zip(found, found[1:]):
            self.assertEqual(before["end"], after["first"])
        for segment in found:
            self.assertEqual(self.file_of(segment).stat().st_size, segment["bytes"])
        records = self.expect_all_messages()
        self.assertLessEqual(found[0]["first_time"], records[0]["time"])
        self.assertIn("nothing is damaged", self.look("verify"))
        # Each place above a log leads to it.
        for path in (self.data, self.data / "log", (self.data / "log" / found[0]["log"]).parent, self.data / "log" / found[0]["log"]):
            ended = harness.run("log", "list", str(path))
            self.assertIn(f"{found[0]['log']}\t{found[0]['file']}\tsealed\t", ended.stdout)

    def test_of_a_server_that_was_killed_while_it_wrote(self):
        server = self.start()
        self.publish(server)
        self.segments_when_settled()
        server.kill()
        last = self.file_of(self.segments()[-1])
        whole = last.read_bytes()
        self.expect_all_messages()
        self.assertIn("nothing is damaged", self.look("verify"))
        # A batch of which a part has come to the disk.
        last.write_bytes(whole + whole[:1000])
        said = self.look("verify")
        self.assertIn("nothing is damaged", said)
        self.assertIn(f"bytes {len(whole)} to {len(whole) + 1000} (1000 B) are no whole batch", said)
        self.expect_all_messages()
        # The next start cuts it off, and then all is sealed.
        self.start().stop()
        self.assertEqual({"sealed"}, {segment["state"] for segment in self.segments()})
        self.expect_all_messages()

    def test_damage_in_a_batch_says_where_and_what_is_lost(self):
        found = self.stopped()
        damaged = self.file_of(found[1])
        flip(damaged, 500_000)
        said = self.look("verify", status=DAMAGED)
        self.assertRegex(said, rf"damaged: {found[1]['log']}/{damaged.name}: bytes \d+ to \d+ .* are damaged: the record.* lost\n")
        self.assertIn("1 place damaged", said)
        good = [segment["good"] for segment in self.objects("verify", "--json", status=DAMAGED) if segment["bytes"] > PAYLOAD_BYTES]
        self.assertEqual([True, False], good[:2])
        # All others are printed.
        printed = [record["payload"] for record in self.objects("dump")]
        self.assertEqual(self.published - 1, len(printed))
        self.assertLess(set(printed), {payload(number) for number in range(self.published)})

    def test_damage_beside_a_segment(self):
        first = self.file_of(self.stopped()[0])
        for name in (first.with_suffix(".index"), first.with_suffix(".topics")):
            whole = name.read_bytes()
            flip(name, len(whole) - 3)
            self.assertRegex(self.look("verify", status=DAMAGED), rf"damaged: .*{name.name} cannot be read: ")
            name.write_bytes(whole)
        whole = first.read_bytes()
        first.write_bytes(whole[:300_000])
        self.assertIn("the file ends at byte 300000 and should have", self.look("verify", status=DAMAGED))
        first.write_bytes(whole)
        identity = first.with_name("identity")
        identity.write_bytes(bytes(len(identity.read_bytes())))
        self.assertIn("identity is lost or damaged", self.look("verify", status=DAMAGED))
        self.assertEqual(self.published, len(self.objects("dump")))

    def test_every_damaged_byte_of_a_small_log_is_found(self):
        server = self.start()
        with wire.connected(server.port, "publisher") as client:
            client.send(wire.publish("t", b"x", qos=1, packet_id=1))
            client.packet(wire.PUBACK)
        server.stop()
        path = next(self.data / "log" / record["log"] for record in self.objects("dump"))
        for file in sorted(path.glob("0*")):
            whole = file.read_bytes()
            for at in range(0, len(whole), 7):
                flip(file, at)
                ended = harness.run("log", "verify", str(path))
                # A later version is none that it could check.
                self.assertIn(ended.returncode, (DAMAGED, CANNOT_LOOK), f"{file.name}, byte {at}: {ended.stdout}")
                file.write_bytes(whole)
        self.assertIn("nothing is damaged", self.look("verify"))

    def test_choices(self):
        server = self.start()
        pairs = (("content_type", b"text/plain"), ("user_property", (b"site", b"7")))
        with wire.connected(server.port, "publisher", version=wire.V5) as client:
            for number, (topic, content) in enumerate((("fleet/7/state", b"on"), ("fleet/8/state", b"\xff\x00"), ("fleet/7/alarm", b"hot")), 1):
                client.send(wire.publish(topic, content, version=wire.V5, qos=1, packet_id=number, pairs=pairs))
                client.packet(wire.PUBACK)
            client.send(wire.publish("fleet/9/state", b"kept", version=wire.V5, flags=1))
            client.ping()
        server.stop()
        topics = lambda *options: sorted(record["topic"] for record in self.objects("dump", *options))  # noqa: E731
        self.assertEqual(["fleet/7/alarm", "fleet/7/state"], topics("--topic", "fleet/7/#"))
        self.assertEqual(["fleet/7/state", "fleet/8/state", "fleet/9/state"], topics("-t", "+/+/state"))
        self.assertEqual(1, len(topics("--count", "1")))
        self.assertEqual(4, len(topics("--since", "10m")))
        self.assertEqual(0, len(topics("--until", "10m")))
        self.assertEqual(0, len(topics("--since", "2096-01-01")))
        binary = self.objects("dump", "--topic", "fleet/8/state")[0]
        self.assertEqual(("/wA=", 2), (binary["payload_base64"], binary["payload_bytes"]))
        kept = self.objects("dump", "--topic", "fleet/9/state", "--payload", "base64")[0]
        self.assertEqual((0, True, "a2VwdA=="), (kept["qos"], kept["retain"], kept["payload_base64"]))
        self.assertNotIn("payload", self.objects("dump", "--last", "1", "--payload", "none")[0])
        one = self.objects("dump", "--topic", "fleet/7/alarm")[0]
        range_of_it = ("--log", one["log"], "--from", str(one["offset"]), "--to", str(one["offset"] + 1))
        self.assertEqual([one], self.objects("dump", *range_of_it))
        self.assertIn(one, [*self.objects("dump", "--log", one["log"], "--last", "4")])
        kinds = {record["kind"] for record in self.objects("dump", "--all")}
        self.assertLessEqual({"message", "snapshot"}, kinds)

    def expect_sentence(self, pattern, *arguments, prefix=()):
        ended = harness.run("log", *arguments, prefix=prefix)
        self.assertEqual((CANNOT_LOOK, ""), (ended.returncode, ended.stdout), ended.stderr)
        self.assertRegex(ended.stderr, rf"^headgate: .*{pattern}[^\n]*\n$")

    def test_where_there_is_nothing_to_look_at(self):
        empty = self.place / "empty"
        empty.mkdir()
        file = self.place / "file"
        file.write_text("no log", encoding="utf-8")
        for command in ("list", "dump", "verify"):
            self.expect_sentence("there is no directory .*/nowhere: give the data_dir", command, str(self.place / "nowhere"))
            self.expect_sentence("there is no log in .*/empty: it is no data_dir", command, str(empty))
            self.expect_sentence("is no directory", command, str(file))
        self.assertEqual([], list(empty.iterdir()), "nothing is made")
        self.start().stop()
        data = str(self.data)
        self.expect_sentence("there is no log 'none/9'; there are: [a-z]+/0", "dump", data, "--log", "none/9")
        self.expect_sentence("'yesterday' is no time", "dump", data, "--since", "yesterday")
        self.expect_sentence("'a/#/b' is no topic filter", "dump", data, "--topic", "a/#/b")

    def test_what_may_not_be_read(self):
        self.stopped()
        prefix = ()
        if os.geteuid() == 0:
            prefix = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
            if not shutil.which("setpriv") or harness.run("--version", prefix=prefix).returncode != 0:
                self.skipTest("nobody else can run the program")
            self.place.chmod(0o755)
        else:
            self.data.chmod(0)
            self.addCleanup(self.data.chmod, 0o700)
        for command in ("list", "dump", "verify"):
            self.expect_sentence("may not be read by user .*: run this as the user that Headgate runs as", command, str(self.data), prefix=prefix)


if __name__ == "__main__":
    harness.main()
