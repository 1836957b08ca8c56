#pragma once

#include <string_view>

namespace headgate::proxy::auth {

// How the topics of two valid filters lie to each other (MQTT 5.0, 4.7), with [MQTT-4.7.2-1]: a leading wildcard never
// matches '$'. Pure.

// Whether there is a topic that both match; true also where only the empty one would be it ("+" and "/#").
bool overlaps(std::string_view one, std::string_view other);
// Whether `wide` matches every topic that `narrow` matches; false also where only "+/#" stands for "#".
bool covers(std::string_view wide, std::string_view narrow);

}  // namespace headgate::proxy::auth
