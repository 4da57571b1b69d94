"""Every `relevo bench`: a short run of each works out, verifies what it did, and tells what bench/README.md says that it tells.

A bench is one line of CASES: its smallest arguments, and what has to hold of its JSON. No figure is held against the clock."""

import functools
import json
import os
import re
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from relevo_process import ROOT, RelevoTest, program, wait_until

README = (ROOT / "bench/README.md").read_text()
SECONDS_MAX = 120


def positive(value):
    return value > 0


def zero(value):
    return value == 0


def share(value):
    return 0 < value < 1


def latency(value):
    """Percentiles of something that takes time."""
    return 0 < value["p50"] <= value["p99"] <= value["p999"] <= value["max"]


def coded(value):
    """One frame of `bench codec`, there and back."""
    ways = [value["encode"], value["decode"]]
    return value["bytes"] > 0 and all(way["ns_per_message"] > 0 and way["mb_per_second"] > 0 and 0 < way["frame_ns_p50"] <= way["frame_ns_p99"] for way in ways)


def limit(value):
    return value["per_second"] > 0 and value["wrong"] == 0 and latency(value["us"])


def writers(value):
    return latency(value["ack_us"]) and latency(value["deliver_us"])


def exactly(expected):
    return lambda value: value == expected


VERIFIED = {"lost": zero, "duplicated": zero, "reordered": zero}
ENGINE = "--agents 40 --skills 10 --classes 30 --queues 5 --decisions 3000 --warm-up 1000"
ROUTE = "--messages 20000 --batch 16 --inflight 32 --conversations 500"
BROKER = {"broker_rss_bytes": positive, "broker_anonymous_bytes": positive, "disk_bytes_per_message": positive}
LIMITS = (
    *("page_first", "page_again", "flush_append", "flush_overwrite", "lmdb_append_64", "lmdb_append_512", "lmdb_append_4096"),
    *("relay_stored", "relay_stored_paced", "relay", "relay_paced", "echo_1x1", "echo_1x256", "echo_64x64"),
)

# (bench, arguments, what has to hold of the values at these places)
CASES = [
    ("codec", "--frames 200 --warm-up 10", {"frames_measured": exactly(200), "wrong": zero, **{f"frames.{name}": coded for name in ("submit", "submitted", "fetched", "record")}}),
    ("engine", ENGINE, {"decisions": lambda n: n >= 3000, "offered_on_arrival": lambda part: 0.1 < part < 0.95, "ns_per_decision.p50": positive, "processor_share": lambda part: 0 < part < 1.01}),
    ("engine", ENGINE + " --waiting 2000", {"waiting_mean": lambda n: abs(n - 2000) <= 2, "offered_on_arrival": zero, "bytes_per_open_conversation": lambda n: n < 2000}),
    ("route", ROUTE, {"messages_per_second": positive, "ack_us": latency, "deliver_us": latency, **BROKER, **VERIFIED}),
    ("route", "--messages 400 --rate 1000 --conversations 64", {"messages_per_second": positive, "ack_us": latency, "deliver_us": latency, **VERIFIED}),
    ("store", "--messages 3000 --batch 30 --depth 1 --warm-up 5", {"messages": exactly(3000), "messages_per_second": positive, "commits_per_second": positive, "commit_us": latency, "disk_bytes_per_message": positive, "lost": zero, "wrong": zero}),
    ("store", "--messages 640 --batch 1 --depth 64 --warm-up 5", {"messages": exactly(640), "commit_us": latency, "lost": zero, "wrong": zero}),
    ("restart", "--conversations 200 --messages 5000", {"ready_ms": positive, "records": lambda n: n > 5200, "conversations_loaded": exactly(200), "disk_bytes": positive, **VERIFIED}),
    ("restart", "--conversations 200 --messages 5000 --kill", {"ready_ms": positive, "records": lambda n: n > 5200, **VERIFIED}),
    ("history", "--conversations 64 --records 20 --seconds 1", {"everything.history_us": latency, "pages.page_us": latency, "histories.records_per_second": positive, **VERIFIED}),
    ("history", "--conversations 64 --records 5 --seconds 1 --rate 200", {"writers_alone": writers, "pages.writers": writers, "histories.writers": writers, **VERIFIED}),
    ("conversation", "--conversations 60 --inflight 20 --queues 4", {"conversations_per_second": positive, "life_us": latency, **VERIFIED}),
    ("sessions", "--agents 50 --seconds 0 --rounds 1", {"heartbeats_per_second": positive, "deliver_us": latency, "heartbeat_us": latency, **VERIFIED}),
    ("growth", "--steps 40,80 --windows 1 --agents 150 --messages 600 --batch 8 --inflight 8 --queues 4", {"rows": lambda rows: len(rows) == 3, **VERIFIED}),
    ("bystanders", "--rate 200 --conversations 64 --rounds 1 --phase-ms 100 --only dying_connections", {"kinds": lambda kinds: len(kinds) == 1, **VERIFIED}),
    ("limits", "--seconds 1", {f"limits.{name}": limit for name in LIMITS}),
]


def bench(name, *arguments):
    return subprocess.run([program("relevo"), "bench", name, *arguments], capture_output=True, text=True, timeout=SECONDS_MAX, check=False)


@functools.cache
def told(name, arguments):
    """What it tells as JSON; each case is run once for all tests."""
    answer = bench(name, *arguments.split(), "--json")
    if (answer.returncode, answer.stderr) != (0, ""):
        raise AssertionError(f"relevo bench {name} {arguments}: exit code {answer.returncode}: {answer.stderr}")
    return json.loads(answer.stdout)


def at(value, place):
    for key in place.split("."):
        value = value[key]
    return value


