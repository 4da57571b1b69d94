"""Whatever comes in, each mistake gets one clear error that says what and where, and nobody else notices."""

import os
import shutil
import socket
import struct
import subprocess
import threading
import unittest

import msgpack

from relevo_process import RelevoTest, account, agent, configuration, program, token_hash, wait_until
from relevo_wire import Client, Connection, ConnectionLost, Refused, decode_frame, encode_frame, texts

HELLO = {0: 1, 1: 1, 2: 1, 3: "web", 4: "token-of-web"}


class Innocent:
    """A customer and an agent who talk all the while, and notice when anything goes wrong for them."""

    def __init__(self, broker):
        self.connector, self.agent = broker.connector("innocent"), broker.agent("ana")
        self.stop, self.sent, self.error = threading.Event(), [], None
        self.thread = threading.Thread(target=self.talk)
        self.thread.start()

    def talk(self):
        try:
            first = self.connector.message("customer-1", "0")
            assigned = self.agent.take_next(conversation=first.conversation)
            self.sent.append(("customer", "0"))
            for number in range(1, 1000000):
                if self.stop.is_set():
                    return
                if number % 2:
                    assert self.agent.reply(assigned, str(number)).status == "ok"
                    assert self.connector.delivery("reply").text == str(number)
                    self.sent.append(("ana", str(number)))
                else:
                    assert self.connector.message("customer-1", str(number)).status == "ok"
                    assert self.agent.delivery("message").text == str(number)
                    self.sent.append(("customer", str(number)))
        except Exception as error:  # handed to the test's own thread
            self.error = error

    def finish(self, test):
        """Everything that the two said arrived, and is kept."""
        before = len(self.sent)
        wait_until(lambda: len(self.sent) > before + 2 or self.error, "the innocent go on talking")
        self.stop.set()
        self.thread.join()
        test.assertIsNone(self.error)
        records, _ = self.agent.history(1)
        test.assertEqual(texts(records), self.sent)


def two_accounts():
    """Ana serves the innocent, ben everybody else."""
    return configuration(
        accounts=[account("web"), account("innocent")],
        queues=[{"name": "quiet"}, {"name": "support"}],
        agents=[agent("ana", ["quiet"]), agent("ben", ["support"], ["billing:2"])],
        rules=[{"account": "innocent", "queue": "quiet"}, {"queue": "support"}],
    )


