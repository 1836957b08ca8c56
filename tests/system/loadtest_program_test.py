"""What holds for every command of headgate-loadtest: its words, where it writes, how it ends; and its commands compare and doctor."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

import harness
import results_schema


def program():
    return str(pathlib.Path(harness.binary()).with_name("headgate-loadtest"))


def run(*arguments, **options):
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run([program(), *arguments], stdin=subprocess.DEVNULL, text=True, timeout=harness.DEADLINE_S, check=False, **streams)


class words(unittest.TestCase):
    def test_none_shows_every_form_with_an_example(self):
        done = run()
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        for form in ("conn", "pub", "sub", "pairs", "fanout", "fanin", "latency", "offline", "run", "relay", "doctor", "compare"):
            self.assertIn(f"headgate-loadtest {form} ", done.stdout)

    def test_a_command_that_is_not_there_is_told_which_are(self):
        done = run("pears")
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertIn("headgate-loadtest: unknown command 'pears': the commands are ", done.stderr)
        self.assertIn("doctor", done.stderr)

    def test_a_wrong_option_points_to_the_help(self):
        done = run("doctor", "--clowns", "3")
        self.assertEqual(2, done.returncode)
        self.assertIn("'headgate-loadtest doctor --help' says what can be given", done.stderr)

    def test_an_empty_value_is_told_to_be_empty(self):
        done = run("pairs", "-t", "")
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertIn("--topic is empty: it takes a text in which %c", done.stderr)

    def test_a_plan_comes_from_standard_input(self):
        def check(plan):
            return subprocess.run([program(), "run", "-", "--check"], input=plan, capture_output=True, text=True,
                                  timeout=harness.DEADLINE_S, check=False)

        done = check("groups: { idle: { clients: 5 } }\n")
        self.assertEqual((0, "standard input is good: 1 group, 5 clients\n"), (done.returncode, done.stdout), done.stderr)
        done = check("groups: { idle: { clients: 5 } }\nevents:\n- { at: 1h, group: idle, disconnect: 100% }\n")
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertIn("standard input:3: events.0.at: it is 1h, and the run is over after 11s", done.stderr)

    def test_help_and_version(self):
        self.assertRegex(run("--version").stdout, r"^headgate-loadtest \d")
        self.assertIn("Exit status 1", run("compare", "--help").stdout)

    def test_an_output_that_takes_no_more_is_an_error(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = run("doctor", "-c", "1", stdout=full)
        self.assertEqual(2, done.returncode)
        self.assertIn("standard output takes no more: No space left on device", done.stderr)
        closed = subprocess.run(["sh", "-c", 'exec "$0" doctor -c 1 >&-', program()], stderr=subprocess.PIPE, text=True,
                                timeout=harness.DEADLINE_S, check=False)
        self.assertEqual(2, closed.returncode)
        self.assertIn("standard output takes no more", closed.stderr)


class in_a_folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def sample(self, name, **changes):
        samples = str(pathlib.Path(harness.binary()).with_name("report_samples"))
        document = json.loads(subprocess.run([samples, name], capture_output=True, check=True, timeout=harness.DEADLINE_S).stdout)
        path = self.folder / f"{name}{len(list(self.folder.iterdir()))}.json"
        path.write_text(json.dumps({**document, **changes}), encoding="utf-8")
        return str(path)


class compare(in_a_folder):
    def test_prints_ratios_and_fails_past_a_limit(self):
        before, after = self.sample("good"), self.sample("good", deliveries_per_s=450)
        done = run("compare", before, after)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertIn("run\tdeliveries_per_s\tA 500\tB 450\tB/A 0.900\tworse\n", done.stdout)
        self.assertEqual(0, run("compare", before, after, "--limit", "deliveries_per_s=1.2").returncode)
        done = run("compare", before, after, "--limit", "latency.deliver.p99_us=1", "--limit", "deliveries_per_s=1.1")
        self.assertEqual(1, done.returncode)
        self.assertIn("| PAST A LIMIT", done.stdout)

    def test_warns(self):
        done = run("compare", self.sample("bad"), self.sample("good"))
        self.assertEqual(0, done.returncode)
        for words_of_it in ("COMPARE WITH CARE", "was limited by its generator", "was interrupted", "found 45 faults"):
            self.assertIn(words_of_it, done.stdout)

    def test_fails_when_b_is_bad_by_itself(self):
        done = run("compare", self.sample("good"), self.sample("bad"))
        self.assertEqual(1, done.returncode)
        self.assertIn("| B IS NOT GOOD BY ITSELF", done.stdout)
        self.assertIn("B's own run ended with 1", run("compare", "--help").stdout)

    def test_refuses_what_it_cannot_compare(self):
        good = self.sample("good")
        for arguments, sentence in (
            ((good,), "B is required"),
            ((good, str(self.folder / "none.json")), "No such file or directory"),
            ((good, str(self.folder)), "it is a directory"),
            ((good, "/dev/null"), "/dev/null: is no JSON"),
            ((good, good, "--limit", "p99_us=1"), "the nearest are: latency.connect.p99_us"),
            ((good, good, "--limit", "deliveries"), "is not METRIC=RATIO"),
        ):
            done = run("compare", *arguments)
            self.assertEqual((2, ""), (done.returncode, done.stdout), arguments)
            self.assertIn(sentence, done.stderr)


class doctor(unittest.TestCase):
    def test_prints_the_line_that_mends(self):
        command = ["bash", "-c", 'ulimit -n 256; exec "$0" doctor -c 500', program()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=harness.DEADLINE_S, check=False)
        self.assertEqual((1, ""), (done.returncode, done.stderr))
        self.assertIn("MEND  descriptors: 564 are needed, 256 are allowed, and this process cannot have more", done.stdout)
        self.assertIn("        or split it: 3 processes at the same time, each with -c 167\n", done.stdout)

    def test_looks_for_the_server(self):
        done = run("doctor", "-c", "1", "--target", "192.0.2.1:1883")
        self.assertIn("accept queue: is a matter of the server's machine", done.stdout)
        done = run("doctor", "-c", "1", "--target", ":1883")
        self.assertEqual(2, done.returncode)
        self.assertIn("':1883' is no value for --target: it takes HOST or HOST:PORT", done.stderr)

    def test_splits_what_one_process_does_not_take(self):
        done = run("doctor", "-c", "50000")
        self.assertEqual(1, done.returncode)
        self.assertIn("MEND  clients: 50,000 in one process, which takes 19,500; 'pairs -c N' has 2N clients", done.stdout)
        self.assertIn("        3 processes at the same time, each with -c 16667; ", done.stdout)


class runs(in_a_folder):
    def setUp(self):
        super().setUp()
        self.server = harness.start(self)
        self.target = f"127.0.0.1:{self.server.port}"

    def short(self, *arguments, **options):
        return run("pairs", "-c", "2", "-q", "1", "-d", "1", "--target", self.target, *arguments, **options)

    def test_table_on_standard_output_and_json_in_a_file(self):
        file = self.folder / "results.json"
        done = self.short("--json", str(file))
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("audit\tnothing lost, duplicated, reordered, corrupted or misdelivered among ", done.stdout)
        self.assertIn("/4 clients, sent ", done.stderr)
        document = json.loads(file.read_text(encoding="utf-8"))
        self.assertEqual([], list(results_schema.problems(document)))
        self.assertGreater(document["deliveries"], 0)
        self.assertEqual([file], list(self.folder.iterdir()), "nothing else is left there")
        self.assertEqual(0, run("compare", str(file), str(file)).returncode)

    def test_json_on_standard_output_and_the_table_on_standard_error(self):
        done = self.short("--json", "-")
        self.assertEqual([], list(results_schema.problems(json.loads(done.stdout))))
        self.assertIn("audit\tnothing lost", done.stderr)

    def test_a_file_that_cannot_be_written_is_told_before_the_run(self):
        done = self.short("--json", str(self.folder / "none" / "results.json"))
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertIn("No such file or directory", done.stderr)

    def test_a_full_disk_is_an_error_and_costs_no_results(self):
        done = self.short("--json", "/dev/full")
        self.assertEqual(2, done.returncode)
        self.assertIn("cannot write /dev/full: No space left on device", done.stderr)
        self.assertIn("audit\tnothing lost", done.stdout)

    def long(self):
        """A run that has begun to measure, and what it says on standard error."""
        arguments = [program(), "pairs", "-c", "2", "-q", "1", "-d", "600", "--target", self.target]
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        lines = harness.output_lines(process.stderr)
        until = harness.deadline()
        while not (line := lines.next(until, "the run did not begin to measure")).startswith("measuring"):
            self.assertNotIn("headgate-loadtest: ", line)
        return process, lines

    def test_a_signal_ends_a_run_with_its_results(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process, _ = self.long()
            process.send_signal(number)
            self.assertEqual(0, process.wait(harness.DEADLINE_S))
            output = process.stdout.read()
            self.assertIn("| INTERRUPTED", output)

    def test_a_second_signal_ends_it_at_once(self):
        process, lines = self.long()
        self.server.signal(signal.SIGSTOP)  # so that the run waits for what is under way
        self.addCleanup(self.server.signal, signal.SIGCONT)
        process.send_signal(signal.SIGINT)
        until = harness.deadline()
        while "once more ends it at once" not in lines.next(until, "the run did not say that a second one ends it"):
            pass
        process.send_signal(signal.SIGINT)
        self.assertEqual(-signal.SIGINT, process.wait(harness.DEADLINE_S))

    def test_a_reader_that_has_gone_is_an_error(self):
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as gone:
            done = self.short(stdout=gone)
        self.assertEqual(2, done.returncode)
        self.assertIn("standard output takes no more: Broken pipe", done.stderr)


if __name__ == "__main__":
    harness.main()
