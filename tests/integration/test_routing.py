"""Who gets what, and when: order, skills, offers and their ends, capacity, absence, finishing and coming back."""

import unittest

from relevo_process import RelevoTest, account, agent, wait_until
from relevo_wire import texts

SECOND = 1000
COST_OF_WEBCHAT = 25


class Order(RelevoTest):
    def waiting_messages(self, relevod, *messages, **fields):
        """Conversations that all wait before anybody is there, in this order."""
        web = relevod.connector()
        return [web.message(f"customer-{number}", text, **{**fields, **more}).conversation for number, (text, more) in enumerate(messages)]

    def served(self, client, count):
        return [client.take_next().conversation for _ in range(count)]

    def test_the_longest_waiting_goes_first(self):
        relevod = self.broker()
        first, second, third = self.waiting_messages(relevod, ("a", {}), ("b", {}), ("c", {}))
        self.assertEqual(self.served(relevod.agent("ana"), 3), [first, second, third])

    def test_higher_priority_goes_first(self):
        relevod = self.broker()
        low, normal, high, urgent = self.waiting_messages(relevod, *((word, {"priority": number}) for number, word in ((1, "low"), (2, "normal"), (3, "high"), (4, "urgent"))))
        self.assertEqual(self.served(relevod.agent("ana"), 4), [urgent, high, normal, low])

    def test_a_rule_gives_the_priority_when_the_message_does_not(self):
        relevod = self.broker(rules=[{"topic": "fraud", "queue": "support", "priority": "urgent"}, {"queue": "support"}])
        plain, fraud = self.waiting_messages(relevod, ("a", {}), ("b", {"topic": "fraud"}))
        self.assertEqual(self.served(relevod.agent("ana"), 2), [fraud, plain])

    def test_each_rule_sends_to_its_queue_and_the_first_match_wins(self):
        relevod = self.broker(
            accounts=[account("web"), account("mail", "email")],
            queues=[{"name": "support"}, {"name": "sales"}, {"name": "post"}],
            agents=[agent("ana", ["support"]), agent("ben", ["sales"]), agent("eva", ["post"])],
            rules=[{"topic": "offer", "language": "pt", "queue": "sales"}, {"channel": "email", "queue": "post"}, {"queue": "support"}],
        )
        web, mail = relevod.connector(), relevod.connector("mail")
        ana, ben, eva = (relevod.agent(name) for name in ("ana", "ben", "eva"))
        portuguese = mail.message("p", "t", topic="offer", language="pt").conversation
        letter = mail.message("l", "t", topic="offer", language="es").conversation
        other = web.message("o", "t", topic="offer", language="es").conversation
        self.assertEqual([self.served(client, 1)[0] for client in (ben, eva, ana)], [portuguese, letter, other])

    def test_a_message_that_no_rule_takes_is_refused_and_makes_nothing(self):
        relevod = self.broker(rules=[{"topic": "known", "queue": "support"}])
        web = relevod.connector()
        self.assert_status(web.message("a", "t", topic="other"), "no_route")
        self.assertEqual(relevod.operator().status().conversations, 0)
        self.assert_status(web.message("a", "t", topic="known"), "ok")


class Skills(RelevoTest):
    def start(self, **sections):
        return self.broker(
            agents=[agent("ana", ["support"], ["spanish:4", "billing:1"]), agent("ben", ["support"], ["english:4", "billing:3"]), agent("eva", ["support"], ["spanish:2", "catalan:5"])],
            rules=[
                {"topic": "factura", "queue": "support", "all": ["billing:2"]},
                {"topic": "iberia", "queue": "support", "any": ["catalan:3", "spanish:3"]},
                {"language": "ca", "queue": "support", "all": ["catalan"]},
                {"queue": "support"},
            ],
            **sections,
        )

    def test_a_level_below_the_required_one_is_not_enough(self):
        relevod = self.start()
        ana, ben = relevod.agent("ana"), relevod.agent("ben")
        asked = relevod.connector().message("a", "t", topic="factura")
        self.assertEqual(ben.delivery("offered").conversation, asked.conversation)
        self.assertEqual(ana.delivered_so_far(), [])

    def test_any_of_several_skills_is_enough(self):
        relevod = self.start()
        eva, ben = relevod.agent("eva"), relevod.agent("ben")
        asked = relevod.connector().message("a", "t", topic="iberia")
        self.assertEqual(eva.delivery("offered").conversation, asked.conversation)
        self.assertEqual(ben.delivered_so_far(), [])

    def test_who_has_the_skill_is_not_kept_from_it_by_others_who_wait(self):
        relevod = self.start()
        web = relevod.connector()
        first = web.message("a", "t", language="ca").conversation
        second = web.message("b", "t").conversation
        self.assertEqual(relevod.agent("ben").delivery("offered").conversation, second)
        self.assertEqual(relevod.agent("eva").delivery("offered").conversation, first)

    def test_among_the_able_the_longest_idle_is_asked(self):
        relevod = self.start()
        web = relevod.connector()
        clients = {name: relevod.agent(name) for name in ("eva", "ana", "ben")}
        for address, name in (("a", "eva"), ("b", "ana"), ("c", "ben")):
            asked = web.message(address, "t")
            self.assertEqual(clients[name].delivery("offered").conversation, asked.conversation)