def section(name):
    """What the README says of that bench, its figures included."""
    found = re.search(rf"^## relevo bench {name}\n(.*?)(?=^## |\Z)", README, re.M | re.S)
    return found.group(1) if found else ""


def keys_of(value):
    """Every name in the value; not what was asked for, nor the names of percentiles, which are the same everywhere."""
    for key, inner in value.items():
        if key in ("parameters", "p50", "p99", "p999", "max", "mean"):
            continue
        yield key
        for each in inner if isinstance(inner, list) else [inner]:
            yield from keys_of(each) if isinstance(each, dict) else ()


class Bench(unittest.TestCase):
    def test_every_bench_works_out_and_verifies_what_it_did(self):
        for name, arguments, checks in CASES:
            with self.subTest(bench=name, arguments=arguments):
                result = told(name, arguments)
                self.assertEqual(result["bench"], name)
                for place, holds in checks.items():
                    self.assertTrue(holds(at(result, place)), f"{place}: {at(result, place)}")

    def test_every_field_is_documented(self):
        for name, arguments, _ in CASES:
            with self.subTest(bench=name, arguments=arguments):
                said = set(re.findall(r"`(\w+)`", section(name) + section("route")))  # what all have in common is said there
                self.assertEqual(set(keys_of(told(name, arguments))) - said - {"bench"}, set(), "not in bench/README.md")

    def test_every_bench_has_a_case(self):
        lines = subprocess.run([program("relevo"), "help"], capture_output=True, text=True, timeout=30, check=True).stdout
        self.assertEqual(set(re.findall(r"^  relevo bench (\w+)", lines, re.M)), {name for name, *_ in CASES})

    def test_every_bench_tells_people_too(self):
        for name, arguments in {name: arguments for name, arguments, _ in CASES}.items():
            with self.subTest(bench=name):
                answer = bench(name, *arguments.split())
                self.assertEqual((answer.returncode, answer.stderr), (0, ""))
                self.assertGreater(answer.stdout.count("\n"), 3)

    def test_every_bench_has_help_and_refuses_what_it_does_not_know(self):
        for name in sorted({name for name, *_ in CASES}):
            with self.subTest(bench=name):
                told = bench(name, "--help")
                self.assertEqual((told.returncode, told.stderr), (0, ""))
                self.assertIn("--json", told.stdout)
                refused = bench(name, "--nonsense")
                self.assertEqual((refused.returncode, refused.stdout), (2, ""))
                self.assertIn("there is no option --nonsense", refused.stderr)


class Interrupted(RelevoTest):
    def test_a_bench_that_is_interrupted_leaves_nothing_on_the_disk(self):
        for arguments in ("store --seconds 60", "limits", "history --seconds 60", "restart --messages 100000000"):
            with self.subTest(arguments=arguments):
                directory = self.directory / arguments.split()[0]
                directory.mkdir()
                process = self.run_process([program("relevo"), "bench", *arguments.split()], env={**os.environ, "TMPDIR": str(directory)})
                wait_until(lambda: any(directory.glob("*/*")), "files of the bench")
                process.send_signal(signal.SIGINT)
                self.assertEqual((process.wait(), list(directory.iterdir())), (1, []))
                self.assertIn("interrupted", process.err)


class Engine(unittest.TestCase):
    def test_classes_that_cannot_be_made_are_refused(self):
        answer = bench("engine", "--classes", "100", "--queues", "2", "--skills", "3")
        self.assertEqual((answer.returncode, answer.stdout), (2, ""))
        self.assertIn("--classes: 100 are more than 2 queues, 3 skills and 5 levels make", answer.stderr)


class Limits(unittest.TestCase):
    """What `bench limits --against` makes of a run."""

    def run_of(self, batch, rate=0, **fields):
        return {"bench": "route", "parameters": {"batch": batch, "rate": rate, "body_bytes": 250}, "messages_per_second": 1000, "deliver_us": {"p50": 100.0, "p99": 200.0}, **fields}

    def against(self, *runs):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write("\n".join(run if isinstance(run, str) else json.dumps(run) for run in runs))
            file.flush()
            return bench("limits", "--seconds", "1", "--json", "--against", file.name)

    def test_a_run_is_a_share_of_the_limits_of_its_kind(self):
        answer = self.against(self.run_of(64), self.run_of(1), self.run_of(16), self.run_of(1, rate=5000))
        self.assertEqual((answer.returncode, answer.stderr), (0, ""))
        result = json.loads(answer.stdout)
        limits, (large, small, middle, paced) = result["limits"], result["against"]
        self.assertAlmostEqual(large["shares"]["relay_stored"] * limits["relay_stored"]["per_second"], 1000, places=3)
        self.assertAlmostEqual(large["shares"]["echo_64x64"] * limits["echo_64x64"]["per_second"] * 64, 1000, places=3)
        self.assertAlmostEqual(small["shares"]["echo_1x256"] * limits["echo_1x256"]["per_second"], 1000, places=3)
        self.assertEqual(set(middle["shares"]), {"relay_stored", "relay", "lmdb_append_4096"})
        self.assertAlmostEqual(paced["times"]["relay_stored_paced_p99"] * limits["relay_stored_paced"]["us"]["p99"], 200, places=3)

    def test_what_is_no_run_is_refused(self):
        for run, said in (("{", "expected"), (self.run_of(64, bench="store"), "of another bench"), (self.run_of("a"), "integer"), ("", "end of file")):
            answer = self.against(run)
            self.assertEqual((answer.returncode, answer.stdout), (2, ""))
            self.assertIn(said, answer.stderr)
        answer = bench("limits", "--against", "/nonexistent.json")
        self.assertEqual(answer.returncode, 2)
        self.assertIn("/nonexistent.json", answer.stderr)


if __name__ == "__main__":
    unittest.main()
