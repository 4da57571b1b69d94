"""scripts/bench-peers without any peer: what it refuses, and what it makes of what was measured."""

import json
import os
import subprocess
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SCRIPT = os.path.join(ROOT, "scripts", "bench-peers")
PEERS = os.path.join(ROOT, "bench", "peers")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def measured(row, load, rate, p50=100.0, p99=200.0, lost=0):
    result = {"messages_per_second": rate, "deliver_us": {"p50": p50, "p99": p99}, "lost": lost, "duplicated": 0, "reordered": 0}
    return {"row": row, "load": load, "result": result}


class Script(unittest.TestCase):
    def test_the_shell_understands_every_script(self):
        for script in (SCRIPT, os.path.join(PEERS, "servers.sh")):
            self.assertEqual(run("bash", "-n", script).stderr, "")

    def test_help_names_every_peer(self):
        with open(os.path.join(PEERS, "rows.txt"), encoding="utf-8") as file:
            names = [line.split("|")[0] for line in file if not line.startswith("#")]
        told = run(SCRIPT, "--help")
        self.assertEqual(told.returncode, 0)
        for name in names:
            self.assertIn(name, told.stdout.split())

    def test_every_mistake_gets_one_clear_error_before_anything_is_done(self):
        for arguments, error in (
            (["--rounds", "0"], '--rounds: expected a number from 1 to 99, got "0"'),
            (["--seconds", "x"], '--seconds: expected a number from 1 to 60, got "x"'),
            (["--seconds"], "--seconds: a value must follow"),
            (["--peers", "relevo,kafka"], '--peers: there is no "kafka"; expected some of: relevo redis-always'),
            (["--quick"], 'there is no option "--quick"; --help lists them'),
        ):
            refused = run(SCRIPT, *arguments)
            self.assertEqual(refused.returncode, 2)
            self.assertTrue(refused.stderr.startswith("bench-peers: " + error), refused.stderr)
            self.assertEqual(refused.stderr.count("\n"), 1)


class Servers(unittest.TestCase):
    def shell(self, text):
        return run("bash", "-c", f". {os.path.join(PEERS, 'servers.sh')}; {text}").stdout.split()

    def test_a_server_is_awaited_until_it_says_that_it_serves(self):
        told = self.shell("sleep 60 & server_pids=($!); asked=0; serves() { [ $((++asked)) = 3 ]; }; server_await serves && echo $asked; kill $!")
        self.assertEqual(told, ["3"])

    def test_a_server_that_ended_is_not_awaited(self):
        self.assertEqual(self.shell("true & server_pids=($!); wait $!; server_await false || echo ended"), ["ended"])


class Report(unittest.TestCase):
    def report(self, *lines):
        """Exit code, the JSON object, and RESULTS.md."""
        with tempfile.TemporaryDirectory() as directory:
            paths = [os.path.join(directory, name) for name in ("measured.jsonl", "RESULTS.md")]
            with open(paths[0], "w", encoding="utf-8") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
            told = run("/usr/bin/python3", os.path.join(PEERS, "report.py"), "--rows", os.path.join(PEERS, "rows.txt"), "--measured", paths[0],
                       "--results", paths[1], "--directory", directory, "--seconds", "1", "--json")
            self.assertEqual(told.stderr, "")
            with open(paths[1], encoding="utf-8") as file:
                return told.returncode, json.loads(told.stdout), file.read()

    def test_the_median_of_the_rounds_counts(self):
        rates = (500, 100, 900)
        code, report, markdown = self.report(*[measured("nats", "closed", rate) for rate in rates],
                                             *[measured("relevo", "closed", 5 * rate) for rate in rates],
                                             *[measured("nats", "paced", 5000, p50) for p50 in (30.0, 20.0, 10.0)])
        self.assertEqual(code, 0)
        self.assertEqual(report["rounds"], 3)
        self.assertEqual(report["rows"]["nats"]["messages_per_second"], {"median": 500, "min": 100, "max": 900})
        self.assertEqual(report["rows"]["nats"]["deliver_p50_us"]["median"], 20.0)
        self.assertIn("| 500 | 0.1 - 0.9 k | 5.0 x | 0.02 ms | 0.20 ms | 0, 0, 0 |", markdown)

    def test_one_lost_message_in_any_round_shows(self):
        code, report, markdown = self.report(measured("nats", "closed", 500), measured("nats", "closed", 500, lost=1))
        self.assertEqual(code, 1)
        self.assertEqual(report["rows"]["nats"]["lost"], 1)
        self.assertIn("| 1, 0, 0 |", markdown)

    def test_a_peer_that_cannot_be_installed_says_so_and_the_rest_goes_on(self):
        code, report, markdown = self.report({"row": "nats", "failed": "not installed: no such package"}, measured("relevo", "closed", 1000))
        self.assertEqual(code, 1)
        self.assertEqual(report["rows"]["relevo"]["messages_per_second"]["median"], 1000)
        self.assertIn("(not installed: no such package)", markdown)

    def test_latency_below_the_pace_is_not_told(self):
        _, _, markdown = self.report(measured("beanstalkd", "closed", 3000), measured("beanstalkd", "paced", 3000))
        self.assertIn("cannot keep up", markdown)

    def test_relevo_is_a_share_of_each_limit(self):
        relay = {"unit": "messages", "per_second": 2000, "us": {"p50": 150.0, "p99": 900.0}}
        closed = {"parameters": {"rate": 0, "batch": 64, "inflight": 32}, "shares": {"relay": 0.25}}
        paced = {"parameters": {"rate": 5000, "batch": 1, "inflight": 64}, "times": {"relay_p50": 1.5}}
        limits = {"row": "limits", "load": "limits", "result": {"bench": "limits", "limits": {"relay": relay}, "against": [closed, paced]}}
        _, report, markdown = self.report(measured("relevo", "closed", 500), limits)
        self.assertEqual(report["limits"]["relay"]["per_second"]["median"], 2000)
        self.assertIn("| `relay` | messages | 2 000 | 150 | 900 |", markdown)
        self.assertIn("| 32 submits of 64 in flight | 25.0 % | `relay` |", markdown)
        self.assertIn("| 5 000 a second | 1.5 times | `relay_p50` |", markdown)

    def test_the_limits_are_held_against_the_runs_of_the_last_round(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "measured.jsonl")
            with open(path, "w", encoding="utf-8") as file:
                for line in (measured("relevo", "closed", 1), measured("nats", "closed", 2), measured("relevo", "closed", 3), measured("relevo", "paced", 4)):
                    file.write(json.dumps(line) + "\n")
            told = run("/usr/bin/python3", os.path.join(PEERS, "report.py"), "--runs-of-round", path)
            self.assertEqual([json.loads(line)["messages_per_second"] for line in told.stdout.splitlines()], [3, 4])


if __name__ == "__main__":
    unittest.main()
