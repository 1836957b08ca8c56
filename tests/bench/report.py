"""Turns the figures of the runs into lines, and says which bars are held."""

import statistics

import workloads


def figure(result, name):
    """A member of the generator's JSON object; a dot leads into an object."""
    for part in name.split("."):
        result = result[part]
    return result


def spread(values, digits):
    median = f"{statistics.median(values):,.{digits}f}"
    if len(values) == 1:
        return median
    return f"{median} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def digits_of(bar):
    return 0 if bar.unit in ("B", "/s") else 3


def values_of(runs, variant, bar):
    return [figure(result, bar.figure) for result in runs.get(variant, [])]


def ratios_of(runs, bar):
    """Of each pair of runs that stood side by side."""
    ours = values_of(runs, "headgate", bar)
    theirs = values_of(runs, "small" if bar.against == "own" else "mosquitto", bar)
    return [a / b for a, b in zip(ours, theirs) if b > 0]


def is_server_idle(runs):
    """Whether Headgate waited for work in a run that was to take all that it can give. Then the generator, which spends
    more on a connection than the server, was the limit, and the rate says nothing about the server."""
    shares = [result["server_cpu_s"] / result["seconds"] for result in runs["headgate"] if result["seconds"] > 0]
    return bool(shares) and statistics.median(shares) < 0.9


def capacity_ratios_of(runs):
    """Ratios of what each server does in a second of its CPU time."""
    pairs = zip(runs["headgate"], runs["mosquitto"])
    return [theirs["cpu_us_per_delivery"] / ours["cpu_us_per_delivery"] for ours, theirs in pairs]


def judge(bar, runs):
    """(text of the ratio, text of the bar, whether it is held: None when it cannot be judged)."""
    if bar.against == "absolute":
        ours = values_of(runs, "headgate", bar)
        return "", f"≤ {bar.limit:g} {bar.unit}", statistics.median(ours) <= bar.limit if ours else None
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
        if results and "server_cpu_s" in results[0]:
            cpu = [result["server_cpu_s"] for result in results]
            generator = [result["generator_us_per_delivery"] for result in results]
            rate = [result["deliveries_per_s"] for result in results]
            losses = sum(result["losses"] for result in results)
            print(f"    {variant}: {len(results)} runs, server {spread(cpu, 1)} CPU s a run, {spread(rate, 0)} a "
                  f"second, generator {spread(generator, 3)} µs each, losses {losses}", flush=True)
        if results and "send_lateness" in results[0]:
            late = [result["send_lateness"]["p99_us"] for result in results]
            most = [result["latency"]["max_us"] for result in results]
            print(f"    {variant}: max {spread(most, 0)} µs; p99 of the generator's own lateness {spread(late, 0)} µs")


def print_counts(workload, name, result, judged):
    """Prints what one counting run saw per message; returns the bars that were missed."""
    deliveries = max(result["deliveries"], 1)
    allocations = result["allocations"] / deliveries
    calls = {call: number / deliveries for call, number in result["counters"].items() if call != "allocations"}
    most = sorted(calls.items(), key=lambda item: -item[1])
    listed = ", ".join(f"{call} {number:.4f}" for call, number in most if number >= 0.00005)
    cells = [f"allocations {allocations:.4f}", f"system calls {result['system_calls'] / deliveries:.4f} ({listed})"]
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
