#pragma once

#include <cstddef>
#include <cstdint>

// What encoder and decoder of FORMAT.md share.
namespace headgate::session_store {

inline constexpr std::uint8_t record_version = 2;
inline constexpr std::uint8_t record_version_without_leap = 1;
inline constexpr std::uint8_t will_version = 2;
inline constexpr std::uint8_t will_version_without_nonce = 1;

inline constexpr std::size_t max_text_bytes = 65'535;  // a topic or a filter (MQTT 5.0, 1.5.4)
inline constexpr std::uint16_t max_packet_id = 65'535;
inline constexpr std::uint16_t max_inflight_places = 32'767;  // so that no id is in use twice, leap and all
inline constexpr std::uint32_t max_subscription_identifier = 268'435'455;  // MQTT 5.0, 3.8.2.1.2
inline constexpr std::uint32_t no_will_expiry = 0xffff'ffff;

namespace inflight_flag {
inline constexpr std::uint8_t progress_mask = 0x03;
inline constexpr std::uint8_t qos_2 = 0x04;
inline constexpr std::uint8_t retain = 0x08;
inline constexpr std::uint8_t same_log = 0x10;
inline constexpr std::uint8_t known = 0x1f;
}  // namespace inflight_flag

namespace subscription_flag {
inline constexpr std::uint8_t qos_mask = 0x03;
inline constexpr std::uint8_t no_local = 0x04;
inline constexpr std::uint8_t retain_as_published = 0x08;
inline constexpr std::uint8_t identifier = 0x10;
inline constexpr std::uint8_t starts = 0x20;
inline constexpr std::uint8_t known = 0x3f;
}  // namespace subscription_flag

namespace will_flag {
inline constexpr std::uint8_t qos_mask = 0x03;
inline constexpr std::uint8_t retain = 0x04;
inline constexpr std::uint8_t expiry = 0x08;
inline constexpr std::uint8_t nonce = 0x10;
inline constexpr std::uint8_t known = 0x1f;
inline constexpr std::uint8_t known_without_nonce = 0x0f;
}  // namespace will_flag

// The fewest bytes of one element: no count may promise more elements than the bytes left can hold.
inline constexpr std::size_t least_inflight_bytes = 2;
inline constexpr std::size_t least_received_bytes = 2;
inline constexpr std::size_t least_subscription_bytes = 3;
inline constexpr std::size_t least_start_bytes = 2;
inline constexpr std::size_t least_position_bytes = 2;

}  // namespace headgate::session_store
