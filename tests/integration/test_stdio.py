"""relevo-stdio: any script that reads and writes lines can be a channel."""

import json
import subprocess
import unittest

from relevo_process import RelevoTest, agent, program, read_lines


class Stdio(RelevoTest):
    def start(self, relevod, token="token-of-web"):
        command = [program("relevo-stdio"), "--url", relevod.url, "--account", "web", "--token", token]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.close, child)
        return child

    def close(self, child):
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout, child.stderr):
            stream.close()

    def say(self, child, *lines):
        for line in lines:
            child.stdin.write((line if isinstance(line, str) else json.dumps(line)).encode() + b"\n")
        child.stdin.flush()

    def hear(self, child, count):
        return [json.loads(line) for line in read_lines(child.stdout, count)]

    def test_lines_in_become_messages_and_replies_become_lines_out(self):
        relevod = self.broker()
        ana, script = relevod.agent("ana"), self.start(relevod)
        self.say(script, {"kind": "message", "key": "m1", "address": "visitor-1", "text": "¿Abren el sábado?", "language": "es", "native": {"page": "/hours"}})
        (result,) = self.hear(script, 1)
        self.assertEqual((result["result"]["status"], result["result"]["line"], result["result"]["conversation"]), ("ok", 1, 1))
        had = ana.take_next()
        message = next(record for record in had.history if record.kind == "message")
        self.assertEqual((message.text, message.native), ("¿Abren el sábado?", {"page": "/hours"}))
        ana.reply(had, "Sí, de 10 a 14", attachments=[{1: "image/png", 2: "horario.png", 3: 512, 4: "https://example.org/h"}])
        (delivery,) = self.hear(script, 1)
        got = delivery["delivery"]
        self.assertEqual((got["kind"], got["address"], got["text"]), ("reply", "visitor-1", "Sí, de 10 a 14"))
        self.assertEqual(got["attachments"], [{"type": "image/png", "name": "horario.png", "size": 512, "reference": "https://example.org/h"}])

    def test_what_is_known_of_the_customer_goes_with_a_message(self):
        relevod = self.broker(queues=[{"name": "support"}, {"name": "gold"}], agents=[agent("ana", ["support", "gold"])], rules=[{"attributes": ["tier=gold"], "queue": "gold"}, {"queue": "support"}])
        script = self.start(relevod)
        attributes = [{"name": "tier", "value": "gold"}, {"name": "trial", "value": ""}]
        self.say(script, {"kind": "message", "key": "m1", "address": "visitor-1", "text": "hello", "window_ms": 1767225600000, "attributes": attributes})
        (result,) = self.hear(script, 1)
        self.assertEqual(result["result"]["status"], "ok")
        self.assertEqual(relevod.operator().history(1)[1].queue, "gold")
        self.say(script, {"kind": "message", "key": "m2", "address": "visitor-1", "text": "hello", "attributes": [{"name": "tier"}]})
        (problem,) = self.hear(script, 1)
        self.assertIn("value", json.dumps(problem))

    def test_a_receipt_is_kept_with_the_conversation(self):
        relevod = self.broker()
        ana, script = relevod.agent("ana"), self.start(relevod)
        self.say(script, {"kind": "message", "key": "m1", "address": "visitor-1", "text": "hello"})
        self.hear(script, 1)
        ana.reply(ana.take_next(), "hi")
        (delivery,) = self.hear(script, 1)
        got = delivery["delivery"]
        self.say(script, {"kind": "receipt", "key": "r1", "conversation": got["conversation"], "lsn": got["lsn"], "state": "read"})
        (result,) = self.hear(script, 1)
        self.assertEqual(result["result"]["status"], "ok")
        records, _ = relevod.operator().history(got["conversation"])
        self.assertEqual([(record.ref, record.state) for record in records if record.kind == "receipt"], [(got["lsn"], "read")])

    def test_a_line_that_is_no_change_is_named_and_the_next_is_taken(self):
        relevod = self.broker()
        script = self.start(relevod)
        good = {"kind": "message", "key": "m1", "address": "a", "text": "t"}
        bad = ["not json", {"kind": "message", "key": "m2", "text": "from nobody"}, {**good, "colour": "blue"}, {"kind": "reply", "key": "m3"}, {**good, "text": 5}]
        self.say(script, *bad, good)
        lines = self.hear(script, len(bad) + 1)
        errors = {line["error"]["line"]: line["error"]["detail"] for line in lines if "error" in line}
        self.assertEqual(sorted(errors), [1, 2, 3, 4, 5])
        for number, word in ((2, "address"), (3, "colour"), (5, "text")):
            self.assertIn(word, errors[number])
        self.assertEqual([line["result"]["line"] for line in lines if "result" in line], [6])

    def test_what_was_written_before_the_end_of_input_is_sent_and_it_exits_0(self):
        relevod = self.broker()
        script = self.start(relevod)
        self.say(script, *({"kind": "message", "key": f"m{number}", "address": f"visitor-{number % 7}", "text": str(number)} for number in range(500)))
        script.stdin.close()
        results = [json.loads(line)["result"] for line in script.stdout]
        self.assertEqual(script.wait(30), 0)
        self.assertEqual(([result["status"] for result in results], sorted(result["line"] for result in results)), (["ok"] * 500, list(range(1, 501))))
        ops = relevod.operator()
        for conversation in range(1, 8):
            numbers = [int(record.text) for record in ops.history(conversation)[0] if record.kind == "message"]
            self.assertEqual(numbers, sorted(numbers))
        script.stdin = open("/dev/null", "wb")  # closed again by the clean-up

    def test_it_goes_on_after_the_broker_was_killed(self):
        relevod = self.broker()
        script = self.start(relevod)
        self.say(script, {"kind": "message", "key": "m1", "address": "a", "text": "one"})
        self.hear(script, 1)
        relevod.kill()
        self.say(script, {"kind": "message", "key": "m2", "address": "a", "text": "two"})
        relevod.start()
        (line,) = self.hear(script, 1)
        self.assertEqual((line["result"]["status"], line["result"]["sequence"]), ("ok", 2))

    def test_a_wrong_token_ends_it_with_the_reason(self):
        relevod = self.broker()
        script = self.start(relevod, token="wrong")
        self.assertNotEqual(script.wait(30), 0)
        self.assertIn("web", script.stderr.read().decode())


if __name__ == "__main__":
    unittest.main()
