"""Recorded human conversations go through connectors, broker and agents while the broker is killed again and again; afterwards every stored
history equals its recording. RELEVO_DIALOGUES=all plays the whole set (scripts/check-full), RELEVO_SEED repeats a run's kills."""

import os
import random
import subprocess
import unittest

from relevo_dialogues import STAR, recorded, star
from relevo_process import BIN, ROOT, Broker, RelevoTest, program, wait_until

KILLS, KILLS_MIN = 12, 5  # a kill that comes when everything is over does not count
SAMPLE = 600
AGENTS = [f"agent-{number:02}" for number in range(1, 13)]


def star_configuration():
    """What the demo uses for a data set too: one skill per task, twelve agents able in several each."""
    return subprocess.run([ROOT / "scripts/data-config", "star", STAR], env={**os.environ, "RELEVO_BIN": str(BIN)}, capture_output=True, text=True, check=True).stdout


@unittest.skipUnless(STAR.exists(), f"needs {STAR}")
class Continuity(RelevoTest):
    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("RELEVO_SEED", random.SystemRandom().randrange(1 << 32)))
        self.random = random.Random(self.seed)
        print(f"RELEVO_SEED={self.seed}", flush=True)
        self.limit = None if os.environ.get("RELEVO_DIALOGUES") == "all" else SAMPLE
        self.dialogues = star(self.limit)
        self.relevod = Broker(self, star_configuration()).start()

    def start_agents(self, names):
        pairs = [word for name in names for word in ("--agent", name, "--token", f"demo-{name}")]
        return self.run_process([program("relevo-terminal"), "--url", self.relevod.url, *pairs, "--auto", str(STAR), "--format", "star"])

    def start_customers(self):
        limit = [] if self.limit is None else ["--limit", str(self.limit)]
        play = ["--format", "star", "--file", str(STAR), "--closed", "--concurrent", "20", *limit, "--timeout", "900"]
        return self.run_process([program("relevo-replay"), "--url", self.relevod.url, "--account", "replay", "--token", "demo-replay", *play])

    def moments(self):
        """Numbers of conversations at which the broker is killed: at random, one in each part of the run, so that a fast machine has them too."""
        part = 0.9 * len(self.dialogues) / KILLS
        return [int((number + self.random.random()) * part) for number in range(KILLS)]

    def check_everything_was_kept(self):
        ops = self.relevod.client("operator", "ops", "demo-ops")
        count = ops.status().conversations
        self.assertEqual(count, len(self.dialogues), "one conversation for each dialogue")
        missing = dict(self.dialogues)
        for conversation in range(1, count + 1):
            records, page = ops.history(conversation)
            self.assertEqual(recorded(records), missing.pop(page.address), f"conversation {conversation}, {page.address}")
            sequences = [record.sequence for record in records if record.kind in ("message", "reply")]
            self.assertEqual(sequences, list(range(1, len(sequences) + 1)), page.address)
            self.assertEqual(page.state, "resolved", page.address)
        self.assertEqual(missing, {})

    def test_nothing_is_lost_doubled_or_out_of_order_while_the_broker_is_killed(self):
        self.start_agents(AGENTS)
        customers = self.start_customers()
        ops, kills = self.relevod.client("operator", "ops", "demo-ops"), 0
        for moment in self.moments():
            wait_until(lambda: ops.status().conversations >= moment or not customers.running(), f"conversation {moment} begins", 300)
            kills += not customers.ended_within(self.random.uniform(0, 0.02))
            self.relevod.restart()
            ops.reconnect()
        self.assertEqual(customers.wait(300), 0, customers.tail())
        print(f"{len(self.dialogues)} dialogues, {kills} kills", flush=True)
        self.assertGreaterEqual(kills, KILLS_MIN, "the run was too short to say anything: play more dialogues")
        self.wait_until_all_finished()
        self.check_everything_was_kept()

    def wait_until_all_finished(self):
        """The customer has the last answer a moment before the agent marks the conversation as resolved."""
        ops = self.relevod.client("operator", "ops", "demo-ops")
        wait_until(lambda: ops.status().open == 0, "every conversation is finished")

    def test_agents_who_die_in_the_middle_are_continued_by_others(self):
        if self.limit is None:
            self.skipTest("the sample is enough")
        self.relevod.stop()
        self.relevod.configure("session: {heartbeat_ms: 300, lease_ms: 1000, grace_ms: 500}\n" + star_configuration())
        self.relevod.start()
        first = self.start_agents(AGENTS[:6])
        customers = self.start_customers()
        ops, enough = self.relevod.client("operator", "ops", "demo-ops"), self.random.randrange(30, 90)
        wait_until(lambda: ops.status().conversations >= enough, "the agents are in the middle of their work")
        first.kill()
        self.assertTrue(customers.running(), "ended before the agents could be killed")
        self.start_agents(AGENTS[6:])
        self.assertEqual(customers.wait(120), 0, customers.tail())
        self.wait_until_all_finished()
        self.check_everything_was_kept()


if __name__ == "__main__":
    unittest.main()
