"""What was published and what came, and the faults in it. No I/O.

A stream is what one publisher sends to one topic at one QoS, numbered from 0. Its publisher sends again, in order, what was not
acknowledged when a connection ended, so a subscriber sees each number for the first time in order and without a gap, whatever dies.

At QoS 2 it sees each number once. A group of subscribers, of which one gets each message, sees each number at least once, in any order.
"""

import collections


class stream:
    def __init__(self, topic, qos, retain=False):
        self.topic, self.qos, self.retain = topic, qos, retain
        self.sent = 0  # numbers below were sent at least once
        self.unacknowledged = set()
        self.again = set()  # sent more than once
        self.refused = set()  # its publisher was told so, and does not send them again

    def next(self):
        self.unacknowledged.add(self.sent)
        self.sent += 1
        return self.sent - 1

    def acknowledge(self, number):
        self.unacknowledged.discard(number)

    def refuse(self, number):
        self.unacknowledged.discard(number)
        self.refused.add(number)

    def last_acknowledged(self):
        """Of those below which all are answered; -1 for none."""
        last = min(self.unacknowledged, default=self.sent) - 1
        while last in self.refused:
            last -= 1
        return last


class receipt:
    """What one session has received of one stream, each number counted when it came first."""

    def __init__(self):
        self.owed_from = None  # sent by the time of its SUBACK: from here on each number has to come
        self.next = 0
        self.missing = set()

    def owe(self, number):
        if self.owed_from is None:
            self.owed_from = number

    def take(self, number, refused=()):
        """Whether it is the 'first' of its number, came 'late', after higher ones, or is 'repeated'."""
        if number in self.missing:
            self.missing.remove(number)
            return "late"
        if number < self.next:
            return "repeated"
        if self.owed_from is not None:
            self.missing.update(set(range(max(self.next, self.owed_from), number)).difference(refused))
        self.next = number + 1
        return "first"

    def lost(self, up_to, refused=()):
        """The numbers below that it is owed and has not received."""
        if self.owed_from is None:
            return []
        return sorted(self.missing) + [number for number in range(max(self.next, self.owed_from), up_to) if number not in refused]


class group_receipt:
    """What the members of a group have received of one stream, together."""

    def __init__(self):
        self.owed_from = None
        self.received = set()

    def owe(self, number):
        if self.owed_from is None:
            self.owed_from = number

    def take(self, number):
        known = number in self.received
        self.received.add(number)
        return "repeated" if known else "first"

    def lost(self, up_to, refused=()):
        if self.owed_from is None:
            return []
        return [number for number in range(self.owed_from, up_to) if number not in self.received and number not in refused]


class ledger:
    def __init__(self):
        self.disk_may_be_full = False  # then 0x97 is an answer as any other
        self.streams = {}  # by topic
        self.receipts = collections.defaultdict(receipt)  # by session and topic
        self.group = collections.defaultdict(group_receipt)  # by topic
        self.faults = []
        self.counts = collections.Counter()

    def add(self, added):
        self.streams[added.topic] = added
        return added

    def fault(self, kind, sentence):
        self.counts["faults: " + kind] += 1
        self.faults.append((kind, sentence))

    def subscribed(self, session, topics):
        """SUBACK came: whatever is sent from now on is owed."""
        for topic in topics:
            self.receipts[session, topic].owe(self.streams[topic].sent)

    def received(self, session, topic, qos, number):
        """A message that the session has not received under this packet id."""
        of = self.streams.get(topic)
        if of is None or number >= of.sent:
            self.fault("invented", f"{session} received {topic} {number}, which nobody sent")
            return
        self.counts["received"] += 1
        how = self.receipts[session, topic].take(number, of.refused)
        if number in of.refused:
            self.counts[f"refused at QoS {of.qos}, and came"] += 1
        if how == "late" and self.disk_may_be_full and number in of.again:
            # Refused, which its publisher was not told, while a later one found room.
            self.counts["late, since the disk did not take it the first time"] += 1
        elif how == "late":
            self.fault("reordered", f"{session} received {topic} {number} after later ones")
        elif how != "first" and qos == 2:
            self.fault("twice", f"{session} received {topic} {number} at QoS 2 again; it had all below {self.receipts[session, topic].next}")
        elif how != "first":
            self.counts["repeated at QoS 1"] += 1

    def group_subscribed(self, topics):
        for topic in topics:
            self.group[topic].owe(self.streams[topic].sent)

    def group_received(self, topic, number):
        if self.group[topic].take(number) == "repeated":
            self.counts["the group got more than once"] += 1

    def missing(self):
        """What sessions, and the group, wait for, once nobody publishes any more: who, topic and numbers."""
        held = [*self.receipts.items(), *((("the group", topic), held) for topic, held in self.group.items())]
        owed = ((who, topic, of.lost(self.streams[topic].sent, self.streams[topic].refused)) for (who, topic), of in held)
        return [(session, topic, lost) for session, topic, lost in owed if lost]

    def close(self):
        """Calls lost what is missing, so that it is not missed again."""
        for session, topic, lost in self.missing():
            self.fault("lost", f"{session} never received {topic} {lost[0]}…{lost[-1]}, {len(lost)} in all of {self.streams[topic].sent}")
            if session == "the group":
                self.group[topic].owed_from = self.streams[topic].sent
                continue
            held = self.receipts[session, topic]
            held.missing.clear()
            held.next = self.streams[topic].sent

    def forget(self, session):
        for key in [key for key in self.receipts if key[0] == session]:
            del self.receipts[key]

    def retained(self, topic, number):
        """What a new subscriber was given; None for nothing."""
        of = self.streams[topic]
        self.counts["retained values"] += 1
        if of.last_acknowledged() > (-1 if number is None else number):
            self.fault("retained", f"{topic} holds {number}, and {of.last_acknowledged()} was acknowledged")
