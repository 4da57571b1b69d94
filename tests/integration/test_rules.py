"""What rules see: patterns in the text, attributes of the customer, the result of a bot. Which queue a conversation begins in shows what was chosen."""

import unittest

from relevo_process import RelevoTest, agent, configuration, wait_until

QUEUES = {"queues": [{"name": "support"}, {"name": "billing"}], "agents": [agent("ana", ["support", "billing"]), agent("bot", ["support"], kind="bot")]}


class Rules(RelevoTest):
    def start(self, *rules):
        relevod = self.broker(configuration(**QUEUES, rules=[*rules, {"queue": "support"}]))
        return relevod, relevod.connector(), relevod.operator()

    def queue_of(self, ops, result):
        self.assert_status(result, "ok")
        return ops.history(result.conversation)[1].queue

    def test_a_pattern_anywhere_in_the_text_whatever_the_case_chooses_the_rule(self):
        _, web, ops = self.start({"pattern": "refund|devoluci[oó]n", "queue": "billing"})
        queues = [self.queue_of(ops, web.message(f"v-{at}", text)) for at, text in enumerate(("I want a REFUND!", "una devoluciÓn, por favor", "hello"))]
        self.assertEqual(queues, ["billing", "billing", "support"])

    def test_the_first_rule_whose_pattern_matches_wins_among_many(self):
        relevod = self.broker(
            configuration(**QUEUES, rules=[*({"pattern": f"word{number}$", "queue": "support"} for number in range(70)), {"pattern": "word70$", "queue": "billing"}, {"queue": "support"}])
        )
        web, ops = relevod.connector(), relevod.operator()
        self.assertEqual([self.queue_of(ops, web.message(f"v-{number}", f"a word{number}")) for number in (69, 70, 71)], ["support", "billing", "support"])

    def test_a_message_of_an_open_conversation_chooses_nothing_anew(self):
        _, web, ops = self.start({"pattern": "refund", "queue": "billing"})
        first = web.message("a", "hello")
        self.assertEqual(self.queue_of(ops, first), "support")
        self.assertEqual(self.queue_of(ops, web.message("a", "a refund")), "support")

    def test_a_conversation_after_the_last_one_is_chosen_by_its_own_text(self):
        relevod = self.broker(configuration(**QUEUES, rules=[{"pattern": "refund", "queue": "billing"}, {"queue": "support"}], reopen_within_ms=0))
        web, ops, ana = relevod.connector(), relevod.operator(), relevod.agent("ana")
        self.assertEqual(self.queue_of(ops, web.message("a", "hello")), "support")
        ana.finish(ana.take_next())
        self.assertEqual(self.queue_of(ops, web.message("a", "a refund")), "billing")

    def test_a_reload_brings_its_own_patterns(self):
        relevod, web, ops = self.start({"pattern": "refund", "queue": "billing"})
        relevod.configure(configuration(**QUEUES, rules=[{"pattern": "invoice", "queue": "billing"}, {"queue": "support"}]))
        relevod.reload()
        wait_until(lambda: "reloaded" in relevod.process.err, "the configuration is taken over")
        self.assertEqual([self.queue_of(ops, web.message(text, text)) for text in ("refund", "invoice")], ["support", "billing"])

    def test_a_pattern_that_is_none_is_refused_and_the_running_ones_stay(self):
        relevod, web, ops = self.start({"pattern": "refund", "queue": "billing"})
        relevod.configure(configuration(**QUEUES, rules=[{"pattern": "(", "queue": "billing"}, {"queue": "support"}]))
        relevod.reload()
        wait_until(lambda: "not reloaded" in relevod.process.err, "the configuration is refused")
        self.assertEqual(self.queue_of(ops, web.message("a", "refund")), "billing")

    def test_what_a_connector_knows_of_a_customer_is_kept_and_seen(self):
        relevod = self.broker(configuration(**QUEUES, rules=[{"attributes": ["tier=gold"], "queue": "billing"}, {"queue": "support"}], reopen_within_ms=0))
        web, ops, ana = relevod.connector(), relevod.operator(), relevod.agent("ana")

        def begins(**fields):
            queue = self.queue_of(ops, web.message("a", "hello", **fields))
            ana.finish(ana.take_next())
            return queue

        self.assertEqual(begins(), "support")
        self.assertEqual(begins(attributes=[{"name": "tier", "value": "gold"}]), "billing")
        self.assertEqual(begins(), "billing")
        self.assertEqual(begins(attributes=[{"name": "tier", "value": ""}]), "support")
        self.assertEqual(begins(), "support")

    def test_a_bots_result_goes_where_the_rules_send_it(self):
        relevod, web, ops = self.start({"result": "wants_invoice", "queue": "billing"})
        bot = relevod.agent("bot")
        web.message("a", "hello")
        had = bot.take_next()
        self.assertEqual(had.queue, "support")
        self.assert_status(bot.transfer(had, result="wants_invoice", text="number 12"), "ok")
        records, page = ops.history(had.conversation)
        (handed,) = [record for record in records if record.kind == "transferred"]
        self.assertEqual((page.queue, handed.result, handed.text, handed.author), ("billing", "wants_invoice", "number 12", "bot"))

    def test_a_rule_for_a_result_looks_at_topic_language_and_text_of_the_transfer(self):
        conditions = ({"topic": "refund"}, {"language": "ca"}, {"pattern": "urgent"})
        for condition, says in zip(conditions, ({"topic": "refund"}, {"language": "ca"}, {"text": "it is URGENT"})):
            with self.subTest(condition=condition):
                relevod, web, ops = self.start({"result": "checked", **condition, "queue": "billing"}, {"result": "checked", "queue": "support"})
                bot = relevod.agent("bot")
                queues = []
                for address, fields in (("a", says), ("b", {"topic": "other", "language": "es", "text": "no hurry"})):
                    web.message(address, "hello")
                    had = bot.take_next()
                    self.assert_status(bot.transfer(had, result="checked", **fields), "ok")
                    records, _ = ops.history(had.conversation)
                    queues += [record.queue for record in records if record.kind == "transferred"]
                self.assertEqual(queues, ["billing", "support"])


if __name__ == "__main__":
    unittest.main()
