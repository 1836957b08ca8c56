"""Turns the figures of the runs into lines, and says which bars are held."""

import statistics

import generator
import workloads


def figure(result, name):
    """A member of the generator's results, in which a dot leads into an object; None where the run has none."""
    for part in name.split("."):
        result = result.get(part)
        if result is None:
            return None
    return result


def system_calls(result):
    """All that the server made in a run that counted them."""
    return sum(number for call, number in result["server"]["calls"].items() if call != "allocations")


def wrong_handshakes(result, resumes):
    """Whether TLS sessions went on as they were to: but for each client's first connection all, or none. None: they did."""
    full, resumed = (result["connections"][kind + "_handshakes"] for kind in ("full", "resumed"))
    if not resumes:
        return f"{resumed} of {full + resumed} handshakes resumed a session, and none was to" if resumed else None
    return None if resumed >= 0.8 * (full + resumed) else f"only {resumed} of {full + resumed} handshakes resumed a session"


def spread(values, digits):
    median = f"{statistics.median(values):,.{digits}f}"
    if len(values) == 1:
        return median
    return f"{median} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def digits_of(bar):
    return 0 if bar.unit in ("B", "/s") else 3


def values_of(runs, variant, bar):
    values = [figure(result, bar.figure) for result in runs.get(variant, [])]
    return [value for value in values if value is not None]


def ratios_of(runs, bar):
    """Of each pair of runs that stood side by side; or of each run, to the server's CPU."""
    ours = runs.get("headgate", [])
    theirs, figure_of_theirs = runs.get("small" if bar.against == "own" else "mosquitto", []), bar.figure
    if bar.against == "server":
        theirs, figure_of_theirs = ours, workloads.CPU
    pairs = [(figure(a, bar.figure), figure(b, figure_of_theirs)) for a, b in zip(ours, theirs)]
    return [a / b for a, b in pairs if a is not None and b]


def is_server_idle(runs):
    """Whether Headgate waited for work in a run that was to take all that it can give. Then the generator, which spends
    more on a connection than the server, was the limit, and the rate says nothing about the server."""
    shares = [result["server"]["cpu_s"] / result["measured_s"] for result in runs["headgate"] if result["measured_s"]]
    return bool(shares) and statistics.median(shares) < 0.9


def capacity_ratios_of(runs):
    """Ratios of what each server does in a second of its CPU time."""
    cpu = workloads.CONNECT_CPU
    return [figure(theirs, cpu) / figure(ours, cpu) for ours, theirs in zip(runs["headgate"], runs["mosquitto"])]


def judge(bar, runs):
    """(text of the ratio, text of the bar, whether it is held: None when it cannot be judged)."""
    if bar.against == "absolute":
        ours = values_of(runs, "headgate", bar)
        return "", f"≤ {bar.limit:g} {bar.unit}", statistics.median(ours) <= bar.limit if ours else None
    if bar.against == "least":
        ours = values_of(runs, "headgate", bar)
        return "", f"≥ {bar.limit:g} {bar.unit}", statistics.median(ours) >= bar.limit if ours else None
    ratios = ratios_of(runs, bar)
    sign = "≥" if bar.against == "at least" else "≤"
    text = f"{sign} {bar.limit:g}"
    if not ratios:
        return "", text, None
    if bar.against != "at least":
        return spread(ratios, 3), text, statistics.median(ratios) <= bar.limit
    if not is_server_idle(runs):
        return spread(ratios, 3), text, statistics.median(ratios) >= bar.limit
    capacity = capacity_ratios_of(runs)
    waited = f"{spread(ratios, 3)} · but headgate waited for the generator; per CPU second of the server: ratio "
    return waited + spread(capacity, 3), text, statistics.median(capacity) >= bar.limit


# By what a workload counts: its number, and what one of them costs the generator.
EACH = {"deliver": ("deliveries", "generator.cpu_us_per_delivery"), "connect": ("connects", "generator.cpu_us_per_connect")}


