"""Publishers and subscribers that outlive the server: they come back, and go on as MQTT says.

All of them live in one thread and in one loop, `crowd`, so that a seed gives the same decisions, if not the same instants.
"""

import collections
import heapq
import pathlib
import selectors
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))

import wire  # noqa: E402

AGAIN_S = 0.01  # between two attempts to connect
FAILED = 0x80  # reason codes from here on
QUOTA_EXCEEDED = 0x97
SESSION_EXPIRY_S = 3600


class client:
    """One session over many connections. Subclasses say what to do when it is in (`resume`), with a packet, and when there is time."""

    def __init__(self, crowd, client_id, version):
        self.crowd, self.client_id, self.version = crowd, client_id, version
        self.wanted = True  # connected, or away on purpose
        self.known = False  # CONNACK has promised a session
        self.accepted = False
        self.receive_maximum = None
        self._socket = None
        self._in, self._out = bytearray(), bytearray()
        crowd.clients.append(self)

    # ---- connection

    def connect(self, port):
        self._socket = socket.socket()
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.connect(("127.0.0.1", port))  # of this machine: at once
        except OSError:
            self._socket.close()
            self._socket = None
            return
        self._socket.setblocking(False)
        self.crowd.selector.register(self._socket, selectors.EVENT_READ, self)
        pairs = []
        if self.version == wire.V5:
            pairs.append(("session_expiry_interval", SESSION_EXPIRY_S))
            if self.receive_maximum:
                pairs.append(("receive_maximum", self.receive_maximum))
        self.send(wire.connect(self.client_id, self.version, clean=False, pairs=pairs))
        self.flush()

    def is_open(self):
        return self._socket is not None

    def close(self):
        """As a network that breaks: what was not sent or received by now is gone."""
        if self._socket is None:
            return
        self.crowd.selector.unregister(self._socket)
        self._socket.close()
        self._socket, self.accepted = None, False
        self._in.clear()
        self._out.clear()
        self.left()

    def leave(self, politely):
        self.wanted = False
        if politely and self.accepted:
            self.send(wire.goodbye())
            self.flush()
        self.close()

    def send(self, content):
        self._out += content

    def flush(self):
        if not self._out or self._socket is None:
            return
        try:
            del self._out[:self._socket.send(self._out)]
        except BlockingIOError:
            pass
        except OSError:
            self.close()

    def receive(self):
        try:
            piece = self._socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        self._in += piece
        while self._socket is not None and (found := wire.split_packet(self._in)) is not None:
            self._take(found)
        if not piece:
            self.close()

    def _take(self, found):
        if found.type == wire.CONNACK:
            self._connack(found.body)
        elif found.type == wire.DISCONNECT:
            self.crowd.ledger.counts[f"DISCONNECT 0x{(found.body or b'0')[0]:02x}"] += 1
        else:
            self.packet(found)

    def _connack(self, body):
        if body[1] != 0:
            self.crowd.ledger.counts[f"CONNECT refused 0x{body[1]:02x}"] += 1
            self.close()
            return
        present = body[0] & 1
        if self.known and not present:
            self.crowd.ledger.fault("session", f"{self.client_id} came back and its session was gone")
        self.known = self.accepted = True
        self.crowd.ledger.counts["connects"] += 1
        self.resume(present)

    # ---- for subclasses

    def left(self):
        pass

    def turn(self):
        pass


class publisher(client):
    """Keeps `window` messages under way, in turn over its streams."""

    IDS = 50  # few, so that each is soon used again

    def __init__(self, crowd, client_id, version, streams, window=20):
        super().__init__(crowd, client_id, version)
        self.streams, self.window = streams, window
        self.under_way = {}  # packet id: its stream, number, payload, and whether PUBREC came; in the order they were sent
        self._turn = 0
        self._free = collections.deque(range(1, self.IDS + 1))

    def _publish(self, packet_id, again):
        of, _, payload, _ = self.under_way[packet_id]
        self.send(wire.publish(of.topic, payload, self.version, of.qos, packet_id, flags=(8 if again else 0) | (1 if of.retain else 0)))

    def resume(self, present):
        # PUBREL and PUBLISH in the order of the exchanges; what a server has forgotten it need not be told the end of.
        for packet_id, (of, number, _, recorded) in self.under_way.items():
            if recorded:
                self.send(wire.pubrel(packet_id))
            else:
                self._publish(packet_id, again=True)
                of.again.add(number)
                self.crowd.ledger.counts["published again"] += 1

    def turn(self):
        if not self.accepted or not self.crowd.publishing:
            return
        while len(self.under_way) < self.window:
            of = self.streams[self._turn % len(self.streams)]
            self._turn += 1
            number = of.next()
            size = self.crowd.random.choice((40, 100, 300, 300, 3000, 20_000))
            packet_id = self._free.popleft()
            self.under_way[packet_id] = [of, number, f"{number} ".encode().ljust(size, b"."), False]
            self._publish(packet_id, again=False)
            self.crowd.ledger.counts[f"published at QoS {of.qos}"] += 1

    def packet(self, found):
        packet_id = struct.unpack(">H", found.body[:2])[0]
        reason = found.body[2] if len(found.body) > 2 else 0
        held = self.under_way.get(packet_id)
        if held is None:
            self.crowd.ledger.fault("answer", f"{self.client_id} got packet type {found.type} for id {packet_id}, which is not in use")
            return
        of, number, _, recorded = held
        if reason == QUOTA_EXCEEDED and self.crowd.ledger.disk_may_be_full and found.type in (wire.PUBACK, wire.PUBREC):
            of.refuse(number)
            self.crowd.ledger.counts[f"refused at QoS {of.qos}"] += 1
            return self._free_id(packet_id)
        if reason >= FAILED and not (found.type == wire.PUBCOMP and reason == 0x92):
            self.crowd.ledger.fault("refused", f"{of.topic} {number} was refused with 0x{reason:02x}")
        if found.type == wire.PUBREC:
            of.acknowledge(number)
            held[3] = True
            self.send(wire.pubrel(packet_id))
            return
        if found.type == wire.PUBCOMP and not recorded:
            self.crowd.ledger.fault("answer", f"{self.client_id} got PUBCOMP for id {packet_id} before PUBREC")
        of.acknowledge(number)
        self._free_id(packet_id)

    def _free_id(self, packet_id):
        del self.under_way[packet_id]
        self._free.append(packet_id)


