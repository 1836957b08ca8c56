#pragma once

#include "loadtest/core/fleet.hpp"

// How clients come and go.
namespace headgate::loadtest::core {

// The packet identifiers of PUBLISH are 1 to this number, the n-th message's 1 + n modulo it; those of SUBSCRIBE and
// UNSUBSCRIBE are above, so that no client uses one twice.
inline constexpr std::uint16_t publish_ids = 65'000;

// Calls clients that have not connected yet, as their groups' connect plans say.
void call_clients(fleet& fleet, std::uint64_t now_ns);
// When call_clients() has one to call although nothing happens.
std::uint64_t next_call_ns(const fleet& fleet);

void begin_connection(fleet& fleet, std::uint32_t client, std::uint64_t now_ns);
// Says DISCONNECT; the client is away when the server has closed.
void begin_leaving(fleet& fleet, std::uint32_t client, std::uint64_t now_ns);
// The client's connection does not exist any more. It comes back as its plans say.
enum class departure : std::uint8_t { by_plan, by_server, unanswered };
void depart(fleet& fleet, std::uint32_t client, departure why, std::string_view reason, std::uint64_t now_ns);
// Closes and departs.
void drop(fleet& fleet, std::uint32_t client, departure why, std::string_view reason, std::uint64_t now_ns);

// Whether the audit counts the client as a member of its audience: it is subscribed, and connected.
void set_listening(fleet& fleet, std::uint32_t client, bool is);

inline bool is_connected(const client& client) {
  return client.stage == stage::subscribing || client.stage == stage::ready;
}

// A CONNACK, as the standard words it, and what follows.
void on_connack(fleet& fleet, std::uint32_t client, const packet& found, std::uint64_t now_ns);
void on_suback(fleet& fleet, std::uint32_t client, const packet& found, std::uint64_t now_ns);
void on_unsuback(fleet& fleet, std::uint32_t client, std::uint64_t now_ns);
// Subscribes to the next filters, or makes the client ready if there are none left.
void subscribe_next(fleet& fleet, std::uint32_t client, std::uint64_t now_ns);
void become_ready(fleet& fleet, std::uint32_t client, std::uint64_t now_ns);
// SUBSCRIBE and UNSUBSCRIBE of groups with a churn_rate.
void churn_due(fleet& fleet, std::uint64_t now_ns);
std::uint64_t next_churn_ns(const fleet& fleet);

// Sends PINGREQ: the answer tells that the server has read what was sent before.
void ask_for_pong(fleet& fleet, std::uint32_t client, std::uint64_t now_ns);

void send(fleet& fleet, std::uint32_t client, base::bytes data, std::uint64_t now_ns);

// The client's one timer.
void set_timer(fleet& fleet, std::uint32_t client, std::uint64_t due_ns);
// Sets it to when the client next has something to do by itself.
void arm(fleet& fleet, std::uint32_t client);
void ring_timers(fleet& fleet, std::uint64_t now_ns);

// `base`, made shorter by a random share of up to `jitter`.
std::uint64_t jittered(fleet& fleet, std::uint64_t base_ns, double jitter);

}  // namespace headgate::loadtest::core
