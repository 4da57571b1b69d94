"""`relevo`, the operators' tool: what it tells is what the broker has."""

import json
import subprocess
import unittest

from relevo_process import RelevoTest, agent, configuration, program, token_hash


class Tool(RelevoTest):
    def told(self, relevod, *arguments):
        answer = relevod.tool(*arguments, "--json")
        self.assertEqual((answer.returncode, answer.stderr), (0, ""))
        return json.loads(answer.stdout)

    def worked(self):
        """One conversation handed over from ana to ben and finished, one waiting for want of room."""
        relevod = self.broker(configuration(agents=[agent("ana", ["support"]), agent("ben", ["support"], capacity=25)]))
        web, ana = relevod.connector(), relevod.agent("ana")
        web.message("a", "the first question", name="Marta")
        had = ana.take_next()
        ana.reply(had, "my colleague knows")
        ben = relevod.agent("ben")
        ana.transfer(had, agent="ben", reason="ben knows")
        ana.away()
        ben_has = ben.take_next()
        web.message("b", "waits")
        ben.reply(ben_has, "the answer")
        return relevod, web, ana, ben, ben_has

    def test_status_counts_what_is_going_on(self):
        relevod, *_ = self.worked()
        status = self.told(relevod, "status")
        self.assertEqual((status["conversations"], status["open"], status["waiting"]), (2, 2, 1))
        self.assertEqual([(line["name"], line["waiting"], line["in_progress"]) for line in status["queues"]], [("support", 1, 1)])
        self.assertEqual([(line["name"], line["state"]) for line in status["agents"]], [("ana", "away"), ("ben", "available")])
        self.assertEqual([line.get("reason") for line in status["agents"]], ["pause", None])
        text = relevod.tool("status").stdout
        for word in ("support", "ana", "ben", "away", "pause"):
            self.assertIn(word, text)

    def test_history_shows_every_record_of_a_conversation(self):
        relevod, *_ = self.worked()
        page = self.told(relevod, "history", "1")
        said = [record["text"] for record in page["records"] if "text" in record]
        self.assertEqual(said, ["the first question", "my colleague knows", "the answer"])
        self.assertEqual(page["owner"], "ben")
        text = relevod.tool("history", "1").stdout
        places = [text.index(word) for word in ("the first question", "my colleague knows", "ben knows", "the answer")]
        self.assertEqual(places, sorted(places))

    def test_history_of_nothing_is_an_error(self):
        relevod, *_ = self.worked()
        answer = relevod.tool("history", "99")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("99", answer.stderr)

    def test_report_counts_conversations_messages_and_hand_overs(self):
        relevod, _, _, ben, ben_has = self.worked()
        ben.finish(ben_has)
        report = self.told(relevod, "report")
        counted = {name: report[name] for name in ("conversations", "finished", "messages_in", "messages_out", "hand_overs", "requeues")}
        self.assertEqual(counted, {"conversations": 2, "finished": 1, "messages_in": 2, "messages_out": 2, "hand_overs": 1, "requeues": 0})
        served = {line["agent"]: (line["conversations"], line["replies"]) for line in report["served"]}
        self.assertEqual(served, {"ana": (1, 1), "ben": (1, 1)})
        self.assertEqual([(line["from"], line["to"], line["times"]) for line in report["transfers"]], [("ana", "agent ben, queue support", 1)])
        self.assertIn("one conversation that was handed over", relevod.tool("report").stdout)

    def test_watch_prints_lines_until_idle(self):
        relevod = self.broker()
        answer = relevod.tool("watch", "--interval", "100", "--until-idle", "1")
        self.assertEqual((answer.returncode, answer.stdout.count("\n") >= 2), (0, True), answer.stderr)

    def test_a_token_fits_the_hash_that_is_printed_with_it(self):
        answer = subprocess.run([program("relevo"), "token", "--name", "eva", "--json"], capture_output=True, text=True, timeout=30)
        made = json.loads(answer.stdout)
        self.assertEqual((made["name"], made["hash"]), ("eva", token_hash(made["token"])))
        other = json.loads(subprocess.run([program("relevo"), "token", "--json"], capture_output=True, text=True, timeout=30).stdout)
        self.assertNotEqual(other["token"], made["token"])

    def test_who_is_no_operator_is_refused(self):
        relevod = self.broker()
        answer = relevod.tool("status", name="ana")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("ana", answer.stderr)


if __name__ == "__main__":
    unittest.main()
