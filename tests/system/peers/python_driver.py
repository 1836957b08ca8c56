"""Drives paho-mqtt for Python: commands as JSON lines on standard input, events as JSON lines on standard output.

The protocol stands in drivers.py. One thread: it waits for a command or for the socket, whichever comes first.
"""

import json
import os
import select
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCodes
from paho.mqtt.subscribeoptions import SubscribeOptions

V5 = 5


def say(event, **fields):
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


def camel(name):
    return "".join(word.title() for word in name.split("_"))


def snake(name):
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")


def encoded(packet_type, given):
    """Properties for a packet; None when there are none."""
    if not given:
        return None
    properties = Properties(packet_type)
    for name, value in given.items():
        if name == "correlation_data":
            value = value.encode()
        if name == "user_property":
            value = [tuple(pair) for pair in value]
        setattr(properties, camel(name), value)
    return properties


def decoded(properties):
    if properties is None:
        return {}
    found = {}
    for name, value in vars(properties).items():
        if name in ("packetType", "types", "names", "properties"):
            continue
        found[snake(name)] = value.decode() if isinstance(value, bytes) else value
    return found


class driver:
    def __init__(self):
        self.client = None
        self.version = None
        self.commands = {}  # number of a packet on its way -> number of the command that waits for its answer
        self.finished = {}  # those answered before the call that sent them returned
        self.connecting = self.disconnecting = None

    # ---- what the library reports

    def on_connect(self, _client, _data, flags, code, properties=None):
        number, self.connecting = self.connecting, None
        say("done", id=number, code=getattr(code, "value", code), session_present=bool(flags["session present"]),
            properties=decoded(properties))

    def on_disconnect(self, _client, _data, code, _properties=None):
        if self.disconnecting is not None:
            number, self.disconnecting = self.disconnecting, None
            say("done", id=number)
        else:
            say("closed", reason=code.value if isinstance(code, ReasonCodes) else None)

    def on_message(self, _client, _data, message):
        say("message", topic=message.topic, payload=message.payload.decode(), qos=message.qos, retain=bool(message.retain),
            properties=decoded(getattr(message, "properties", None)))

    def answered(self, packet, **fields):
        if packet in self.commands:
            say("done", id=self.commands.pop(packet), **fields)
        else:
            self.finished[packet] = fields

    def waits_for(self, packet, number):
        if packet in self.finished:
            say("done", id=number, **self.finished.pop(packet))
        else:
            self.commands[packet] = number

    # ---- commands

    def connect(self, number, port, version, client_id, clean, will=None, properties=None, keep_alive=60):
        self.version, self.connecting, self.commands, self.finished = version, number, {}, {}
        options = {} if version == V5 else {"clean_session": clean}
        self.client = mqtt.Client(client_id, protocol=version, **options)
        self.client.on_connect, self.client.on_disconnect, self.client.on_message = self.on_connect, self.on_disconnect, self.on_message
        self.client.on_publish = lambda _client, _data, packet: self.answered(packet)
        self.client.on_unsubscribe = lambda _client, _data, packet, *_: self.answered(packet)
        self.client.on_subscribe = lambda _client, _data, packet, codes, *_: self.answered(
            packet, codes=[getattr(code, "value", code) for code in codes])
        if will:
            self.client.will_set(will["topic"], will["payload"], will["qos"], will["retain"],
                                 *([encoded(PacketTypes.WILLMESSAGE, will.get("properties"))] if version == V5 else []))
        options = {"clean_start": clean, "properties": encoded(PacketTypes.CONNECT, properties)} if version == V5 else {}
        self.client.connect("127.0.0.1", port, keep_alive, **options)

    def subscribe(self, number, filters, properties=None):
        if self.version == V5:
            wanted = [(one["filter"], SubscribeOptions(one["qos"], one["no_local"], one["retain_as_published"], one["retain_handling"]))
                      for one in filters]
            _, packet = self.client.subscribe(wanted, properties=encoded(PacketTypes.SUBSCRIBE, properties))
        else:
            _, packet = self.client.subscribe([(one["filter"], one["qos"]) for one in filters])
        self.waits_for(packet, number)

    def unsubscribe(self, number, filters):
        _, packet = self.client.unsubscribe(filters)
        self.waits_for(packet, number)

    def publish(self, number, topic, payload, qos, retain, properties=None):
        info = self.client.publish(topic, payload, qos, retain, encoded(PacketTypes.PUBLISH, properties) if self.version == V5 else None)
        self.waits_for(info.mid, number)

    def disconnect(self, number, reason=0, properties=None):
        self.disconnecting = number
        if self.version == V5:
            self.client.disconnect(ReasonCodes(PacketTypes.DISCONNECT, identifier=reason), encoded(PacketTypes.DISCONNECT, properties))
        else:
            self.client.disconnect()

    def obey(self, line):
        command = json.loads(line)
        number, verb = command.pop("id"), command.pop("do")
        try:
            getattr(self, verb)(number, **command)
        except Exception as error:  # whatever the library objects to is told to the test
            say("error", id=number, reason=repr(error))

    def serve_socket(self, readable, writable):
        if readable:
            self.client.loop_read()
        if writable and self.client.socket() is not None:
            self.client.loop_write()
        self.client.loop_misc()

    def run(self):
        received = b""
        while True:
            opened = self.client.socket() if self.client else None
            writing = [opened] if opened and self.client.want_write() else []
            readable, writable, _ = select.select([0, opened] if opened else [0], writing, [], 1)
            if opened:
                self.serve_socket(opened in readable, opened in writable)
            if 0 in readable:
                piece = os.read(0, 65536)
                if not piece:
                    return
                received += piece
                *lines, received = received.split(b"\n")
                for line in lines:
                    self.obey(line)


driver().run()
