#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problems.hpp"
#include "config/table.hpp"
#include "config/yaml_events.hpp"
#include "config/yaml_file.hpp"

namespace headgate::config {

// Takes the parser's events and applies each key as it comes. No tree is built, so that what a file can make us hold is
// bounded by its size.
class yaml_reader : public YAML::EventHandler {
 public:
  // `text` is what the parser reads, without a byte order mark.
  yaml_reader(settings& settings, std::string_view text, std::string name, origins& origins, problems& problems);

  // A line counted from 1, or 0: not known.
  std::string where(int line) const { return where_in(name_, line); }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { leave(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { leave(); }

 private:
  // What a map is about, or what a key of it leads to. `said`: there is a problem, and it has been told.
  enum class kind : std::uint8_t { root, section, items, item, value, unknown, said };

  struct target {
    kind what = kind::said;
    const config::section* section = nullptr;
    std::string item{};
    std::string path{};
  };

  // A map whose end has not come.
  struct map {
    target about;
    std::map<std::string, int> keys{};  // with their lines
    std::optional<target> next{};       // where the key leads whose value comes now
    int line = 0;                       // of that key
  };

  void add_problem(int line, const std::string& sentence);
  target resolve(const target& about, const std::string& key) const;
  void take_key(int line, const std::string& key);
  // Where the value leads that comes now; a key comes after it.
  target take_target();
  void take_scalar(const target& to, int line, const std::string& value);
  void take_null(const target& to, int line);
  void take_map(const target& to, int line);
  // The word that comes now is no good: neither as a key, whose value is passed over as well, nor as a value.
  void pass_over();
  void refuse_structure(const target& to, int line, const std::string& what);
  // A list or map has ended.
  void leave();

  settings& settings_;
  source_lines lines_;
  std::string name_;
  origins& origins_;
  problems& problems_;
  std::vector<map> maps_;
  int skipped_ = 0;  // lists and maps that are open and of no interest
  int documents_ = 0;
};

}  // namespace headgate::config
