"""What operators ask and do: why a conversation waits, who waits in a queue, moving, burying and pausing; over the wire and with `relevo`."""

import json
import unittest

from relevo_process import RelevoTest, agent, configuration
from relevo_wire import Refused, decode_frame, encode_frame

TWO_QUEUES = {
    "queues": [{"name": "support"}, {"name": "sales"}, {"name": "lost"}],
    "agents": [agent("ana", ["support"]), agent("ben", ["sales", "lost"])],
    "rules": [{"topic": "offer", "queue": "sales"}, {"queue": "support"}],
    "dead_letter": "lost",
}


def findings(explanation):
    return {finding.agent: finding for finding in explanation.findings}


def verdicts(explanation):
    return {finding.agent: finding.verdict for finding in explanation.findings}


class Operate(RelevoTest):
    def told(self, relevod, *arguments):
        answer = relevod.tool(*arguments, "--json")
        self.assertEqual((answer.returncode, answer.stderr), (0, ""))
        return json.loads(answer.stdout)

    def said(self, relevod, *arguments):
        answer = relevod.tool(*arguments)
        self.assertEqual((answer.returncode, answer.stderr), (0, ""))
        return answer.stdout

    def complained(self, relevod, *arguments):
        answer = relevod.tool(*arguments)
        self.assertEqual((answer.returncode, answer.stdout), (1, ""))
        return answer.stderr


