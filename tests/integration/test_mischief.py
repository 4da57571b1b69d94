"""Everybody with a token sends anything at all, while the broker is killed, started and reloaded under them: it stays up, and a restart changes nothing."""

import os
import random
import signal
import unittest

from relevo_process import RelevoTest, account, agent, configuration, operator, wait_until
from relevo_wire import MAPS, WORDS, ConnectionLost, Refused, decode_frame, encode_frame

KINDS = {number: kind for kind, number in WORDS["CHANGE"].items()}
OF_ROLE = {"connector": [1, 1, 1, 1, 1, 1, 2, 2, 3], "agent": [*range(10, 24), 10, 12, 12, 16, 18], "operator": [30, 30, 31, 32, 33, 33]}
LIKELY = {
    "message": ("address", "topic", "attributes", "window_ms"),
    "leave": ("address",),
    "receipt": ("state",),
    "finish": ("state",),
    "transfer": ("warm",),
    "availability": ("state", "delay_ms"),
    "nack": ("delay_ms",),
    "decline": ("delay_ms",),
    "lend": ("agent", "delay_ms"),
    "move": ("queue",),
    "pause": ("queue",),
    "resume": ("queue",),
}
SEED = int(os.environ.get("RELEVO_SEED", "1"))
BATCHES = 150
CHANGES = 20
LIMITS = {
    "accounts": [account("web"), account("call", "voice"), account("mail", "email")],
    "session": {"heartbeat_ms": 60000, "lease_ms": 600000, "grace_ms": 100},
    "pass_over_ms": 50,
    "reopen_within_ms": 1000,
    "dead_letter": "lost",
    "operators": [operator()],
}
CALENDARS = [{"name": "never", "zone": "Etc/UTC", "weekly": ["mon 00:00-00:01"]}]
OTHERS = [{"name": "lost"}, {"name": "safe"}]
SAFE = agent("zoe", ["safe"], capacity=1000)
LAST_RULE = {"topic": "safe", "queue": "safe"}


def rich():
    """Every way a queue can be, and every kind of agent."""
    return configuration(
        **LIMITS,
        channels=[{"channel": "voice", "cost": 100, "cap": 1, "interrupts": ["email"], "wrap_up_ms": 100}, {"channel": "email", "inactive_after_ms": 100}],
        calendars=CALENDARS,
        queues=[
            {"name": "front", "auto_accept": True, "bots_may_finish": False, "escalates_to": "support", "first_reply_ms": 200, "agent_lost": "stay"},
            {"name": "support", "offers": 3, "offers_max": 2, "offer_ms": 200, "choice": "least_loaded", "escalates_to": "night", "depth_max": 30, "overflow": "pool"},
            {"name": "pool", "mode": "pull", "lane": 2, "depth_max": 50, "first_response_ms": 100, "next_response_ms": 100, "resolution_ms": 300},
            {"name": "night", "calendar": "never", "when_closed": "message", "closed_text": "We are closed.", "lane": 1, "edf": True, "first_response_ms": 500},
            {"name": "bots", "calendar": "never", "when_closed": "bot", "wait_max_ms": 300, "overflow": "support"},
            *OTHERS,
        ],
        agents=[
            agent("iris", ["front", "bots"], ["es:5"], kind="bot"),
            agent("robo", ["bots"], kind="bot", capacity=60),
            agent("ana", ["support", "pool", "night", "lost"], ["es:5", "en:2"], caps=["webchat:3"]),
            agent("ben", ["support", "front"], ["en:5"], auto_accept=True),
            agent("eva", ["pool", "support"], ["es:2", "en:3"], capacity=1000),
            SAFE,
        ],
        plans=[
            {
                "name": "es-first",
                "steps": [
                    {"queue": "support", "all": ["es:5"], "preferred": ["ana"]},
                    {"after_s": 1, "add": True, "all": ["en:3"], "priority": "high"},
                    {"after_s": 2, "queue": "pool", "skip_if": "nobody_signed_in"},
                ],
            }
        ],
        rules=[
            {"result": "refund", "pattern": "money", "queue": "pool"},
            {"result": "refund", "queue": "bots"},
            LAST_RULE,
            {"attributes": ["tier=gold"], "plan": "es-first"},
            {"channel": "voice", "queue": "support", "any": ["es:2", "en:3"], "priority": "urgent"},
            {"topic": "night", "queue": "night"},
            {"pattern": "^(a+)+$", "queue": "pool"},
            {"queue": "front"},
        ],
    )


def poor():
    """Queues, agents, channel types, plans and the hours of `rich` are gone, and an account has another channel."""
    return configuration(
        **{**LIMITS, "accounts": [account("web", "email"), account("call", "sms")]},
        queues=[{"name": "support", "agent_lost": "stay"}, {"name": "pool"}, *OTHERS],
        agents=[agent("iris", ["pool"], kind="bot"), agent("ana", ["support", "lost"], ["es:1"], capacity=10), agent("ben", ["pool"], capacity=1000), SAFE],
        rules=[LAST_RULE, {"queue": "support"}],
    )


