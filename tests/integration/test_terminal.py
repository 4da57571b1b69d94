"""relevo-terminal: a person at a real terminal is an agent, and recorded agents play their part."""

import json
import os
import pty
import select
import signal
import subprocess
import time
import unittest

from relevo_process import DEADLINE_S, RelevoTest, account, agent, configuration, program, wait_until
from relevo_wire import texts


class Typist:
    """relevo-terminal on a pseudo terminal: types lines and reads the screen."""

    def __init__(self, test, relevod, name):
        self.master, slave = pty.openpty()
        command = [program("relevo-terminal"), "--url", relevod.url, "--agent", name, "--token", f"token-of-{name}"]
        self.child = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        self.screen = ""
        test.addCleanup(self.close)

    def close(self):
        self.child.kill()
        self.child.wait()
        os.close(self.master)

    def type(self, line):
        os.write(self.master, line.encode() + b"\n")

    def see(self, text, seconds=DEADLINE_S):
        """Waits for a text on the screen, and forgets the screen up to it."""
        deadline = time.monotonic() + seconds
        while text not in self.screen:
            readable, _, _ = select.select([self.master], [], [], max(0, deadline - time.monotonic()))
            if not readable:
                raise AssertionError(f"{text!r} is not on the screen: {self.screen!r}")
            try:
                self.screen += os.read(self.master, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(f"the terminal ended without {text!r}: {self.screen!r}") from None
        before, _, self.screen = self.screen.partition(text)
        return before


class Desk(RelevoTest):
    def test_a_person_accepts_answers_and_finishes(self):
        relevod = self.broker()
        web, ana = relevod.connector(), Typist(self, relevod, "ana")
        ana.see("available")
        asked = web.message("visitor-1", "¿Tienen tallas grandes?")
        ana.see("¿Tienen tallas grandes?")
        ana.type("/accept")
        ana.see("yours")
        ana.type("Sí, hasta la 58")
        self.assertEqual(web.delivery("reply").text, "Sí, hasta la 58")
        web.message("visitor-1", "¡Gracias!")
        ana.see("¡Gracias!")
        ana.type("/finish")
        self.assertEqual(web.delivery("finished").conversation, asked.conversation)
        ana.type("/quit")
        self.assertEqual(ana.child.wait(DEADLINE_S), 0)

    def with_help(self):
        """ana at her terminal has a conversation of support; ben serves billing, the bot anything it is lent."""
        relevod = self.broker(
            queues=[{"name": "support", "escalates_to": "billing"}, {"name": "billing"}],
            agents=[agent("ana", ["support"]), agent("ben", ["billing"]), agent("bot", ["billing"], kind="bot")],
        )
        web, ana = relevod.connector(), Typist(self, relevod, "ana")
        ana.see("available")
        web.message("visitor-1", "charged twice")
        ana.see("charged twice")
        ana.type("/accept")
        ana.see("yours")
        return relevod, web, ana

    def test_a_warm_transfer_stays_on_the_desk_until_it_is_accepted(self):
        relevod, web, ana = self.with_help()
        ben = relevod.agent("ben")
        ana.type("/transfer --warm billing charged twice in May")
        ana.see("transfer: done")
        offered = ben.delivery("offered", tie="warm")
        ana.type("A colleague comes")
        self.assertEqual(web.delivery("reply").text, "A colleague comes")
        self.assertEqual(ben.accept(offered).status, "ok")
        ana.see("assigned to agent ben")
        ana.type("/list")
        ana.see("the desk is empty")

    def test_a_consulted_colleague_looks_on_and_whispers(self):
        relevod, _, ana = self.with_help()
        ben = relevod.agent("ben")
        ana.type("/consult @ben is it charged twice?")
        offered = ben.delivery("offered")
        self.assertEqual(offered.tie, "consult")
        ben.accept(offered)
        self.assertIn("charged twice", [record.text for record in ben.delivery("joined").history])
        ana.see("joined to agent ben")
        ben.change("note", conversation=offered.conversation, text="it is")
        ana.see("ben (note): it is")
        ana.type("/recall")
        ana.see("consult of ben ended")

    def test_a_lent_conversation_comes_back_with_its_result(self):
        relevod, web, ana = self.with_help()
        bot = relevod.agent("bot")
        ana.type("/lend @bot 600 check who it is")
        lent = bot.delivery("lent")
        self.assertEqual(lent.reason, "check who it is")
        self.assertEqual(bot.change("give_back", conversation=lent.conversation, epoch=lent.epoch, result="verified").status, "ok")
        ana.see("result verified")
        ana.type("Thank you, Marta")
        self.assertEqual(web.delivery("reply").text, "Thank you, Marta")

    def test_a_loan_is_recalled_by_its_owner(self):
        relevod, web, ana = self.with_help()
        bot = relevod.agent("bot")
        ana.type("/lend @bot 600")
        bot.delivery("lent")
        ana.see("lent to agent bot")
        ana.type("/recall")
        ana.see("loan of bot ended")
        self.assertEqual(bot.delivery("recalled").reason, "recalled")
        ana.type("I am back")
        self.assertEqual(web.delivery("reply").text, "I am back")

    def test_what_is_escalated_or_given_back_leaves_the_desk(self):
        relevod, _, ana = self.with_help()
        ana.type("/escalate she is angry")
        ana.see("escalate: done")
        ben = relevod.agent("ben")
        had = ben.take_next()
        self.assertEqual(had.queue, "billing")
        relevod, web, ana = self.with_help()
        ana.type("/nack 600")
        ana.see("nack: done")
        self.assertEqual(relevod.operator().why(1).state, "snoozed")

    def test_an_agent_claims_from_a_pull_queue(self):
        relevod = self.broker(queues=[{"name": "support", "mode": "pull"}])
        web, ana = relevod.connector(), Typist(self, relevod, "ana")
        ana.see("available")
        waiting = web.message("visitor-1", "take me").conversation
        ana.type(f"/claim {waiting}")
        ana.see("yours")
        ana.see("take me")

    def test_a_transfer_carries_its_note_and_leaves_the_desk(self):
        relevod = self.broker(
            queues=[{"name": "support"}, {"name": "billing"}],
            agents=[agent("ana", ["support"]), agent("ben", ["billing"])],
        )
        web, ana, ben = relevod.connector(), Typist(self, relevod, "ana"), relevod.agent("ben")
        ana.see("available")
        web.message("visitor-1", "charged twice")
        ana.see("charged twice")
        ana.type("/accept")
        ana.see("yours")
        ana.type("/transfer billing charged twice in May")
        offered = ben.delivery("offered")
        self.assertIn("charged twice in May", [record.text for record in offered.history])
        ana.see("done")
        ana.type("/list")
        ana.see("the desk is empty")

    def test_an_agent_says_why_it_is_away(self):
        relevod = self.broker()
        ana, ops = Typist(self, relevod, "ana"), relevod.operator()
        ana.see("ana is signed in and available")
        ana.type("/away lunch")
        ana.type("/list")
        ana.see("you are away: lunch")
        wait_until(lambda: ("away", "lunch") in [(line.state, line.reason) for line in ops.status().agents], "ana is away for lunch")

    def test_what_a_customer_writes_cannot_drive_the_terminal(self):
        relevod = self.broker()
        web, ana = relevod.connector(), Typist(self, relevod, "ana")
        ana.see("available")
        web.message("visitor-1", "harmless \x1b[2J\x1b]0;owned\x07 end")
        shown = ana.see(" end")
        self.assertNotIn("\x1b", shown[shown.index("harmless") :])

    def test_a_wrong_command_says_what_was_expected(self):
        relevod = self.broker()
        ana = Typist(self, relevod, "ana")
        ana.see("available")
        ana.type("/transfer")
        ana.see("expected /transfer")
        ana.type("/dance")
        ana.see("no such command")
        ana.type("a reply to nobody")
        ana.see("no conversation is open")

    def test_sigterm_says_goodbye_and_its_work_goes_to_another(self):
        relevod = self.broker()
        web, ana = relevod.connector(), Typist(self, relevod, "ana")
        ana.see("available")
        asked = web.message("visitor-1", "hello")
        ana.see("hello")
        ana.type("/accept")
        ana.see("yours")
        ana.child.send_signal(signal.SIGTERM)
        self.assertEqual(ana.child.wait(DEADLINE_S), 0)
        self.assertEqual(relevod.agent("ben").delivery("offered").conversation, asked.conversation)


class Recorded(RelevoTest):
    """--auto: whoever owns a recorded conversation plays its next turns."""

    DIALOGUE = {
        "id": "d1",
        "channel": "webchat",
        "language": "en",
        "topic": "billing",
        "customer": "visitor-1",
        "turns": [
            {"from": "customer", "text": "one"},
            {"from": "bot", "text": "two"},
            {"from": "bot", "transfer": {"queue": "billing", "skills": ["invoices:2"]}, "note": "three"},
            {"from": "agent", "text": "four"},
            {"from": "customer", "text": "five"},
            {"from": "agent", "transfer": {"agent": "eva"}, "note": "six"},
            {"from": "agent", "text": "seven"},
        ],
    }

    def start(self):
        relevod = self.broker(
            configuration(
                accounts=[account("web")],
                queues=[{"name": "frontdesk"}, {"name": "billing"}],
                agents=[{**agent("bot", ["frontdesk"]), "kind": "bot", "auto_accept": True}, agent("ben", ["billing"], ["invoices:3"]), agent("eva", ["billing"])],
                rules=[{"queue": "frontdesk"}],
            )
        )
        self.file = self.directory / "dialogues.jsonl"
        self.file.write_text(json.dumps(self.DIALOGUE) + "\n")
        return relevod

    def play(self, relevod, *names):
        pairs = [word for name in names for word in ("--agent", name, "--token", f"token-of-{name}")]
        return self.run_process([program("relevo-terminal"), "--url", relevod.url, *pairs, "--auto", str(self.file)])

    def customers(self, relevod):
        return self.run_process([program("relevo-replay"), "--url", relevod.url, "--account", "web", "--token", "token-of-web", "--format", "jsonl", "--file", str(self.file)])

    def wait_for_agents(self, relevod, count):
        ops = relevod.operator()
        wait_until(lambda: sum(line.state == "available" for line in ops.status().agents) == count, f"{count} agents are available")

    def check_history(self, relevod):
        ops = relevod.operator()
        wait_until(lambda: ops.status().open == 0, "the conversation is finished")
        records, page = ops.history(1)
        self.assertEqual(texts(records), [("customer", "one"), ("bot", "two"), ("ben", "four"), ("customer", "five"), ("eva", "seven")])
        self.assertEqual([record.text for record in records if record.kind == "transferred"], ["three", "six"])
        self.assertEqual(page.state, "resolved")

    def test_a_bot_and_two_agents_play_one_dialogue_with_two_hand_overs(self):
        relevod = self.start()
        agents = self.play(relevod, "bot", "ben", "eva")
        self.wait_for_agents(relevod, 3)
        self.assertEqual(self.customers(relevod).wait(), 0)
        self.check_history(relevod)
        agents.send_signal(signal.SIGTERM)
        self.assertEqual(agents.wait(), 0)

    def test_a_process_for_each_agent_plays_the_same(self):
        relevod = self.start()
        for name in ("bot", "ben", "eva"):
            self.play(relevod, name)
        self.wait_for_agents(relevod, 3)
        self.assertEqual(self.customers(relevod).wait(), 0)
        self.check_history(relevod)

    def test_a_file_that_is_no_dialogue_is_named_with_its_line(self):
        relevod = self.start()
        self.file.write_text(json.dumps(self.DIALOGUE) + "\n" + '{"id": "d2"}\n')
        for process in (self.play(relevod, "ben"), self.customers(relevod)):
            self.assertEqual(process.wait(), 1)
            self.assertIn("dialogues.jsonl:2", process.err)

    def test_a_dialogue_that_nobody_answers_is_named_and_fails(self):
        relevod = self.start()
        command = [program("relevo-replay"), "--url", relevod.url, "--account", "web", "--token", "token-of-web", "--format", "jsonl", "--file", str(self.file), "--timeout", "1"]
        customers = self.run_process(command)
        self.assertEqual(customers.wait(), 1)
        self.assertIn("dialogue d1", customers.err)


if __name__ == "__main__":
    unittest.main()
