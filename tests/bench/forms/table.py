"""What the runs of the forms found, as a table in Markdown."""

FAULTS = ["lost", "duplicated", "duplicated_at_qos_2", "reordered", "corrupted", "misdelivered", "never_acknowledged",
          "wrong_acknowledgement", "session_lost"]

HEADINGS = ["form", "server", "sent/s", "delivered/s", "p50", "p99", "p99.9", "server CPU µs", "a client's memory",
            "generator CPU µs", "its memory of a client", "faults", "notes"]
ALIGNMENT = ["---", "---", *["---:"] * 10, "---"]

NONE = "–"


def fault_texts(found):
    audit = found.get("audit", {})
    return [f"{kind.replace('_', ' ')}: {audit[kind]:,}" for kind in FAULTS if audit.get(kind)]


def rate_text(rate):
    return f"{rate:,.0f}" if rate else NONE


def time_text(us):
    """Three digits, in the unit that suits."""
    if us is None:
        return NONE
    value, unit = (us, "µs") if us < 1e3 else (us / 1e3, "ms") if us < 1e6 else (us / 1e6, "s")
    return f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2}f} {unit}"


def cost_text(figures, counts):
    us = figures.get(f"cpu_us_per_{counts}") if counts else None
    return NONE if us is None else f"{us:.{1 if us >= 10 else 2 if us >= 1 else 3}f}"


def memory_text(figures, form):
    size = figures.get("bytes_per_client") if form.holds_clients else None
    return NONE if size is None else f"{size:,.0f} B"


def notes(form, found):
    audit = found.get("audit", {})
    texts = []
    if found["generator"]["limited"]:
        texts.append("**limited by the generator**")
    if found["loop"] == "open" and form.words.split()[0] != "conn":
        texts.append("open loop")
    if form.counts == "connect":
        texts.append(f"{found['connects_per_s']:,.0f} connects/s")
    if form.beside:
        texts.append(f"beside `{form.beside}`")
    if audit.get("qos0_dropped"):
        texts.append(f"{audit['qos0_dropped']:,} dropped at QoS 0 (permitted)")
    if audit.get("duplicated_with_reason"):
        texts.append(f"{audit['duplicated_with_reason']:,} duplicated with reason")
    return "; ".join(texts)


def row(form, name, found):
    latency = found["latency"][form.latency]
    server, generator = found.get("server", {}), found["generator"]
    return [f"`{form.words}`", name, rate_text(found["messages_sent_per_s"]), rate_text(found["deliveries_per_s"]),
            *(time_text(latency.get(key)) for key in ("p50_us", "p99_us", "p99_9_us")),
            cost_text(server, form.counts), memory_text(server, form), cost_text(generator, form.counts), memory_text(generator, form),
            "; ".join([*found["failures"], *fault_texts(found)]) or "0", notes(form, found)]


def text(rows):
    """Of (form, name of the server, results)."""
    lines = [HEADINGS, ALIGNMENT, *(row(*each) for each in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
