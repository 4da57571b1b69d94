"""`relevo simulate`: what a scenario may say, what it is told when it is wrong, and what it answers."""

import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from relevo_simulate import RELEVO, ROOT, SLOW, run, simulate

BANK = Path(os.environ.get("RELEVO_DATA", ROOT.parent / "shared/data")) / "bank_calls_5min/bank_calls.csv"

CALLS = """seed: 1
arrivals: 20000
customers:
  - name: calls
    arrival: {per_minute: 10}
    handling: {exponential: 1min}
agents:
  - {name: staff, count: 12}
"""

VOICE = {"name": "calls", "arrival": {"per_second": 1}, "handling": {"exponential": "1s"}}
TWO_QUEUES = [VOICE | {"name": name, "queue": name} for name in ("one", "two")]


# Open for 40 hours of the week, in which it takes 4.2 agents to do the work of all 168.
WEEK = """seed: 1
run: 7d
configuration:
  calendars: [{name: office, zone: UTC, weekly: ["mon-fri 09:00-17:00"]}]
  queues: [{name: main, calendar: office}]
customers:
  - name: letters
    arrival: {per_hour: 20}
    handling: {exponential: 3min}
agents:
  - {name: staff, count: 10}
"""


def of_type(result, name):
    return next(line for line in result["types"] if line["name"] == name)


def served_by(result, customer_type, group):
    return next(cell["per_hour"]["value"] for cell in result["matrix"] if (cell["type"], cell["group"]) == (customer_type, group))


class Simulate(unittest.TestCase):
    def refused(self, text, line, *words, options=()):
        done = run(text, *options)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in (f"scenario.yaml:{line}:" if line else "", *words):
            self.assertIn(word, done.stderr)


