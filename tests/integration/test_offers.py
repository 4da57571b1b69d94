"""Offers to several at once, warm transfers, consultations and loans, as two front ends, a bot and a customer's channel see them."""

import unittest

from relevo_process import RelevoTest, account, agent, configuration
from relevo_wire import decode_frame, encode_frame, texts


def park(client):
    """Asks for deliveries and does not wait for the answer."""
    return client.connection.post(encode_frame("fetch", session=client.session, cursor=client.cursor, wait_ms=20000))


def answered(client, request):
    fetched = decode_frame(client.connection.collect(request))[1]
    client.cursor = fetched.cursor
    return fetched.deliveries


def desk(**changes):
    """ana in support, ben in billing, a bot for routine tasks, carla for the dead letters."""
    return configuration(
        accounts=[account("web"), account("wa", "whatsapp")],
        queues=[{"name": "support", "escalates_to": "billing", **changes}, {"name": "billing"}, {"name": "checks"}, {"name": "lost"}],
        agents=[agent("ana", ["support"]), agent("ben", ["billing"]), agent("carla", ["lost"]), {**agent("idbot", ["checks"]), "kind": "bot"}],
        dead_letter="lost",
    )


class SeveralAtOnce(RelevoTest):
    def both_offered(self, **fields):
        relevod = self.broker(queues=[{"name": "support", "offers": 2, **fields}])
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.agent("ben")
        conversation = web.message("+34600", "Hola").conversation
        return conversation, ana, ben, ana.delivery("offered"), ben.delivery("offered")

    def test_the_first_accept_wins_and_the_other_front_end_is_told_in_the_same_turn(self):
        conversation, ana, ben, ana_offer, ben_offer = self.both_offered()
        parked = park(ana)
        self.assert_status(ben.accept(ben_offer), "ok")
        (withdrawn,) = answered(ana, parked)
        self.assertEqual((withdrawn.kind, withdrawn.reason, withdrawn.ref, withdrawn.tie), ("withdrawn", "rescinded", ana_offer.lsn, "offer"))
        assigned = ben.delivery("assigned")
        self.assertEqual((assigned.conversation, assigned.lsn, assigned.at_ms), (conversation, withdrawn.lsn + 1, withdrawn.at_ms))
        self.assertEqual(ben.delivered_so_far(), [])

    def test_the_other_way_round_too(self):
        _, ana, ben, ana_offer, ben_offer = self.both_offered()
        parked = park(ben)
        self.assert_status(ana.accept(ana_offer), "ok")
        (withdrawn,) = answered(ben, parked)
        self.assertEqual((withdrawn.reason, withdrawn.ref), ("rescinded", ben_offer.lsn))

    def test_a_late_accept_is_refused_with_the_winners_name(self):
        _, ana, ben, ana_offer, ben_offer = self.both_offered()
        self.assert_status(ben.accept(ben_offer), "ok")
        late = ana.accept(ana_offer)
        self.assertEqual((late.status, late.owner), ("no_offer", "ben"))

    def test_of_two_accepts_that_cross_one_wins(self):
        _, ana, ben, ana_offer, ben_offer = self.both_offered()
        asked = [
            (client, client.connection.post(encode_frame("submit", session=client.session, changes=[{"kind": "accept", "key": "crossing", "conversation": offer.conversation, "offer": offer.lsn}])))
            for client, offer in ((ana, ana_offer), (ben, ben_offer))
        ]
        results = [decode_frame(client.connection.collect(request))[1].results[0].status for client, request in asked]
        self.assertEqual(sorted(results), ["no_offer", "ok"])

    def test_one_declines_and_the_others_offer_stands(self):
        _, ana, ben, ana_offer, ben_offer = self.both_offered()
        self.assert_status(ana.change("decline", conversation=ana_offer.conversation, offer=ana_offer.lsn, reason="at lunch"), "ok")
        self.assertEqual((ana.delivery("withdrawn").reason, ben.delivered_so_far()), ("at lunch", []))
        self.assert_status(ben.accept(ben_offer), "ok")

    def test_offers_survive_a_killed_broker(self):
        relevod = self.broker(queues=[{"name": "support", "offers": 2}])
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.agent("ben")
        web.message("+34600", "Hola")
        offers = ana.delivery("offered"), ben.delivery("offered")
        relevod.restart()
        ana.reconnect()
        ben.reconnect()
        self.assert_status(ana.accept(offers[0]), "ok")
        self.assertEqual(ben.delivery("withdrawn").reason, "rescinded")