class Why(Operate):
    def skilled(self):
        """ana is away, ben lacks the skill, carla never signed in; and one conversation that waits for spanish."""
        relevod = self.broker(
            agents=[agent("ana", ["support"], ["spanish:4"]), agent("ben", ["support"], ["english:5"]), agent("carla", ["support"], ["spanish:3"])],
            rules=[{"queue": "support", "all": ["spanish:3"], "priority": "high"}],
        )
        web, ana, ops = relevod.connector(), relevod.agent("ana"), relevod.operator()
        relevod.agent("ben")
        ana.away()
        return relevod, web, ana, ops, web.message("a", "¿Hola?").conversation

    def test_a_waiting_conversation_tells_what_it_needs_and_what_keeps_each_agent_from_it(self):
        _, _, _, ops, waiting = self.skilled()
        told = ops.why(waiting)
        self.assertEqual((told.conversation, told.state, told.queue, told.owner, told.priority), (waiting, "queued", "support", "", "high"))
        self.assertEqual((told.eligible, told.signed_in, told.ahead, told.offers), (2, 1, 0, 0))
        self.assertEqual(told.requirement, "spanish 3")
        self.assertEqual(told.key_ms, told.arrival_ms - 30 * 60 * 1000)
        self.assertEqual(verdicts(told), {"ana": "away", "carla": "offline"})
        self.assertGreaterEqual(told.now_ms, told.arrival_ms)

    def test_who_came_before_goes_first(self):
        _, web, _, ops, waiting = self.skilled()
        later = web.message("b", "me too").conversation
        self.assertEqual((ops.why(waiting).ahead, ops.why(later).ahead), (0, 1))

    def test_an_agent_who_could_not_serve_it_is_told_what_is_missing(self):
        _, _, _, ops, waiting = self.skilled()
        (ben,) = ops.why(waiting, "ben").findings
        self.assertEqual((ben.agent, ben.verdict, ben.skill, ben.has, ben.needs), ("ben", "lacks_skill", "spanish", 0, 3))

    def test_who_declined_is_passed_over_until_a_time(self):
        _, _, ana, ops, waiting = self.skilled()
        ana.available()
        offered = ana.delivery("offered")
        self.assertEqual(offered.tie, "offer")
        self.assert_status(ana.decline(offered), "ok")
        told = ops.why(waiting)
        self.assertEqual(verdicts(told)["ana"], "passed_over")
        until_ms = findings(told)["ana"].until_ms
        self.assertGreater(until_ms, told.now_ms + 5000)
        self.assertEqual((told.next, told.next_ms, told.offers), ("passing_over_ends", until_ms, 1))

    def test_who_declines_says_for_how_long(self):
        _, _, ana, ops, waiting = self.skilled()
        ana.available()
        self.assert_status(ana.change("decline", conversation=waiting, offer=ana.delivery("offered").lsn, delay_ms=600000), "ok")
        told = ops.why(waiting)
        self.assertEqual((told.state, verdicts(told)["ana"]), ("queued", "passed_over"))
        self.assertGreater(findings(told)["ana"].until_ms, told.now_ms + 500000)

    def test_an_agent_without_room_is_told_how_much_is_used(self):
        relevod = self.broker(agents=[agent("ana", ["support"], capacity=40)])
        web, ana = relevod.connector(), relevod.agent("ana")
        web.message("a", "first")
        ana.take_next()
        (finding,) = ana.why(web.message("b", "second").conversation).findings
        self.assertEqual((finding.verdict, finding.used, finding.capacity, finding.cost), ("no_room", 25, 40, 25))

    def test_an_offered_one_waits_for_the_end_of_its_offer(self):
        relevod = self.broker()
        web, ana, ops = relevod.connector(), relevod.agent("ana"), relevod.operator()
        conversation = web.message("a", "hello").conversation
        offered = ana.delivery("offered")
        told = ops.why(conversation)
        self.assertEqual((told.state, told.next, told.next_ms, told.offers), ("offered", "offer_ends", offered.deadline_ms, 1))

    def test_one_with_an_owner_is_nobody_elses(self):
        relevod = self.broker()
        web, ana, ops = relevod.connector(), relevod.agent("ana"), relevod.operator()
        conversation = web.message("a", "hello").conversation
        ana.take_next()
        self.assertEqual((ops.why(conversation).state, ops.why(conversation).owner), ("active", "ana"))
        self.assertEqual(ops.why(conversation, "ana").findings[0].verdict, "owns_it")
        self.assertEqual(ops.why(conversation, "ben").findings[0].verdict, "not_waiting")

    def test_the_next_step_of_a_plan_is_announced(self):
        relevod = self.broker(
            agents=[agent("ana", ["support"], ["spanish:4"]), agent("ben", ["support"], ["english:3"])],
            plans=[{"name": "patient", "steps": [{"queue": "support", "all": ["spanish:4"]}, {"after_s": 600, "add": True, "all": ["english:3"]}]}],
            rules=[{"plan": "patient"}],
        )
        told = relevod.operator().why(relevod.connector().message("a", "hola").conversation)
        self.assertEqual((told.plan, told.step, told.steps, told.requirement), ("patient", 1, 2, "spanish 4"))
        self.assertEqual((told.next, told.next_ms), ("next_step", told.arrival_ms + 600000))

    def test_a_finished_one_is_explained_by_its_state_also_after_a_restart(self):
        relevod = self.broker()
        web, ana, ops = relevod.connector(), relevod.agent("ana"), relevod.operator()
        conversation = web.message("a", "hello").conversation
        ana.finish(ana.take_next())
        self.assertEqual(ops.why(conversation).state, "resolved")
        relevod.stop()
        relevod.start()
        self.assertEqual(relevod.operator().why(conversation).state, "resolved")

    def test_what_does_not_exist_is_refused_by_name(self):
        _, web, _, ops, waiting = self.skilled()
        for asked, status in (((99,), "unknown_conversation"), ((waiting, "dora"), "unknown_agent")):
            with self.assertRaises(Refused) as refused:
                ops.why(*asked)
            self.assertEqual(refused.exception.status, status)
        with self.assertRaises(Refused) as refused:
            web.why(waiting)
        self.assertEqual(refused.exception.status, "wrong_role")

    def test_the_tool_says_it_in_words_and_as_json(self):
        relevod, _, _, _, waiting = self.skilled()
        text = self.said(relevod, "why", str(waiting))
        for words in (f"Conversation {waiting} waits in support since", "priority high", "spanish 3", "2 agents could serve it, 1 signed in", "ana: away", "carla: not signed in"):
            self.assertIn(words, text)
        text = self.said(relevod, "why-not", str(waiting), "ben")
        self.assertIn("ben: lacks spanish: has none, it takes 3", text)
        self.assertNotIn("ana:", text)
        told = self.told(relevod, "why", str(waiting))
        self.assertEqual((told["state"], told["priority"], told["eligible"], told["ahead"]), ("queued", "high", 2, 0))
        self.assertEqual({finding["agent"]: finding["verdict"] for finding in told["findings"]}, {"ana": "away", "carla": "offline"})
        self.assertEqual(self.told(relevod, "why-not", str(waiting), "ben")["findings"], [{"agent": "ben", "verdict": "lacks_skill", "skill": "spanish", "needs": 3}])

    def test_the_tool_complains_of_what_does_not_exist(self):
        relevod, *_, waiting = self.skilled()
        self.assertIn("no such conversation", self.complained(relevod, "why", "99"))
        self.assertIn("dora", self.complained(relevod, "why-not", str(waiting), "dora"))
        answer = relevod.tool("why-not", str(waiting))
        self.assertEqual(answer.returncode, 2)
        self.assertIn("AGENT is missing", answer.stderr)


