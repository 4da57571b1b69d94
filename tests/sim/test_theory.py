"""The simulator against queueing theory: every figure within three standard errors of the formula, in runs long enough for 1 %.

With --table instead of testing it prints theory and simulation side by side, as bench/README.md shows them."""

import sys
import unittest

import queueing_theory as theory
from relevo_simulate import SLOW, shortened, simulate

PRIORITIES = ("urgent", "high", "normal", "low")
ORDERS = {("normal", "normal"): "equal priorities", ("urgent", "low"): "the first type first", ("low", "urgent"): "the second type first"}


def customers(name="calls", rate=1.0, handling=None, **more):
    return {"name": name, "arrival": {"per_second": rate}, "handling": handling or {"exponential": "1s"}, **more}


def agents(name="staff", count=1, **more):
    return {"name": name, "count": count, **more}


def of_type(result, name):
    return next(line for line in result["types"] if line["name"] == name)


def matrix(result):
    """(type, group) -> services begun per second, with its error."""
    return {(cell["type"], cell["group"]): {key: value / 3600 for key, value in cell["per_hour"].items()} for cell in result["matrix"]}


class Theory(unittest.TestCase):
    compared = []  # (system, figure, expected, value, error)
    system = ""

    def holds(self, estimate, expected, what, long_enough=True):
        value, error = estimate["value"], estimate["error"]
        self.compared.append((self.system, what, expected, value, error))
        self.assertLessEqual(abs(value - expected), 3 * error, f"{what}: {value} ± {error}, expected {expected}")
        if long_enough and SLOW == 1:
            self.assertLess(error, 0.01 * expected, f"{what}: the run is too short for 1 %")

    def run_of(self, types, groups, arrivals, seed=1, **more):
        count = shortened(arrivals)
        return simulate({"seed": seed, "arrivals": count, "warm_up_arrivals": count // 50, "customers": types, "agents": groups, **more})


class OneType(Theory):
    def test_many_agents_wait_as_erlang_c_says(self):
        for count, rate, arrivals in ((1, 0.6, 700000), (2, 1.4, 1500000), (10, 8.0, 4800000)):
            with self.subTest(agents=count):
                self.system = f"M/M/{count}, rho {rate / count:.2f}"
                expected = theory.mmn(count, rate, 1.0)
                result = self.run_of([customers(rate=rate)], [agents(count=count)], arrivals, service_level_within="0.3s")
                total = result["total"]
                self.holds(total["p_wait"], expected["p_wait"], "P(wait > 0)")
                self.holds(total["mean_wait_s"], expected["mean_wait"], "mean wait")
                self.holds(total["service_level"], 1 - expected["tail"](0.3), "P(wait <= 0.3 s)")
                self.holds(total["queue_length"], rate * expected["mean_wait"], "queue length")
                self.holds(result["groups"][0]["utilisation"], rate / count, "utilisation")

    def test_the_percentiles_are_those_of_the_distribution(self):
        expected = theory.mmn(2, 1.5, 1.0)
        total = self.run_of([customers(rate=1.5)], [agents(count=2)], 1000000)["total"]
        for name, share in (("wait_p50_s", 0.5), ("wait_p90_s", 0.9), ("wait_p99_s", 0.99)):
            self.assertAlmostEqual(expected["tail"](total[name]), 1 - share, delta=(0.08 if SLOW == 1 else 0.5) * (1 - share), msg=name)

    def test_impatient_customers_leave_as_erlang_a_says(self):
        for count, rate, patience, arrivals in ((5, 4.5, 2.0, 500000), (10, 12.0, 0.5, 350000), (20, 22.0, 2.0, 1000000)):
            with self.subTest(agents=count):
                self.system = f"M/M/{count}+M, {rate:g} per service, patience {patience:g} services"
                expected = theory.erlang_a(count, rate, 1.0, 1 / patience)
                result = self.run_of([customers(rate=rate, patience={"exponential": f"{patience}s"})], [agents(count=count)], arrivals)
                total = result["total"]
                self.holds(total["p_abandon"], expected["p_abandon"], "P(abandon)")
                self.holds(total["p_wait"], expected["p_wait"], "P(wait > 0)")
                self.holds(total["mean_wait_s"], expected["mean_wait"], "mean wait of all")
                self.holds(result["groups"][0]["utilisation"], rate * (1 - expected["p_abandon"]) / count, "utilisation")

    def test_handling_times_of_every_kind_wait_as_pollaczek_and_khinchine_say(self):
        kinds = (({"fixed": "1s"}, 0.0), ({"lognormal": {"mean": "1s", "cv": 0.8}}, 0.8), ({"erlang": {"phases": 4, "mean": "1s"}}, 0.5),
                 ({"uniform": {"min": "0s", "max": "2s"}}, 3**-0.5), ({"gamma": {"mean": "1s", "shape": 0.7}}, 0.7**-0.5),
                 ({"hyperexponential": {"mean": "1s", "cv": 1.5}}, 1.5), ({"lognormal": {"mu": -0.5, "sigma": 1.0}}, 1.3108324944320862))
        for handling, cv in kinds:
            with self.subTest(handling=handling):
                self.system = f"M/G/1, rho 0.5, {next(iter(handling))} of cv {cv:.2f}"
                total = self.run_of([customers(rate=0.5, handling=handling)], [agents()], 600000)["total"]
                self.holds(total["mean_wait_s"], theory.mg1_residual_work([0.5], [1.0], [cv]) / 0.5, "mean wait", long_enough=cv < 1.2)
                self.holds(total["p_wait"], 0.5, "P(wait > 0)")

    def test_arrivals_at_fixed_intervals_wait_as_d_m_1(self):
        self.system = "D/M/1, rho 0.6"
        expected = theory.dm1(0.6, 1.0)
        result = self.run_of([{"name": "calls", "arrival": {"fixed": {"per_second": 0.6}}, "handling": {"exponential": "1s"}}], [agents()], 600000)
        self.holds(result["total"]["p_wait"], expected["p_wait"], "P(wait > 0)")
        self.holds(result["total"]["mean_wait_s"], expected["mean_wait"], "mean wait")

    def test_irregular_arrivals_wait_as_gi_m_1(self):
        share = (1 + (5 / 13) ** 0.5) / 2  # of the phase of more arrivals, for a cv of 1.5
        for arrival, cv, transform in (({"erlang": {"phases": 3, "per_second": 0.7}}, 3**-0.5, lambda s: (2.1 / (2.1 + s)) ** 3),
                                       ({"hyperexponential": {"cv": 1.5, "per_second": 0.7}}, 1.5, lambda s: sum(p * 1.4 * p / (1.4 * p + s) for p in (share, 1 - share)))):
            with self.subTest(arrival=arrival):
                self.system = f"GI/M/1, rho 0.7, {next(iter(arrival))} arrivals of cv {cv:.2f}"
                expected = theory.gim1(transform, 1.0)
                total = self.run_of([{"name": "calls", "arrival": arrival, "handling": {"exponential": "1s"}}], [agents()], 1500000)["total"]
                self.holds(total["p_wait"], expected["p_wait"], "P(wait > 0)")
                self.holds(total["mean_wait_s"], expected["mean_wait"], "mean wait", long_enough=cv < 1)

    def test_handling_times_of_one_length_wait_as_crommelin_says(self):
        for count, rate in ((3, 2.4), (10, 8.5)):
            with self.subTest(agents=count):
                self.system = f"M/D/{count}, rho {rate / count:.2f}"
                expected = theory.mdn(count, rate, 1.0)
                total = self.run_of([customers(rate=rate, handling={"fixed": "1s"})], [agents(count=count)], 1500000)["total"]
                self.holds(total["p_wait"], expected["p_wait"], "P(wait > 0)")
                self.holds(total["mean_wait_s"], expected["mean_wait"], "mean wait", long_enough=False)

    def test_customers_who_arrive_together_wait_as_batch_arrivals(self):
        self.system = "M^[3]/M/1, rho 0.6"
        result = self.run_of([customers() | {"arrival": {"per_second": 0.2, "batch": 3}}], [agents()], 500000)
        self.holds(result["total"]["mean_wait_s"], theory.batch_mm1(0.2, 3, 1.0), "mean wait")

    def test_an_agent_with_room_for_two_is_two_servers(self):
        self.system = "M/M/4, rho 0.7, as 2 agents with room for 2"
        expected = theory.mmn(4, 2.8, 1.0)
        result = self.run_of([customers(rate=2.8)], [agents(count=2, capacity=200)], 1800000)
        self.holds(result["total"]["p_wait"], expected["p_wait"], "P(wait > 0)")
        self.holds(result["total"]["mean_wait_s"], expected["mean_wait"], "mean wait")
        self.holds(result["groups"][0]["utilisation"], 0.7, "utilisation")


    def test_a_limit_of_the_depth_turns_away_as_the_birth_and_death_process_says(self):
        for count, room, rate in ((3, 1, 3.0), (1, 5, 1.2)):
            with self.subTest(agents=count):
                self.system = f"M/M/{count}/{count + room}, {rate:g} per service"
                expected = theory.mmnk(count, room, rate, 1.0)
                result = self.run_of([customers(rate=rate)], [agents(count=count)], 400000, configuration={"queues": [{"name": "main", "depth_max": room}]})
                total = result["total"]
                self.holds(total["p_turned_away"], expected["p_lost"], "P(turned away)")
                self.holds(total["p_wait"], expected["p_wait"], "P(wait > 0)")
                self.holds(total["mean_wait_s"], expected["mean_wait"], "mean wait")
                self.holds(result["groups"][0]["utilisation"], rate * (1 - expected["p_lost"]) / count, "utilisation")

    def test_who_does_not_wait_at_all_is_lost_as_erlang_b_says(self):
        self.system = "M/M/4/4, 3 per service"
        total = self.run_of([customers(rate=3.0, patience={"fixed": 0})], [agents(count=4)], 400000)["total"]
        self.holds(total["p_abandon"], theory.mmnk(4, 0, 3.0, 1.0)["p_lost"], "P(abandon)")

    def test_losses_depend_on_the_mean_of_the_handling_times_alone(self):
        expected = theory.mmnk(4, 0, 3.0, 1.0)["p_lost"]
        for handling in ({"fixed": "1s"}, {"lognormal": {"mean": "1s", "cv": 1.5}}):
            self.system = f"M/G/4/4, 3 per service, {next(iter(handling))}"
            total = self.run_of([customers(rate=3.0, handling=handling, patience={"fixed": 0})], [agents(count=4)], 400000)["total"]
            self.holds(total["p_abandon"], expected, "P(abandon)")

    def test_patience_of_one_length_is_lost_as_barrer_says(self):
        self.system = "M/M/1+D, 0.9 per service, patience 2 services"
        expected = theory.mm1_fixed_patience(0.9, 1.0, 2.0)
        total = self.run_of([customers(rate=0.9, patience={"fixed": "2s"})], [agents()], 600000)["total"]
        self.holds(total["p_abandon"], expected["p_abandon"], "P(abandon)")
        self.holds(total["p_wait"], expected["p_wait"], "P(wait > 0)")
        self.holds(total["mean_wait_s"], expected["mean_wait"], "mean wait of all")

    def test_wrap_up_is_served_after_service(self):
        self.system = "M/G/1, rho 0.75, wrap-up of half a service"
        result = self.run_of([customers(rate=0.5)], [agents()], 400000, configuration={"channels": [{"channel": "voice", "wrap_up_ms": 500}]})
        expected = theory.mg1_residual_work([0.5], [1.5], [1 / 1.5]) / (1 - 0.75)
        self.holds(result["total"]["mean_wait_s"], expected, "mean wait", long_enough=False)
        self.holds(result["total"]["p_wait"], 0.75, "P(wait > 0)")
        self.holds(result["groups"][0]["utilisation"], 0.75, "utilisation")

    def test_an_offer_keeps_its_agent_while_it_stands(self):
        self.system = "M/G/1, rho 0.75, half a service to answer"
        total = self.run_of([customers(rate=0.5)], [agents(answer_time={"fixed": "0.5s"})], 400000)["total"]
        expected = theory.mg1_residual_work([0.5], [1.5], [1 / 1.5]) / (1 - 0.75)
        self.holds(total["mean_wait_s"], expected + 0.5, "mean wait", long_enough=False)


class SeveralTypes(Theory):
    def lanes(self, guard, rates, **more):
        """A type and a queue for every lane, the highest first; everybody serves all of them."""
        queues = [{"name": f"lane {lane}", "lane": lane} for lane in reversed(range(len(rates)))]
        types = [customers(queue["name"], rate, queue=queue["name"], **more) for queue, rate in zip(queues, rates)]
        return types, {"lane_guard": guard, "queues": queues}

    def test_strict_lanes_wait_as_cobham_says(self):
        rates = [1.0, 0.8, 0.7, 0.6]
        self.system = "M/M/4, rho 0.78, four lanes"
        types, configuration = self.lanes(0, rates)
        result = self.run_of(types, [agents(count=4)], 2600000, configuration=configuration)
        for customer_type, wait in zip(types, theory.cobham(4, rates, 1.0)):
            self.holds(of_type(result, customer_type["name"])["mean_wait_s"], wait, f"mean wait in {customer_type['name']}", long_enough=wait < 1)

    def test_levels_of_priority_wait_as_cobham_says_while_waits_are_short(self):
        rates = [0.2, 0.2, 0.2, 0.1]
        self.system = "M/M/1, rho 0.7, four priorities"
        result = self.run_of([customers(word, rate, priority=word) for word, rate in zip(PRIORITIES, rates)], [agents()], 600000)
        for word, wait in zip(PRIORITIES, theory.cobham(1, rates, 1.0)):
            self.holds(of_type(result, word)["mean_wait_s"], wait, word, long_enough=False)

    def test_the_guard_gives_the_lower_lane_one_service_in_so_many(self):
        for guard in (1, 4):
            types, configuration = self.lanes(guard, [4.0, 4.0])
            served = matrix(self.run_of(types, [agents(count=2)], 40000, configuration=configuration))
            low, high = served["lane 0", "staff"]["value"], served["lane 1", "staff"]["value"]
            self.assertAlmostEqual(low / (low + high), 1 / (guard + 1), delta=0.001)

    def test_impatient_customers_of_two_lanes_leave_as_their_markov_chain_says(self):
        self.system = "M/M/5+M, 6 per service, two lanes, patience 1 service"
        types, configuration = self.lanes(0, [3.0, 3.0], patience={"exponential": "1s"})
        result = self.run_of(types, [agents(count=5)], 600000, configuration=configuration)
        for customer_type, expected in zip(types, theory.erlang_a_of_two(5, [3.0, 3.0], 1.0, 1.0)):
            self.holds(of_type(result, customer_type["name"])["p_abandon"], expected, f"P(abandon) in {customer_type['name']}", long_enough=False)
        self.holds(result["total"]["p_abandon"], theory.erlang_a(5, 6.0, 1.0, 1.0)["p_abandon"], "P(abandon)")

    def test_a_step_that_adds_plenty_of_agents_takes_whom_fixed_patience_would_lose(self):
        expected = theory.mm1_fixed_patience(0.9, 1.0, 2.0)
        plan = {"name": "wider", "steps": [{"queue": "main", "all": ["own"]}, {"after_s": 2, "add": True, "all": ["help"]}]}
        limit = [{"name": "main", "wait_max_ms": 2000, "overflow": "wide"}, {"name": "wide"}]
        for way, queues, plans, groups in (({"plan": "wider"}, [{"name": "main"}], [plan], [agents("own", 1, skills=["own"]), agents("help", 30, skills=["help"])]),
                                           ({"queue": "main"}, limit, [], [agents("own", 1, queues=["main"]), agents("help", 30, queues=["wide"])])):
            self.system = f"M/M/1, 0.9 per service, after 2 services plenty of helpers by {next(iter(way))}"
            result = self.run_of([customers(rate=0.9, **way)], groups, 600000, configuration={"queues": queues, "plans": plans})
            self.holds(matrix(result)["calls", "help"], 0.9 * expected["p_abandon"], "served by helpers")
            self.holds(result["total"]["mean_wait_s"], expected["mean_wait"], "mean wait")

    def test_the_order_of_service_conserves_work(self):
        """One agent, two types with other handling times, three orders: the same sum of rho_i W_i."""
        rates, means, cvs = [0.5, 0.1], [0.8, 2.0], [1.0, 0.0]
        self.system = "M/G/1, rho 0.6, two types"
        expected = theory.mg1_conserved(rates, means, cvs)
        waits = {}
        for order in ORDERS:
            types = [customers("short", rates[0], {"exponential": "0.8s"}, priority=order[0]),
                     customers("long", rates[1], {"fixed": "2s"}, priority=order[1])]
            result = self.run_of(types, [agents()], 600000)
            lines = [of_type(result, name)["mean_wait_s"] for name in ("short", "long")]
            weights = [rate * mean for rate, mean in zip(rates, means)]
            conserved = {key: sum(weight * line[key] for weight, line in zip(weights, lines)) for key in ("value", "error")}
            self.holds(conserved, expected, f"the sum of rho W with {ORDERS[order]}")
            waits[order] = lines[0]["value"]
        self.assertLess(waits[("urgent", "low")], 0.8 * waits[("normal", "normal")])
        self.assertGreater(waits[("low", "urgent")], 1.1 * waits[("normal", "normal")])

    def test_types_of_other_lengths_wait_alike_for_the_same_agents(self):
        self.system = "M/M/3, rho 0.78, two types of 0.5 and 2"
        expected = theory.two_rates(3, [1.5, 0.8], [2.0, 0.5])
        result = self.run_of([customers("short", 1.5, {"exponential": "0.5s"}), customers("long", 0.8, {"exponential": "2s"})], [agents(count=3)], 1500000)
        for name in ("short", "long"):
            self.holds(of_type(result, name)["p_wait"], expected["p_wait"], f"P(wait > 0) of {name}")
            self.holds(of_type(result, name)["mean_wait_s"], expected["mean_wait"], f"mean wait of {name}", long_enough=False)

    def test_priorities_among_many_agents_conserve_the_mean_wait(self):
        self.system = "M/M/3, rho 0.7, two types"
        expected = theory.mmn(3, 2.1, 1.0)["mean_wait"]
        for order in (("urgent", "low"), ("low", "urgent")):
            types = [customers("some", 0.6, priority=order[0]), customers("others", 1.5, priority=order[1])]
            self.holds(self.run_of(types, [agents(count=3)], 1400000)["total"]["mean_wait_s"], expected, f"mean wait with {ORDERS[order]}")


class SkillBased(Theory):
    """First come first served, longest idle first: Adan and Weiss 2014."""

    def follows(self, system, rates, groups, arrivals=1200000, by_queue=False):
        """groups: name -> (count, the types they serve, the rate of one)."""
        self.system = system
        service = {(name, i): speed for name, (count, _, speed) in groups.items() for i in range(count)}
        model = theory.FcfsAlis(rates, service, {server: set(groups[server[0]][1]) for server in service})
        handling = {"exponential": "1s", "by_group": {name: {"exponential": {"per_second": speed}} for name, (_, _, speed) in groups.items()}}
        if by_queue:
            types = [customers(c, rate, handling, queue=c) for c, rate in rates.items()]
            staff = [agents(name, count, queues=list(serves)) for name, (count, serves, _) in groups.items()]
        else:
            types = [customers(c, rate, handling, all=[c]) for c, rate in rates.items()]
            staff = [agents(name, count, skills=list(serves)) for name, (count, serves, _) in groups.items()]
        result = self.run_of(types, staff, arrivals)
        served = matrix(result)
        for c in rates:
            self.holds(of_type(result, c)["p_wait"], model.p_wait(c), f"P(wait > 0) of {c}")
            self.holds(of_type(result, c)["mean_wait_s"], model.mean_wait(c), f"mean wait of {c}")
            for name, (count, serves, _) in groups.items():
                expected = sum(model.rate(c, (name, i)) for i in range(count))
                if c in serves:
                    self.holds(served[c, name], expected, f"{name} serves {c}")
                else:
                    self.assertEqual(served[c, name]["value"], 0)
        for line in result["groups"]:
            expected = sum(model.busy((line["name"], i)) for i in range(line["agents"])) / line["agents"]
            self.holds(line["utilisation"], expected, f"how busy {line['name']} is")

    def test_the_n_model_follows_the_product_form(self):
        self.follows("N model", {"a": 0.5, "b": 0.4}, {"one": (1, "a", 1.0), "both": (1, "ab", 0.8)})

    def test_the_n_model_of_several_agents_follows_the_product_form(self):
        self.follows("N model of 2 + 3 agents", {"a": 1.2, "b": 1.0}, {"one": (2, "a", 0.7), "both": (3, "ab", 0.6)}, 1800000, by_queue=True)

    def test_the_w_model_follows_the_product_form(self):
        self.follows("W model", {"a": 0.3, "b": 0.4, "c": 0.2}, {"left": (1, "ab", 1.0), "right": (1, "bc", 0.7)})

    def test_the_m_model_follows_the_product_form(self):
        self.follows("M model", {"a": 0.6, "b": 0.5}, {"left": (1, "a", 0.5), "middle": (1, "ab", 0.9), "right": (1, "b", 0.6)})

    def test_the_product_form_solves_the_markov_chain(self):
        systems = (({"a": 0.2, "b": 0.2}, {1: 1.0, 2: 0.8}, {1: {"a"}, 2: {"a", "b"}}),
                   ({"a": 0.15, "b": 0.2, "c": 0.1}, {1: 1.0, 2: 0.9}, {1: {"a", "b"}, 2: {"b", "c"}}),
                   ({"a": 0.3, "b": 0.25}, {1: 0.5, 2: 0.9, 3: 0.6}, {1: {"a"}, 2: {"a", "b"}, 3: {"b"}}))
        for rates, service, serves in systems:
            model = theory.FcfsAlis(rates, service, serves)
            p_wait, matches = theory.solve_fcfs_alis(rates, service, serves, 7)
            for c in rates:
                self.assertAlmostEqual(model.p_wait(c), p_wait[c], delta=3e-4)
                for m in service:
                    self.assertAlmostEqual(model.rate(c, m), matches.get((c, m), 0), delta=3e-4)


def print_table():
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]).run(result)
    print("| system | figure | theory | simulated | off by (standard errors) |\n|---|---|---|---|---|")
    for system, what, expected, value, error in Theory.compared:
        if not what.startswith(("utilisation", "how busy", "queue")):
            print(f"| {system} | {what} | {expected:.4g} | {value:.4g} ± {error:.2g} | {(value - expected) / error:+.1f} |")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    if "--table" in sys.argv:
        sys.exit(print_table())
    unittest.main()
