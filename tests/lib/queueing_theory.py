"""What queueing theory says, computed from textbooks and papers and knowing nothing of the simulator. Rates are per unit of time, times in that unit."""

from itertools import permutations
from math import exp, factorial


def erlang_c(servers, load):
    """P(wait > 0) in M/M/n with offered load a = lambda / mu (Erlang 1917; Kleinrock, Queueing Systems I, 3.40)."""
    last = load**servers / factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / factorial(k) for k in range(servers)) + last)


def mmn(servers, arrivals, service):
    """M/M/n: P(wait > 0), the mean wait and P(wait > t) (Gross and Harris, Fundamentals of Queueing Theory,
    2.4: the wait of those who wait is exponential)."""
    p_wait = erlang_c(servers, arrivals / service)
    spare = servers * service - arrivals
    return {"p_wait": p_wait, "mean_wait": p_wait / spare, "tail": lambda t: p_wait * exp(-spare * t)}


def erlang_a(servers, arrivals, service, impatience):
    """M/M/n+M: P(wait > 0), P(abandon) and the mean wait of all, from the stationary birth and death process
    (Palm 1957; Mandelbaum and Zeltyn, "The M/M/n+G queue: summary of performance measures", 2004)."""
    weights, k = [1.0], 0
    while k < servers or weights[-1] > 1e-18 * max(weights):
        k += 1
        weights.append(weights[-1] * arrivals / (min(k, servers) * service + max(0, k - servers) * impatience))
    total = sum(weights)
    queue = sum((k - servers) * w for k, w in enumerate(weights) if k > servers) / total
    return {"p_wait": sum(weights[servers:]) / total, "p_abandon": impatience * queue / arrivals, "mean_wait": queue / arrivals}


def mmnk(servers, room, arrivals, service):
    """M/M/n with room for so many who wait: P(lost), and P(wait > 0) and the mean wait of those let in, from the stationary birth and death
    process (Gross and Harris, 2.5; with no room, Erlang's loss formula, 1917)."""
    load = arrivals / service
    weights = [load**k / factorial(k) if k <= servers else load**k / factorial(servers) / servers**(k - servers) for k in range(servers + room + 1)]
    p_lost = weights[-1] / sum(weights)
    queue = sum((k - servers) * w for k, w in enumerate(weights) if k > servers) / sum(weights)
    return {"p_lost": p_lost, "p_wait": sum(weights[servers:-1]) / sum(weights[:-1]), "mean_wait": queue / (arrivals * (1 - p_lost))}


def mm1_fixed_patience(arrivals, service, patience):
    """M/M/1+D: who has waited so long leaves. P(abandon) and the mean wait of all, from the density p0 lambda exp(-(mu - lambda) v) of the
    virtual wait v up to the patience and its exponential tail of rate mu after it (Barrer 1957, "Queuing with impatient customers and ordered service")."""
    slope = arrivals - service
    grown = exp(slope * patience)
    below, after = arrivals * (grown - 1) / slope, arrivals * grown / service
    idle = 1 / (1 + below + after)
    waits = arrivals * (patience * grown / slope - (grown - 1) / slope**2)
    return {"p_abandon": idle * after, "p_wait": 1 - idle, "mean_wait": idle * (waits + after * patience)}


def erlang_a_of_two(servers, arrivals, service, impatience):
    """P(abandon) of two types in M/M/n+M when the first goes before the second, without interrupting: the chain of how many of each wait, by iteration."""
    top, total = 25, sum(arrivals)
    alone = [1.0]
    for k in range(servers):
        alone.append(alone[-1] * total / ((k + 1) * service))
    p = {(h, l): alone[-1] / 2**(h + l) for h in range(top) for l in range(top)}
    for _ in range(150):
        p[0, 0] = alone[-1]
        for h, l in p:
            if h + l == 0:
                continue
            into = (p.get((h - 1, l), 0) * arrivals[0] + p.get((h, l - 1), 0) * arrivals[1] + p.get((h + 1, l), 0) * (servers * service + (h + 1) * impatience)
                    + p.get((h, l + 1), 0) * ((0 if h else servers * service) + (l + 1) * impatience))
            p[h, l] = into / ((h + 1 < top) * arrivals[0] + (l + 1 < top) * arrivals[1] + servers * service + (h + l) * impatience)
    whole = sum(p.values()) + sum(alone[:-1])
    return [sum(state[i] * weight for state, weight in p.items()) / whole * impatience / arrivals[i] for i in (0, 1)]


def cobham(servers, arrivals, service):
    """Mean waits in M/M/n with non-preemptive priorities, highest first, one service rate for all
    (Cobham 1954, "Priority assignment in waiting line problems"; Kella and Yechiali 1985)."""
    residual = erlang_c(servers, sum(arrivals) / service) / (servers * service)
    waits, before = [], 0.0
    for rate in arrivals:
        here = before + rate / (servers * service)
        waits.append(residual / ((1 - before) * (1 - here)))
        before = here
    return waits