class Offers(RelevoTest):
    """Short times, so that their ends come while the test waits for them."""

    def start(self, **sections):
        return self.broker(**{"queues": [{"name": "support", "offer_ms": 1 * SECOND}], "pass_over_ms": 1 * SECOND, "misses_max": 2, **sections})

    def test_an_accepted_offer_makes_the_owner(self):
        relevod = self.start()
        web, ana = relevod.connector(), relevod.agent("ana")
        asked = web.message("a", "hello")
        offered = ana.delivery("offered")
        self.assertGreater(offered.deadline_ms, offered.at_ms)
        accepted = ana.accept(offered)
        self.assertEqual((accepted.status, accepted.conversation), ("ok", asked.conversation))
        self.assertEqual(ana.delivery("assigned").epoch, accepted.epoch)
        self.assertEqual(ana.history(asked.conversation)[1].owner, "ana")

    def test_an_offer_can_be_accepted_once(self):
        relevod = self.start()
        relevod.connector().message("a", "t")
        ana = relevod.agent("ana")
        offered = ana.delivery("offered")
        self.assert_status(ana.accept(offered), "ok")
        self.assert_status(ana.accept(offered), "no_offer")
        self.assert_status(relevod.agent("ben").accept(offered), "no_offer")

    def test_a_declined_offer_goes_to_the_next_and_not_back_at_once(self):
        relevod = self.start()
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.agent("ben")
        asked = web.message("a", "t")
        self.assert_status(ana.decline(ana.delivery("offered")), "ok")
        self.assertEqual(ben.delivery("offered").conversation, asked.conversation)
        self.assertEqual([record.kind for record in ana.delivered_so_far() if record.kind == "offered"], [])

    def test_who_declined_is_asked_again_after_being_passed_over_for_a_while(self):
        relevod = self.start()
        ana = relevod.agent("ana")
        asked = relevod.connector().message("a", "t")
        first = ana.delivery("offered")
        self.assert_status(ana.decline(first), "ok")
        second = ana.delivery("offered", conversation=asked.conversation)
        self.assertGreaterEqual(second.at_ms, first.at_ms + 1 * SECOND)

    def test_an_offer_expires_at_its_deadline_and_goes_to_the_next(self):
        relevod = self.start()
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.agent("ben")
        asked = web.message("a", "t")
        offered = ana.delivery("offered")
        withdrawn = ana.delivery("withdrawn", conversation=asked.conversation)
        self.assertGreaterEqual(withdrawn.at_ms, offered.deadline_ms)
        self.assertEqual(ben.delivery("offered").conversation, asked.conversation)
        self.assert_status(ana.accept(offered), "no_offer")

    def test_misses_in_a_row_make_an_agent_not_responding_until_it_says_it_is_there(self):
        relevod = self.start()
        web, ops, ana = relevod.connector(), relevod.operator(), relevod.agent("ana")
        web.message("a", "t")

        def state():
            return next(line.state for line in ops.status().agents if line.name == "ana")

        ana.delivery("withdrawn")
        self.assertEqual(state(), "available")
        ana.delivery("withdrawn")
        self.assertEqual(state(), "not_responding")
        self.assert_status(ana.available(), "ok")
        self.assertEqual(ana.delivery("offered", seconds=10).conversation, 1)

    def test_auto_accept_assigns_without_asking(self):
        for sections in ({"agents": [agent("ana", ["support"], auto_accept=True)]}, {"queues": [{"name": "support", "auto_accept": True}]}):
            relevod = self.start(**sections)
            ana = relevod.agent("ana")
            asked = relevod.connector().message("a", "first words")
            assigned = ana.delivery("assigned")
            self.assertEqual((assigned.conversation, texts(assigned.history)), (asked.conversation, [("customer", "first words")]))