class Peek(Operate):
    def test_who_waits_is_shown_in_the_order_in_which_they_go_and_nothing_changes(self):
        relevod = self.broker()
        web, ops = relevod.connector(), relevod.operator()
        low, high = (web.message(address, "hello", priority=priority).conversation for address, priority in (("a", "low"), ("b", "high")))
        before = ops.status(digest=True)
        shown = ops.peek("support")
        self.assertEqual((shown.queue, shown.waiting, shown.paused), ("support", 2, 0))
        self.assertEqual([(line.conversation, line.priority, line.account, line.address) for line in shown.lines], [(high, "high", "web", "b"), (low, "low", "web", "a")])
        self.assertEqual([line.key_ms for line in shown.lines], sorted(line.key_ms for line in shown.lines))
        self.assertEqual([line.conversation for line in ops.peek("support", limit=1).lines], [high])
        after = ops.status(digest=True)
        self.assertEqual((before.digest, before.lsn), (after.digest, after.lsn))

    def test_a_queue_that_does_not_exist_is_refused(self):
        relevod = self.broker()
        with self.assertRaises(Refused) as refused:
            relevod.operator().peek("sals")
        self.assertEqual((refused.exception.status, refused.exception.detail), ("unknown_queue", "peek.queue: sals"))

    def test_the_tool_prints_a_table_and_json(self):
        relevod = self.broker()
        conversation = relevod.connector().message("marta@example.org", "hello").conversation
        text = self.said(relevod, "peek", "support")
        self.assertIn("support: 1 waiting", text)
        self.assertIn("marta@example.org", text)
        (line,) = self.told(relevod, "peek", "support")["lines"]
        self.assertEqual((line["conversation"], line["priority"], line["offers"]), (conversation, "normal", 0))
        self.assertIn("sals", self.complained(relevod, "peek", "sals"))


