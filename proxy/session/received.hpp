#pragma once

#include "proxy/session/details.hpp"

// The QoS 2 messages that a client has sent and not released (details::received), and the numbers kept about them.
namespace headgate::proxy::session {

// Null when there is none with this packet id.
received_message* find_received(details& details, std::uint16_t packet_id);
// There must be none with its packet id.
received_message& insert_received(details& details, const received_message& message);
// What it was; without a packet id when there was none. After the last one the next numbers are under another nonce.
received_message erase_received(details& details, std::uint16_t packet_id);
// It is not in the log, and its client will send it again: under its number, or as a new one if it has none.
void take_back(details& details, std::uint16_t packet_id);
// It is in the log. Does nothing when it was released before.
void mark_appended(details& details, std::uint16_t packet_id);

}  // namespace headgate::proxy::session
