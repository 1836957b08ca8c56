#include <limits>

#include "loadtest/plan/key_makers.hpp"

// Keys of the run as a whole.
namespace headgate::loadtest::plan {

namespace {

constexpr std::uint64_t u64_max = std::numeric_limits<std::uint64_t>::max();

template <class Member>
auto of_plan(Member member) {
  return [member](place & at) -> auto& {
    return at.plan->*member;
  };
}

template <class Member>
auto of_tls(Member member) {
  return [member](place & at) -> auto& {
    return at.plan->tls.*member;
  };
}

template <class Member>
auto of_measuring(Member member) {
  return [member](place & at) -> auto& {
    return at.plan->measuring.*member;
  };
}

template <class Member>
auto of_audit(Member member) {
  return [member](place & at) -> auto& {
    return at.plan->audit.*member;
  };
}

}  // namespace

key_section top_keys() {
  auto name = key("name", words("one line of text"), of_plan(&core::plan::name), "Stands above the results");
  name.fallback = "the file's name";
  auto servers = list("targets", targets(), of_plan(&core::plan::targets),
                      "The server, or a list of several: clients go to each in turn");
  servers.fallback = "127.0.0.1:1883, with TLS 127.0.0.1:8883";
  return {"",
          "",
          {std::move(name), std::move(servers),
           key("seed", numbers(0, u64_max), of_plan(&core::plan::seed), "Decides all that is random in the plan")},
          {}};
}

key_section tls_keys() {
  using plan = core::tls_plan;
  const auto file = [](const char* name, auto member, const char* help) {
    return key(name, words("the name of a file"), of_tls(member), help);
  };
  auto ca = file("ca", &plan::ca, "Authorities that the server's certificate may come from");
  ca.fallback = "those of the system";
  auto name = key("server_name", words("a name of DNS, or an address"), of_tls(&plan::server_name),
                  "The name that clients ask for (SNI) and that the server's certificate has to have");
  name.fallback = "the target's host";
  return {"tls",
          "Clients speak TLS. Without this section they do not; `tls:` alone is enough. The files are PEM.",
          {std::move(ca), file("certificate", &plan::certificate, "The certificate that all clients show"),
           file("key", &plan::key, "Its private key"), std::move(name),
           key("verify", truths(), of_tls(&plan::verifies), "`false`: whatever certificate the server shows is taken"),
           key("version", tls_versions(), of_tls(&plan::maximum), "The latest version that clients speak"),
           key("resume", truths(), of_tls(&plan::resumes),
               "Whether a client that comes again resumes its session, where the server has given it one")},
          [](place& at) { at.plan->tls.enabled = true; }};
}

key_section measure_keys() {
  using plan = core::measuring_plan;
  return {"measure",
          "All groups without `connect.at` connect and subscribe; then everybody warms up; then it is measured, until "
          "the first of the limits; then nobody publishes any more, and what is under way has time to arrive.",
          {key("warm_up", durations(0, longest_ns), of_measuring(&plan::warm_up_ns),
               "How long it runs before it is measured"),
           key("warm_up_messages", numbers(0, u64_max), of_measuring(&plan::warm_up_messages),
               "Messages that are received before it is measured, where that takes longer (nobody subscribes: "
               "acknowledged, or sent at QoS 0)"),
           key("duration", durations(millisecond_ns, longest_ns), of_measuring(&plan::duration_ns),
               "How long to measure, at most"),
           key("messages", numbers(0, u64_max), of_measuring(&plan::messages),
               "Until so many messages have been received (nobody subscribes: acknowledged, or sent at QoS 0; nobody "
               "publishes: connects); 0: no such limit"),
           key("server_cpu", durations(0, longest_ns), of_measuring(&plan::server_cpu_ns),
               "Until the server has used so much CPU time (with `--server-pid`); 0: no such limit"),
           key("stall", durations(millisecond_ns, longest_ns), of_measuring(&plan::stall_ns),
               "So long without an answer while something is due, and the run has failed; also how long a CONNACK may "
               "take"),
           key("settle", durations(millisecond_ns, longest_ns), of_measuring(&plan::settle_ns),
               "So long without anything new at the end, and what is missing is missing")},
          {}};
}

key_section audit_keys() {
  using plan = core::audit_plan;
  return {"audit",
          "What each subscriber should have received is compared with what it has.",
          {key("enabled", truths(), of_audit(&plan::enabled), "Whether messages are audited"),
           key("qos0_may_drop", truths(), of_audit(&plan::qos0_may_drop),
               "Whether the server may drop messages at QoS 0; `false`: the run fails when any does not come"),
           key("memory", byte_counts(1U << 20, 1ULL << 40), of_audit(&plan::memory_bytes),
               "What the audit may take; when it is used up the results say so")},
          {}};
}

key_section event_keys() {
  const auto of_event = [](auto member) {
    return [member](place & at) -> auto& {
      return at.event->event.*member;
    };
  };
  const auto group_of = [](place & at) -> auto& {
    return at.event->group;
  };
  return {"events",
          "A list. At each a share of a group loses its connections at one instant (`disconnect: 100%` makes a storm); "
          "the group's `reconnect` says how they come back.",
          {required("at", durations(0, longest_ns), of_event(&core::disconnect_event::at_ns),
                    "When, from the start of the run; before its end, and after the group's first clients are called"),
           required("group", words("the name of a group"), group_of, "Whose clients"),
           required("disconnect", percents(), of_event(&core::disconnect_event::share),
                    "How many of them; the seed decides which"),
           key("how", ways_to_disconnect(), of_event(&core::disconnect_event::clean),
               "`cut`: as if the network had failed (a TCP reset); `clean`: with DISCONNECT")},
          {}};
}

}  // namespace headgate::loadtest::plan
