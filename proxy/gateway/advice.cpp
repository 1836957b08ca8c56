#include "proxy/gateway/advice.hpp"

namespace headgate::proxy::gateway {

std::string advice_for(mqtt::reason_code reason, const base::limits& limits) {
  using enum mqtt::reason_code;
  switch (reason) {
    case malformed_packet:
    case protocol_error:
      return "what it sends is not MQTT as the standard has it: update its MQTT library, or look at what else connects "
             "to this port";
    case unsupported_protocol_version:
      return "let it speak MQTT 3.1, 3.1.1 or 5.0";
    case client_identifier_not_valid:
      return "give it a client id, or let it ask for a clean session";
    case bad_user_name_or_password:
      return "look at its user name and password";
    case not_authorized:
      return "look at its user name and at what that user may do, or at what it asks for";
    case bad_authentication_method:
      return "let it connect without enhanced authentication";
    case server_busy:
      return "it may try again; if that happens often, look at auth.threads, and at who sends so many CONNECTs";
    case connection_rate_exceeded:
      return "it may try again later; look at the user name and password of what connects from there";
    case server_unavailable:
      return "look at the stores that this server uses";
    case receive_maximum_exceeded:
      return "update its MQTT library, which has to heed the Receive Maximum of " + std::to_string(limits.inflight_in) +
             " (limits.inflight_in)";
    case topic_alias_invalid:
      return "update its MQTT library, which has to heed the Topic Alias Maximum of " +
             std::to_string(limits.topic_aliases) + " (limits.topic_aliases)";
    case packet_too_large:
      return "let it send or subscribe to less at once, or look at limits.max_packet_bytes, which is " +
             std::to_string(limits.max_packet_bytes) + ", and at its own Maximum Packet Size";
    case quota_exceeded:
      return "look at its network and at how fast it reads what it is sent; if it is its will or its message that has "
             "no "
             "room, make room on the disk of the log";
    case topic_name_invalid:
    case topic_filter_invalid:
      return "mend the topics that it uses";
    default:
      return {};
  }
}

}  // namespace headgate::proxy::gateway
