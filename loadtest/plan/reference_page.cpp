#include <string>

#include "loadtest/plan/keys.hpp"
#include "loadtest/plan/plan_file.hpp"

namespace headgate::loadtest::plan {

namespace {

constexpr const char* introduction = R"(# Plans

*Written by `headgate-loadtest run --reference`; a test compares the two. Change the table in
`loadtest/plan/keys_*.cpp` instead.*

`headgate-loadtest run FILE` carries out a plan: groups of clients, what each group does, and what happens to it. The
one-line forms (`headgate-loadtest pairs --help` and so on) are plans of one or two groups; a file is for the rest.

A plan is YAML in UTF-8, at most 1 MiB. All that is wrong with it is told at once, at most 20 sentences, each with file,
line and key; the exit status is 2. `headgate-loadtest run FILE --check` looks and does no more. Complete plans stand in
`loadtest/examples`.

```yaml
name: pairs at a rate
targets: [127.0.0.1:1883]
measure: { warm_up: 2s, duration: 30s }
groups:
  listeners:
    clients: 50
    subscribe: { filters: 'plant/%c/state', qos: 1 }
  devices:
    clients: 50
    publish: { topic: 'plant/%c/state', qos: 1, rate: 5000, payload: 64..512 }
events:
  - { at: 15s, group: devices, disconnect: 30%, how: cut }
```

A group gets the messages of all groups that publish to a topic that its filters match, and the audit holds the server to
that.

## Values

Times are in seconds, or have `us`, `ms`, `s`, `m` or `h` behind them: `500ms`, `10s`, `1.5m`. Sizes are bytes, or have `KiB`
or `MiB` behind them. In texts `%c` stands for the client's number within its group, from 0, `%n` for the topic's, `%8n`
for the same with eight digits, and `%%` for a percent sign; YAML wants quotes around a text that begins with one.

A target without a port has 1883, or 8883 where TLS is spoken.

Groups connect in the order of the file. A process takes 19,500 clients; for more, start several at the same time.
)";

std::string code(const std::string& text) {
  return "`" + text + "`";
}

std::string default_of(const plan_key& key) {
  if (key.is_required) return "none: it is wanted";
  if (key.fallback.empty()) return "none";
  return key.fallback.find(' ') == std::string::npos ? code(key.fallback) : key.fallback;
}

}  // namespace

std::string reference_page() {
  std::string page = introduction;
  page += "\n## Keys\n";
  for (const auto& section : key_sections()) {
    page += "\n### " + (section.path.empty() ? "At the top" : code(section.path)) + "\n\n";
    if (!section.help.empty()) page += section.help + "\n\n";
    page += "| key | default | takes | what it means |\n|---|---|---|---|\n";
    for (const auto& key : section.keys) {
      page += "| " + code(key.name) + " | " + default_of(key) + " | " + key.accepts +
              (key.is_list ? ", or a list" : "") + " | " + key.help + " |\n";
    }
  }
  return page;
}

}  // namespace headgate::loadtest::plan
