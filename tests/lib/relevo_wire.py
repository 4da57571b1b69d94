"""The protocol from outside, in plain Python: the REQ side of SP over TCP, and frames by name.

Names and numbers are read from proto/*.def, so a test says {"kind": "message"} and fails when the protocol changes under it.
It shares no code with the C client: what both understand the same way is the protocol, not a common mistake."""

import itertools
import os
import re
import socket
import struct
import time
from pathlib import Path

import msgpack

PROTO = Path(__file__).resolve().parents[2] / "proto"
DEADLINE_S = 30 * float(os.environ.get("RELEVO_SLOW", "1"))  # sanitizer builds need more


class Refused(Exception):
    """The broker answered with an `error` frame."""

    def __init__(self, status, detail, verb):
        super().__init__(f"{status}: {detail}")
        self.status, self.detail, self.verb = status, detail, verb


class ConnectionLost(Exception):
    """The peer closed the connection, or nobody listens."""


class Map(dict):
    """A decoded map: fields as attributes, absent ones as the empty value of their type."""

    def __init__(self, kind, values):
        super().__init__(values)
        self.kind_of_map = kind

    def __getattr__(self, field):
        if field in self:
            return self[field]
        try:
            return {"UINT": 0, "TEXT": "", "RAW": None, "LIST": []}[MAPS[self.kind_of_map][field][1]]
        except KeyError:
            raise AttributeError(field) from None


def _words():
    groups = {}
    for group, number, name in re.findall(r"^(\w+)\((\d+), (\w+)\)", (PROTO / "words.def").read_text(), re.M):
        groups.setdefault(group, {})[name] = int(number)
    statuses = re.findall(r"^STATUS\((\d+), (\w+),", (PROTO / "status.def").read_text(), re.M)
    groups["STATUS"] = {name: int(number) for number, name in statuses}
    return groups


def _maps():
    text = (PROTO / "messages.def").read_text()
    verbs = {name: int(number) for number, name in re.findall(r"^VERB\((\d+), (\w+),", text, re.M)}
    maps = {name: {} for name in re.findall(r"^MAP\((\w+)\)", text, re.M)}
    for kind, where, key, field, rest in re.findall(r"^(UINT|TEXT|RAW|LIST)\((\w+), (\d+), (\w+), (.*?)\)", text, re.M):
        parts = [part.strip() for part in rest.split(",")]
        maps[where][field] = (int(key), kind, parts[1] if kind == "LIST" else None)
    return verbs, maps


WORDS = _words()
VERBS, MAPS = _maps()
VERB_NAMES = {number: name for name, number in VERBS.items()}
GROUP_OF = {
    ("hello", "role"): "ROLE",
    ("change", "kind"): "CHANGE",
    ("change", "priority"): "PRIORITY",
    ("record", "kind"): "RECORD",
    ("result", "status"): "STATUS",
    ("error", "status"): "STATUS",
    ("page", "state"): "SUBSTATE",
    ("record", "tie"): "TIE",
    ("record", "deadline"): "DEADLINE",
    ("finding", "verdict"): "VERDICT",
    ("explanation", "state"): "SUBSTATE",
    ("explanation", "priority"): "PRIORITY",
    ("explanation", "next"): "NEXT",
    ("peek_line", "priority"): "PRIORITY",
    ("agent_line", "kind"): "AGENT_KIND",
    ("agent_line", "state"): "AGENT_STATE",
}
STATE_OF_CHANGE = {"availability": "AGENT_STATE", "finish": "SUBSTATE", "receipt": "RECEIPT"}
STATE_OF_RECORD = {"finished": "SUBSTATE", "receipt": "RECEIPT", "agent_state": "AGENT_STATE"}


def number_of(group, word):
    return WORDS[group][word] if isinstance(word, str) else word


def word_of(group, number):
    return next((name for name, value in WORDS[group].items() if value == number), number)


def skill(text):
    """"billing:2" as the map of a required skill."""
    name, _, level = text.partition(":")
    return {"name": name, "level": int(level)} if level else {"name": name}


def encode_map(kind, fields):
    out = {}
    for field, value in fields.items():
        key, field_kind, child = MAPS[kind][field]
        if field_kind == "LIST":
            value = [encode_map(child, skill(item) if child == "skill" and isinstance(item, str) else item) for item in value]
        elif (kind, field) in GROUP_OF:
            value = number_of(GROUP_OF[kind, field], value)
        elif kind == "change" and field == "state":
            value = number_of(STATE_OF_CHANGE.get(fields["kind"], "SUBSTATE"), value)
        out[key] = value
    return out