class Scenarios(Simulate):
    def test_the_same_seed_gives_the_same_run(self):
        self.assertEqual(simulate(CALLS), simulate(CALLS))
        other = simulate(CALLS, "--seed", "2")
        self.assertEqual(other["seed"], 2)
        self.assertNotEqual(other["total"], simulate(CALLS)["total"])

    def test_other_agents_see_the_same_customers(self):
        few, many = simulate(CALLS), simulate(CALLS.replace("count: 12", "count: 13"))
        work = [result["groups"][0]["utilisation"]["value"] * result["groups"][0]["agents"] for result in (few, many)]
        self.assertAlmostEqual(*work, delta=0.01)  # of 10, where chance alone would make 0.1
        self.assertEqual(few["total"]["arrivals_per_hour"], many["total"]["arrivals_per_hour"])
        self.assertGreater(few["total"]["mean_wait_s"]["value"], many["total"]["mean_wait_s"]["value"])

    def test_times_and_rates_may_be_written_in_many_units(self):
        usual = simulate(CALLS)["total"]
        for rate in ("{per_hour: 600}", "{per_second: 0.16666666666666666}", "{poisson: 6s}", "{exponential: 6000ms}", "{poisson: {mean: 0.1min}}"):
            self.assertAlmostEqual(simulate(CALLS.replace("{per_minute: 10}", rate))["total"]["mean_wait_s"]["value"], usual["mean_wait_s"]["value"], 6)
        for handling in ("60", "60s", "60000ms", "1 min"):
            self.assertEqual(simulate(CALLS.replace("1min", handling))["total"], usual)

    def test_run_ends_by_time_or_by_number_of_arrivals(self):
        by_number = simulate(CALLS.replace("arrivals: 20000", "arrivals: 5000\nwarm_up_arrivals: 1000"))
        self.assertEqual(by_number["total"]["offered"], 4000)
        by_time = simulate(CALLS.replace("arrivals: 20000", "run: 10h\nwarm_up: 1h"))
        self.assertAlmostEqual(by_time["measured_s"], 9 * 3600)
        self.assertAlmostEqual(by_time["warm_up_s"], 3600)
        self.assertAlmostEqual(by_time["total"]["offered"], 5400, delta=300)

    def test_a_run_of_fewer_arrivals_than_batches_ends_with_them(self):
        for arrivals, warm_up in ((1, 0), (13, 0), (24, 0), (20, 15)):
            with self.subTest(arrivals=arrivals):
                result = simulate(CALLS.replace("arrivals: 20000", f"arrivals: {arrivals}\nwarm_up_arrivals: {warm_up}"))
                self.assertEqual(result["total"]["offered"], arrivals - warm_up)
        self.assertEqual(simulate(CALLS.replace("arrivals: 20000", "arrivals: 500\nbatches: 1000"))["total"]["offered"], 500)

    def test_everybody_who_counts_is_settled(self):
        result = simulate(CALLS.replace("handling", "patience: {exponential: 20s}\n    handling").replace("count: 12", "count: 9"))
        total = result["total"]
        self.assertEqual(total["served"] + total["abandoned"] + total["turned_away"], total["offered"])
        self.assertEqual(total["offered"], 20000)
        self.assertEqual((result["unsettled"], result["unstable"]), (0, False))

    def test_matrix_and_utilisation_agree_with_what_was_served(self):
        result = simulate(CALLS)
        self.assertAlmostEqual(served_by(result, "calls", "staff"), result["total"]["arrivals_per_hour"]["value"], delta=3)
        self.assertAlmostEqual(result["groups"][0]["utilisation"]["value"], 10 / 12, delta=0.02)

    def test_a_type_is_served_only_by_agents_with_the_skills_it_requires(self):
        text = CALLS.replace("    arrival", "    all: [french]\n    arrival").replace("  - {name: staff, count: 12}", "  - {name: french, count: 11, skills: [french]}\n  - {name: others, count: 5, skills: [dutch]}")
        result = simulate(text)
        self.assertEqual(served_by(result, "calls", "others"), 0)
        self.assertEqual(result["groups"][1]["utilisation"]["value"], 0)
        self.assertGreater(result["groups"][0]["utilisation"]["value"], 0.8)

    def test_rules_of_the_configuration_route_types_that_say_nothing_themselves(self):
        text = """
arrivals: 2000
configuration:
  queues: [{name: sales}, {name: support}]
  accounts: [{name: shop, channel: webchat, token: "blake2b:%s"}]
  rules:
    - {account: shop, topic: invoice, queue: support}
    - {language: es, queue: support}
    - {queue: sales}
customers:
  - {name: invoices, account: shop, topic: invoice, arrival: {per_minute: 1}, handling: {fixed: 1s}}
  - {name: shoppers, account: shop, arrival: {per_minute: 1}, handling: {fixed: 1s}}
  - {name: spanish, language: es, arrival: {per_minute: 1}, handling: {fixed: 1s}}
agents:
  - {name: sellers, queues: [sales]}
  - {name: helpers, queues: [support]}
""" % ("0" * 64)
        result = simulate(text)
        for name, group in (("invoices", "helpers"), ("shoppers", "sellers"), ("spanish", "helpers")):
            self.assertGreater(served_by(result, name, group), 50)
            self.assertEqual(sum(served_by(result, name, other) > 0 for other in ("sellers", "helpers")), 1)

    def test_rules_see_the_attributes_of_a_type(self):
        types = [VOICE | {"name": "gold", "attributes": ["tier=gold", "since=a=b"]}, VOICE | {"name": "silver", "attributes": ["tier=silver"]}, VOICE | {"name": "unknown"}]
        configuration = {"queues": [{"name": "best"}, {"name": "rest"}],
                         "rules": [{"attributes": ["tier=gold", "since=a=b"], "queue": "best"}, {"queue": "rest"}]}
        staff = [{"name": queue, "count": 4, "queues": [queue]} for queue in ("best", "rest")]
        result = simulate({"arrivals": 3000, "customers": types, "agents": staff, "configuration": configuration})
        served = {(cell["type"], cell["group"]) for cell in result["matrix"] if cell["per_hour"]["value"] > 0}
        self.assertEqual(served, {("gold", "best"), ("silver", "rest"), ("unknown", "rest")})

    def test_a_configuration_file_brings_its_own_agents(self):
        text = """
arrivals: 2000
configuration: %s
customers:
  - {name: spanish, account: whatsapp-es, language: es, arrival: {per_minute: 1}, handling: {fixed: 1min}}
  - {name: mails, account: mail, arrival: {per_minute: 1}, handling: {fixed: 1min}}
""" % (ROOT / "broker/config/example.yaml")
        result = simulate(text)
        self.assertEqual([group["name"] for group in result["groups"]], ["iris", "ana", "bob"])
        self.assertGreater(served_by(result, "spanish", "iris"), 20)
        self.assertGreater(served_by(result, "mails", "ana"), 5)
        self.assertEqual(served_by(result, "mails", "iris"), 0)

    def test_offers_take_the_time_agents_take_to_answer(self):
        text = CALLS.replace("count: 12", "count: 40, answer_time: {fixed: 5s}")
        total = simulate(text)["total"]
        self.assertEqual(total["p_wait"]["value"], 1)
        self.assertAlmostEqual(total["wait_p50_s"], 5, delta=0.05)

    def test_in_a_queue_to_pull_from_agents_claim_at_once(self):
        pulled, pushed = (simulate(CALLS + f"configuration: {{queues: [{{name: main, mode: {mode}}}]}}\n")["total"] for mode in ("pull", "push"))
        self.assertEqual(pulled, pushed)

    def test_a_declined_offer_goes_to_somebody_else(self):
        total = simulate(CALLS.replace("count: 12", "count: 40, decline: 0.5, back_after: 1s").replace("20000", "5000"))["total"]
        self.assertEqual((total["served"], total["abandoned"]), (5000, 0))

    def test_more_than_can_be_served_is_said_to_be_unstable(self):
        result = simulate(CALLS.replace("count: 12", "count: 5"))
        self.assertTrue(result["unstable"])
        self.assertIn("queue grows", result["warning"])
        self.assertIn("unstable", run(CALLS.replace("count: 12", "count: 5")).stdout)

    def test_a_busy_but_stable_system_is_not_called_unstable(self):
        for seed in ("1", "2", "3"):
            self.assertFalse(simulate(CALLS.replace("count: 12", "count: 11").replace("20000", "100000"), "--seed", seed)["unstable"])

    def test_who_is_held_by_opening_hours_is_no_growth(self):
        friday_to_sunday = WEEK.replace("run: 7d", "run: 7d\nwarm_up: 4d")
        for scenario in (WEEK, friday_to_sunday, *(WEEK.replace("7d", run) for run in ("20h", "1d", "6d", "9d", "12d", "14d"))):
            result = simulate(scenario.replace("20}", "40}"))
            self.assertGreater(result["total"]["offered"], 100)
            self.assertFalse(result["unstable"], scenario)

    def test_more_than_can_be_served_in_opening_hours_is_said_to_be_unstable(self):
        for days, agents, unstable in (("3d", 2, True), ("7d", 2, True), ("21d", 2, True), ("56d", 4, True), ("56d", 5, False)):
            result = simulate(WEEK.replace("7d", days).replace("count: 10", f"count: {agents}"))
            self.assertEqual(result["unstable"], unstable, days)

    def test_customers_who_leave_keep_the_queue_of_too_few_agents_stable(self):
        result = simulate(CALLS.replace("count: 12", "count: 5").replace("1min}", "1min}\n    patience: {exponential: 10min}"))
        self.assertGreater(result["waiting_at_end"], 30)
        self.assertFalse(result["unstable"])

    def test_years_of_virtual_time_keep_their_agents(self):
        result = simulate(CALLS.replace("{per_minute: 10}", "{poisson: 30d}").replace("20000", "300"))
        self.assertEqual(result["total"]["served"], 300)
        self.assertEqual(result["total"]["p_wait"]["value"], 0)

    def test_the_table_shows_types_groups_and_errors(self):
        text = run(CALLS).stdout
        for word in ("calls", "staff", "±", "service level 2", "P(wait > 0)", "busy"):
            self.assertIn(word, text)

    @unittest.skipIf(SLOW > 1, "a sanitizer's build is not measured")
    def test_a_million_arrivals_take_less_than_ten_seconds(self):
        began = time.monotonic()
        simulate(CALLS.replace("20000", "1000000").replace("per_minute: 10", "per_minute: 9").replace("count: 12", "count: 10"))
        self.assertLess(time.monotonic() - began, 10)


