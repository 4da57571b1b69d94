"""Recorded dialogues, read independently of the connectors: what the broker's history must be after they were played."""

import json
from collections import namedtuple

from relevo_process import DATA

STAR = DATA / "star/dialogues.jsonl"

Turn = namedtuple("Turn", "side text")  # side: "customer" or "agent" (whoever owned the conversation)


def star(limit=None, skip=0):
    """Address -> turns of a STAR file's dialogues."""
    out = {}
    with open(STAR, encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number < skip or (limit is not None and number >= skip + limit):
                continue
            dialogue = json.loads(line)
            out[f"star-{dialogue['DialogueID']}"] = [Turn("customer" if event["Agent"] == "User" else "agent", event["Text"]) for event in dialogue["Events"]]
    return out


def recorded(records):
    """The same shape, from a stored history."""
    return [Turn("customer" if record.kind == "message" else "agent", record.text) for record in records if record.kind in ("message", "reply")]
