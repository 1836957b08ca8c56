"""What headgate-loadtest writes as JSON is what loadtest/report/results.schema.json says, and the schema says it of every member."""

import json
import pathlib
import subprocess
import unittest

import harness
import results_schema


def sample(name):
    program = pathlib.Path(harness.binary()).with_name("report_samples")
    return json.loads(subprocess.run([program, name], capture_output=True, check=True, timeout=harness.DEADLINE_S).stdout)


class results_as_json(unittest.TestCase):
    def test_are_as_the_schema_says(self):
        seen = set()
        for name in ("good", "bad", "nothing"):
            self.assertEqual([], list(results_schema.problems(sample(name), seen=seen)), name)
        never = [path for key, (path, _) in results_schema.described().items() if key not in seen]
        self.assertEqual([], never, "described, but never written")

    def test_every_member_has_a_description_that_ends_with_its_unit(self):
        for path, member in results_schema.described().values():
            self.assertTrue(member.get("description", "").endswith(".") or member["type"] == "object", path)
            unit = member.get("description", "").rstrip(".").split()[-1] if member.get("description") else ""
            for ending, word in (("_us", "Microseconds"), ("_s", "Seconds"), ("_bytes", "Bytes")):
                if path.endswith(ending) and not path.endswith("_per_s"):
                    self.assertEqual(unit, word, path)

    def test_the_validator_finds_what_is_wrong(self):
        """It must be able to fail."""
        def broken(change):
            document = sample("bad")
            change(document)
            return list(results_schema.problems(document))

        self.assertEqual(["results: has no deliveries"], broken(lambda d: d.pop("deliveries")))
        self.assertEqual(["results: more is not in the schema"], broken(lambda d: d.update(more=1)))
        self.assertEqual(["results.deliveries: '1' is no integer"], broken(lambda d: d.update(deliveries="1")))
        self.assertEqual(["results.measured_s: -1 is below 0"], broken(lambda d: d.update(measured_s=-1)))
        self.assertEqual(["results.schema_version: 2 is not 1"], broken(lambda d: d.update(schema_version=2)))
        self.assertEqual(["results.loop: 'ajar' is none of ['open', 'closed']"], broken(lambda d: d.update(loop="ajar")))
        steps = [[1, 2], [3, 4, 5]]
        self.assertEqual(["results.latency.deliver.steps[1]: has 3 items"],
                         broken(lambda d: d["latency"]["deliver"].update(steps=steps)))
        self.assertEqual(["results.server.calls.send: 0.5 is no integer"], broken(lambda d: d["server"]["calls"].update(send=0.5)))

    def test_another_validator_agrees_where_it_is_installed(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        if not hasattr(jsonschema, "Draft202012Validator"):
            self.skipTest("this python3-jsonschema is too old for 2020-12")
        jsonschema.Draft202012Validator.check_schema(results_schema.SCHEMA)
        for name in ("good", "bad", "nothing"):
            jsonschema.Draft202012Validator(results_schema.SCHEMA).validate(sample(name))


if __name__ == "__main__":
    harness.main()