class BadFrames(RelevoTest):
    def setUp(self):
        super().setUp()
        self.broker_running = self.broker(two_accounts())
        self.url = self.broker_running.url
        self.innocent = Innocent(self.broker_running)
        self.addCleanup(self.innocent.stop.set)

    def tearDown(self):
        self.innocent.finish(self)

    def refusal(self, body):
        """The error with which a frame is answered. Its connection stays usable."""
        connection = Connection(self.url)
        self.addCleanup(connection.close)
        try:
            verb, reply = decode_frame(connection.exchange(body))
        except Refused as refused:
            self.assertEqual(decode_frame(connection.exchange(msgpack.packb(HELLO)))[0], "welcome")
            return refused
        self.fail(f"accepted as {verb} {reply}")

    def submit_refusal(self, **change):
        client = self.broker_running.connector()
        try:
            client.submit({"kind": "message", "address": "a", "text": "t", **change})
        except Refused as refused:
            return refused
        self.fail("accepted")

    def test_bytes_that_are_not_msgpack_are_a_bad_frame(self):
        for body in (b"", b"\xc1", b"hello", b"\x93\x01", b"\x81", b"\xdf\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff"):
            refused = self.refusal(body)
            self.assertEqual(refused.status, "bad_frame", f"{body!r}: {refused}")
            self.assertTrue(refused.detail, body)

    def test_a_frame_with_something_after_it_is_a_bad_frame(self):
        self.assertEqual(self.refusal(msgpack.packb(HELLO) + b"\xc0").status, "bad_frame")

    def test_nesting_beyond_the_limit_is_too_deep(self):
        body = b"\x86" + msgpack.packb(HELLO)[1:] + b"\x63" + b"\x91" * 500 + b"\xc0"
        self.assertEqual(self.refusal(body).status, "too_deep")

    def test_a_text_beyond_its_limit_is_too_large_and_named(self):
        refused = self.submit_refusal(text="x" * (65536 + 1))
        self.assertEqual(refused.status, "too_large")
        self.assertIn("text", refused.detail)
        self.assertIn("65536", refused.detail)
        self.assertEqual(refused.verb, "submit")

    def test_a_batch_beyond_its_limit_is_too_large(self):
        client = self.broker_running.connector()
        change = {"kind": "message", "address": "a", "text": "t"}
        with self.assertRaises(Refused) as caught:
            client.submit(*[{**change, "key": str(number)} for number in range(client.welcome.batch_max + 1)])
        self.assertEqual(caught.exception.status, "too_large")
        self.assertIn("changes", caught.exception.detail)

    def test_a_frame_beyond_the_limit_ends_only_its_own_connection(self):
        announced, whole = Connection(self.url), Connection(self.url)
        self.addCleanup(announced.close)
        self.addCleanup(whole.close)
        announced.socket.sendall(struct.pack(">Q", 1 << 40) + b"\x80\0\0\1")
        with self.assertRaises(ConnectionLost):
            announced.collect(0)
        with self.assertRaises(ConnectionLost):
            whole.exchange(b"\x80" * (5 << 20))

    def test_a_broken_handshake_ends_only_its_own_connection(self):
        host, port = self.url.removeprefix("tcp://").split(":")
        for greeting in (b"GET / HTTP/1.1\r\n\r\n", b"\0SP\0\0\x10\0\0", b"\0", b""):
            with socket.create_connection((host, int(port)), timeout=10) as peer:
                peer.sendall(greeting)

    def test_another_version_is_refused_with_the_one_spoken_here(self):
        refused = self.refusal(msgpack.packb({**HELLO, 1: 7}))
        self.assertEqual(refused.status, "unknown_version")
        self.assertIn("1", refused.detail)

    def test_an_unknown_verb_is_refused(self):
        for verb in (0, 10, 99, 1000):
            self.assertEqual(self.refusal(msgpack.packb({**HELLO, 0: verb})).status, "unknown_verb", verb)

    def test_a_reply_is_not_a_request(self):
        self.assertEqual(self.refusal(encode_frame("alive", now_ms=1)).status, "unknown_verb")

    def test_a_frame_without_a_verb_is_missing_it(self):
        refused = self.refusal(msgpack.packb({1: 1}))
        self.assertEqual(refused.status, "missing_field")
        self.assertIn("verb", refused.detail)

    def test_a_missing_field_is_named(self):
        refused = self.refusal(msgpack.packb({key: value for key, value in HELLO.items() if key != 3}))
        self.assertEqual((refused.status, refused.verb), ("missing_field", "hello"))
        self.assertIn("name", refused.detail)

    def test_a_missing_field_deep_inside_is_named_with_its_place(self):
        session = self.broker_running.connector().session
        body = msgpack.packb({0: 3, 1: session, 2: [{1: 1, 2: "k1", 3: "a"}, {1: 1, 3: "a"}]})
        refused = self.refusal(body)
        self.assertEqual(refused.status, "missing_field")
        self.assertIn("changes[1]", refused.detail)
        self.assertIn("key", refused.detail)

    def test_a_field_of_another_type_is_named(self):
        for key, value, name in ((1, "one", "version"), (3, 5, "name"), (4, ["t"], "token"), (2, -1, "role"), (2, 200, "role"), (3, b"web", "name")):
            refused = self.refusal(msgpack.packb({**HELLO, key: value}))
            self.assertEqual(refused.status, "bad_field", f"{name} = {value!r}")
            self.assertIn(name, refused.detail)

    def test_text_that_is_not_utf8_is_a_bad_field(self):
        body = msgpack.packb({0: 1, 1: 1, 2: 1, 4: "token-of-web"})
        body = b"\x85" + body[1:] + b"\x03\xa2\xff\xfe"
        self.assertEqual(self.refusal(body).status, "bad_field")

    def test_a_field_given_twice_is_refused(self):
        body = b"\x86" + msgpack.packb(HELLO)[1:] + b"\x03\xa3web"
        self.assertEqual(self.refusal(body).status, "duplicate_field")

    def test_an_unknown_field_is_skipped(self):
        connection = Connection(self.url)
        self.addCleanup(connection.close)
        verb, _ = decode_frame(connection.exchange(msgpack.packb({**HELLO, 77: {"new": [1, 2.5, None]}})))
        self.assertEqual(verb, "welcome")


