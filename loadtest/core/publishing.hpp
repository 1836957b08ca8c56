#pragma once

#include "loadtest/core/fleet.hpp"

// What publishers do.
namespace headgate::loadtest::core {

// It may be able to send in this turn.
void mark_pending(fleet& fleet, std::uint32_t publisher);
// Sends what is due and what windows have room for.
void publish_due(fleet& fleet, std::uint64_t now_ns);
// The publisher goes by plan: what is due meanwhile is not sent later.
void skip_slots(fleet& fleet, std::uint32_t publisher, std::uint64_t now_ns);
// At the end of measuring: counts what was due and has not been sent, and the time that it has waited.
void close_schedules(fleet& fleet, std::uint64_t now_ns);
// When the next message is due by a schedule.
std::uint64_t next_publish_ns(const fleet& fleet);

// PUBACK, PUBREC, PUBCOMP.
void on_acknowledgement(fleet& fleet, std::uint32_t client, const packet& found, std::uint64_t now_ns);
// The connection is back with its session: what was under way is sent again [MQTT-4.4.0-1].
void resend(fleet& fleet, std::uint32_t publisher, std::uint64_t now_ns);
// What was under way is not going to be acknowledged.
void abandon(fleet& fleet, std::uint32_t publisher);

// PUBACK, PUBREC, PUBREL or PUBCOMP of four bytes, sent at the end of the read that owes it.
void answer(fleet& fleet, std::uint8_t first_byte, std::uint16_t packet_id);
// A PUBLISH that a client received, and PUBREL.
void on_delivery(fleet& fleet, std::uint32_t client, const packet& found, std::uint64_t now_ns);
void on_pubrel(fleet& fleet, std::uint32_t client, const packet& found);
// An audience's position has moved.
void on_progress(fleet& fleet, std::uint32_t audience, std::uint32_t publisher, audit::progress moved);
// How many of its messages the subscriber that lacks most of them lacks.
std::uint64_t under_way(const fleet& fleet, const publisher& publisher);
// Counts anew who has received what, after subscribers came or went.
void renew_windows(fleet& fleet);
// Publishers that wait for messages that are not going to come go on: called now and then.
void reopen_windows(fleet& fleet, std::uint64_t now_ns);

}  // namespace headgate::loadtest::core
