#include "config/mosquitto/neighbours.hpp"

#include "config/conflicts.hpp"
#include "config/table.hpp"

namespace headgate::config::mosquitto {

neighbours::neighbours() {
  settings_.listeners.clear();
  settings_.listeners_are_default = false;
  settings_.admin.enabled = false;
}

std::optional<std::string> neighbours::add(const new_listener& listener) {
  const auto most = find_section("listeners")->items->most;
  if (settings_.listeners.size() == most) return "Headgate has no more than " + std::to_string(most) + " listeners";
  config::listener added{listener.name};
  added.bind = listener.bind;
  added.port = listener.port;
  added.anonymous = anonymous::allow;  // somebody else judges that
  for (std::size_t n = 0; n < settings_.listeners.size(); ++n) {
    auto both = settings_;
    both.listeners = {settings_.listeners[n], added};
    if (!find_conflicts(both).empty())
      return descriptions_[n] + " has this port and address already, and mosquitto does not start with both";
  }
  settings_.listeners.push_back(added);
  descriptions_.push_back(listener.comment);
  return std::nullopt;
}

std::string neighbours::in_the_way_of_admin() const {
  settings both;
  for (const auto& listener : settings_.listeners) {
    both.listeners = {listener};
    if (!find_conflicts(both).empty()) return listener.name;
  }
  return "";
}

}  // namespace headgate::config::mosquitto
