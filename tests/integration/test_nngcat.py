"""The session by hand of proto/PROTOCOL.md, run as it stands there: nngcat says hello and submits a message."""

import re
import shutil
import subprocess
import unittest

from relevo_process import ROOT, RelevoTest, account, token_hash
from relevo_wire import decode_frame, texts

PAGE = (ROOT / "proto/PROTOCOL.md").read_text()
COMMANDS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.S | re.M)


def example_bytes(verb):
    """The bytes of the page's first example of a verb."""
    section = PAGE[PAGE.index(f"### {verb}\n") :]
    (example,) = re.findall(r"```frame\n[^\n]*\n([0-9a-f\s]+)```", section)[:1]
    return bytes.fromhex(example)


@unittest.skipUnless(shutil.which("nngcat"), "needs nngcat (nng-utils)")
class SessionByHand(RelevoTest):
    def run_command(self, relevod, command):
        """The reply's bytes, printed by nngcat as "\\x89\\x00..."."""
        answer = subprocess.run(["sh", "-c", command.replace("tcp://127.0.0.1:7400", relevod.url)], capture_output=True, text=True, timeout=30)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return bytes.fromhex(answer.stdout.replace("\\x", "").strip().strip('"'))

    def sent_bytes(self, command):
        return subprocess.run(["sh", "-c", command.split("|")[0]], capture_output=True, timeout=30, check=True).stdout

    def test_the_commands_send_the_bytes_of_the_examples(self):
        self.assertEqual([self.sent_bytes(command) for command in COMMANDS], [example_bytes("hello"), example_bytes("submit")])

    def test_nngcat_says_hello_and_submits_a_message(self):
        relevod = self.broker(accounts=[{**account("web"), "token": token_hash("secret-web")}])
        hello, submit = COMMANDS
        verb, welcome = decode_frame(self.run_command(relevod, hello))
        self.assertEqual((verb, welcome.session), ("welcome", 1))
        verb, submitted = decode_frame(self.run_command(relevod, submit))
        self.assertEqual((verb, [result.status for result in submitted.results]), ("submitted", ["ok"]))
        verb, again = decode_frame(self.run_command(relevod, submit))
        self.assertEqual((again.results[0].duplicate, again.results[0].lsn), (1, submitted.results[0].lsn))
        records, _ = relevod.operator().history(submitted.results[0].conversation)
        self.assertEqual(texts(records), [("customer", "Hola, ¿me ayudáis con mi factura?")])

    def test_the_welcome_is_the_one_of_the_page(self):
        relevod = self.broker(accounts=[{**account("web"), "token": token_hash("secret-web")}])
        self.assertEqual(self.run_command(relevod, COMMANDS[0]), example_bytes("welcome"))


if __name__ == "__main__":
    unittest.main()