class Owned(RelevoTest):
    """ana owns what a customer wrote in webchat."""

    def begin(self, **changes):
        self.relevod = self.broker(desk(**changes))
        self.web, self.ana, self.ben = self.relevod.connector(), self.relevod.agent("ana"), self.relevod.agent("ben")
        self.web.message("+34600", "Hola", name="Marta")
        return self.ana.take_next()

    def check_customer_got(self, *expected):
        replies = [self.web.delivery("reply") for _ in expected]
        self.assertEqual([(reply.text, reply.account, reply.address) for reply in replies], [(text, "web", "+34600") for text in expected])
        self.assertEqual(self.web.delivered_so_far(), [])


class WarmTransfer(Owned):
    def test_it_is_accepted_before_it_leaves_and_the_note_travels(self):
        had = self.begin()
        self.assert_status(self.ana.transfer(had, queue="billing", warm=1, text="quiere una factura"), "ok")
        offered = self.ben.delivery("offered")
        self.assertEqual((offered.tie, offered.queue, texts(offered.history)), ("warm", "billing", [("customer", "Hola")]))
        (note,) = [record.text for record in offered.history if record.kind == "asked"]
        self.assertEqual(note, "quiere una factura")
        self.assert_status(self.ana.reply(had, "le paso"), "ok")
        self.web.message("+34600", "vale")
        self.assertEqual(self.ana.delivery("message").text, "vale")
        self.assert_status(self.ben.accept(offered), "ok")
        gone = self.ana.delivery("assigned", agent="ben")
        taken = self.ben.delivery("assigned")
        self.assertEqual((gone.lsn, taken.epoch), (taken.lsn, had.epoch + 1))
        late = self.ana.reply(had, "una cosa más")
        self.assertEqual((late.status, late.owner), ("stale_epoch", "ben"))
        self.assert_status(self.ben.reply(taken, "buenas"), "ok")
        self.check_customer_got("le paso", "buenas")

    def test_the_agent_meant_declines_and_its_owner_is_told(self):
        had = self.begin()
        self.assert_status(self.ana.transfer(had, agent="ben", warm=1), "ok")
        self.assert_status(self.ben.decline(self.ben.delivery("offered")), "ok")
        recalled = self.ana.delivery("recalled")
        self.assertEqual((recalled.tie, recalled.reason), ("warm", "declined"))
        self.assert_status(self.ana.reply(had, "sigo yo"), "ok")

    def test_every_front_end_of_its_owner_is_told_that_it_was_asked_for(self):
        had = self.begin()
        second = self.relevod.client("agent", "ana")
        second.delivery("resumed")
        self.assert_status(self.ana.transfer(had, agent="ben", warm=1), "ok")
        self.assertEqual(second.delivery("asked").agent, "ben")

    def test_a_request_survives_a_killed_broker(self):
        had = self.begin()
        self.assert_status(self.ana.transfer(had, queue="billing", warm=1), "ok")
        offered = self.ben.delivery("offered")
        self.relevod.restart()
        for client in (self.ana, self.ben):
            client.reconnect()
        self.assert_status(self.ben.accept(offered), "ok")
        self.assertEqual(self.ana.delivery("assigned", agent="ben").epoch, had.epoch + 1)