class Capacity(RelevoTest):
    def test_no_offer_goes_to_an_agent_without_room(self):
        relevod = self.broker(agents=[agent("ana", ["support"], capacity=50, auto_accept=True)])
        web, ana = relevod.connector(), relevod.agent("ana")
        conversations = [web.message(address, "t").conversation for address in "abc"]
        had = [ana.delivery("assigned") for _ in range(2)]
        self.assertEqual([record.conversation for record in had], conversations[:2])
        self.assertEqual([record.kind for record in ana.delivered_so_far() if record.kind in ("offered", "assigned")], [])
        self.assert_status(ana.finish(had[0]), "ok")
        self.assertEqual(ana.delivery("assigned").conversation, conversations[2])

    def test_what_is_left_of_the_capacity_goes_to_what_fits_into_it(self):
        relevod = self.broker(accounts=[account("web"), account("mail", "email")], agents=[agent("ana", ["support"], capacity=60, auto_accept=True)])
        web, mail, ana = relevod.connector(), relevod.connector("mail"), relevod.agent("ana")
        chats = [web.message(address, "t").conversation for address in "abc"]
        letter = mail.message("d", "t").conversation
        self.assertEqual([ana.delivery("assigned").conversation for _ in range(3)], [*chats[:2], letter])
        used = next((line.used, line.conversations) for line in relevod.operator().status().agents)
        self.assertEqual(used, (60, 3))

    def test_an_away_agent_keeps_its_work_and_gets_no_more(self):
        relevod = self.broker()
        web, ana = relevod.connector(), relevod.agent("ana")
        had = ana.take_next(conversation=web.message("a", "t").conversation)
        self.assert_status(ana.away("lunch"), "ok")
        waits = web.message("b", "t").conversation
        self.assert_status(ana.reply(had, "one moment"), "ok")
        self.assertEqual([record.kind for record in ana.delivered_so_far() if record.kind == "offered"], [])
        self.assert_status(ana.available(), "ok")
        self.assertEqual(ana.delivery("offered").conversation, waits)

    def test_why_an_agent_is_away_is_told_in_the_status_and_kept_over_a_restart(self):
        relevod = self.broker()
        ana, ops = relevod.agent("ana"), relevod.operator()

        def told():
            return next((line.state, line.reason) for line in ops.status().agents if line.name == "ana")

        self.assert_status(ana.away("lunch"), "ok")
        self.assertEqual(told(), ("away", "lunch"))
        self.assert_status(ana.away("training"), "ok")
        self.assertEqual(told(), ("away", "training"))
        waits = relevod.connector().message("a", "t").conversation
        self.assertEqual([(finding.verdict, finding.reason) for finding in ops.why(waits, "ana").findings], [("away", "training")])
        relevod.restart()
        ana.reconnect(), ops.reconnect()
        self.assertEqual(told(), ("away", "training"))
        self.assert_status(ana.away("ñ" * 100), "ok")
        self.assertEqual(told(), ("away", "ñ" * 32))
        self.assert_status(ana.available(), "ok")
        self.assertEqual(told(), ("available", ""))

    def test_an_agent_is_offline_until_it_says_otherwise(self):
        relevod = self.broker()
        ana = relevod.client("agent", "ana")
        asked = relevod.connector().message("a", "t")
        self.assertEqual(ana.delivered_so_far(), [])
        ana.available()
        self.assertEqual(ana.delivery("offered").conversation, asked.conversation)


