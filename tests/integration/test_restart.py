"""A restart changes nothing: the same state, the same sessions, the same waiting work; a repeated change stays one change."""

import re
import threading
import unittest

from relevo_process import RelevoTest, account, agent, configuration
from relevo_wire import Connection, decode_frame, encode_frame, texts


class Restart(RelevoTest):
    def busy(self):
        """A broker with conversations in every state, quiet by now; its clients."""
        relevod = self.broker(configuration(agents=[agent("ana", ["support"], ["spanish:3"], capacity=75), agent("ben", ["support"])]))
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.client("agent", "ben")
        for number in range(6):
            web.message(f"customer-{number}", "hello", name=f"Customer {number}", topic="billing", native={"id": [number, None, "x"]})
        had = [ana.take_next() for _ in range(3)]
        ana.reply(had[0], "an answer", attachments=[{1: "image/png", 2: "bill.png", 3: 1200, 4: "https://example.org/bill"}])
        ana.finish(had[0])
        ana.delivery("offered")
        ana.transfer(had[1], agent="ben", reason="knows it")
        ana.change("note", conversation=had[2].conversation, text="a note")
        return relevod, web, ana, ben

    def snapshot(self, relevod):
        """What must not change, and every stored history."""
        ops = relevod.operator()
        status = ops.status(digest=True)
        lines = [(line.name, line.waiting, line.offered, line.in_progress) for line in status.queues]
        people = [(line.name, line.state, line.conversations, line.used) for line in status.agents]
        histories = [[dict(record) for record in ops.history(number)[0]] for number in range(1, status.conversations + 1)]
        ops.bye()
        return status.digest, status.conversations, status.open, status.waiting, lines, people, histories

    def test_a_clean_restart_keeps_the_digest_and_every_history(self):
        relevod, *_ = self.busy()
        before = self.snapshot(relevod)
        self.assertEqual(relevod.stop(), 0)
        relevod.start()
        self.assertEqual(self.snapshot(relevod)[1:], before[1:])

    def test_a_kill_keeps_the_digest_and_every_history(self):
        relevod, *_ = self.busy()
        before = self.snapshot(relevod)
        for _ in range(3):
            relevod.restart()
            self.assertEqual(self.snapshot(relevod)[1:], before[1:])

    def test_the_digest_is_the_same_after_a_restart_and_another_after_a_change(self):
        relevod, web, *_ = self.busy()
        ops = relevod.operator()
        digest = ops.status(digest=True).digest
        relevod.restart()
        self.assertEqual(ops.reconnect().status(digest=True).digest, digest)
        self.assertEqual(relevod.stop(), 0)
        relevod.start()
        self.assertEqual(ops.reconnect().status(digest=True).digest, digest)
        web.reconnect().message("customer-1", "more")
        self.assertNotEqual(ops.status(digest=True).digest, digest)

    def test_the_digest_is_made_only_for_an_operator_who_asks(self):
        relevod, _, ana, _ = self.busy()
        self.assertFalse(relevod.operator().status().digest)
        self.assertFalse(ana.status(digest=True).digest)

    def test_a_kill_before_the_checkpoint_replays_the_log_to_the_same_digest(self):
        relevod = self.broker()
        web, ops, ana = relevod.connector(), relevod.operator(), relevod.agent("ana")
        had = ana.take_next(conversation=web.message("a", "t").conversation)
        replayed = 0
        while not replayed:  # how far the checkpoint comes before the kill is up to the machine
            web.submit(*[{"kind": "message", "address": f"customer-{next(web.keys)}", "text": "t"} for _ in range(4000)])
            self.assert_status(ana.reply(had, "t"), "ok")
            before = ops.status(digest=True)
            relevod.restart()
            replayed = int(re.search(r"(\d+) records replayed", relevod.process.err)[1])
            after = ops.reconnect().status(digest=True)
            self.assertEqual((after.digest, after.lsn, after.waiting), (before.digest, before.lsn, before.waiting))
            web.reconnect(), ana.reconnect()

    def test_sessions_survive_a_kill(self):
        relevod, web, ana, ben = self.busy()
        relevod.restart()
        self.assert_status(web.reconnect().message("customer-0", "still there?"), "ok")
        self.assert_status(ana.reconnect().away(), "ok")
        self.assertEqual(ben.reconnect().heartbeat().now_ms > 0, True)

    def test_deliveries_not_acknowledged_come_again_and_acknowledged_ones_do_not(self):
        relevod = self.broker()
        web, ana = relevod.connector(), relevod.agent("ana")
        web.message("a", "one")
        had = ana.take_next()
        ana.fetch()  # acknowledges
        web.message("a", "two")
        cursor = ana.cursor
        self.assertEqual([record.text for record in ana.fetch(wait_ms=20000)], ["two"])
        relevod.restart()
        ana.reconnect().cursor = cursor
        self.assertEqual([record.text for record in ana.fetch(wait_ms=20000)], ["two"])
        self.assertEqual(ana.fetch(), [])
        self.assert_status(ana.reply(had, "answer"), "ok")

    def test_a_new_session_gets_what_the_old_one_did_not_acknowledge(self):
        relevod = self.broker()
        relevod.connector().message("a", "one")
        relevod.agent("ana").fetch(wait_ms=20000)
        relevod.restart()
        self.assertEqual([record.kind for record in relevod.agent("ana", available=False).fetch(wait_ms=20000)][:1], ["offered"])

    def test_a_repeated_message_changes_nothing(self):
        relevod = self.broker()
        web = relevod.connector()
        change = {"kind": "message", "address": "a", "text": "once", "key": "wamid.1"}
        first = web.submit(change)[0]
        again = web.submit(change)[0]
        self.assertEqual((again.status, again.duplicate, again.conversation, again.sequence, again.lsn), ("ok", 1, first.conversation, first.sequence, first.lsn))
        relevod.restart()
        later = web.reconnect().submit(change, {**change, "key": "wamid.2", "text": "twice"})
        self.assertEqual([(result.duplicate, result.sequence) for result in later], [(1, 1), (0, 2)])
        self.assertEqual(texts(relevod.operator().history(first.conversation)[0]), [("customer", "once"), ("customer", "twice")])

    def test_every_repeated_change_of_an_agent_changes_nothing(self):
        relevod = self.broker()
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.agent("ben")
        web.message("a", "one")
        offered = ana.delivery("offered")
        about = {"conversation": offered.conversation}
        accept = {"kind": "accept", "key": "k1", "offer": offered.lsn, **about}
        epoch = ana.submit(accept)[0].epoch
        changes = [
            accept,
            {"kind": "reply", "key": "k2", "epoch": epoch, "text": "t", **about},
            {"kind": "note", "key": "k3", "text": "n", **about},
            {"kind": "transfer", "key": "k4", "epoch": epoch, "agent": "ben", **about},
        ]
        self.assertEqual([result.status for result in ana.submit(*changes)], ["ok"] * 4)
        before = self.snapshot(relevod)
        relevod.restart()
        repeated = ana.reconnect().submit(*changes)
        self.assertEqual([(result.status, result.duplicate) for result in repeated], [("ok", 1)] * 4)
        self.assertEqual(self.snapshot(relevod)[1:], before[1:])
        self.assertEqual(len([record for record in ben.reconnect().delivered_so_far() if record.kind == "offered"]), 1)

    def test_the_same_key_from_two_accounts_is_two_messages(self):
        relevod = self.broker(accounts=[account("web"), account("mail", "email")])
        for name in ("web", "mail"):
            result = relevod.connector(name).message("a", "t", key="same")
            self.assertEqual((result.status, result.duplicate), ("ok", 0))

    def test_a_hundred_first_messages_at_once_make_one_conversation(self):
        relevod = self.broker()
        web = relevod.connector()
        results, ready = [], threading.Barrier(20)

        def write(number):
            lane = Connection(relevod.url)
            ready.wait()
            for part in range(5):
                change = {"kind": "message", "address": "a", "text": "t", "key": f"{number}-{part}"}
                results.extend(decode_frame(lane.exchange(encode_frame("submit", session=web.session, token=web.token, changes=[change])))[1].results)
            lane.close()

        threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({(result.status, result.conversation) for result in results}, {("ok", 1)})
        self.assertEqual(sorted(result.sequence for result in results), list(range(1, 101)))


if __name__ == "__main__":
    unittest.main()