class Consult(Owned):
    def consulted(self):
        had = self.begin()
        self.assert_status(self.ana.change("consult", conversation=had.conversation, epoch=had.epoch, agent="ben", text="¿cómo va?"), "ok")
        self.assert_status(self.ben.accept(self.ben.delivery("offered", tie="consult")), "ok")
        joined = self.ben.delivery("joined")
        self.assertEqual(texts(joined.history), [("customer", "Hola")])
        self.assertEqual(self.ana.delivery("joined").agent, "ben")
        return had

    def test_a_colleague_sees_and_whispers_and_the_customer_does_not_notice(self):
        had = self.consulted()
        self.web.message("+34600", "¿sigue ahí?")
        self.assert_status(self.ana.reply(had, "un momento"), "ok")
        self.assertEqual((self.ben.delivery("message").text, self.ben.delivery("reply").text), ("¿sigue ahí?", "un momento"))
        self.assert_status(self.ben.change("note", conversation=had.conversation, text="ofrécele el abono"), "ok")
        self.assertEqual(self.ana.delivery("note").text, "ofrécele el abono")
        self.assert_status(self.ben.reply(had, "soy ben"), "not_owner")
        self.check_customer_got("un momento")

    def test_the_colleague_looks_away(self):
        had = self.consulted()
        self.assert_status(self.ben.change("recall", conversation=had.conversation, epoch=had.epoch), "ok")
        self.assertEqual((self.ana.delivery("recalled").reason, self.ben.delivery("recalled").tie), ("returned", "consult"))
        self.web.message("+34600", "gracias")
        self.ana.delivery("message")
        self.assertEqual(self.ben.delivered_so_far(), [])


class Loan(Owned):
    def lent(self, delay_ms=60000):
        had = self.begin()
        self.bot = self.relevod.agent("idbot")
        self.assert_status(self.ana.change("lend", conversation=had.conversation, epoch=had.epoch, agent="idbot", delay_ms=delay_ms, reason="check who it is"), "ok")
        lent = self.bot.delivery("lent")
        self.assertEqual((lent.reason, lent.epoch, lent.author, texts(lent.history)), ("check who it is", had.epoch + 1, "ana", [("customer", "Hola")]))
        self.assertEqual(self.ana.delivery("lent").epoch, lent.epoch)
        return had, lent

    def test_a_bot_acts_for_the_owner_and_returns_a_structured_result(self):
        had, lent = self.lent()
        self.assert_status(self.bot.reply(lent, "¿su DNI?"), "ok")
        self.web.message("+34600", "1234X")
        self.assertEqual((self.bot.delivery("message").text, self.ana.delivery("message").text), ("1234X", "1234X"))
        refused = self.ana.reply(had, "¿sí?")
        self.assertEqual((refused.status, refused.owner), ("stale_epoch", "idbot"))
        self.assert_status(self.bot.change("give_back", conversation=lent.conversation, epoch=lent.epoch, result="verified", native={"matches": True}), "ok")
        back = self.ana.delivery("recalled")
        self.assertEqual((back.tie, back.reason, back.result, back.native, back.epoch), ("loan", "returned", "verified", {"matches": True}, lent.epoch + 1))
        self.assert_status(self.bot.reply(lent, "¿algo más?"), "stale_epoch")
        self.assert_status(self.ana.reply(back, "todo en orden"), "ok")
        self.check_customer_got("¿su DNI?", "todo en orden")

    def test_the_end_of_its_time_returns_it(self):
        _, lent = self.lent(delay_ms=200)
        back = self.ana.delivery("recalled")
        self.assertEqual((back.reason, self.bot.delivery("recalled").reason), ("time_up", "time_up"))
        self.assertGreaterEqual(back.at_ms, lent.deadline_ms)
        self.assert_status(self.ana.reply(back, "sigo yo"), "ok")

    def test_a_loan_survives_a_killed_broker(self):
        _, lent = self.lent()
        self.relevod.restart()
        for client in (self.ana, self.bot):
            client.reconnect()
        self.assert_status(self.bot.change("give_back", conversation=lent.conversation, epoch=lent.epoch, result="verified"), "ok")
        self.assertEqual(self.ana.delivery("recalled").result, "verified")