class LostAgents(RelevoTest):
    def start(self):
        return self.broker(session={"heartbeat_ms": 300, "lease_ms": 1 * SECOND, "grace_ms": 1 * SECOND})

    def test_a_lost_agents_conversations_return_at_their_place(self):
        relevod = self.start()
        web, ana = relevod.connector(), relevod.agent("ana")
        lost = web.message("a", "first", priority="normal").conversation
        ana.reply(ana.take_next(), "one moment")
        later = web.message("b", "second").conversation
        ana.decline(ana.delivery("offered", conversation=later))
        ana.close()  # never heard of again
        ops = relevod.operator()

        def returned():
            web.heartbeat()
            return ops.status().waiting == 2

        wait_until(returned, "the lost agent's conversation is back in its queue")
        ben = relevod.agent("ben")
        first = ben.take_next()
        self.assertEqual((first.conversation, [record.text for record in first.history if record.kind == "reply"]), (lost, ["one moment"]))
        self.assertEqual(ben.take_next().conversation, later)
        self.assertIn("requeued", [record.kind for record in first.history])

    def test_an_agent_with_a_thousand_conversations_is_killed_and_all_return_in_their_original_order(self):
        many = {"capacity": 1000 * COST_OF_WEBCHAT}
        relevod = self.broker(
            session={"heartbeat_ms": 300, "lease_ms": 3 * SECOND, "grace_ms": 500},
            agents=[agent("ana", ["support"], auto_accept=True, **many), agent("ben", ["support"], **many)],
        )
        web, ana, ops = relevod.connector(), relevod.agent("ana"), relevod.operator()
        words = ("low", "normal", "high", "urgent")
        asked = web.submit(*[{"kind": "message", "address": f"customer-{number}", "text": "t", "priority": words[number * 7 % 4]} for number in range(1000)])
        self.assertEqual({result.status for result in asked}, {"ok"})
        self.assertEqual(ops.status().queues[0].in_progress, 1000)
        ana.close()  # never heard of again

        def returned():
            web.heartbeat()
            return ops.status().queues[0].waiting == 1000

        wait_until(returned, "all thousand are back in their queue")
        expected = [asked[number].conversation for level in reversed(range(4)) for number in range(1000) if number * 7 % 4 == level]
        ben, offered = relevod.agent("ben"), []
        while len(offered) < 1000:
            offered.append(ben.delivery("offered").conversation)
        self.assertEqual(offered, expected)

    def test_an_agent_who_comes_back_in_time_keeps_its_work(self):
        relevod = self.start()
        web, ana = relevod.connector(), relevod.agent("ana")
        had = ana.take_next(conversation=web.message("a", "t").conversation)
        ops = relevod.operator()

        def session_ended():
            return next(line.sessions for line in ops.status().agents if line.name == "ana") == 0

        ana.close()
        wait_until(session_ended, "the lease ends")
        again = relevod.client("agent", "ana")
        self.assert_status(again.reply(had, "I am back"), "ok")

    def test_signing_off_returns_the_work_at_once(self):
        relevod = self.broker()
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.agent("ben")
        asked = web.message("a", "t")
        ana.take_next(conversation=asked.conversation)
        ana.bye()
        self.assertEqual(ben.take_next(conversation=asked.conversation).conversation, asked.conversation)

    def test_the_offer_of_a_lost_agent_is_withdrawn(self):
        relevod = self.start()
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.agent("ben")
        asked = web.message("a", "t")
        ana.delivery("offered")
        ana.close()
        self.assertEqual(ben.delivery("offered").conversation, asked.conversation)


class FinishAndReopen(RelevoTest):
    def test_a_finished_conversation_is_reopened_by_its_customer_and_keeps_its_history(self):
        relevod = self.broker()
        web, ana = relevod.connector(), relevod.agent("ana")
        asked = web.message("a", "my parcel?")
        had = ana.take_next()
        ana.reply(had, "tomorrow")
        self.assert_status(ana.finish(had), "ok")
        self.assertEqual(web.delivery("finished").conversation, asked.conversation)
        self.assertEqual(ana.history(asked.conversation)[1].state, "resolved")
        again = web.message("a", "it did not come")
        self.assertEqual((again.conversation, again.sequence), (asked.conversation, 3))
        offered = ana.delivery("offered")
        self.assertEqual([record.text for record in offered.history if record.kind in ("message", "reply")], ["my parcel?", "tomorrow", "it did not come"])

    def test_after_the_reopening_time_a_new_conversation_begins(self):
        relevod = self.broker(reopen_within_ms=1)
        web, ana = relevod.connector(), relevod.agent("ana")
        asked = web.message("a", "one")
        finished = ana.finish(ana.take_next())
        self.assert_status(finished, "ok")
        clock = relevod.operator()
        end = clock.heartbeat().now_ms
        wait_until(lambda: clock.heartbeat().now_ms > end + 2, "time passes")
        self.assertEqual(web.message("a", "two").conversation, asked.conversation + 1)

    def test_a_finished_conversation_takes_no_replies(self):
        relevod = self.broker()
        web, ana = relevod.connector(), relevod.agent("ana")
        web.message("a", "one")
        had = ana.take_next()
        ana.finish(had)
        self.assert_status(ana.reply(had, "one more thing"), "illegal_move")

    def test_only_the_owner_finishes(self):
        relevod = self.broker()
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.agent("ben")
        web.message("a", "one")
        had = ana.take_next()
        refused = ben.finish(had)
        self.assertEqual((refused.status, refused.owner), ("not_owner", "ana"))
        self.assert_status(ana.finish(had, state="discarded"), "ok")
        self.assertEqual(ana.history(had.conversation)[1].state, "discarded")

    def test_a_customer_who_leaves_the_queue_abandons(self):
        relevod = self.broker()
        web = relevod.connector()
        asked = web.message("a", "one")
        self.assert_status(web.change("leave", address="a"), "ok")
        self.assertEqual(relevod.operator().history(asked.conversation)[1].state, "abandoned")
        self.assertEqual(relevod.agent("ana").delivered_so_far(), [])


if __name__ == "__main__":
    unittest.main()
