"""What scripts/bench-peers measured, as a table, as one JSON object, and as RESULTS.md: medians of the rounds, and the least and the most."""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time

PACE = 5000
CAVEATS = """\
- Server and load share the processors, and p99 on a shared machine is mostly the neighbours': compare within one run only.
- The load is the same C program for every peer, with the peer's own C client library (beanstalkd: bare sockets); it moves more than a million
  messages a second when nothing is behind it. What is due at the same time may leave together, so peers are given batches where a connector of Relevo's
  sends its one message (`--batch 1`).
- Order is kept by the load's own doing: a conversation has its queue, and a queue has one consumer. The peers have no notion of a conversation; with
  a second consumer of a queue, or after a redelivery, order is gone. Relevo keeps it by itself, whoever serves.
- Redis streams, NATS and quorum queues of RabbitMQ 3.10 have no priorities: there the workload's are not honoured. Relevo's priorities decide between
  conversations that wait; in this load all are open and with an agent when it begins, so nobody waits and priorities cost it nothing. What
  routing costs is in `relevo bench engine` and `relevo bench conversation`.
- None of the peers routes by skill, offers work, keeps the conversation or hands it over. In these figures Relevo checks every message against repeats, adds it to
  its conversation's history, and delivers it to the agent who has the conversation.
- Throughput counts from the first message to the last confirmation or delivery, whichever came later: who confirms faster than it delivers pays for its backlog.
"""


def read_rows(path):
    """Name -> package, title and what it guarantees; Relevo first."""
    rows = {"relevo": dict(package=None, title="**Relevo**", durable="fsync", order="yes", redelivery="yes", priorities="yes")}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                name, package, _, _, title, durable, order, redelivery, priorities = line.rstrip("\n").split("|")
                rows[name] = dict(package=package, title=title, durable=durable, order=order, redelivery=redelivery, priorities=priorities)
    return rows


def read_measured(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def summary_of(measured, name):
    """Of one row: spreads of its figures over the rounds, what the proof found in all of them, and why it failed if it did."""
    results = {load: [line["result"] for line in measured if line["row"] == name and line.get("load") == load] for load in ("closed", "paced")}
    summary = {"failed": next((line["failed"] for line in measured if line["row"] == name and "failed" in line), None)}
    if results["closed"]:
        summary["messages_per_second"] = spread([result["messages_per_second"] for result in results["closed"]])
    if results["paced"]:
        summary["paced_messages_per_second"] = spread([result["messages_per_second"] for result in results["paced"]])
        for percentile in ("p50", "p99"):
            summary[f"deliver_{percentile}_us"] = spread([result["deliver_us"][percentile] for result in results["paced"]])
    for count in ("lost", "duplicated", "reordered"):
        summary[count] = sum(result[count] for load in results.values() for result in load)
    return summary


def fsync_p50_us(directory):
    path = os.path.join(directory, "fsync")
    took = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(200):
            file.write(b"." * 4096)
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begin)
    os.unlink(path)
    return round(1e6 * statistics.median(took))


def said_by(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def machine_of(directory):
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        "system": next((line.split("=", 1)[1].strip().strip('"') for line in open("/etc/os-release", encoding="utf-8") if line.startswith("PRETTY_NAME=")), "?"),
        "kernel": platform.release(),
        "filesystem": said_by("findmnt", "-n", "-o", "FSTYPE", "-T", directory) or "?",
        "disk_fsync_p50_us": fsync_p50_us(directory),
    }


def versions_of(rows):
    packages = sorted({row["package"] for row in rows.values() if row["package"]})
    return {package: said_by("dpkg-query", "-W", "-f", "${Version}", package) for package in packages}


def runs_of_round(measured):
    """Relevo's results of the last round, as `relevo bench limits --against` reads them."""
    last = {line["load"]: line["result"] for line in measured if line["row"] == "relevo" and "result" in line}
    return "\n".join(json.dumps(result) for result in last.values())


def limits_of(measured):
    """What `relevo bench limits` tells of each limit, and of Relevo's share of it: spreads over the rounds."""
    results = [line["result"] for line in measured if line["row"] == "limits" and "result" in line]
    limits = {
        name: {
            "unit": limit["unit"],
            "per_second": spread([result["limits"][name]["per_second"] for result in results]),
            "p50_us": spread([result["limits"][name]["us"]["p50"] for result in results]),
            "p99_us": spread([result["limits"][name]["us"]["p99"] for result in results]),
        }
        for name, limit in (results[0]["limits"] if results else {}).items()
    }
    shares = {}
    for result in results:
        for run in result.get("against", []):
            of = run["parameters"]
            load = f"{of['rate']:,} a second".replace(",", " ") if of["rate"] else f"{of['inflight']} submits of {of['batch']} in flight"
            for name, share in run.get("shares", {}).items():
                shares.setdefault((load, name, "%"), []).append(100 * share)
            for name, times in run.get("times", {}).items():
                shares.setdefault((load, name, "times"), []).append(times)
    return limits, [{"run": load, "limit": name, "unit": unit, **spread(values)} for (load, name, unit), values in shares.items()]


def rate_text(figure):
    return f"{round(figure['median'], -2):,.0f}".replace(",", " ")


def range_text(figure):
    return f"{figure['min'] / 1000:,.1f} - {figure['max'] / 1000:,.1f} k"


def latency_text(summary, percentile):
    if "paced_messages_per_second" not in summary:
        return "-"
    if summary["paced_messages_per_second"]["median"] < 0.95 * PACE:
        return "cannot keep up"
    return f"{summary[f'deliver_{percentile}_us']['median'] / 1000:.2f} ms"