class BadManners(RelevoTest):
    """Well-formed requests that ask for what they may not have."""

    def setUp(self):
        super().setUp()
        self.broker_running = self.broker(two_accounts())
        self.innocent = Innocent(self.broker_running)
        self.addCleanup(self.innocent.stop.set)

    def tearDown(self):
        self.innocent.finish(self)

    def hello_status(self, role, name, token):
        with self.assertRaises(Refused) as caught:
            Client(self.broker_running.url, role, name, token)
        self.assertNotIn("token-of", caught.exception.detail)
        return caught.exception.status

    def test_a_wrong_token_is_refused(self):
        for token in ("token-of-we", "token-of-ana", "", "x" * 128):
            self.assertEqual(self.hello_status("connector", "web", token), "bad_token", token)

    def test_a_name_nobody_has_is_refused_like_a_wrong_token(self):
        self.assertEqual(self.hello_status("connector", "nobody", "token-of-web"), "bad_token")

    def test_a_token_of_another_role_is_refused(self):
        self.assertEqual(self.hello_status("agent", "web", "token-of-web"), "bad_token")
        self.assertEqual(self.hello_status("operator", "ana", "token-of-ana"), "bad_token")
        self.assertEqual(self.hello_status("connector", "ana", "token-of-ana"), "bad_token")

    def test_an_unknown_session_is_told_to_say_hello(self):
        client = self.broker_running.connector()
        client.session += 1000
        for ask in (lambda: client.message("a", "t"), client.fetch, client.heartbeat, client.status):
            with self.assertRaises(Refused) as caught:
                ask()
            self.assertEqual(caught.exception.status, "unknown_session")

    def test_a_session_number_is_worth_nothing_without_its_token(self):
        web, ben = self.broker_running.connector(), self.broker_running.agent("ben")
        for token in ({}, {"token": ben.token}, {"token": "wrong"}):
            thief = Connection(self.broker_running.url)
            self.addCleanup(thief.close)
            change = {"kind": "message", "key": "stolen", "address": "a", "text": "t"}
            for verb, fields in (("submit", {"changes": [change]}), ("fetch", {}), ("bye", {})):
                with self.assertRaises(Refused) as caught:
                    decode_frame(thief.exchange(encode_frame(verb, session=web.session, **fields, **token)))
                self.assertEqual(caught.exception.status, "unknown_session", (verb, token))
        self.assert_status(web.message("a", "t", key="stolen"), "ok")
        self.assert_status(web.reconnect().message("a", "u"), "ok")

    def test_a_connector_may_not_do_an_agents_work(self):
        web = self.broker_running.connector()
        web.message("a", "t")
        for change in ({"kind": "reply", "conversation": 1, "epoch": 1, "text": "t"}, {"kind": "availability", "state": "available"}):
            self.assert_status(web.change(**change), "wrong_role")
        for ask in (web.status, lambda: web.history(1)):
            with self.assertRaises(Refused) as caught:
                ask()
            self.assertEqual(caught.exception.status, "wrong_role")

    def test_an_agent_may_not_speak_as_a_customer(self):
        ben = self.broker_running.agent("ben")
        self.assert_status(ben.message("customer-9", "t"), "wrong_role")

    def test_a_message_without_what_it_needs_is_refused_alone(self):
        web = self.broker_running.connector()
        good, bad, other = web.submit(
            {"kind": "message", "address": "b", "text": "one"},
            {"kind": "message", "text": "from nobody"},
            {"kind": "message", "address": "b", "text": "two"},
        )
        self.assert_status(bad, "missing_field")
        self.assertIn("address", bad.detail)
        self.assertEqual([good.status, good.sequence, other.status, other.sequence], ["ok", 1, "ok", 2])

    def test_what_does_not_exist_is_named(self):
        ben = self.broker_running.agent("ben")
        self.assert_status(ben.change("note", conversation=4711, text="t"), "unknown_conversation")
        web = self.broker_running.connector()
        web.message("c", "t")
        ben_has = ben.take_next()
        self.assert_status(ben.transfer(ben_has, queue="nowhere"), "unknown_queue")
        self.assert_status(ben.transfer(ben_has, agent="nobody"), "unknown_agent")
        self.assert_status(ben.transfer(ben_has, skills=["juggling:2"]), "unknown_skill")
        self.assert_status(ben.reply(ben_has, "still mine"), "ok")

    def test_a_newer_session_of_an_account_replaces_the_older(self):
        older = self.broker_running.connector()
        newer = self.broker_running.connector()
        with self.assertRaises(Refused) as caught:
            older.message("d", "t")
        self.assertEqual(caught.exception.status, "replaced")
        self.assert_status(newer.message("d", "t"), "ok")


