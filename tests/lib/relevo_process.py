"""Real processes for the integration tests: brokers and connectors on free ports, in directories of their own, gone when the test ends.

Programs are found through RELEVO_BIN (ctest sets it), else in build/release/bin."""

import hashlib
import itertools
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from relevo_wire import DEADLINE_S, Client, token_of

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("RELEVO_BIN", ROOT / "build/release/bin"))
DATA = Path(os.environ.get("RELEVO_DATA", ROOT.parent / "shared/data"))


def program(name):
    return str(BIN / name)


def free_port():
    """Below the ephemeral range: a client that dials an unused ephemeral port on loopback may connect to itself."""
    while True:
        port = random.randint(15000, 31000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait_until(condition, what, seconds=DEADLINE_S):
    """Returns the condition's first true value; fails after a deadline, naming what was waited for."""
    deadline = time.monotonic() + seconds
    never = threading.Event()
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        never.wait(0.01)
    return value


def token_hash(token):
    return "blake2b:" + hashlib.blake2b(token.encode(), digest_size=32).hexdigest()


def account(name, channel="webchat"):
    return {"name": name, "channel": channel, "token": token_hash(token_of(name))}


def agent(name, queues, skills=(), **fields):
    return {"name": name, "kind": "human", "token": token_hash(token_of(name)), "queues": list(queues), "skills": list(skills), **fields}


def operator(name="ops"):
    return {"name": name, "token": token_hash(token_of(name))}


def configuration(**sections):
    """One queue `support`, agents ana and ben in it, account `web`, operator `ops`; any section can be given instead."""
    defaults = {
        "accounts": [account("web")],
        "queues": [{"name": "support"}],
        "agents": [agent("ana", ["support"]), agent("ben", ["support"])],
        "rules": [{"queue": "support"}],
        "operators": [operator()],
    }
    return {**defaults, **sections}


def write_configuration(path, sections):
    """YAML as JSON, which it contains; one line for each item, so that an error's line means something."""
    lines = ["{"]
    for name, value in sections.items():
        comma = "," if name != list(sections)[-1] else ""
        if isinstance(value, list):
            items = ",\n".join(f"    {json.dumps(item)}" for item in value)
            lines.append(f'  "{name}": [\n{items}\n  ]{comma}')
        else:
            lines.append(f'  "{name}": {json.dumps(value)}{comma}')
    Path(path).write_text("\n".join(lines + ["}"]) + "\n")


class Process:
    """A child with its output kept in files, so that a full pipe can never stop it. Ends with the test."""

    numbers = itertools.count(1)

    def __init__(self, directory, arguments, stdin=None, **options):
        name = f"{Path(arguments[0]).name}-{next(Process.numbers)}"
        self.name, self.arguments = name, arguments
        self.out_path, self.err_path = Path(directory) / f"{name}.out", Path(directory) / f"{name}.err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.popen = subprocess.Popen(arguments, stdin=stdin or subprocess.DEVNULL, stdout=out, stderr=err, **options)

    @property
    def out(self):
        return self.out_path.read_text(errors="replace")

    @property
    def err(self):
        return self.err_path.read_text(errors="replace")

    def running(self):
        return self.popen.poll() is None

    def send_signal(self, number):
        self.popen.send_signal(number)

    def wait(self, seconds=DEADLINE_S):
        """The exit code."""
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs after {seconds} s\n{self.tail()}") from None

    def ended_within(self, seconds):
        try:
            self.popen.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def kill(self):
        if self.running():
            self.popen.kill()
        self.popen.wait()
        if self.popen.stdin:
            self.popen.stdin.close()

    def tail(self):
        return "".join(f"--- {self.name} {name}\n{text[-3000:]}\n" for name, text in (("out", self.out), ("err", self.err)) if text)


class Broker:
    """A relevod with a directory of its own. It keeps its port over restarts, so that connectors find it again."""

    def __init__(self, test, sections):
        self.test = test
        self.directory = test.directory / f"broker-{next(Process.numbers)}"
        self.directory.mkdir()
        self.config, self.data = self.directory / "relevo.yaml", self.directory / "data"
        self.url = f"tcp://127.0.0.1:{free_port()}"
        self.process = None
        self.configure(sections)
        test.addCleanup(self.end)

    def end(self):
        """A broker that still runs is stopped as an operator would, so that a sanitizer's last words count too."""
        if self.process and self.process.running():
            self.test.assertEqual(self.stop(), 0, self.process.err)

    def configure(self, sections):
        """Writes the file; a running broker reads it on SIGHUP. Text is written as it is."""
        if isinstance(sections, str):
            self.config.write_text(sections)
        else:
            write_configuration(self.config, sections)

    def command(self):
        return [program("relevod"), "--config", str(self.config), "--data", str(self.data), "--listen", self.url]

    def start(self):
        """Returns when it is ready to serve."""
        self.process = self.test.run_process(self.command())
        ready = f"relevod ready url={self.url}"
        wait_until(lambda: ready in self.process.out or not self.process.running(), f"{ready!r}")
        if not self.process.running():
            raise AssertionError(f"relevod ended with {self.process.popen.returncode}\n{self.process.tail()}")
        return self

    def kill(self):
        """SIGKILL: nothing is flushed, nobody is told."""
        self.process.kill()

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()

    def restart(self):
        self.kill()
        return self.start()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def client(self, role, name, token=None):
        client = Client(self.url, role, name, token)
        self.test.addCleanup(client.close)
        return client

    def connector(self, name="web"):
        return self.client("connector", name)

    def agent(self, name, available=True):
        client = self.client("agent", name)
        if available:
            result = client.available()
            if result.status != "ok":
                raise AssertionError(f"{name}: available: {result}")
        return client

    def operator(self, name="ops"):
        return self.client("operator", name)

    def tool(self, *arguments, name="ops", seconds=DEADLINE_S):
        """Runs `relevo` as an operator; its CompletedProcess."""
        environment = {**os.environ, "RELEVO_URL": self.url, "RELEVO_NAME": name, "RELEVO_TOKEN": token_of(name)}
        return subprocess.run([program("relevo"), *arguments], env=environment, capture_output=True, text=True, timeout=seconds, check=False)


class RelevoTest(unittest.TestCase):
    """A temporary directory and processes that end with the test; what they printed is shown when the test fails."""

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="relevo-test-"))
        self.processes = []
        self.addCleanup(self.end_everything)

    def end_everything(self):
        for process in reversed(self.processes):
            process.kill()
        if self.has_failed():
            print("".join(process.tail() for process in self.processes), flush=True)
        shutil.rmtree(self.directory, ignore_errors=True)

    def has_failed(self):
        result = self._outcome.result
        return any(case is self for case, _ in result.failures + result.errors) or not self._outcome.success

    def run_process(self, arguments, **options):
        process = Process(self.directory, arguments, **options)
        self.processes.append(process)
        return process

    def broker(self, sections=None, **overrides):
        """A started broker with `configuration(**overrides)`, or with the sections given."""
        return Broker(self, sections or configuration(**overrides)).start()

    def assert_status(self, result, status):
        self.assertEqual(result.status, status, f"{dict(result)}")


def read_lines(stream, count, seconds=DEADLINE_S):
    """`count` lines from a pipe that is kept open; fails at the deadline with what came."""
    deadline, data = time.monotonic() + seconds, b""
    while data.count(b"\n") < count:
        readable, _, _ = select.select([stream], [], [], max(0, deadline - time.monotonic()))
        piece = os.read(stream.fileno(), 65536) if readable else b""
        if not piece:
            raise AssertionError(f"{count} lines expected, got {data!r}")
        data += piece
    return data.decode().splitlines()
