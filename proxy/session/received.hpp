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
// How far a message has come.
void set_state(details& details, received_message& message, received_message::progress state);

}  // namespace headgate::proxy::session
