#include <limits>

#include "loadtest/plan/access.hpp"
#include "loadtest/plan/check_plan.hpp"
#include "loadtest/plan/forms.hpp"

// The table of options.
namespace headgate::loadtest::plan {

namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t longest = 1'000 * 3'600 * core::second_ns;
constexpr std::uint64_t u16_max = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t u64_max = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t u32_max = std::numeric_limits<std::uint32_t>::max();

constexpr form_set in_pairs = pairs | latency | offline;

struct naming {
  std::string names;
  std::string placeholder;
  form_set forms = every_form;
};

template <class Value, class Access>
form_option option(naming naming, const kind<Value>& kind, Access access, std::string help) {
  form_options defaults;
  return {std::move(naming.names),
          std::move(naming.placeholder),
          kind.accepts,
          std::move(help),
          show(kind, std::as_const(access(defaults))),
          naming.forms,
          false,
          setter<form_options>(kind, access)};
}

template <class Access>
form_option flag(std::string names, form_set forms, Access access, std::string help) {
  auto made = option({std::move(names), "", forms}, truths(), access, std::move(help));
  made.fallback.clear();
  return made;
}

#define HEADGATE_MEMBER(name)           \
  [](form_options & options) -> auto& { \
    return options.name;                \
  }

void add_pace(std::vector<form_option>& all) {
  const auto clients = [&](form_set forms, std::string help) {
    all.push_back(
        option({"-c,--clients", "N", forms}, numbers(1, 1'000'000), HEADGATE_MEMBER(clients), std::move(help)));
  };
  clients(conn, "Connections");
  clients(pub | fanin, "Publishers");
  clients(sub | fanout, "Subscribers");
  clients(in_pairs, "Pairs of a publisher and a subscriber");
  const auto rates = decimals(0.001, 10'000'000);
  all.push_back(option({"-r,--rate", "N", publishing}, rates, HEADGATE_MEMBER(rate),
                       "Messages a second of all publishers together, due at that rate whatever the server does (open "
                       "loop)"));
  all.push_back(option({"-r,--rate", "N", conn}, rates, HEADGATE_MEMBER(rate), "Connects a second"));
  const auto windows = numbers(1, 100'000);
  all.push_back(option({"-w,--window", "N", pairs | fanout | fanin}, windows, HEADGATE_MEMBER(window),
                       "Instead of a rate (closed loop): a publisher's messages that its slowest subscriber has not "
                       "received yet"));
  all.push_back(option({"-w,--window", "N", pub}, windows, HEADGATE_MEMBER(window),
                       "Instead of a rate (closed loop): a publisher's messages that are not acknowledged yet"));
}

void add_messages(std::vector<form_option>& all) {
  const auto topic = [&](form_set forms, std::string help) {
    all.push_back(option({"-t,--topic", "TOPIC", forms}, templates(), HEADGATE_MEMBER(topic), std::move(help)));
  };
  topic(publishing, "The topic");
  topic(conn, "With --subscribe: the filter");
  topic(sub, "The filter");
  all.push_back(option({"--topics", "N", publishing}, numbers(1, max_topics), HEADGATE_MEMBER(topics),
                       "Topics of each publisher, which it takes in an order that the seed decides; %n in the topic is "
                       "their number"));
  all.push_back(option({"--topics", "N", sub}, numbers(1, max_topics), HEADGATE_MEMBER(topics),
                       "Filters of each subscriber; %n is their number"));
  all.push_back(option({"-q,--qos", "0|1|2"}, levels_of_qos(), HEADGATE_MEMBER(qos), "Quality of service"));
  all.push_back(option({"-s,--size", "BYTES|LEAST..MOST", publishing}, sizes_of_payload(), HEADGATE_MEMBER(payload),
                       "Size of a payload, from 40; of two, each message has one between them"));
  all.push_back(flag("--retain", publishing, HEADGATE_MEMBER(retain),
                     "Messages are retained; the audit requires nothing of what comes with RETAIN set"));
  all.push_back(option({"--expiry", "TIME", publishing}, seconds(1, u32_max - 1), HEADGATE_MEMBER(expiry_s),
                       "MQTT 5: Message Expiry Interval"));
  all.push_back(option({"--share", "NAME", sub | fanout | fanin}, words("the name of a shared subscription"),
                       HEADGATE_MEMBER(share), "The subscribers share one subscription of this name"));
}

void add_shape(std::vector<form_option>& all) {
  all.push_back(flag("--subscribe", conn, HEADGATE_MEMBER(subscribes),
                     "Each connection has a subscription of its own, to the topic"));
  all.push_back(flag("--cycle", conn, HEADGATE_MEMBER(cycles),
                     "Each client says DISCONNECT at its CONNACK and comes again, so that all are under way all the "
                     "time; measures connects"));
  all.push_back(flag("--keep-session", conn, HEADGATE_MEMBER(keeps_session),
                     "The server keeps the session of each client for when it comes again"));
  all.push_back(flag("--expect-refused", conn, HEADGATE_MEMBER(expects_refusal),
                     "The server is to refuse each, and who was refused comes again, at the rate or as fast as the "
                     "server answers; measures refusals"));
  all.push_back(option({"--publishers", "N", fanout}, numbers(1, max_clients), HEADGATE_MEMBER(publishers),
                       "Publishers of the topic"));
  all.push_back(option({"--subscribers", "N", fanin}, numbers(1, max_clients), HEADGATE_MEMBER(subscribers),
                       "Subscribers, each of which receives all messages"));
  all.push_back(flag("--one-topic", fanin, HEADGATE_MEMBER(one_topic), "All publish to the same topic"));
  all.push_back(option({"--churn", "N", pairs}, decimals(0, 1'000'000), HEADGATE_MEMBER(churn_rate),
                       "One more client subscribes and unsubscribes so many times a second"));
  all.push_back(option({"--hold", "TIME", offline}, durations(0, longest), HEADGATE_MEMBER(hold_ns),
                       "How long a subscriber stays, from half of it to all"));
  all.push_back(option({"--away", "TIME", offline}, durations(0, longest), HEADGATE_MEMBER(away_ns),
                       "How long a subscriber is away, from half of it to all"));
}

void add_clients(std::vector<form_option>& all) {
  auto target = form_option{"--target",
                            "HOST:PORT",
                            targets().accepts,
                            "The server; may come again: clients go to each in turn",
                            "",
                            every_form,
                            true,
                            {},
                            {}};
  target.set = [parse = targets().parse](form_options& options, const std::string& text) {
    const auto value = parse(text);
    if (value) options.targets.push_back(*value);
    return value.has_value();
  };
  all.push_back(std::move(target));
  all.push_back(
      option({"-V,--protocol-version", "3.1|3.1.1|5"}, versions(), HEADGATE_MEMBER(version), "Version of MQTT"));
  const auto client_id = [&](form_set forms, std::string help) {
    all.push_back(option({"--client-id", "TEXT", forms}, client_templates(), HEADGATE_MEMBER(client_id),
                         "Client id, with %c in it where there are several" + help));
  };
  client_id(conn | pub | sub, "");
  client_id(every_form & ~(conn | pub | sub), "; -p (publishers) or -s (subscribers) is put behind it");
  all.push_back(option({"-u,--user", "NAME"}, client_templates(), HEADGATE_MEMBER(user_name), "User name"));
  all.push_back(option({"-P,--password", "TEXT"}, client_templates(), HEADGATE_MEMBER(password), "Password"));
  all.push_back(option({"--keep-alive", "TIME"}, seconds(0, u16_max), HEADGATE_MEMBER(keep_alive_s),
                       "Keep Alive of each client; 0: none"));
  all.push_back(option({"--connect-rate", "N", every_form & ~conn}, decimals(0, 1'000'000),
                       HEADGATE_MEMBER(connect_rate), "Connects a second of each kind of client; 0: no limit"));
  all.push_back(option({"--in-flight", "N"}, numbers(1, max_clients), HEADGATE_MEMBER(in_flight),
                       "Connects of each kind of client that are not answered yet"));
  all.push_back(
      option({"--seed", "N"}, numbers(0, u64_max), HEADGATE_MEMBER(seed), "Decides all that is random in the plan"));
}

// A flag that takes something away.
template <class Access>
form_option counter_flag(std::string names, Access access, std::string help) {
  auto made = flag(std::move(names), every_form, access, std::move(help));
  made.set = [access](form_options& options, const std::string&) {
    access(options) = false;
    return true;
  };
  return made;
}

void add_tls(std::vector<form_option>& all) {
  const auto file = [&all](std::string names, auto access, std::string help) {
    all.push_back(option({std::move(names), "FILE"}, words("the name of a file"), access, std::move(help)));
  };
  all.push_back(flag("--tls", every_form, HEADGATE_MEMBER(tls.enabled), "Clients speak TLS"));
  file("--ca", HEADGATE_MEMBER(tls.ca),
       "Authorities that the server's certificate may come from, PEM; without it those of the system");
  file("--cert", HEADGATE_MEMBER(tls.certificate), "The certificate that all clients show, PEM");
  file("--key", HEADGATE_MEMBER(tls.key), "Its private key, PEM");
  all.push_back(option({"--server-name", "NAME"}, words("a name of DNS, or an address"),
                       HEADGATE_MEMBER(tls.server_name),
                       "The name that clients ask for (SNI) and that the server's certificate has to have; without it "
                       "the host of --target"));
  all.push_back(
      counter_flag("--insecure", HEADGATE_MEMBER(tls.verifies), "Whatever certificate the server shows is taken"));
  all.push_back(option({"--tls-version", "1.2|1.3"}, tls_versions(), HEADGATE_MEMBER(tls.maximum),
                       "The latest version of TLS that clients speak"));
  all.push_back(counter_flag("--no-resume", HEADGATE_MEMBER(tls.resumes),
                             "A client that comes again makes a full handshake, though the server gave it a session to "
                             "resume"));
}

void add_measuring(std::vector<form_option>& all) {
  all.push_back(option({"-d,--duration", "TIME"}, durations(ms, longest), HEADGATE_MEMBER(measuring.duration_ns),
                       "How long to measure, at most"));
  const auto messages = [&](form_set forms, const std::string& what) {
    all.push_back(option({"--messages", "N", forms}, numbers(0, u64_max), HEADGATE_MEMBER(measuring.messages),
                         "Measure until there have been so many " + what + "; 0: no such limit"));
  };
  messages(subscribing, "messages received");
  messages(pub, "messages acknowledged, or at QoS 0 sent");
  messages(conn, "connects, or with --expect-refused refusals");
  all.push_back(option({"--cpu-seconds", "TIME"}, durations(0, longest), HEADGATE_MEMBER(measuring.server_cpu_ns),
                       "Measure until the server has used so much CPU time (with --server-pid); 0: no such limit"));
  all.push_back(option({"--warm-up", "TIME"}, durations(0, longest), HEADGATE_MEMBER(measuring.warm_up_ns),
                       "How long it runs before it is measured"));
  all.push_back(option({"--warm-up-messages", "N", every_form & ~conn}, numbers(0, u64_max),
                       HEADGATE_MEMBER(measuring.warm_up_messages),
                       "Messages that are received before it is measured, where that takes longer"));
  all.push_back(option({"--stall", "TIME"}, durations(ms, longest), HEADGATE_MEMBER(measuring.stall_ns),
                       "So long without an answer while something is due, and the run has failed"));
  all.push_back(option({"--settle", "TIME"}, durations(ms, longest), HEADGATE_MEMBER(settle_ns),
                       "So long without anything new at the end, and what is missing is missing"));
  all.push_back(flag("--no-audit", every_form, HEADGATE_MEMBER(no_audit), "Messages are not audited"));
  all.push_back(flag("--no-drops", publishing, HEADGATE_MEMBER(no_drops),
                     "The run fails when messages at QoS 0 do not come: where the server has room for them"));
}

#undef HEADGATE_MEMBER

}  // namespace

const std::vector<form_option>& form_options_table() {
  static const std::vector<form_option> table = [] {
    std::vector<form_option> all;
    const auto add = [&all](const std::string& heading, void (*add_options)(std::vector<form_option>&)) {
      const auto before = all.size();
      add_options(all);
      for (auto at = before; at < all.size(); ++at) all[at].heading = heading;
    };
    add("How many and how fast", add_pace);
    add("Messages", add_messages);
    add("Of this form", add_shape);
    add("Clients", add_clients);
    add("TLS", add_tls);
    add("Measuring", add_measuring);
    return all;
  }();
  return table;
}

}  // namespace headgate::loadtest::plan
