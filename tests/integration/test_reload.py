"""The broker's own manners: a configuration is changed while it serves, and it stops without losing anything."""

import signal
import unittest

from relevo_process import RelevoTest, account, agent, configuration, wait_until
from relevo_wire import Client, ConnectionLost, Refused, encode_frame


class Reload(RelevoTest):
    def reloaded(self, relevod, sections, words):
        """Sends SIGHUP and waits for the log to say so."""
        before = len(relevod.process.err)
        relevod.configure(sections)
        relevod.reload()
        return wait_until(lambda: any(word in relevod.process.err[before:] for word in words) and relevod.process.err[before:], f"one of {words} in the log")

    def test_a_good_configuration_is_taken_over_without_losing_work(self):
        relevod = self.broker()
        web, ana = relevod.connector(), relevod.agent("ana")
        had = ana.take_next(conversation=web.message("a", "t").conversation)
        more = configuration(
            accounts=[account("web"), account("mail", "email")],
            queues=[{"name": "support"}, {"name": "post"}],
            agents=[agent("ana", ["support"]), agent("ben", ["support"]), agent("eva", ["post"])],
            rules=[{"channel": "email", "queue": "post"}, {"queue": "support"}],
        )
        relevod.configure(more)
        relevod.reload()
        letter = self.when_welcome(relevod, "connector", "mail").message("l", "t")
        eva = relevod.agent("eva")
        offered = eva.delivery("offered", conversation=letter.conversation)
        self.assert_status(ana.reply(had, "still here"), "ok")
        relevod.restart()
        self.assert_status(eva.reconnect().accept(offered), "ok")

    def when_welcome(self, relevod, role, name):
        def hello():
            try:
                return relevod.client(role, name)
            except Refused:
                return None

        return wait_until(hello, f"{name} is welcome")

    def test_a_bad_configuration_is_refused_and_the_running_one_stays(self):
        relevod = self.broker()
        web, ana = relevod.connector(), relevod.agent("ana")
        said = self.reloaded(relevod, configuration(rules=[{"queue": "nowhere"}]), ["nowhere"])
        self.assertIn("relevo.yaml:", said)
        asked = web.message("a", "t")
        self.assertEqual(ana.delivery("offered").conversation, asked.conversation)

    def refused_and_the_running_one_stays(self, line, reason, **sections):
        """By SIGHUP, and at the start: the file with its line, the place and the reason."""
        relevod = self.broker()
        web, ana = relevod.connector(), relevod.agent("ana")
        self.assertIn(f"relevo.yaml:{line}: {reason}", self.reloaded(relevod, configuration(**sections), ["not reloaded"]))
        asked = web.message("a", "t")
        self.assertEqual(ana.take_next().conversation, asked.conversation)
        relevod.kill()
        refused = self.run_process(relevod.command())
        self.assertEqual((refused.wait(), f"relevo.yaml:{line}: {reason}" in refused.err), (3, True), refused.err)

    def test_a_requirement_that_names_an_unknown_skill_is_refused_and_the_running_configuration_stays(self):
        spanish = [agent("ana", ["support"], ["spanish:3"])]
        self.refused_and_the_running_one_stays(
            13, 'rules[1].all[0]: no agent has the skill "spanihs"; expected one of: spanish', agents=spanish, rules=[{"topic": "t", "queue": "support"}, {"queue": "support", "all": ["spanihs:2"]}]
        )

    def test_a_plan_with_steps_out_of_order_is_refused_and_the_running_configuration_stays(self):
        steps = [{"queue": "support"}, {"after_s": 30}, {"after_s": 20}]
        self.refused_and_the_running_one_stays(
            19, "plans[0].steps[2]: expected after_s above that of the step before (30), not 20", plans=[{"name": "p", "steps": steps}]
        )

    def test_a_cycle_of_overflow_queues_is_refused_and_the_running_configuration_stays(self):
        queues = [{"name": "support", "overflow": "more"}, {"name": "more", "overflow": "support"}]
        self.refused_and_the_running_one_stays(
            6, "queues[0].overflow: a cycle: support -> more -> support; expected it to end", queues=queues, agents=[agent("ana", ["support", "more"])]
        )

    def test_a_calendar_with_an_unknown_zone_is_refused_and_the_running_configuration_stays(self):
        office = {"name": "office", "zone": "Europe/Madird", "weekly": ["mon-fri 09:00-14:00"]}
        self.refused_and_the_running_one_stays(
            19, 'calendars[0].zone: the system\'s zone database has no "Europe/Madird"; expected a name like Europe/Madrid', calendars=[office]
        )

    def test_channel_types_beyond_the_limit_over_all_reloads_are_refused_by_name(self):
        relevod = self.broker(accounts=[account("web"), *(account(f"a{number}", f"type{number}") for number in range(62))])
        more = configuration(accounts=[account("web"), account("last", "type62"), account("one-more", "type63")])
        self.assertIn('no room for channel type "type63"', self.reloaded(relevod, more, ["not reloaded"]))
        self.assert_status(relevod.connector("a61").message("a", "the running one stays"), "ok")
        self.reloaded(relevod, configuration(accounts=[account("web"), account("last", "type62")]), ["reloaded /"])
        self.assert_status(relevod.connector("last").message("a", "t"), "ok")
        relevod.configure(more)
        relevod.kill()
        refused = self.run_process(relevod.command())
        self.assertEqual((refused.wait(), 'no room for channel type "type63"' in refused.err), (3, True), refused.err)

    def test_a_result_is_routed_though_the_account_is_gone_since_a_restart(self):
        rules = [{"result": "refund", "channel": "webchat", "queue": "support"}, {"queue": "support"}]
        relevod = self.broker(accounts=[account("web"), account("chat")], rules=rules)
        asked, ana = relevod.connector("chat").message("a", "t"), relevod.agent("ana")
        had = ana.take_next(conversation=asked.conversation)
        relevod.configure(configuration(rules=rules))
        relevod.restart()
        self.assert_status(ana.reconnect().transfer(had, result="refund"), "ok")

    def test_new_skills_make_waiting_work_possible(self):
        sections = configuration(
            agents=[agent("ana", ["support"], ["spanish:3"]), agent("ben", ["support"], ["catalan:5"])],
            rules=[{"language": "ca", "queue": "support", "all": ["catalan:2"]}, {"queue": "support"}],
        )
        relevod = self.broker(sections)
        ana = relevod.agent("ana")
        asked = relevod.connector().message("a", "bon dia", language="ca")
        self.assertEqual(ana.delivered_so_far(), [])
        relevod.configure({**sections, "agents": [agent("ana", ["support"], ["spanish:3", "catalan:2"]), agent("ben", ["support"], ["catalan:5"])]})
        relevod.reload()
        self.assertEqual(ana.delivery("offered").conversation, asked.conversation)

    def test_who_is_removed_is_signed_off_and_its_work_returns(self):
        soon = {"session": {"heartbeat_ms": 5000, "lease_ms": 15000, "grace_ms": 100}}
        relevod = self.broker(**soon)
        web, ana, ben = relevod.connector(), relevod.agent("ana"), relevod.agent("ben")
        asked = web.message("a", "t")
        ana.take_next(conversation=asked.conversation)
        relevod.configure(configuration(agents=[agent("ben", ["support"])], **soon))
        relevod.reload()
        self.assertEqual(ben.delivery("offered", seconds=5).conversation, asked.conversation)
        with self.assertRaises(Refused) as caught:
            ana.fetch()
        self.assertEqual(caught.exception.status, "unknown_session")

    def test_a_changed_token_is_needed_from_then_on(self):
        relevod = self.broker()
        changed = configuration(operators=[{**account("ops"), "token": account("new")["token"]}])
        changed["operators"][0].pop("channel")
        relevod.configure(changed)
        relevod.reload()

        def old_is_refused():
            try:
                Client(relevod.url, "operator", "ops").bye()
            except Refused as refused:
                return refused.status == "bad_token"

        wait_until(old_is_refused, "the old token is refused")
        Client(relevod.url, "operator", "ops", "token-of-new").bye()