def decode_map(kind, data):
    names = {key: (field, field_kind, child) for field, (key, field_kind, child) in MAPS[kind].items()}
    out = Map(kind, {})
    for key, value in data.items():
        if key == 0 or key not in names:
            continue
        field, field_kind, child = names[key]
        if field_kind == "LIST":
            value = [decode_map(child, item) for item in value]
        elif (kind, field) in GROUP_OF:
            value = word_of(GROUP_OF[kind, field], value)
        out[field] = value
    if kind == "record" and out.kind in STATE_OF_RECORD and "state" in out:
        out["state"] = word_of(STATE_OF_RECORD[out.kind], out["state"])
    return out


def encode_frame(verb, **fields):
    return msgpack.packb({0: VERBS[verb], **encode_map(verb, fields)})


def decode_frame(body):
    """Verb name and Map; an `error` frame is raised as Refused."""
    data = msgpack.unpackb(body, strict_map_key=False)
    verb = VERB_NAMES[data[0]]
    reply = decode_map(verb, data)
    if verb == "error":
        raise Refused(reply.status, reply.detail, VERB_NAMES.get(reply.verb, reply.verb))
    return verb, reply


class Connection:
    """One TCP connection speaking SP's REQ protocol; several requests may be out at once."""

    def __init__(self, url, timeout_s=DEADLINE_S):
        host, port = url.removeprefix("tcp://").rsplit(":", 1)
        self.ids = itertools.count(0x80000000 | (int.from_bytes(os.urandom(3), "big")))
        self.answers = {}
        try:
            self.socket = socket.create_connection((host, int(port)), timeout=timeout_s)
        except OSError as error:
            raise ConnectionLost(str(error)) from error
        try:
            self._greet()
        except ConnectionLost:
            self.socket.close()
            raise

    def _greet(self):
        try:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.sendall(b"\0SP\0" + struct.pack(">HH", 0x30, 0))
        except OSError as error:
            raise ConnectionLost(str(error)) from error
        greeting = self._take(8)
        if greeting != b"\0SP\0" + struct.pack(">HH", 0x31, 0):
            raise ConnectionLost(f"not a REP socket: {greeting!r}")

    def _take(self, size):
        data = bytearray()
        while len(data) < size:
            try:
                piece = self.socket.recv(size - len(data))
            except TimeoutError:
                raise
            except OSError as error:
                raise ConnectionLost(str(error)) from error
            if not piece:
                raise ConnectionLost("closed by the peer")
            data += piece
        return bytes(data)

    def post(self, body):
        """Sends one request and returns its id for collect()."""
        request = next(self.ids)
        try:
            self.socket.sendall(struct.pack(">QI", len(body) + 4, request) + body)
        except OSError as error:
            raise ConnectionLost(str(error)) from error
        return request

    def collect(self, request, timeout_s=DEADLINE_S):
        self.socket.settimeout(timeout_s)
        while request not in self.answers:
            (size,) = struct.unpack(">Q", self._take(8))
            body = self._take(size)
            self.answers[struct.unpack(">I", body[:4])[0]] = body[4:]
        return self.answers.pop(request)

    def exchange(self, body, timeout_s=DEADLINE_S):
        return self.collect(self.post(body), timeout_s)

    def close(self):
        self.socket.close()