def mg1_residual_work(arrivals, means, cvs):
    """The mean residual service found in M/G/1 with several types: sum of lambda E[S^2] / 2 (Pollaczek 1930, Khinchine 1932)."""
    return sum(rate * mean**2 * (1 + cv**2) / 2 for rate, mean, cv in zip(arrivals, means, cvs))


def mg1_conserved(arrivals, means, cvs):
    """Sum of rho_i W_i in M/G/1, the same for every order that is work-conserving and does not know the service times
    (Kleinrock 1965, "A conservation law for a wide class of queueing disciplines")."""
    load = sum(rate * mean for rate, mean in zip(arrivals, means))
    return load * mg1_residual_work(arrivals, means, cvs) / (1 - load)


def gim1(transform, service):
    """GI/M/1: P(wait > 0) is the root of s = A(mu - mu s) below 1, A the Laplace transform of the times between arrivals, and the mean wait
    s / (mu (1 - s)) (Kleinrock I, 6.4: G/M/1)."""
    root = 0.5
    for _ in range(10000):
        root = transform(service * (1 - root))
    return {"p_wait": root, "mean_wait": root / (service * (1 - root))}


def dm1(arrivals, service):
    """D/M/1: between arrivals goes always the same time."""
    return gim1(lambda s: exp(-s / arrivals), service)


def mdn(servers, arrivals, time):
    """M/D/n: P(wait > 0) and the mean wait. Whoever is served now is gone one service later, and only they: the number in the system then
    is who waits now and who came since (Crommelin 1932, "Delay probability formulae when the holding times are constant")."""
    top, load = 40 * servers, arrivals * time
    came = [exp(-load)]
    while len(came) < top:
        came.append(came[-1] * load / len(came))
    p, moved = [1.0] + [0.0] * (top - 1), 1.0
    while moved > 1e-12:
        left = [sum(p[: servers + 1]), *p[servers + 1 :]]
        after = [sum(left[k] * came[n - k] for k in range(min(n + 1, len(left)))) for n in range(top)]
        after = [share / sum(after) for share in after]
        p, moved = after, max(abs(a - b) for a, b in zip(p, after))
    return {"p_wait": sum(p[servers:]), "mean_wait": sum((n - servers) * share for n, share in enumerate(p) if n > servers) / arrivals}


def two_rates(servers, arrivals, services, top=80):
    """Two types with other exponential handling times, served in order of arrival by the same agents: P(wait > 0) and the mean wait, from the
    Markov chain of how many are there and how many of those in service are of the first type, by iteration (Gauss and Seidel)."""
    total = sum(arrivals)
    first = arrivals[0] / total
    p = {(n, i): 1.0 for n in range(top) for i in range(min(n, servers) + 1)}
    into = {state: [] for state in p}
    out = dict.fromkeys(p, 0.0)

    def moves(state, to, rate):
        if rate and to in p:
            into[to].append((state, rate))
            out[state] += rate

    for n, i in p:
        takes_next = n > servers
        for type_ends, count in ((1, i), (0, min(n, servers) - i)):
            rate = count * services[1 - type_ends]
            moves((n, i), (n - 1, i - type_ends + 1), rate * first if takes_next else 0)
            moves((n, i), (n - 1, i - type_ends), rate * (1 - first) if takes_next else rate)
        moves((n, i), (n + 1, i + 1), total * first if n < servers else 0)
        moves((n, i), (n + 1, i), total * (1 - first) if n < servers else total)
    before, waiting = 0.0, 1.0
    while abs(waiting - before) > 1e-9 * waiting:
        for state in [*p, *reversed(p)]:
            p[state] = sum(p[source] * rate for source, rate in into[state]) / out[state]
        share = sum(p.values())
        p = {state: value / share for state, value in p.items()}
        before, waiting = waiting, sum((n - servers) * value for (n, _), value in p.items() if n > servers)
    return {"p_wait": sum(value for (n, _), value in p.items() if n >= servers), "mean_wait": waiting / total}


def batch_mm1(batches, size, service):
    """M^[X]/M/1 with batches of one size: the mean wait (Gross and Harris, Fundamentals of Queueing Theory, 3.1: L = rho (K + 1) / (2 (1 - rho)))."""
    load = batches * size / service
    in_system = load * (size + 1) / (2 * (1 - load))
    return in_system / (batches * size) - 1 / service