def table_of(rows, summaries):
    """Heading and lines."""
    relevo = summaries.get("relevo", {}).get("messages_per_second")
    lines = [["", "durable when acknowledged", "redelivery", "priorities", "messages/s", "least - most", "Relevo is", "p50 at 5 k/s", "p99 at 5 k/s", "lost, doubled, reordered"]]
    for name, summary in summaries.items():
        row, rate = rows[name], summary.get("messages_per_second")
        cells = [row["title"], row["durable"], row["redelivery"], row["priorities"]]
        if rate:
            times = f"{relevo['median'] / rate['median']:.1f} x" if relevo and name != "relevo" else ""
            cells += [rate_text(rate), range_text(rate), times, latency_text(summary, "p50"), latency_text(summary, "p99")]
            cells += [f"{summary['lost']}, {summary['duplicated']}, {summary['reordered']}"]
        if summary["failed"] and rate:
            cells[-1] += f" ({summary['failed']})"
        elif summary["failed"]:
            cells += [f"({summary['failed']})"]
        lines.append(cells)
    return lines


def print_text(lines, report, out):
    lines = [[cell.replace("*", "") for cell in line] for line in lines]
    texts = 4 # columns before the numbers, which a row that failed has too
    widths = [max(len(line[i]) for line in lines if i < texts or len(line) == len(lines[0])) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.rjust(widths[i]) if i >= texts else cell.ljust(widths[i]) for i, cell in enumerate(line)).rstrip(), file=out)
    for name, limit in report["limits"].items():
        print(f"limit {name}: {rate_text(limit['per_second'])} {limit['unit']} a second, p50 {limit['p50_us']['median']:,.0f} us", file=out)
    for share in report["shares"]:
        print(f"Relevo, {share['run']}: {share['median']:.1f} {share['unit']}{' of' if share['unit'] == '%' else ''} {share['limit']}", file=out)


def write_markdown(path, report, lines):
    machine = report["machine"]
    with open(path, "w", encoding="utf-8") as out:
        out.write("# Relevo and the queues that people know, side by side\n\n")
        out.write(f"Written by `scripts/bench-peers` on {report['date']}; how each is used is in [README.md](README.md).\n\n")
        out.write(f"{machine['processor']}, {machine['cores']} cores shared by server and load, {machine['memory_gib']} GiB; {machine['system']}, Linux {machine['kernel']}, ")
        out.write(f"{machine['filesystem']}, fdatasync of 4 KiB {machine['disk_fsync_p50_us']} µs (median).\n")
        out.write(f"250-byte messages of 10 000 conversations in 64 queues, priorities, 4 consumers, 4 096 unconfirmed. {report['rounds']} rounds in turn, {report['seconds']} s each: ")
        out.write("medians. Latency is from when a message was due until its consumer has it, at 5 000 a second, one at a time.\n\n")
        for number, line in enumerate(lines):
            out.write("| " + " | ".join(line) + " |\n")
            if number == 0:
                out.write("|---|---|---|---|--:|--:|--:|--:|--:|---|\n")
        if report["limits"]:
            out.write("\nWhat the machine could do at best, in the same rounds (`relevo bench limits`, explained in [../README.md](../README.md#relevo-bench-limits)):\n")
            out.write("\n| limit | of | per second | p50, µs | p99, µs |\n|---|---|--:|--:|--:|\n")
            for name, limit in report["limits"].items():
                out.write(f"| `{name}` | {limit['unit']} | {rate_text(limit['per_second'])} | {limit['p50_us']['median']:,.0f} | {limit['p99_us']['median']:,.0f} |\n")
            out.write("\n| Relevo with | reaches | of |\n|---|--:|---|\n")
            for share in report["shares"]:
                out.write(f"| {share['run']} | {share['median']:.1f} {share['unit']} | `{share['limit']}` |\n")
        out.write("\nVersions: " + ", ".join(f"{package} {version}" for package, version in report["versions"].items() if version) + ".\n")
        out.write("\n" + CAVEATS)


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--runs-of-round":
        print(runs_of_round(read_measured(sys.argv[2])))
        return 0
    parser = argparse.ArgumentParser()
    for option in ("rows", "measured", "results", "directory", "seconds"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows, measured = read_rows(options.rows), read_measured(options.measured)
    names = [name for name in rows if any(line["row"] == name for line in measured)]
    summaries = {name: summary_of(measured, name) for name in names}
    limits, shares = limits_of(measured)
    report = {
        "bench": "peers",
        "date": datetime.date.today().isoformat(),
        "rounds": max((sum(line["row"] == name and line.get("load") == "closed" for line in measured) for name in names), default=0),
        "seconds": int(options.seconds),
        "machine": machine_of(options.directory),
        "versions": versions_of(rows),
        "rows": {name: {**{key: rows[name][key] for key in ("durable", "order", "redelivery", "priorities")}, **summaries[name]} for name in names},
        "limits": limits,
        "shares": shares,
    }
    lines = table_of(rows, summaries)
    write_markdown(options.results, report, lines)
    if options.json:
        print(json.dumps(report))
    else:
        print_text(lines, report, sys.stdout)
    flawed = [name for name, summary in summaries.items() if summary["failed"] or summary["lost"] or summary["duplicated"] or summary["reordered"]]
    return 1 if flawed else 0


if __name__ == "__main__":
    sys.exit(main())
