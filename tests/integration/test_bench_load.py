"""What the benches of messages do beyond what test_bench.py holds every bench to: sizes, troubles, pictures, pacing, limits of the system."""

import json
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

from relevo_process import program

SMALL = "--queues 4 --messages 600 --batch 8 --inflight 8"
BENCHES = {
    "route": f"{SMALL} --conversations 40",
    "conversation": "--conversations 60 --inflight 20 --queues 4",
    "growth": f"{SMALL} --steps 40,80 --windows 1 --agents 150",
    "bystanders": "--rate 200 --conversations 64 --rounds 1 --phase-ms 50",
}


def run(*arguments):
    return subprocess.run([program("relevo"), "bench", *arguments], capture_output=True, text=True, timeout=100)


class BenchLoad(unittest.TestCase):
    def told(self, name, *more):
        answer = run(name, *BENCHES[name].split(), *more, "--json")
        self.assertEqual((answer.returncode, answer.stderr), (0, ""))
        return json.loads(answer.stdout)

    def test_growth_has_a_row_for_each_size_and_one_for_the_agents(self):
        rows = self.told("growth")["rows"]
        self.assertEqual([(row["conversations"], row["agents"]) for row in rows], [(40, 4), (80, 4), (40, 150)])
        self.assertEqual(rows[0]["throughput_ratio"], 1)

    def test_every_trouble_is_made(self):
        kinds = self.told("bystanders")["kinds"]
        self.assertEqual(len(kinds), 7)
        for kind in kinds:
            self.assertEqual(kind["actions_per_second"] > 0, kind["trouble"] != "nothing", kind["trouble"])

    def test_a_plot_has_a_curve_for_each_histogram(self):
        for name, curves in (("route", 2), ("conversation", 3)):
            with tempfile.TemporaryDirectory() as directory:
                path = Path(directory) / "plot.svg"
                self.told(name, "--plot", str(path))
                root = xml.etree.ElementTree.parse(path).getroot()
                self.assertEqual(len(root.findall("{http://www.w3.org/2000/svg}polyline")), curves)

    def test_a_plot_that_cannot_be_written_is_an_error(self):
        answer = run("route", *BENCHES["route"].split(), "--plot", "/nowhere/plot.svg")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("/nowhere/plot.svg", answer.stderr)

    def test_a_paced_route_sends_one_message_at_a_time(self):
        arguments = ["route", "--messages", "50", "--conversations", "64", "--json"]
        self.assertEqual(json.loads(run(*arguments, "--rate", "1000").stdout)["parameters"]["batch"], 1)
        self.assertEqual(json.loads(run(*arguments, "--rate", "1000", "--batch", "4").stdout)["parameters"]["batch"], 4)
        self.assertEqual(json.loads(run(*arguments).stdout)["parameters"]["batch"], 64)

    def test_more_connections_than_files_may_be_open_is_said_before_it_begins(self):
        shell = f"ulimit -n 300; exec {program('relevo')} bench sessions --agents 200"
        answer = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=60)
        self.assertEqual(answer.returncode, 1)
        self.assertIn("ulimit -Hn 456", answer.stderr)

    def test_what_is_asked_for_wrongly_is_refused(self):
        for arguments, said in (
            (["growth", "--steps", "100,50"], "--steps"),
            (["growth", "--steps", ""], "--steps"),
            (["growth", "--steps", "10"], "--inflight"),
            (["bystanders", "--only", "nonsense"], "--only"),
            (["conversation", "--turns", "0"], "--turns"),
            (["sessions", "--connect", "tcp://127.0.0.1:1"], "--token"),
            (["route", "--configuration"], "--token"),
        ):
            with self.subTest(arguments=arguments):
                answer = run(*arguments)
                self.assertEqual((answer.returncode, answer.stdout), (2, ""))
                self.assertIn(said, answer.stderr)


if __name__ == "__main__":
    unittest.main()