class FcfsAlis:
    """Several types of customer and servers under first come first served and assign longest idle server, exponential service by server:
    Adan and Weiss 2014, "A skill based parallel service system under FCFS-ALIS: steady state, overloads and abandonments", Theorem 2.1.

    State: busy servers M_1 .. M_i in the order of the arrivals they serve, n_k customers waiting between M_k and M_(k+1) (all of types that only
    M_1 .. M_k serve), then the idle servers, the longest idle last. Its weight is

        prod over busy k of  lambda(U(M_1..M_k))^n_k / mu(M_1..M_k)^(n_k + 1)   *   prod over idle k of  1 / lambda(C(M_k..M_J))

    with U(S) the types that only servers in S serve, and C(S) those that some server in S serves. The n_k are summed in closed form: given
    the servers' order they are independent and geometric, and each of the customers is of a type of U with probability lambda / lambda(U)."""

    def __init__(self, arrivals, service, serves):
        """arrivals: type -> rate; service: server -> rate; serves: server -> the types it serves."""
        self.arrivals, self.service, self.serves = arrivals, service, serves
        self.states = [state for order in permutations(service) for busy in range(len(order) + 1) for state in [self._state(order, busy)]]
        total = sum(weight for weight, *_ in self.states)
        self.states = [(weight / total, *rest) for weight, *rest in self.states]

    def _rate(self, types):
        return sum(self.arrivals[c] for c in types)

    def _only(self, servers):
        """The types that nobody else serves."""
        return {c for c in self.arrivals if all(m in servers for m in self.service if c in self.serves[m])}

    def _some(self, servers):
        return {c for m in servers for c in self.serves[m]}

    def _state(self, order, busy):
        weight, blocks = 1.0, []
        for k in range(1, busy + 1):
            speed, types = sum(self.service[m] for m in order[:k]), self._only(order[:k])
            ratio = self._rate(types) / speed
            assert ratio < 1, "unstable"
            weight /= speed * (1 - ratio)
            blocks.append((ratio, types))
        for k in range(busy, len(order)):
            weight /= self._rate(self._some(order[k:]))
        return weight, order[:busy], order[busy:], blocks

    def p_wait(self, c):
        return sum(weight for weight, _, idle, _ in self.states if c not in self._some(idle))

    def mean_wait(self, c):
        """Little's law on the customers of that type who wait."""
        waiting = 0.0
        for weight, _, _, blocks in self.states:
            for ratio, types in blocks:
                if c in types:
                    waiting += weight * ratio / (1 - ratio) * self.arrivals[c] / self._rate(types)
        return waiting / self.arrivals[c]

    def busy(self, m):
        return sum(weight for weight, busy, _, _ in self.states if m in busy)

    def rate(self, c, m):
        """How often server m begins to serve a customer of type c."""
        return sum(weight * (self._at_arrival(c, m, idle) + self._at_end(c, m, busy, blocks)) for weight, busy, idle, blocks in self.states)

    def _at_arrival(self, c, m, idle):
        first = next((server for server in reversed(idle) if c in self.serves[server]), None)
        return self.arrivals[c] if first == m else 0.0

    def _at_end(self, c, m, busy, blocks):
        """m ends a service and scans those who wait, oldest first: nobody in the blocks before, and in this block the first it can serve is a c."""
        if m not in busy or c not in self.serves[m]:
            return 0.0
        rate, nobody = 0.0, 1.0
        for ratio, types in blocks[busy.index(m):]:
            mine = types & self.serves[m]
            share = self._rate(mine) / self._rate(types) if types else 0.0
            none_here = (1 - ratio) / (1 - ratio * (1 - share))
            if c in mine:
                rate += nobody * (1 - none_here) * self.arrivals[c] / self._rate(mine)
            nobody *= none_here
        return self.service[m] * rate


def solve_fcfs_alis(arrivals, service, serves, waiting_max):
    """The same system by brute force: its Markov chain of (customers who wait, in order; who is busy; idle servers, longest idle first) cut off
    at `waiting_max` who wait, solved by iteration. Returns P(wait) by type and the rates of who serves whom."""
    steps = {}

    def moves(state):
        waiting, idle = state
        for c, rate in arrivals.items():
            chosen = next((m for m in idle if c in serves[m]), None)
            if chosen is not None:
                yield rate, (waiting, tuple(m for m in idle if m != chosen)), (c, chosen)
            elif len(waiting) < waiting_max:
                yield rate, (waiting + (c,), idle), None
        for m, rate in service.items():
            if m in idle:
                continue
            at = next((i for i, c in enumerate(waiting) if c in serves[m]), None)
            if at is None:
                yield rate, (waiting, idle + (m,)), None
            else:
                yield rate, (waiting[:at] + waiting[at + 1:], idle), (waiting[at], m)

    found = [((), tuple(service))]
    while found:
        state = found.pop()
        if state not in steps:
            steps[state] = list(moves(state))
            found.extend(after for _, after, _ in steps[state])
    speed = sum(arrivals.values()) + sum(service.values())
    share = {state: 1 / len(steps) for state in steps}
    for _ in range(4000):
        after = dict.fromkeys(steps, 0.0)
        for state, p in share.items():
            after[state] += p * (1 - sum(rate for rate, _, _ in steps[state]) / speed)
            for rate, to, _ in steps[state]:
                after[to] += p * rate / speed
        moved = sum(abs(after[state] - share[state]) for state in steps)
        share = after
        if moved < 1e-12:
            break
    p_wait = {c: sum(p for (_, idle), p in share.items() if not any(c in serves[m] for m in idle)) for c in arrivals}
    rates = {}
    for state, p in share.items():
        for rate, _, match in steps[state]:
            if match:
                rates[match] = rates.get(match, 0.0) + p * rate
    return p_wait, rates
