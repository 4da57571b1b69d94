"""`relevo simulate` for tests: scenarios as Python values (JSON is YAML), results as the tool tells them."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RELEVO = str(Path(os.environ.get("RELEVO_BIN", ROOT / "build/release/bin")) / "relevo")
SLOW = int(os.environ.get("RELEVO_SLOW", "1"))  # under sanitizers runs are shorter, and their errors larger


def run(scenario, *options):
    """The finished process. The scenario is a value, or a text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.yaml"
        path.write_text(scenario if isinstance(scenario, str) else json.dumps(scenario))
        return subprocess.run([RELEVO, "simulate", str(path), *options], capture_output=True, text=True, timeout=300)


def simulate(scenario, *options):
    done = run(scenario, "--json", *options)
    if done.returncode != 0:
        raise AssertionError(f"relevo simulate ended with {done.returncode}: {done.stderr}{done.stdout}")
    return json.loads(done.stdout)


def shortened(arrivals):
    return arrivals if SLOW == 1 else arrivals // 40  # any shorter, and queues are still filling