class GivenBack(Owned):
    def test_an_escalation_keeps_the_customers_channel_and_carries_a_note(self):
        had = self.begin()
        self.assert_status(self.ana.change("escalate", conversation=had.conversation, epoch=had.epoch, text="pide un responsable"), "ok")
        taken = self.ben.take_next()
        (note,) = [(record.text, record.queue) for record in taken.history if record.kind == "transferred"]
        self.assertEqual((note, taken.account, taken.address), (("pide un responsable", "billing"), "web", "+34600"))
        self.assert_status(self.ben.reply(taken, "soy el responsable"), "ok")
        self.check_customer_got("soy el responsable")

    def test_an_escalation_without_a_next_level_is_refused(self):
        had = self.begin()
        self.ana.change("escalate", conversation=had.conversation, epoch=had.epoch)
        taken = self.ben.take_next()
        self.assert_status(self.ben.change("escalate", conversation=taken.conversation, epoch=taken.epoch), "illegal_move")

    def test_a_negative_acknowledgement_with_delay_brings_it_back_then(self):
        self.relevod = self.broker(pass_over_ms=100)
        web, ana = self.relevod.connector(), self.relevod.agent("ana")
        web.message("+34600", "Hola")
        had = ana.take_next()
        self.assert_status(ana.change("nack", conversation=had.conversation, epoch=had.epoch, delay_ms=500, reason="wrong country"), "ok")
        records, page = ana.history(had.conversation)
        requeued, held = [record for record in records if record.kind in ("requeued", "held")]
        self.assertEqual((page.state, requeued.reason, held.reason), ("snoozed", "wrong country", "nacked"))
        again = ana.delivery("offered")
        self.assertEqual(again.conversation, had.conversation)
        self.assertGreaterEqual(again.at_ms, held.deadline_ms)

    def test_what_nobody_takes_goes_to_the_dead_letter_queue_with_reason_count_and_first_time(self):
        relevod = self.broker(desk(offers_max=1))
        web, ana, ops = relevod.connector(), relevod.agent("ana"), relevod.operator()
        conversation = web.message("+34600", "Hola").conversation
        offered = ana.delivery("offered")
        self.assert_status(ana.decline(offered), "ok")
        (line,) = ops.peek("lost").lines
        records, _ = ops.history(conversation)
        (moved,) = [record for record in records if record.kind == "moved"]
        first = next(record for record in records if record.kind == "queued")
        self.assertEqual((line.conversation, line.reason, line.arrival_ms), (conversation, "offers_exhausted", first.at_ms))
        self.assertEqual((moved.queue, moved.count, moved.reason), ("lost", 1, "offers_exhausted"))

    def test_wrap_up_after_finishing_is_extended_and_cut_short(self):
        relevod = self.broker(channels=[{"channel": "webchat", "wrap_up_ms": 3600000}])
        web, ana, ops = relevod.connector(), relevod.agent("ana"), relevod.operator()
        web.message("a", "Hola")
        self.assert_status(ana.finish(ana.take_next()), "ok")
        waiting = web.message("b", "Hola").conversation
        why = ops.why(waiting, "ana").findings[0]
        self.assertEqual(why.verdict, "wrap_up")
        self.assert_status(ana.change("availability", state="wrap_up", delay_ms=7200000), "ok")
        self.assertGreater(ops.why(waiting, "ana").findings[0].until_ms, why.until_ms + 3000000)
        self.assert_status(ana.available(), "ok")
        self.assertEqual(ana.delivery("offered").conversation, waiting)


if __name__ == "__main__":
    unittest.main()