class BadData(RelevoTest):
    """A data directory that cannot be used: relevod says why and leaves it alone."""

    def ends(self, broker, directory=None, prefix=(), code=1):
        """What relevod says when it cannot use a directory."""
        command = [*prefix, program("relevod"), "--config", str(broker.config), "--data", str(directory or broker.data), "--listen", "tcp://127.0.0.1:0"]
        process = self.run_process(command)
        self.assertEqual(process.wait(), code)
        self.assertNotIn("ready", process.out)
        return process.err

    def filled(self):
        broker = self.broker()
        self.assert_status(broker.connector().message("a", "the only message of this log"), "ok")
        return broker

    def test_a_directory_in_use_is_refused_and_its_user_goes_on(self):
        broker = self.filled()
        self.assert_names(self.ends(broker), broker.data, "use")
        self.assert_status(broker.connector().message("a", "two"), "ok")

    def test_a_file_in_place_of_the_directory_is_refused(self):
        broker = self.filled()
        broker.stop()
        path = broker.directory / "a-file"
        path.write_text("not a directory")
        self.assert_names(self.ends(broker, path), path)

    def test_a_directory_in_a_place_that_does_not_exist_is_refused(self):
        broker = self.filled()
        broker.stop()
        path = broker.directory / "no" / "such" / "place"
        self.assert_names(self.ends(broker, path), path)

    @unittest.skipUnless(os.geteuid() or shutil.which("setpriv"), "as root this needs setpriv to give up root's right to write anywhere")
    def test_a_directory_that_is_not_writable_is_refused(self):
        broker = self.filled()
        broker.stop()
        prefix = [] if os.geteuid() else ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
        for path in broker.data.iterdir():
            path.chmod(0o444)
        broker.data.chmod(0o555)
        self.addCleanup(broker.data.chmod, 0o755)
        self.assert_names(self.ends(broker, prefix=prefix), broker.data, "Permission denied")
        empty = broker.directory / "empty"
        empty.mkdir(mode=0o555)
        self.assert_names(self.ends(broker, empty, prefix), empty, "Permission denied")

    def test_a_directory_of_another_version_is_refused_and_kept(self):
        broker = self.filled()
        broker.stop()
        other = b"format" + (9).to_bytes(8, "big")
        path = self.change_bytes(broker, b"format" + (5).to_bytes(8, "big"), other)
        self.assert_names(self.ends(broker), broker.data, "format 9", "format 5")
        self.assertIn(other, path.read_bytes())

    def test_a_damaged_record_is_found_and_named(self):
        broker = self.filled()
        broker.stop()
        self.change_bytes(broker, b"the only message of this log", b"the only massage of this log")
        self.assert_names(self.ends(broker, code=72), "record", "damaged")

    def test_a_damaged_row_is_found_and_named(self):
        broker = self.filled()
        broker.stop()
        self.change_bytes(broker, b"support", b"suppory")  # the name of a queue
        self.assert_names(self.ends(broker, code=72), "table 1, key 00000000", "damaged")

    def assert_names(self, text, *words):
        for word in words:
            self.assertIn(str(word), text)

    def change_bytes(self, broker, old, new):
        path = broker.data / "data.mdb"
        content = path.read_bytes()
        self.assertTrue(old in content, f"{old!r} is not in {path}")
        path.write_bytes(content.replace(old, new))
        return path


