#include "loadtest/plan/yaml_tree.hpp"

#include <map>
#include <optional>
#include <utility>

#include "config/value.hpp"
#include "config/yaml_events.hpp"

namespace headgate::loadtest::plan {

namespace {

constexpr const char* keys_wanted = "keys are wanted here, such as 'name: storm', not ";

class tree_builder : public YAML::EventHandler {
 public:
  tree_builder(std::string_view text, std::string name, config::problems& problems)
      : lines_(text), name_(std::move(name)), problems_(problems) {}

  yaml_node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    add_problem(config::line_of(mark), "a second document begins here: all keys belong into one");
    throw config::reading_ends{};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (skipped_ > 0) return;
    const int line = config::line_of(mark);
    auto error = config::find_extra("", anchor);
    if (!error && wants_key()) error = "a key is missing before ':'";
    if (error) return refuse(line, *error);
    put(line, yaml_node::kind::null);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    if (skipped_ > 0) return;
    refuse(config::line_of(mark), "aliases (*NAME) are not taken: write the value where it is wanted");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (skipped_ > 0) return;
    const int line = config::line_of(mark);
    auto error = config::find_extra(tag, anchor);
    if (!error) error = lines_.find_several_lines(mark, tag == "?", value);
    if (!error && open_.empty()) error = keys_wanted + config::quoted(value);
    if (error) return refuse(line, *error);
    if (wants_key()) return take_key(line, value);
    put(line, yaml_node::kind::scalar).text = value;
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    auto error = config::find_extra(tag, anchor);
    if (!error && open_.empty()) error = keys_wanted + std::string("a list");
    if (!error && wants_key()) error = "a key is a word, not a list";
    open(config::line_of(mark), error, yaml_node::kind::list);
  }
  void OnSequenceEnd() override { leave(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    auto error = config::find_extra(tag, anchor);
    if (!error && wants_key()) error = "a key is a word, not other keys in braces";
    open(config::line_of(mark), error, yaml_node::kind::map);
  }
  void OnMapEnd() override { leave(); }

 private:
  // A list or map whose end has not come. Nodes move while their parents grow, so they are put there at their end.
  struct frame {
    yaml_node node{};
    std::map<std::string, int> keys{};   // with their lines
    std::optional<yaml_node> pending{};  // of a map: the key whose value comes now; `said`: it is passed over
  };

  bool wants_key() const {
    return !open_.empty() && open_.back().node.what == yaml_node::kind::map && !open_.back().pending;
  }

  void add_problem(int line, const std::string& sentence) {
    problems_.add(config::where_in(name_, line), sentence);
    if (problems_.full()) throw config::reading_ends{};
  }

  void take_key(int line, const std::string& key) {
    auto& map = open_.back();
    const auto [earlier, is_new] = map.keys.emplace(key, line);
    const auto what = is_new && key != "<<" ? yaml_node::kind::null : yaml_node::kind::said;
    map.pending = yaml_node{what, line, key};
    if (key == "<<") return add_problem(line, "merge keys (<<) are not taken: write the values where they are wanted");
    if (!is_new) {
      add_problem(line,
                  config::quoted(key) + " is there twice: line " + std::to_string(earlier->second) + " has it as well");
    }
  }

  // The node that begins now, with its key.
  yaml_node begin(int line, yaml_node::kind what) {
    yaml_node node{what, line};
    if (!open_.empty() && open_.back().pending) {
      node = *std::exchange(open_.back().pending, std::nullopt);
      if (node.what != yaml_node::kind::said) node.what = what;
    }
    return node;
  }

  yaml_node& attach(yaml_node node) {
    if (open_.empty()) return root_ = std::move(node);
    return open_.back().node.children.emplace_back(std::move(node));
  }

  yaml_node& put(int line, yaml_node::kind what) { return attach(begin(line, what)); }

  // The word that comes now is no good: neither as a key, whose value is passed over as well, nor as a value.
  void refuse(int line, const std::string& sentence) {
    if (wants_key()) {
      open_.back().pending = yaml_node{yaml_node::kind::said, line};
    } else {
      put(line, yaml_node::kind::said);
    }
    add_problem(line, sentence);
  }

  void open(int line, const std::optional<std::string>& error, yaml_node::kind what) {
    if (skipped_ > 0) {
      ++skipped_;
      return;
    }
    if (error) {
      ++skipped_;
      return refuse(line, *error);
    }
    open_.push_back({begin(line, what)});
    // What is below a key that is passed over is passed over too.
    if (open_.back().node.what != yaml_node::kind::said) return;
    ++skipped_;
    auto node = std::move(open_.back().node);
    open_.pop_back();
    attach(std::move(node));
  }

  void leave() {
    if (skipped_ > 0) {
      --skipped_;
    } else if (!open_.empty()) {
      auto node = std::move(open_.back().node);
      open_.pop_back();
      attach(std::move(node));
    }
  }

  config::source_lines lines_;
  std::string name_;
  config::problems& problems_;
  std::vector<frame> open_;
  yaml_node root_;
  int skipped_ = 0;  // lists and maps that are open and of no interest
  int documents_ = 0;
};

}  // namespace

yaml_node read_yaml_tree(std::string_view text, const std::string& name, config::problems& problems) {
  tree_builder builder(config::without_mark(text), name, problems);
  config::parse_yaml(text, name, builder, problems);
  return builder.take();
}

}  // namespace headgate::loadtest::plan
