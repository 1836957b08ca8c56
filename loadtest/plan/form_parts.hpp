#pragma once

#include <string>

#include "loadtest/plan/forms.hpp"

// What the forms are put together from.
namespace headgate::loadtest::plan {

// The kinds of clients: the letter in their ids, and behind a --client-id where a form has several.
struct role {
  const char* group;
  char letter;
  bool has_others = true;
};
inline constexpr role idle_role{"clients", 'c', false};
inline constexpr role publisher_role{"publishers", 'p'};
inline constexpr role subscriber_role{"subscribers", 's'};
inline constexpr role churn_role{"churn", 'x'};
// The only clients of their form.
inline constexpr role alone(role role) {
  role.has_others = false;
  return role;
}

// A plan without groups.
core::plan start_plan(const std::string& name, const form_options& options);
core::group make_group(const role& role, std::uint32_t clients, const form_options& options);
// `window` where the options give neither a window nor a rate.
core::publish_plan make_publish(const core::text_template& topic, const form_options& options, std::uint32_t window);
core::subscribe_plan make_subscribe(const core::text_template& filter, const form_options& options);

// The given topic, or the default one. The text is good.
core::text_template topic_or(const form_options& options, const std::string& fallback);
core::text_template as_template(const std::string& text);

core::plan make_conn(const form_options& options);
core::plan make_pub(const form_options& options);
core::plan make_sub(const form_options& options);
core::plan make_pairs(const form_options& options);
core::plan make_fanout(const form_options& options);
core::plan make_fanin(const form_options& options);
core::plan make_latency(const form_options& options);
core::plan make_offline(const form_options& options);

}  // namespace headgate::loadtest::plan