class Pull(Operate):
    def test_agents_see_who_waits_the_first_claim_wins_and_the_other_is_told_who_has_it(self):
        relevod = self.broker(queues=[{"name": "support", "mode": "pull"}])
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.agent("ben")
        first, second = (web.message(address, "hello").conversation for address in "ab")
        for front_end in (ana, ben):
            self.assertEqual(front_end.delivered_so_far(), [])
            self.assertEqual([line.conversation for line in front_end.peek("support").lines], [first, second])
        self.assert_status(ben.change("claim", conversation=first), "ok")
        late = ana.change("claim", conversation=first)
        self.assertEqual((late.status, late.owner), ("taken", "ben"))
        taken = ben.delivery("assigned")
        self.assertEqual((taken.conversation, [record.text for record in taken.history if record.kind == "message"]), (first, ["hello"]))
        self.assertEqual([line.conversation for line in ana.peek("support").lines], [second])

    def test_of_two_claims_that_cross_one_wins(self):
        relevod = self.broker(queues=[{"name": "support", "mode": "pull"}])
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.agent("ben")
        waiting = web.message("a", "hello").conversation
        asked = [
            (client, client.connection.post(encode_frame("submit", session=client.session, changes=[{"kind": "claim", "key": "crossing", "conversation": waiting}])))
            for client in (ana, ben)
        ]
        results = {client.name: decode_frame(client.connection.collect(request))[1].results[0] for client, request in asked}
        self.assertEqual(sorted(result.status for result in results.values()), ["ok", "taken"])
        (winner,) = [name for name, result in results.items() if result.status == "ok"]
        self.assertEqual([result.owner for result in results.values() if result.status == "taken"], [winner])


class Move(Operate):
    def test_one_that_waits_goes_to_another_queue_and_keeps_its_place_in_time(self):
        relevod = self.broker(configuration(**TWO_QUEUES))
        web, ops = relevod.connector(), relevod.operator()
        first = web.message("a", "hello").conversation
        second = web.message("b", "an offer, please", topic="offer").conversation
        self.assert_status(ops.change("move", conversation=first, queue="sales", reason="support is full"), "ok")
        self.assertEqual([line.conversation for line in ops.peek("sales").lines], [first, second])
        ben = relevod.agent("ben")
        self.assertEqual([ben.take_next().conversation for _ in range(2)], [first, second])
        records, page = ops.history(first)
        (moved,) = [record for record in records if record.kind == "moved"]
        self.assertEqual((moved.author, moved.queue, moved.reason), ("ops", "sales", "support is full"))
        self.assertEqual(page.queue, "sales")

    def test_an_offer_ends_when_it_is_moved(self):
        relevod = self.broker(configuration(**TWO_QUEUES))
        web, ana, ops = relevod.connector(), relevod.agent("ana"), relevod.operator()
        conversation = web.message("a", "hello").conversation
        offered = ana.delivery("offered")
        self.assert_status(ops.change("move", conversation=conversation, queue="sales"), "ok")
        withdrawn = ana.delivery("withdrawn")
        self.assertEqual((withdrawn.ref, withdrawn.tie), (offered.lsn, "offer"))
        self.assert_status(ana.accept(offered), "no_offer")

    def test_one_with_an_owner_is_not_moved(self):
        relevod = self.broker(configuration(**TWO_QUEUES))
        web, ana, ops = relevod.connector(), relevod.agent("ana"), relevod.operator()
        conversation = web.message("a", "hello").conversation
        ana.take_next()
        self.assert_status(ops.change("move", conversation=conversation, queue="sales"), "illegal_move")
        self.assertEqual(ops.why(conversation).owner, "ana")

    def test_only_operators_move_and_only_to_queues_that_exist(self):
        relevod = self.broker(configuration(**TWO_QUEUES))
        web, ana, ops = relevod.connector(), relevod.agent("ana", available=False), relevod.operator()
        conversation = web.message("a", "hello").conversation
        self.assert_status(ana.change("move", conversation=conversation, queue="sales"), "wrong_role")
        self.assert_status(ops.change("move", conversation=conversation, queue="sals"), "unknown_queue")
        self.assert_status(ops.change("move", conversation=99, queue="sales"), "unknown_conversation")
        self.assert_status(ops.message("a", "hello"), "wrong_role")

    def test_a_repeated_move_changes_nothing(self):
        relevod = self.broker(configuration(**TWO_QUEUES))
        web, ops = relevod.connector(), relevod.operator()
        conversation = web.message("a", "hello").conversation
        first, again = (ops.change("move", key="once", conversation=conversation, queue="sales") for _ in range(2))
        self.assertEqual((first.status, again.status, first.duplicate, again.duplicate), ("ok", "ok", 0, 1))
        records, _ = ops.history(conversation)
        self.assertEqual(sum(record.kind == "moved" for record in records), 1)

    def test_the_dead_are_buried_shown_with_the_reason_and_brought_back(self):
        relevod = self.broker(configuration(**TWO_QUEUES))
        web, ops = relevod.connector(), relevod.operator()
        conversation = web.message("a", "spam").conversation
        self.assert_status(ops.change("bury", conversation=conversation), "ok")
        (line,) = ops.peek("lost").lines
        self.assertEqual((line.conversation, line.reason), (conversation, "buried"))
        self.assertEqual(ops.peek("support").waiting, 0)
        self.assert_status(ops.change("move", conversation=conversation, queue="support"), "ok")
        self.assertEqual([line.conversation for line in ops.peek("support").lines], [conversation])

    def test_the_tool_moves_and_buries(self):
        relevod = self.broker(configuration(**TWO_QUEUES))
        web, ops = relevod.connector(), relevod.operator()
        conversation = web.message("a", "hello").conversation
        self.assertEqual(self.said(relevod, "move", str(conversation), "sales", "--reason", "quicker"), f"conversation {conversation} now waits in queue sales\n")
        self.assertEqual([line.conversation for line in ops.peek("sales").lines], [conversation])
        done = self.told(relevod, "bury", str(conversation))
        self.assertEqual((done["status"], done["conversation"]), ("ok", conversation))
        self.assertEqual([line.conversation for line in ops.peek("lost").lines], [conversation])
        self.assertIn("queue: sals", self.complained(relevod, "move", str(conversation), "sals"))
        self.assertIn("quicker", self.said(relevod, "history", str(conversation)))


