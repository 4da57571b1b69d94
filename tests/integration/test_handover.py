"""A conversation changes hands in the middle: the next agent's first fetch brings everything, the customer notices nothing."""

import unittest

from relevo_process import RelevoTest, account, agent, configuration
from relevo_wire import texts


def three_agents():
    return configuration(
        accounts=[account("web"), account("mail", "email")],
        queues=[{"name": "frontdesk"}, {"name": "support"}, {"name": "billing"}],
        agents=[
            {**agent("bot", ["frontdesk"]), "kind": "bot", "auto_accept": True},
            agent("ana", ["support"], ["spanish:4"]),
            agent("ben", ["support", "billing"], ["invoices:2"]),
            agent("eva", ["support", "billing"], ["invoices:5", "spanish:2"]),
        ],
        rules=[{"account": "mail", "queue": "billing"}, {"queue": "frontdesk"}],
    )


class HandOver(RelevoTest):
    def setUp(self):
        super().setUp()
        self.relevod = self.broker(three_agents())
        self.web, self.bot = self.relevod.connector(), self.relevod.agent("bot")

    def begun(self):
        """A customer who wrote two messages and got one answer from the bot; the bot's `assigned`."""
        first = self.web.message("+34600", "Hola", name="Marta", language="es", topic="billing")
        assigned = self.bot.delivery("assigned", conversation=first.conversation)
        self.assertEqual(texts(assigned.history), [("customer", "Hola")])
        self.assert_status(self.bot.reply(assigned, "¿En qué puedo ayudarle?"), "ok")
        self.web.message("+34600", "Me han cobrado dos veces")
        return assigned

    def check_received(self, received, conversation):
        """The hand-over brought the conversation so far."""
        self.assertEqual(received.conversation, conversation)
        self.assertEqual(texts(received.history), [("customer", "Hola"), ("bot", "¿En qué puedo ayudarle?"), ("customer", "Me han cobrado dos veces")])
        self.assertEqual([record.sequence for record in received.history if record.kind in ("message", "reply")], [1, 2, 3])
        notes = [record.reason for record in received.history if record.kind == "transferred"]
        self.assertEqual(notes, ["doble cobro"])
        self.assertEqual((received.address, received.account), ("+34600", "web"))

    def check_customer_saw_only_replies(self, *expected):
        got = [self.web.delivery("reply") for _ in expected]
        self.assertEqual([(record.text, record.address) for record in got], [(text, "+34600") for text in expected])
        self.assertEqual([record.kind for record in self.web.delivered_so_far()], [])

    def test_a_transfer_to_a_queue_brings_the_whole_history_in_the_first_fetch(self):
        eva = self.relevod.agent("eva")
        had = self.begun()
        self.assert_status(self.bot.transfer(had, queue="billing", reason="doble cobro"), "ok")
        offered = next(record for record in eva.fetch(wait_ms=20000) if record.kind == "offered")
        self.check_received(offered, had.conversation)
        self.assert_status(eva.accept(offered), "ok")
        assigned = eva.delivery("assigned")
        self.assertEqual(assigned.epoch, had.epoch + 2)
        self.assert_status(eva.reply(assigned, "Se lo devolvemos hoy"), "ok")
        self.check_customer_saw_only_replies("¿En qué puedo ayudarle?", "Se lo devolvemos hoy")

    def test_a_transfer_to_skills_finds_who_has_them(self):
        ana, ben, eva = (self.relevod.agent(name) for name in ("ana", "ben", "eva"))
        had = self.begun()
        self.assert_status(self.bot.transfer(had, queue="support", skills=["invoices:3"], reason="doble cobro"), "ok")
        self.check_received(eva.delivery("offered"), had.conversation)
        self.assertEqual(ana.delivered_so_far() + ben.delivered_so_far(), [])

    def test_a_transfer_to_skills_alone_stays_in_its_queue(self):
        ben, mail = self.relevod.agent("ben"), self.relevod.connector("mail")
        asked = mail.message("marta@example.org", "Factura 12")
        ben_has = ben.take_next()
        eva = self.relevod.agent("eva")
        self.assert_status(ben.transfer(ben_has, skills=["invoices:4"], reason="needs level 4"), "ok")
        eva_has = eva.take_next(conversation=asked.conversation)
        self.assertEqual(eva_has.queue, "billing")

    def test_a_transfer_to_an_agent_reaches_that_agent_only(self):
        ana, ben = self.relevod.agent("ana"), self.relevod.agent("ben")
        had = self.begun()
        self.assert_status(self.bot.transfer(had, agent="ana", reason="doble cobro"), "ok")
        self.check_received(ana.delivery("offered"), had.conversation)
        self.assertEqual(ben.delivered_so_far(), [])

    def test_a_transfer_to_an_absent_agent_is_refused_and_changes_nothing(self):
        had = self.begun()
        refused = self.bot.transfer(had, agent="ana", reason="doble cobro")
        self.assertEqual((refused.status, refused.owner, refused.epoch), ("illegal_move", "bot", had.epoch))
        self.assert_status(self.bot.reply(had, "Un momento"), "ok")

    def test_a_transfer_to_a_busy_agent_waits_for_that_agent(self):
        ana, ben = self.relevod.agent("ana"), self.relevod.agent("ben")
        had = self.begun()
        ana.away()
        self.assert_status(self.bot.transfer(had, agent="ana", reason="doble cobro"), "ok")
        self.assertEqual(ana.delivered_so_far() + ben.delivered_so_far(), [])
        ana.available()
        self.check_received(ana.delivery("offered"), had.conversation)

    def test_what_the_customer_writes_between_two_owners_is_handed_over_too(self):
        had = self.begun()
        self.assert_status(self.bot.transfer(had, queue="billing"), "ok")
        self.web.message("+34600", "¿Hay alguien?")
        offered = self.relevod.agent("eva").delivery("offered")
        self.assertEqual(texts(offered.history)[-1], ("customer", "¿Hay alguien?"))

    def test_who_handed_over_can_no_longer_answer_and_is_told_who_can(self):
        eva = self.relevod.agent("eva")
        had = self.begun()
        self.assert_status(self.bot.transfer(had, queue="billing"), "ok")
        eva.take_next()
        late = self.bot.reply(had, "Un momento")
        self.assert_status(late, "stale_epoch")
        self.assertEqual(late.owner, "eva")
        self.assert_status(self.bot.finish(had), "stale_epoch")
        self.assert_status(self.bot.transfer(had, agent="ana"), "stale_epoch")
        self.check_customer_saw_only_replies("¿En qué puedo ayudarle?")

    def test_notes_reach_colleagues_and_never_the_customer(self):
        had = self.begun()
        self.bot.transfer(had, queue="billing")
        eva = self.relevod.agent("eva")
        eva_has = eva.take_next()
        self.assert_status(self.bot.change("note", conversation=had.conversation, text="Es clienta desde 2009"), "ok")
        self.assertEqual(eva.delivery("note").text, "Es clienta desde 2009")
        eva.reply(eva_has, "Listo")
        self.check_customer_saw_only_replies("¿En qué puedo ayudarle?", "Listo")

    def test_a_long_conversation_is_handed_over_with_its_end_and_a_way_to_the_rest(self):
        first = self.web.message("+34600", "0")
        had = self.bot.delivery("assigned")
        said = 600
        for base in range(1, said, 100):
            self.web.submit(*[{"kind": "message", "address": "+34600", "text": str(number)} for number in range(base, min(base + 100, said))])
        self.bot.transfer(had, queue="billing", reason="long")
        eva = self.relevod.agent("eva")
        offered = eva.delivery("offered")
        handed = [int(text) for _, text in texts(offered.history)]
        self.assertEqual(handed, list(range(handed[0], said)))
        self.assertGreater(offered.before, 0)
        records, _ = eva.history(first.conversation)
        self.assertEqual([int(text) for _, text in texts(records)], list(range(said)))

    def test_a_second_screen_of_the_same_agent_sees_the_same_work(self):
        eva = self.relevod.agent("eva")
        had = self.begun()
        self.bot.transfer(had, queue="billing")
        eva_has = eva.take_next()
        other = self.relevod.client("agent", "eva")
        self.assert_status(other.reply(eva_has, "Desde el otro ordenador"), "ok")
        self.check_customer_saw_only_replies("¿En qué puedo ayudarle?", "Desde el otro ordenador")

    def test_a_front_end_started_anew_is_handed_what_its_agent_owns(self):
        assigned = self.begun()
        self.bot.transfer(assigned, queue="billing", reason="doble cobro")
        ben = self.relevod.agent("ben")
        ben.take_next()
        ben.delivered_so_far()
        ben.fetch()  # everything is acknowledged: nothing but the broker knows what ben owns
        again = self.relevod.agent("ben")
        resumed = again.delivery("resumed")
        self.check_received(resumed, assigned.conversation)
        self.assert_status(again.reply(resumed, "Sigo yo"), "ok")

    def test_a_receipt_speaks_of_a_reply_of_its_conversation(self):
        assigned = self.begun()
        reply = self.web.delivery("reply")
        receipt = {"conversation": assigned.conversation, "state": "read"}
        self.assert_status(self.web.change("receipt", lsn=reply.lsn, **receipt), "ok")
        for lsn in (assigned.lsn, reply.lsn + 10**9):
            refused = self.web.change("receipt", lsn=lsn, **receipt)
            self.assertEqual((refused.status, refused.detail), ("unknown_record", "receipt.lsn: not a reply of that conversation"))
        self.assert_status(self.web.change("receipt", lsn=reply.lsn, conversation=999, state="read"), "unknown_conversation")


if __name__ == "__main__":
    unittest.main()