class subscriber(client):
    """`holds`: acknowledges late and in batches. `comes_and_goes`: is away now and then, as the crowd decides."""

    def __init__(self, crowd, client_id, version, filters, qos, holds=False, comes_and_goes=False, shares=False):
        super().__init__(crowd, client_id, version)
        self.filters, self.qos, self.holds, self.comes_and_goes, self.shares = filters, qos, holds, comes_and_goes, shares
        self.subscribed = False
        self._received = {}  # packet id of QoS 2: payload, from PUBLISH to PUBREL
        self._answers = bytearray()

    def resume(self, present):
        if not present:
            self._received.clear()
            self.subscribed = False
        if not self.subscribed:
            self.send(wire.subscribe(1, [(text, self.qos) for text in self.filters], self.version))

    def left(self):
        self._answers.clear()

    def turn(self):
        if self._answers and (not self.holds or not self.crowd.publishing or self.crowd.random.random() < 0.1):
            self.send(self._answers)
            self._answers.clear()

    def packet(self, found):
        if found.type == wire.PUBLISH:
            self._message(wire.as_message(found, self.version))
        elif found.type == wire.PUBREL:
            self._received.pop(struct.unpack(">H", found.body[:2])[0], None)
            self._answers += wire.pubcomp(struct.unpack(">H", found.body[:2])[0])
        elif found.type == wire.SUBACK:
            if found.body[-1] >= FAILED:
                self.crowd.ledger.fault("refused", f"{self.client_id} may not subscribe: {found}")
            self.subscribed = True
            if self.shares:
                self.crowd.ledger.group_subscribed(self.crowd.ledger.streams)
            else:
                self.crowd.ledger.subscribed(self.client_id, self.crowd.ledger.streams)

    def _message(self, message):
        if message.qos == 2:
            self._answers += wire.pubrec(message.packet_id)
            if (known := self._received.get(message.packet_id)) is not None:
                if known == (message.topic, message.payload):
                    return
                # A client that only looks at the id would take this for the one that it has: it would be lost.
                self.crowd.ledger.fault("answer", f"{self.client_id} got another message under packet id {message.packet_id} before PUBREL")
                return
            self._received[message.packet_id] = (message.topic, message.payload)
        elif message.qos == 1:
            self._answers += wire.puback(message.packet_id)
        self.took(message)

    def took(self, message):
        number = int(message.payload.split(b" ", 1)[0])
        if self.shares:
            self.crowd.ledger.group_received(message.topic, number)
        elif not message.retain:
            self.crowd.ledger.received(self.client_id, message.topic, message.qos, number)


class crowd:
    """All clients, and the loop that plays them. `port` is None while there is no server."""

    def __init__(self, ledger, random):
        self.ledger, self.random = ledger, random
        self.selector = selectors.DefaultSelector()
        self.clients = []
        self.port = None
        self.publishing = False
        self._coming = []  # when to change the mind of who comes and goes
        self._next_attempt = {}

    def come_and_go(self, who):
        heapq.heappush(self._coming, (time.monotonic() + self.random.uniform(0.02, 0.3), id(who), who))

    def _change_minds(self, now):
        while self._coming and self._coming[0][0] < now:
            who = heapq.heappop(self._coming)[2]
            if not self.publishing:
                who.wanted = True
            elif who.wanted:
                who.leave(politely=self.random.random() < 0.5)
            else:
                who.wanted = True
            self.come_and_go(who)

    def turn(self, wait_s=0.005):
        now = time.monotonic()
        self._change_minds(now)
        for who in self.clients:
            if who.is_open():
                who.turn()
                who.flush()
            elif who.wanted and self.port and self._next_attempt.get(who, 0) <= now:
                self._next_attempt[who] = now + AGAIN_S
                who.connect(self.port)
        for key, _ in self.selector.select(wait_s):
            if key.data.is_open():
                key.data.receive()

    def run_for(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.turn()

    def run_until(self, condition, seconds):
        """Whether it held within that time."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                return False
            self.turn()
        return True

    def server_is_gone(self):
        """What the kernel still holds of its last words is read first."""
        self.port = None
        until = time.monotonic() + 1
        for who in self.clients:
            while who.is_open() and time.monotonic() < until:
                who.receive()
            who.close()

    def remove(self, who):
        who.close()
        self.clients.remove(who)

    def end(self):
        for who in self.clients:
            who.close()
        self.selector.close()