class Invariants(Simulate):
    """With --check the engine is held against its invariants after every event, in scenarios of every kind."""

    def hold(self, types, groups, arrivals=2000, **configuration):
        done = run({"arrivals": arrivals, "customers": types, "agents": groups, "configuration": configuration}, "--check", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertGreater(json.loads(done.stdout)["total"]["served"], 0)

    def test_invariants_hold_in_every_order_of_service(self):
        self.hold([VOICE | {"name": word, "priority": word} for word in ("urgent", "high", "normal", "low")], [{"name": "staff", "count": 5}])
        for guard in (0, 2):
            self.hold(TWO_QUEUES, [{"name": "staff", "count": 2}], 1000, lane_guard=guard, queues=[{"name": "one", "lane": 1}, {"name": "two"}])
        self.hold(TWO_QUEUES, [{"name": "staff", "count": 2}], queues=[{"name": "one", "edf": True, "first_response_ms": 1000}, {"name": "two", "edf": True, "first_response_ms": 5000}])

    def test_invariants_hold_with_every_choice_of_agent(self):
        for choice in ("longest_idle", "least_loaded", "most_skilled", "round_robin", "last_agent"):
            self.hold([VOICE | {"all": ["a"]}, VOICE | {"name": "chats", "channel": "webchat", "any": ["a:2", "b"]}],
                      [{"name": "both", "skills": ["a:2", "b:4"]}, {"name": "one", "skills": ["a:1"], "capacity": 200}], 1000, queues=[{"name": "main", "choice": choice}])

    def test_invariants_hold_when_offers_are_late_declined_or_given_up(self):
        impatient = VOICE | {"patience": {"exponential": "2s"}}
        group = {"name": "staff", "count": 3, "answer_time": {"exponential": "0.5s"}, "decline": 0.2, "back_after": "3s"}
        for offers in (1, 3):
            self.hold([impatient], [group], queues=[{"name": "main", "offers": offers, "offer_ms": 1000}])

    def test_invariants_hold_with_wrap_up_and_mixed_channels(self):
        types = [VOICE | {"name": channel, "channel": channel} for channel in ("voice", "webchat", "email")]
        self.hold(types, [{"name": "staff", "count": 3}], channels=[{"channel": "voice", "wrap_up_ms": 500, "interrupts": ["email"]}])

    def test_invariants_hold_when_steps_and_queues_overflow(self):
        plan = {"name": "wider", "steps": [{"queue": "main", "all": ["a"]}, {"after_s": 1, "add": True, "all": ["b"], "priority": "high"}]}
        self.hold([VOICE | {"plan": "wider"}], [{"name": "first", "skills": ["a"]}, {"name": "second", "skills": ["b"]}], plans=[plan], queues=[{"name": "main"}])
        for limit in ({"depth_max": 2}, {"wait_max_ms": 1500}):
            self.hold([VOICE | {"queue": "one"}], [{"name": "first", "queues": ["one"]}, {"name": "second", "queues": ["two"]}],
                      queues=[{"name": "one", "overflow": "two", **limit}, {"name": "two"}])

    def test_one_run_is_checked_not_a_search(self):
        self.refused(CALLS, None, "--check", "--staff", options=["--check", "--staff"])


class Traces(Simulate):
    def trace(self, csv, keys, handling=None, patience="none", **more):
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write(csv)
            file.flush()
            return simulate({"customers": [{"name": "calls", "arrival": {"trace": {"file": file.name, **keys}}, "handling": handling or {"fixed": "1s"}, "patience": patience}],
                             "agents": [{"name": "staff", "count": 100}], **more})

    def test_a_column_of_times_is_when_they_arrive(self):
        for csv, keys in (("1\n5.5\n7200\n", {}), ("when\n1\n5.5\n7200\n", {}), ("x,when\na,00:00:01\nb,5500ms\nc,02:00\n", {"column": "when"}),
                          ("x,2003-03-03 00:00:01\nx,2003-03-03T00:00:05\nx,2003-03-03 02:00:00\n", {"column": 2})):
            result = self.trace(csv, keys)
            self.assertEqual(result["total"]["served"], 3)
            self.assertEqual([(hour["hour"], hour["offered"]) for hour in result["hours"]], [(0, 2), (2, 1)])

    def test_a_table_may_have_quotes_with_separators_in_them_and_a_mark_of_its_encoding(self):
        table = 'who,line,"started"\n"Doe, Jane",1,00:00:10\n"O""Neil; x", 2 ,"00:00:20"\nBob,3,01:00:00\n'
        for mark in ("", "\ufeff"):
            hours = self.trace(mark + table, {"column": "started"})["hours"]
            self.assertEqual([(hour["hour"], hour["offered"]) for hour in hours], [(0, 2), (1, 1)])
        self.assertEqual(self.trace("\ufeffstarted\n5\n", {"column": "started"})["total"]["served"], 1)

    def test_waits_and_levels_are_exact(self):
        """One agent, 10 s each, arrivals at 0, 1, 2 and 100 s: they wait 0, 9, 18 and 0 s."""
        result = self.trace("0\n1\n2\n100\n", {}, agents=[{"name": "staff"}], service_level_within="9s", handling={"fixed": "10s"})
        total = result["total"]
        figures = {"p_wait": 0.5, "mean_wait_served_s": 6.75, "mean_wait_s": 6.75, "service_level": 0.75, "service_level_2": 0.75, "p_abandon": 0}
        for name, expected in figures.items():
            self.assertAlmostEqual(total[name]["value"], expected, msg=name)
        self.assertEqual((total["wait_p50_s"], total["wait_p90_s"]), (0, 18))

    def test_the_earliest_deadline_goes_first_across_queues(self):
        """One agent, 10 s each, busy from 0. Deadlines: slow came at 1 and has 20 s, quick came at 5 and has 5 s, late came at 8 and has 20 s."""
        queues = [{"name": name, "edf": True, "first_response_ms": within} for name, within in (("slow", 20000), ("quick", 5000))]
        for edf, waits in ((True, {"slow": 19, "quick": 5, "late": 22}), (False, {"slow": 9, "quick": 15, "late": 22})):
            with tempfile.TemporaryDirectory() as folder:
                types = []
                for name, queue, at in (("first", "slow", 0), ("slow", "slow", 1), ("quick", "quick", 5), ("late", "slow", 8)):
                    (Path(folder) / name).write_text(f"{at}\n")
                    types.append({"name": name, "queue": queue, "arrival": {"trace": {"file": str(Path(folder) / name)}}, "handling": {"fixed": "10s"}})
                result = simulate({"customers": types, "agents": [{"name": "staff"}], "configuration": {"queues": [queue | {"edf": edf} for queue in queues]}})
            self.assertEqual({name: of_type(result, name)["mean_wait_s"]["value"] for name in waits}, waits)

    def test_who_leaves_waits_until_then(self):
        """Patience 5 s: the second and third leave, which is after T of 4 s, and within T of 5 s."""
        for within, level_2 in (("4s", 0.5), ("5s", 1)):
            total = self.trace("0\n1\n2\n100\n", {}, agents=[{"name": "staff"}], service_level_within=within, handling={"fixed": "10s"}, patience={"fixed": "5s"})["total"]
            self.assertEqual((total["served"], total["abandoned"]), (2, 2))
            figures = {"p_wait": 0.5, "p_abandon": 0.5, "mean_wait_served_s": 0, "mean_wait_s": 2.5, "service_level": 1, "service_level_2": level_2}
            for name, expected in figures.items():
                self.assertAlmostEqual(total[name]["value"], expected, msg=name)

    def test_counts_of_a_day_are_spread_over_their_intervals(self):
        result = self.trace("date,09:00,09:30,10:00\n2003-03-03,100,200,300\n2003-03-04,1,2,3\n", {"day": "2003-03-03"})
        self.assertEqual([(hour["hour"], hour["offered"]) for hour in result["hours"]], [(9, 300), (10, 300)])
        self.assertAlmostEqual(result["measured_s"], 5400)
        self.assertEqual(result["total"]["served"], 600)

    def test_a_scaled_trace_has_that_share_of_arrivals(self):
        result = self.trace("date,09:00,09:30\n2003-03-03,5001,4999\n", {"day": "2003-03-03", "scale": 0.1})
        self.assertAlmostEqual(result["total"]["offered"], 1000, delta=1)

    def test_a_trace_has_no_errors_because_its_hours_differ(self):
        self.assertIsNone(self.trace("1\n2\n3\n", {})["total"]["mean_wait_s"]["error"])

    @unittest.skipUnless(BANK.exists(), "shared/data/bank_calls_5min is absent")
    def test_a_day_of_the_bank_answers_how_many_agents_it_takes(self):
        scenario = {"customers": [{"name": "calls", "arrival": {"trace": {"file": str(BANK), "day": "2003-03-03", "scale": 0.1 if SLOW > 1 else 1}},
                                   "handling": {"exponential": "4min"}, "patience": {"exponential": "3min"}}],
                    "agents": [{"name": "staff", "count": 10}]}
        answer = simulate(scenario, "--staff", "--group", "staff", "--level", "80%", "--within", "20s", "--max-agents", "1000")
        enough = next(made for made in answer["tries"] if made["agents"] == answer["agents"])
        too_few = next(made for made in answer["tries"] if made["agents"] == answer["agents"] - 1)
        self.assertGreaterEqual(enough["level"], 0.8)
        self.assertLess(too_few["level"], 0.8)
        if SLOW == 1:
            self.assertEqual(simulate(scenario)["total"]["offered"], 41257)
            by_hour = {line["hour"]: line["agents"] for line in answer["hours"]}
            self.assertEqual(sorted(by_hour), list(range(7, 22)))
            self.assertGreater(by_hour[10], answer["agents"])
            self.assertLess(by_hour[20], answer["agents"])


class Staff(Simulate):
    def test_the_fewest_agents_that_hold_are_found(self):
        # Erlang C: P(wait <= 20 s) is 0.721 with 12 agents, 0.857 with 13, at an offered load of 10.
        answer = simulate(CALLS.replace("20000", "100000"), "--staff", "--level", "0.8", "--within", "20s")
        self.assertEqual((answer["agents"], answer["group"], answer["measure"]), (13, "staff", "service_level"))
        counts = [made["agents"] for made in answer["tries"]]
        self.assertEqual(counts, sorted(counts))
        self.assertTrue(all(made["holds"] == (made["agents"] >= 13) for made in answer["tries"]))
        self.assertTrue(next(made for made in answer["tries"] if made["agents"] == 8)["unstable"])

    def test_the_question_may_stand_in_the_scenario(self):
        text = CALLS + "staff: {group: staff, service_level: 0.99, within: 10s, max_agents: 50}\n"
        answer = simulate(text, "--staff")
        self.assertEqual((answer["level"], answer["within_s"]), (0.99, 10))
        self.assertGreater(answer["agents"], 13)
        self.assertLess(simulate(text, "--staff", "--level", "0.5")["agents"], 13)

    def test_too_few_allowed_is_an_answer_too(self):
        done = run(CALLS, "--staff", "--max-agents", "5")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not even 5", done.stdout)

    def test_which_group_must_be_said_when_there_are_several(self):
        self.refused(CALLS + "  - {name: more}\n", None, "--group", options=["--staff"])
        self.refused(CALLS, None, "--group", "name", options=["--staff", "--group", "nobody"])


class Refusals(Simulate):
    def test_an_unknown_key_is_refused_with_its_line(self):
        self.refused(CALLS + "sed: 2\n", 9, "sed", "unknown key", "seed")
        self.refused(CALLS.replace("per_minute", "per_minutes"), 5, "per_minutes", "unknown key")
        self.refused(CALLS.replace("count", "cuont"), 8, "cuont", "unknown key", "count")
        self.refused(CALLS.replace("    handling", "    patiance: none\n    handling"), 6, "patiance", "unknown key", "patience")

    def test_a_value_that_cannot_be_is_refused_with_its_line(self):
        for old, new, line, word in (("1min", "soon", 6, "expected a time"), ("1min", "-1", 6, "expected a time"), ("1min", "nan", 6, "expected a time"),
                                     ("per_minute: 10", "per_minute: 0", 5, "expected a number"), ("count: 12", "count: 1.5", 8, "whole number"),
                                     ("exponential: 1min", "lognormal: {mean: 1min}", 6, "cv"), ("exponential: 1min", "exponential: 0", 6, "above 0"),
                                     ("seed: 1", "seed: x", 1, "expected a number"), ("count: 12", "count: 12, capacity: 0", 8, "capacity"),
                                     ("{exponential: 1min}", "{exponential: 1min, by_group: {x: {fixed: 1}}}", 6, "no group"),
                                     ("handling", "priority: top\n    handling", 6, "low, normal, high or urgent")):
            with self.subTest(new=new):
                self.refused(CALLS.replace(old, new), line, word)

    def test_what_is_missing_is_told(self):
        self.refused(CALLS.replace("arrivals: 20000", "warm_up: 1h"), 1, "run: TIME or arrivals: COUNT")
        self.refused(CALLS[: CALLS.index("agents:")], 1, "agents")
        self.refused(CALLS.replace("    handling: {exponential: 1min}\n", ""), 4, "handling")
        self.refused("", 1, "key: value")

    def test_what_no_simulated_customer_could_have_is_refused(self):
        for key in ("pattern: refund", "result: checked"):
            self.refused(CALLS.replace("    handling", f"    {key}\n    handling"), 6, "write no text and come from no bot")
        for wrong in ("[tier]", '["=gold"]', '["tier="]', f"[{', '.join(f'a{number}=b' for number in range(17))}]"):
            self.refused(CALLS.replace("    handling", f"    attributes: {wrong}\n    handling"), 6, "at most 16 attributes as NAME=VALUE")

    def test_what_the_configuration_loader_refuses_is_told_at_its_place(self):
        self.refused(CALLS + "configuration:\n  queues:\n    - name: front\n      offer_ms: 5\n", 12, "offer_ms", "100")
        self.refused(CALLS.replace("    handling", "    all: [french]\n    handling"), 6, "french", "no agent has the skill")
        self.refused(CALLS.replace("count: 12", "count: 12, queues: [back]"), 8, "back", "no queue")

    def test_a_trace_that_cannot_be_read_is_told(self):
        for trace, word in (("{file: nowhere.csv}", "nowhere.csv"), ("{file: nowhere.csv, day: yesterday, column: 2}", "expected file"), ("{day: 2003-03-03}", "expected file")):
            self.refused(CALLS.replace("{per_minute: 10}", f"{{trace: {trace}}}"), 5, word)
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("date,09:00,09:30\n2003-03-03,1,many\n")
            file.flush()
            self.refused(CALLS.replace("{per_minute: 10}", f"{{trace: {{file: {file.name}, day: 2003-03-03}}}}"), 5, "line 2 of the file")
            self.refused(CALLS.replace("{per_minute: 10}", f"{{trace: {{file: {file.name}, day: 2003-03-05}}}}"), 5, "no row")

    def test_a_scenario_that_is_not_there_is_told(self):
        done = subprocess.run([RELEVO, "simulate", "/nowhere/x.yaml"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nowhere/x.yaml: cannot open it", done.stderr)


class Examples(Simulate):
    def test_every_example_runs(self):
        examples = sorted((ROOT / "bench/simulate/examples").glob("*.yaml"))
        self.assertGreaterEqual(len(examples), 2)
        for example in examples:
            if "shared/data" in example.read_text() and not (ROOT.parent / "shared/data").exists():
                continue
            done = subprocess.run([RELEVO, "simulate", str(example), "--json"], capture_output=True, text=True, timeout=120)
            self.assertEqual((done.returncode, done.stderr), (0, ""), example)
            self.assertGreater(json.loads(done.stdout)["total"]["served"], 0)


if __name__ == "__main__":
    unittest.main()