class Mischief(RelevoTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.conversations, self.offers, self.lsns = [(1, 1)], [(1, 1)], [1]  # ids with epochs, ids with the lsns of offers, lsns of replies
        self.held = {}  # by agent: ids with epochs that it was told of
        self.relevod = self.broker(rich())
        names = [("connector", "web"), ("connector", "call"), ("connector", "mail"), ("operator", "ops")]
        names += [("agent", name) for name in ("iris", "robo", "ana", "ben", "eva")]
        self.peers = {name: self.relevod.client(role, name) for role, name in names}
        self.zoe, self.judge = self.relevod.agent("zoe"), self.relevod.operator()

    # --- what they say ---

    def number(self, bits=64):
        """One beyond the limit of a field fails the whole frame: that is left to the garbage."""
        return self.random.choice([0, 1, 2, 3, self.random.randrange(100), self.random.getrandbits(16), 2 ** (bits - 1), 2**bits - 1])

    def word(self):
        return self.random.choice(["", "x", "es", "en", "night", "refund", "money", "a" * 40 + "!", "ü" * 20, "\0", "support"])

    def value(self, field, kind):
        """Of the right type, rarely of the right meaning."""
        draw = self.random
        meant = {
            "queue": lambda: draw.choice(["front", "support", "pool", "night", "bots", "lost", "nowhere"]),
            "agent": lambda: draw.choice(["iris", "robo", "ana", "ben", "eva", "nobody"]),
            "address": lambda: f"customer-{draw.randrange(80)}",
            "topic": lambda: draw.choice(["night", "", "other"]),
            "state": lambda: draw.choice([2, 2, 2, 3, 4, 20, 23, 255]),
            "delay_ms": lambda: draw.choice([0, 1, 100, 86400000]),
            "source_ms": lambda: self.number(63),
            "window_ms": lambda: self.number(63),
            "epoch": lambda: self.number(32),
            "warm": lambda: draw.choice([0, 1]),
            "priority": lambda: draw.randrange(5),
            "result": lambda: draw.choice(["refund", "unheard"]),
            "attributes": lambda: [{"name": draw.choice(["tier", "x", ""]), "value": draw.choice(["gold", ""])} for _ in range(draw.randrange(4))],
            "skills": lambda: [{"name": draw.choice(["es", "en", "fr"]), "level": draw.randrange(1, 6)} for _ in range(draw.randrange(3))],
        }
        other = {"UINT": self.number, "TEXT": self.word, "RAW": lambda: draw.choice([None, [], {1: [2]}, "x" * 2000])}
        if field in meant and (kind != "TEXT" or draw.random() < 0.95):
            return meant[field]()
        return other[kind]()

    def change(self, client):
        """Of a kind that the role may send, mostly about something that there is."""
        draw = self.random
        kinds = [KINDS[number] for number in draw.choice([OF_ROLE[client.role]] * 49 + [range(1, 34)]) if number in KINDS]
        change = {"kind": draw.choice(kinds), "key": f"{draw.getrandbits(40 if draw.random() < 0.9 else 4)}", "text": self.word() or "t"}
        likely = {*LIKELY.get(change["kind"], ()), draw.choice(["queue", "agent", "skills", "result"])}
        for field, (_, kind, _) in MAPS["change"].items():
            if field not in change and draw.random() < (0.95 if field in likely else 0.03):
                change[field] = self.value(field, kind)
        return {**change, **self.about(client, change["kind"])} if draw.random() < 0.95 else change

    def about(self, client, kind):
        """A conversation, and what was last known of it."""
        draw = self.random
        if kind in ("accept", "decline"):
            conversation, offer = draw.choice(self.offers[-10:])
            return {"conversation": conversation, "offer": offer}
        held = self.held.get(client.name, [])[-5:]
        conversation, epoch = draw.choice(held if held and draw.random() < 0.8 else self.conversations[-30:])
        return {"conversation": conversation, "epoch": epoch, "lsn": draw.choice(self.lsns[-5:])}

    def frame_of(self, client):
        return encode_frame("submit", session=client.session, token=client.token, changes=[self.change(client) for _ in range(CHANGES)])

    def garbage(self, client):
        """A frame with some of its bytes changed, or its end missing. Nobody waits for what it is answered."""
        body = bytearray(self.frame_of(client))
        for _ in range(self.random.randrange(1, 6)):
            body[self.random.randrange(len(body) if self.random.random() < 0.5 else 40)] = self.random.getrandbits(8)
        client.connection.post(bytes(body[: self.random.randrange(1, len(body)) if self.random.random() < 0.3 else len(body)]))

    # --- what they hear ---

    def learn(self, client, records):
        for record in records:
            if record.kind == "offered":
                self.offers.append((record.conversation, record.lsn))
            elif record.kind == "reply":
                self.lsns.append(record.lsn)
            if record.epoch:
                self.held.setdefault(client.name, []).append((record.conversation, record.epoch))

    def ask(self, client):
        conversation = self.random.choice(self.conversations[-50:])[0]
        draw = self.random.random()
        if client.role == "connector" or (draw < 0.6 and client.role == "agent"):
            self.learn(client, client.fetch(credit=self.random.choice([0, 1, 50])))
        elif draw < 0.7:
            client.why(conversation, agent=self.random.choice([None, "ana", "nobody"]))
        elif draw < 0.8:
            self.conversations += [(line.conversation, 1) for line in client.peek(self.value("queue", "TEXT"), limit=20).lines]
        elif draw < 0.9:
            client.call("history", session=client.session, conversation=conversation, before=self.number(), limit=self.random.randrange(1, 20))
        else:
            client.status()

    def misbehave(self, name):
        client = self.peers[name]
        draw = self.random.random()
        if draw < 0.1:
            self.garbage(client)
        elif draw < 0.6:
            self.ask(client)
        else:
            _, reply = decode_frame(client.connection.exchange(self.frame_of(client)))
            told = [(result.conversation, result.epoch or 1) for result in reply.results if result.conversation]
            self.conversations += told
            self.held.setdefault(name, []).extend(told[-3:])

    def go_wild(self):
        for _ in range(BATCHES):
            name = self.random.choice(list(self.peers))
            try:
                self.misbehave(name)
            except Refused as refused:
                self.forgive(name, refused)
            except ConnectionLost:
                self.assertFalse(self.relevod.process.ended_within(0.1), f"seed {SEED}\n{self.relevod.process.tail()}")
                self.peers[name].reconnect()

    def forgive(self, name, refused):
        """Who lost its session says hello again, if the configuration still knows it."""
        if refused.status not in ("unknown_session", "replaced"):
            return
        try:
            self.peers[name] = self.relevod.client(self.peers[name].role, name)
        except Refused as again:
            self.assertEqual(again.status, "bad_token")

    # --- what has to hold ---

    def everybody_rests(self):
        """Otherwise what nobody answers is offered again and again."""
        for client in self.peers.values():
            try:
                if client.role == "agent":
                    client.away()
            except Refused as refused:
                self.forgive(client.name, refused)

    def quiet(self):
        """The overview once nothing happens by itself for a moment."""
        seen = []

        def same():
            seen.append(self.judge.status(digest=True))
            return len(seen) > 10 and seen[-1].lsn == seen[-10].lsn

        wait_until(same, "a quiet moment")
        return seen[-1]

    def end_by(self, number):
        self.assertTrue(self.relevod.process.running(), f"seed {SEED}: {self.relevod.process.popen.returncode}\n{self.relevod.process.tail()}")
        self.relevod.process.send_signal(number)
        self.assertEqual(self.relevod.process.wait(), -number if number == signal.SIGKILL else 0, f"seed {SEED}\n{self.relevod.process.tail()}")

    def start_again(self):
        self.relevod.start()
        for client in (*self.peers.values(), self.zoe, self.judge):
            client.reconnect()

    def survives(self, number):
        """Restarts until nothing was due by itself in between, so that the digests can be compared."""
        for _ in range(20):
            self.everybody_rests()
            before = self.quiet()
            self.end_by(number)
            self.start_again()
            after = self.judge.status(digest=True)
            if after.lsn == before.lsn:
                self.assertEqual((after.digest, after.open, after.waiting), (before.digest, before.open, before.waiting), f"seed {SEED}")
                return
        self.fail("something happens all the time")

    def still_serves(self):
        asked = self.judge_web().message(f"calm-{self.random.getrandbits(40)}", "help", topic="safe")
        self.assert_status(asked, "ok")
        had = self.zoe.take_next(conversation=asked.conversation)
        self.assert_status(self.zoe.finish(had), "ok")

    def judge_web(self):
        self.peers["web"] = self.relevod.client("connector", "web")
        return self.peers["web"]

    def reload(self, sections):
        before = self.relevod.process.err.count(": reloaded ")
        self.relevod.configure(sections)
        self.relevod.reload()
        wait_until(lambda: self.relevod.process.err.count(": reloaded ") > before, "reloaded")

    def test_whatever_is_sent_the_broker_stays_up_and_a_restart_changes_nothing(self):
        for sections in (rich(), poor(), rich()):
            self.reload(sections)
            self.go_wild()
            self.survives(signal.SIGKILL)
            self.still_serves()
            self.go_wild()
            for client in self.peers.values():
                client.connection.post(self.frame_of(client))  # killed in the middle of it
            self.end_by(signal.SIGKILL)
            self.start_again()
            self.go_wild()
            self.survives(signal.SIGTERM)
            self.still_serves()


if __name__ == "__main__":
    unittest.main()