def print_bars(workload, runs, judged):
    """Prints a row a bar; returns the bars that were missed."""
    missed = []
    for bar in workload.bars:
        ratio, limit, held = judge(bar, runs)
        cells = []
        for variant, title in (("headgate", "headgate"), ("small", workload.small_title), ("mosquitto", "mosquitto")):
            values = values_of(runs, variant, bar)
            if values:
                cells.append(f"{title} {spread(values, digits_of(bar))} {bar.unit}")
        if ratio:
            cells.append(f"ratio {ratio}")
        if judged and held is not None:
            cells.append(f"bar {limit}: {'held' if held else 'MISSED'}")
            if not held:
                missed.append(f"{workload.title}, {bar.figure}: {ratio or cells[0]}, bar {limit}")
        print(f"    {bar.figure}: " + " · ".join(cells), flush=True)
    return missed


def print_spent(runs):
    """How much was measured: a figure from little CPU time says little."""
    for variant, results in runs.items():
        each = next((name for name in ("deliver", "connect") if results and results[0][EACH[name][0]]), None)
        if each:
            counted, cost = EACH[each]
            cpu = [result["server"]["cpu_s"] for result in results]
            own = [figure(result, cost) for result in results]
            rate = [result[counted + "_per_s"] for result in results]
            lost = sum(generator.losses(result) for result in results)
            print(f"    {variant}: {len(results)} runs, server {spread(cpu, 1)} CPU s a run, {spread(rate, 0)} a "
                  f"second, generator {spread(own, 3)} µs each, losses {lost}", flush=True)
        if results and results[0]["loop"] == "open":
            late = [figure(result, "generator.lag.p99_us") or 0 for result in results]
            most = [figure(result, "latency.deliver.max_us") or 0 for result in results]
            print(f"    {variant}: max {spread(most, 0)} µs; p99 of the generator's own lateness {spread(late, 0)} µs")
        print_limits(variant, results)


def print_limits(variant, results):
    """Runs whose generator could not do more: what a message costs the server holds, how many it can do does not."""
    limited = [result["generator"]["limited"] for result in results if result["generator"]["limited"]]
    if limited:
        reason = limited[-1][0].split(":")[0].split(", so ")[0]
        print(f"    {variant}: limited by the generator in {len(limited)} of {len(results)} runs: {reason}", flush=True)


def print_counts(workload, name, result, judged):
    """Prints what one counting run saw per message; returns the bars that were missed."""
    deliveries = max(result["deliveries"], 1)
    counted = result["server"]["calls"]
    allocations = counted["allocations"] / deliveries
    calls = {call: number / deliveries for call, number in counted.items() if call != "allocations"}
    most = sorted(calls.items(), key=lambda item: -item[1])
    listed = ", ".join(f"{call} {number:.4f}" for call, number in most if number >= 0.00005)
    cells = [f"allocations {allocations:.4f}", f"system calls {system_calls(result) / deliveries:.4f} ({listed})"]
    lookups = result.get("lookups_per_message")
    if lookups is not None:
        cells.insert(1, f"topic look-ups per message in {lookups:.4f}, READs {result['headgate_stats']['reads']}")
    print(f"    {name}, counted over {deliveries:,} deliveries, per delivery: " + " · ".join(cells), flush=True)
    missed = []
    if judged and name == "headgate":
        if allocations > workloads.ALLOCATIONS_BAR:
            missed.append(f"{workload.title}: {allocations:.4f} allocations per delivery, bar 0")
        if lookups is not None and lookups > workloads.LOOKUPS_BAR:
            missed.append(f"{workload.title}: {lookups:.4f} look-ups per message, bar 1")
        if lookups is not None and result["headgate_stats"]["reads"] > workloads.READS_BAR:
            missed.append(f"{workload.title}: {result['headgate_stats']['reads']} READs, bar 0")
    return missed
