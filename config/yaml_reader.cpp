#include "config/yaml_reader.hpp"

#include <algorithm>
#include <utility>

#include "config/value.hpp"

namespace headgate::config {

namespace {

// Some key of the section, with this item's name or, if there is none, that of the default item.
std::string example_of(const section& section, const std::string& item) {
  const auto& name = item.empty() && section.items ? section.items->example : item;
  return path_of(section, name, section.keys.front().name);
}

}  // namespace

yaml_reader::yaml_reader(settings& settings, std::string_view text, std::string name, origins& origins,
                         problems& problems)
    : settings_(settings), lines_(text), name_(std::move(name)), origins_(origins), problems_(problems) {}

void yaml_reader::add_problem(int line, const std::string& sentence) {
  problems_.add(where(line), sentence);
  if (problems_.full()) throw reading_ends{};
}

void yaml_reader::pass_over() {
  if (maps_.empty()) return;
  auto& next = maps_.back().next;
  next = next ? std::nullopt : std::optional(target{});
}

auto yaml_reader::resolve(const target& about, const std::string& key) const -> target {
  const auto path = about.path.empty() ? key : about.path + "." + key;
  switch (about.what) {
    case kind::root:
      if (find_key(*find_section(""), key) != nullptr) return {kind::value, find_section(""), {}, key};
      if (const auto* section = find_section(key); section != nullptr && !key.empty())
        return {section->items ? kind::items : kind::section, section, {}, key};
      break;
    case kind::items:
      return {kind::item, about.section, key, path};
    case kind::section:
    case kind::item:
      if (find_key(*about.section, key) != nullptr) return {kind::value, about.section, about.item, path};
      break;
    case kind::value:
    case kind::unknown:
    case kind::said:
      break;
  }
  return {kind::unknown, about.section, about.item, path};
}

void yaml_reader::take_key(int line, const std::string& key) {
  auto& map = maps_.back();
  map.line = line;
  const auto to = resolve(map.about, key);
  const auto [earlier, is_new] = map.keys.emplace(key, line);
  map.next = target{};
  if (!is_new) {
    add_problem(line, quoted(to.path) + " is there twice: line " + std::to_string(earlier->second) + " has it as well");
  } else if (to.what == kind::unknown && key == "<<") {
    add_problem(line, "merge keys (<<) are not taken: write the values where they are wanted");
  } else if (to.what == kind::unknown && key.find('.') != std::string::npos && find_place(to.path)) {
    add_problem(line, quoted(key) + " is written as on the command line: in a file '" + key.substr(0, key.find('.')) +
                          ":' stands alone, and the rest below it, indented");
  } else {
    map.next = to;
  }
}

auto yaml_reader::take_target() -> target {
  return *std::exchange(maps_.back().next, std::nullopt);
}

void yaml_reader::take_scalar(const target& to, int line, const std::string& value) {
  switch (to.what) {
    case kind::value:
      if (const auto error = apply(settings_, to.path, value)) return add_problem(line, *error);
      origins_[to.path] = where(line);
      return;
    case kind::root:
    case kind::section:
    case kind::items:
    case kind::item:
      return add_problem(line, to.path + " takes keys below it, such as " + example_of(*to.section, to.item) +
                                   ", and not the value " + quoted(value));
    case kind::unknown:
      return add_problem(line, unknown_key(to.path));
    case kind::said:
      return;
  }
}

// A section without keys is one whose keys are all default; an item without keys is there.
void yaml_reader::take_null(const target& to, int line) {
  switch (to.what) {
    case kind::value:
      return add_problem(line, to.path + " has no value: it takes " + find_place(to.path)->key->accepts);
    case kind::item:
      if (const auto error = name_item(settings_, *to.section, to.item)) add_problem(line, *error);
      return;
    case kind::unknown:
      return add_problem(line, maps_.size() == 1 ? unknown_section(to.path) : unknown_key(to.path));
    case kind::root:
    case kind::section:
    case kind::items:
    case kind::said:
      return;
  }
}

// A list, or keys where there can be none.
void yaml_reader::refuse_structure(const target& to, int line, const std::string& what) {
  switch (to.what) {
    case kind::value:
      return add_problem(line, to.path + " takes " + find_place(to.path)->key->accepts + ", not " + what);
    case kind::root:
    case kind::section:
    case kind::items:
    case kind::item:
      return add_problem(
          line, to.path + " takes keys below it, such as " + example_of(*to.section, to.item) + ", and not " + what);
    case kind::unknown:
      return add_problem(line, maps_.size() == 1 ? unknown_section(to.path) : unknown_key(to.path));
    case kind::said:
      return;
  }
}

void yaml_reader::leave() {
  if (skipped_ > 0) {
    --skipped_;
  } else if (!maps_.empty()) {
    maps_.pop_back();
  }
}

void yaml_reader::OnDocumentStart(const YAML::Mark& mark) {
  if (++documents_ == 1) return;
  add_problem(line_of(mark), "a second document begins here: all keys belong into one");
  throw reading_ends{};
}

void yaml_reader::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (skipped_ > 0) return;
  const int line = line_of(mark);
  if (const auto error = find_extra("", anchor)) {
    pass_over();
    return add_problem(line, *error);
  }
  if (maps_.empty()) return;  // an empty file
  if (maps_.back().next) return take_null(take_target(), maps_.back().line);
  pass_over();
  add_problem(line, "a key is missing before ':'");
}

void yaml_reader::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
  if (skipped_ > 0) return;
  pass_over();
  add_problem(line_of(mark), "aliases (*NAME) are not taken: write the value where it is wanted");
}

void yaml_reader::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  if (skipped_ > 0) return;
  const int line = line_of(mark);
  auto error = find_extra(tag, anchor);
  if (!error) error = lines_.find_several_lines(mark, tag == "?", value);
  if (!error && maps_.empty()) error = "keys are wanted here, such as 'workers: 2', not " + quoted(value);
  if (error) {
    pass_over();
    return add_problem(line, *error);
  }
  if (!maps_.back().next) return take_key(line, value);
  take_scalar(take_target(), maps_.back().line, value);
}

void yaml_reader::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
  if (skipped_++ > 0) return;
  const int line = line_of(mark);
  auto error = find_extra(tag, anchor);
  if (!error && maps_.empty()) error = "keys are wanted here, such as 'workers: 2', not a list";
  if (!error && !maps_.back().next) error = "a key is a word, not a list";
  if (!error) return refuse_structure(take_target(), maps_.back().line, "a list");
  pass_over();
  add_problem(line, *error);
}

void yaml_reader::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  if (skipped_ > 0) {
    ++skipped_;
    return;
  }
  auto error = find_extra(tag, anchor);
  if (!error && !maps_.empty() && !maps_.back().next) error = "a key is a word, not other keys in braces";
  if (error) {
    ++skipped_;
    pass_over();
    return add_problem(line_of(mark), *error);
  }
  if (maps_.empty()) {
    maps_.push_back({target{kind::root, nullptr, {}, {}}});
  } else {
    take_map(take_target(), maps_.back().line);
  }
}

// Keys below a key.
void yaml_reader::take_map(const target& to, int line) {
  const bool has_keys = to.what == kind::section || to.what == kind::items || to.what == kind::item;
  std::optional<std::string> error;
  if (to.what == kind::item) error = name_item(settings_, *to.section, to.item);
  if (has_keys && !error) {
    maps_.push_back({to});
    return;
  }
  ++skipped_;
  if (error) return add_problem(line, *error);
  refuse_structure(to, line, "keys below it");
}

}  // namespace headgate::config