class Drain(RelevoTest):
    def test_sigterm_ends_parked_fetches_and_exits_0(self):
        relevod = self.broker()
        web, ana = relevod.connector(), relevod.agent("ana")
        web.message("a", "t")
        had = ana.take_next()
        ana.fetch()
        parked = ana.connection.post(encode_frame("fetch", session=ana.session, cursor=ana.cursor, wait_ms=30000))
        self.assert_status(web.message("b", "the last one"), "ok")
        self.assertEqual(relevod.stop(), 0)
        try:
            ana.connection.collect(parked)
        except ConnectionLost:
            pass
        relevod.start()
        self.assert_status(ana.reconnect().reply(had, "after the restart"), "ok")
        self.assertEqual(relevod.operator().status().conversations, 2)

    def test_sigint_does_the_same(self):
        relevod = self.broker()
        relevod.process.send_signal(signal.SIGINT)
        self.assertEqual(relevod.process.wait(), 0)

    def test_what_was_answered_before_sigterm_is_kept(self):
        relevod = self.broker()
        web = relevod.connector()
        results = web.submit(*[{"kind": "message", "address": f"customer-{number}", "text": "t"} for number in range(1000)])
        self.assertEqual({result.status for result in results}, {"ok"})
        self.assertEqual(relevod.stop(), 0)
        relevod.start()
        self.assertEqual(relevod.operator().status().conversations, 1000)


if __name__ == "__main__":
    unittest.main()
