"""Peers with a token that ask too much: they are refused, and what the broker keeps for them has a bound."""

import os
import re
import socket
import struct
import threading
import unittest
from pathlib import Path

from relevo_process import RelevoTest, wait_until
from relevo_wire import encode_frame

MEGABYTES_MAX = 600


class Flood:
    """A connection on which a frame is asked up to `count` times and nothing is read. The broker may stop reading too: that is a bound as well."""

    def __init__(self, url, frame, count):
        self.peer = socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))
        body = struct.pack(">I", 1 << 31) + frame
        self.message, self.count, self.sent, self.seen, self.quiet = struct.pack(">Q", len(body)) + body, count, 0, 0, 0
        self.peer.sendall(b"\0SP\0\0\x30\0\0")
        threading.Thread(target=self.send, daemon=True).start()

    def send(self):
        try:
            for _ in range(self.count):
                self.peer.sendall(self.message)
                self.sent += 1
        except OSError:
            pass  # closed

    def is_over(self):
        """Everything is sent, or nothing was taken for a hundred looks."""
        self.quiet = self.quiet + 1 if self.sent == self.seen else 0
        self.seen = self.sent
        return self.sent == self.count or self.quiet > 100

    def end(self):
        self.peer.shutdown(socket.SHUT_RDWR)
        self.peer.close()


@unittest.skipIf("RELEVO_SLOW" in os.environ, "a sanitizer needs memory of its own")
class Hostile(RelevoTest):
    def peak_megabytes(self, relevod):
        status = Path(f"/proc/{relevod.process.popen.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024

    def test_large_submits_in_a_flood_are_bounded(self):
        relevod = self.broker()
        web = relevod.connector()
        changes = [{"kind": "message", "address": "a", "key": f"k{number}", "text": "x" * 1000} for number in range(3500)]
        peer = Flood(relevod.url, encode_frame("submit", session=web.session, token=web.token, changes=changes), 300)
        wait_until(peer.is_over, "the end of the flood")
        self.assert_status(wait_until(lambda: self.accepted(web), "room again"), "ok")
        self.assertLess(self.peak_megabytes(relevod), MEGABYTES_MAX)
        peer.end()

    def accepted(self, web):
        result = web.message("b", "still there?")
        return result if result.status == "ok" else None

    def test_replies_that_nobody_reads_are_bounded(self):
        relevod = self.broker()
        web, ana = relevod.connector(), relevod.agent("ana")
        for _ in range(40):
            conversation = web.message("a", "x" * 60000).conversation
        peer = Flood(relevod.url, encode_frame("history", session=ana.session, token=ana.token, conversation=conversation), 1000)
        wait_until(peer.is_over, "the end of the flood")
        self.assertEqual(len(ana.history(conversation)[0]) > 10, True)
        self.assertLess(self.peak_megabytes(relevod), MEGABYTES_MAX)
        peer.end()


if __name__ == "__main__":
    unittest.main()