class BadConfiguration(RelevoTest):
    """The error names the file, the line and what was expected."""

    def checked(self, text):
        """What `relevod --check` says about a configuration."""
        path = self.directory / "bad.yaml"
        path.write_text(text)
        return subprocess.run([program("relevod"), "--config", str(path), "--data", str(self.directory / "data"), "--check"], capture_output=True, text=True, timeout=30)

    GOOD = f"""listen: tcp://127.0.0.1:7400
accounts:
  - {{name: web, channel: webchat, token: "{token_hash('t')}"}}
queues:
  - {{name: support}}
agents:
  - {{name: ana, kind: human, token: "{token_hash('t')}", queues: [support], skills: ["billing:2"]}}
rules:
  - {{queue: support}}
"""

    def refused(self, old, new, line, *words):
        text = self.GOOD.replace(old, new)
        self.assertNotEqual(text, self.GOOD)
        answer = self.checked(text)
        self.assertEqual(answer.returncode, 3, text)
        for word in (f"bad.yaml:{line}" if line else "bad.yaml", *words):
            self.assertIn(word, answer.stderr)

    def test_a_good_one_passes(self):
        answer = self.checked(self.GOOD)
        self.assertEqual(answer.returncode, 0, answer.stderr)

    def test_an_unknown_key_is_named_with_its_line(self):
        self.refused("{name: support}", "{name: support, colour: blue}", 5, "colour")

    def test_a_value_of_another_type_is_named_with_its_line(self):
        self.refused("{name: support}", "{name: support, offer_ms: soon}", 5, "offer_ms")

    def test_a_missing_key_is_named(self):
        self.refused("name: web, ", "", 3, "name")

    def test_a_rule_to_a_queue_that_does_not_exist_is_named(self):
        self.refused("{queue: support}", "{queue: sales}", 9, "sales", "support")

    def test_a_queue_nobody_can_serve_is_named(self):
        self.refused("  - {name: support}", "  - {name: support}\n  - {name: sales}", 6, "sales")

    def test_a_rule_whose_skills_nobody_has_is_named(self):
        self.refused("{queue: support}", '{queue: support, all: ["billing:5"]}', 9, "rules[0]", "support")

    def test_a_doubled_name_is_named(self):
        self.refused("  - {name: support}", "  - {name: support}\n  - {name: support}", 6, "support")

    def test_a_token_that_is_not_a_hash_is_named(self):
        self.refused(token_hash("t"), "secret", None, "token", "blake2b")

    def test_what_is_not_yaml_is_named_with_its_line(self):
        self.refused("  - {name: support}", "  - {name: support", None)

    def test_no_such_file(self):
        answer = subprocess.run([program("relevod"), "--config", "/nowhere/x.yaml", "--data", str(self.directory)], capture_output=True, text=True, timeout=30)
        self.assertEqual(answer.returncode, 3)
        self.assertIn("/nowhere/x.yaml", answer.stderr)

    def test_an_address_in_use_is_named(self):
        broker = self.broker()
        other = self.run_process([program("relevod"), "--config", str(broker.config), "--data", str(self.directory / "other"), "--listen", broker.url])
        self.assertEqual(other.wait(), 1)
        self.assertIn(broker.url, other.err)

    def test_an_unknown_option_is_named(self):
        answer = subprocess.run([program("relevod"), "--colour", "blue"], capture_output=True, text=True, timeout=30)
        self.assertEqual(answer.returncode, 2)
        self.assertIn("--colour", answer.stderr)


if __name__ == "__main__":
    unittest.main()