class Client:
    """A session: hello at once, then changes, deliveries and questions. Keys are unique per client unless given."""

    counter = itertools.count(1)

    def __init__(self, url, role, name, token=None):
        self.url, self.role, self.name = url, role, name
        self.token = token if token is not None else token_of(name)
        self.keys = (f"{name}-{next(Client.counter)}-{number}" for number in itertools.count(1))
        self.cursor = 0
        self.waiting = []  # deliveries fetched and not yet taken by a test
        self.connection, self.known_here = Connection(url), True
        try:
            self.welcome = self.call("hello", version=1, role=role, name=name, token=self.token)
        except Refused:
            self.connection.close()
            raise
        self.session = self.welcome.session
        self.cursor = self.welcome.cursor

    def call(self, verb, timeout_s=DEADLINE_S, **fields):
        if "session" in fields:  # whichever connection it goes over
            fields.setdefault("token", self.token)
        return decode_frame(self.connection.exchange(encode_frame(verb, **fields), timeout_s))[1]

    def reconnect(self, seconds=DEADLINE_S):
        """A new socket for the same session, as after a broken line or a restart of the broker."""
        self.connection.close()
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.connection, self.known_here = Connection(self.url), False
                return self
            except ConnectionLost:
                if time.monotonic() > deadline:
                    raise

    def submit(self, *changes):
        changes = [change if "key" in change else {**change, "key": next(self.keys)} for change in changes]
        return self.call("submit", session=self.session, changes=changes).results

    def change(self, kind, **fields):
        """One change; its result."""
        return self.submit({"kind": kind, **fields})[0]

    def fetch(self, wait_ms=0, credit=0):
        """Deliveries after the cursor; asking again acknowledges them."""
        asked = {"session": self.session, "cursor": self.cursor, "wait_ms": wait_ms, "credit": credit}
        reply = self.call("fetch", timeout_s=DEADLINE_S + wait_ms / 1000, **{name: value for name, value in asked.items() if value})
        self.cursor = reply.cursor
        return reply.deliveries

    def delivery(self, kind, seconds=DEADLINE_S, **fields):
        """The first delivery of that kind (and with those fields) not taken before; waits for it."""
        deadline = time.monotonic() + seconds
        while True:
            for at, record in enumerate(self.waiting):
                if record.kind == kind and all(getattr(record, field) == value for field, value in fields.items()):
                    return self.waiting.pop(at)
            left = deadline - time.monotonic()
            if left <= 0:
                seen = ", ".join(f"{record.kind}@{record.conversation}" for record in self.waiting)
                raise AssertionError(f"{self.name}: no {kind} {fields or ''} within {seconds} s; fetched: {seen or 'nothing'}")
            self.waiting += self.fetch(wait_ms=max(1, min(int(left * 1000), self.welcome.heartbeat_ms)))  # a sign of life in time

    def delivered_so_far(self):
        """Everything deliverable now, taken."""
        while more := self.fetch():
            self.waiting += more
        taken, self.waiting = self.waiting, []
        return taken

    def history(self, conversation):
        """Every record of a conversation that this role may see, oldest first, and the newest page."""
        records, before, newest = [], 0, None
        while True:
            page = self.call("history", session=self.session, conversation=conversation, **({"before": before} if before else {}))
            newest = newest or page
            records, before = page.records + records, page.before
            if not before:
                return records, newest

    def status(self, digest=False):
        return self.call("status", session=self.session, **({"digest": 1} if digest else {}))

    def why(self, conversation, agent=None):
        return self.call("why", session=self.session, conversation=conversation, **({"agent": agent} if agent else {}))

    def peek(self, queue, limit=0):
        return self.call("peek", session=self.session, queue=queue, **({"limit": limit} if limit else {}))

    def heartbeat(self):
        return self.call("heartbeat", session=self.session)

    def bye(self):
        self.call("bye", session=self.session)
        self.connection.close()

    def close(self):
        """The socket goes, the session stays until its lease ends."""
        self.connection.close()

    # What a connector says.
    def message(self, address, text, **fields):
        return self.change("message", address=address, text=text, **fields)

    # What an agent says. `about` is a delivery or a result that carries conversation and epoch.
    def available(self):
        return self.change("availability", state="available")

    def away(self, reason="pause"):
        return self.change("availability", state="away", reason=reason)

    def accept(self, offered):
        return self.change("accept", conversation=offered.conversation, offer=offered.lsn)

    def decline(self, offered):
        return self.change("decline", conversation=offered.conversation, offer=offered.lsn)

    def reply(self, about, text, **fields):
        return self.change("reply", conversation=about.conversation, epoch=about.epoch, text=text, **fields)

    def transfer(self, about, **fields):
        return self.change("transfer", conversation=about.conversation, epoch=about.epoch, **fields)

    def finish(self, about, state="resolved", **fields):
        return self.change("finish", conversation=about.conversation, epoch=about.epoch, state=state, **fields)

    def take_next(self, **fields):
        """Waits for an offer, accepts it and returns the `assigned` delivery."""
        offered = self.delivery("offered", **fields)
        result = self.accept(offered)
        if result.status != "ok":
            raise AssertionError(f"{self.name}: accept: {result}")
        return self.delivery("assigned", conversation=offered.conversation)


def token_of(name):
    """The token of every principal in test configurations."""
    return f"token-of-{name}"


def texts(records):
    """(who, what) of everything said, in order: "customer", or the agent's name."""
    said = ("message", "reply", "note")
    return [(record.author or "customer", record.text) for record in records if record.kind in said]