class Pause(Operate):
    def test_a_paused_queue_takes_in_and_offers_nothing_until_it_is_resumed(self):
        relevod = self.broker()
        web, ana, ops = relevod.connector(), relevod.agent("ana"), relevod.operator()
        self.assert_status(ops.change("pause", queue="support", reason="the system is down"), "ok")
        conversation = web.message("a", "hello").conversation
        self.assertEqual(ana.delivered_so_far(), [])
        self.assertEqual((ops.peek("support").waiting, ops.peek("support").paused), (1, 1))
        self.assertEqual(verdicts(ops.why(conversation))["ana"], "queue_paused")
        self.assert_status(ops.change("resume", queue="support"), "ok")
        self.assertEqual(ana.take_next().conversation, conversation)
        self.assertEqual(ops.peek("support").paused, 0)

    def test_what_has_an_owner_goes_on(self):
        relevod = self.broker()
        web, ana, ops = relevod.connector(), relevod.agent("ana"), relevod.operator()
        web.message("a", "hello")
        had = ana.take_next()
        ops.change("pause", queue="support")
        self.assert_status(ana.reply(had, "still here"), "ok")
        self.assertEqual(web.delivery("reply").text, "still here")

    def test_a_pause_outlives_a_crash(self):
        relevod = self.broker()
        relevod.operator().change("pause", queue="support")
        relevod.restart()
        ana = relevod.agent("ana")
        relevod.connector().message("a", "hello")
        self.assertEqual(ana.delivered_so_far(), [])
        self.assertEqual(relevod.operator().peek("support").paused, 1)

    def test_the_tool_pauses_and_unpauses(self):
        relevod = self.broker()
        ops = relevod.operator()
        self.assertEqual(self.said(relevod, "pause", "support"), "queue support is paused: it takes in and offers nothing\n")
        self.assertEqual(ops.peek("support").paused, 1)
        self.assertEqual(self.said(relevod, "unpause", "support"), "queue support runs: it offers again\n")
        self.assertEqual(ops.peek("support").paused, 0)
        self.assertIn("queue: sals", self.complained(relevod, "pause", "sals"))


if __name__ == "__main__":
    unittest.main()
