#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "config/section.hpp"
#include "config/value.hpp"

// How the table is written: a key is a member of some struct with a check, and a section says where the struct stands.
namespace headgate::config {

template <class Object>
struct field {
  std::string name;
  std::string accepts;
  std::string help;
  config::changes changes;
  bool is_text;
  std::function<bool(Object&, const std::string&)> set;
  std::function<std::string(const Object&)> show;
};

template <class Object, std::unsigned_integral Number>
field<Object> number(std::string name, Number Object::*member, range range, changes changes, std::string help) {
  const auto set = [=](Object& object, const std::string& text) {
    const auto value = parse_number(text, range);
    if (value) object.*member = static_cast<Number>(*value);
    return value.has_value();
  };
  const auto show = [=](const Object& object) { return std::to_string(object.*member); };
  return {std::move(name), describe_numbers(range), std::move(help), changes, false, set, show};
}

template <class Object, std::unsigned_integral Number>
field<Object> size(std::string name, Number Object::*member, range range, changes changes, std::string help) {
  const auto set = [=](Object& object, const std::string& text) {
    const auto value = parse_size(text, range);
    if (value) object.*member = static_cast<Number>(*value);
    return value.has_value();
  };
  const auto show = [=](const Object& object) { return show_size(object.*member); };
  return {std::move(name), describe_sizes(range), std::move(help), changes, false, set, show};
}

// One of several words, each with what it stands for.
template <class Object, class Value>
field<Object> choice(std::string name, Value Object::*member, std::vector<std::pair<std::string, Value>> words,
                     changes changes, std::string help) {
  std::string accepts;
  for (const auto& [word, value] : words) {
    if (!accepts.empty()) accepts += &word == &words.back().first ? " or " : ", ";
    accepts += word;
  }
  const auto set = [=](Object& object, const std::string& text) {
    for (const auto& [word, value] : words) {
      if (word != text) continue;
      object.*member = value;
      return true;
    }
    return false;
  };
  const auto show = [=](const Object& object) {
    return std::ranges::find(words, object.*member, &std::pair<std::string, Value>::second)->first;
  };
  return {std::move(name), accepts, std::move(help), changes, false, set, show};
}

// Words that a check takes; `accepts` says which those are.
template <class Object>
field<Object> text(std::string name, std::string Object::*member, std::function<bool(const std::string&)> is_good,
                   std::string accepts, changes changes, std::string help) {
  const auto set = [=](Object& object, const std::string& value) {
    if (!is_one_line(value) || !is_good(value)) return false;
    object.*member = value;
    return true;
  };
  const auto show = [=](const Object& object) { return object.*member; };
  return {std::move(name), std::move(accepts), std::move(help), changes, true, set, show};
}

// A section whose keys are members of the struct that `object` finds in the settings, const or not.
template <class Object, class Find>
section plain_section(std::string name, std::string help, Find object, std::vector<field<Object>> fields) {
  section made{std::move(name), std::move(help), {}, {}};
  for (auto& field : fields) {
    const auto set = [=, set = field.set](settings& settings, const std::string&, const std::string& value) {
      return set(object(settings), value);
    };
    const auto show = [=, show = field.show](const settings& settings, const std::string&) {
      return show(object(settings));
    };
    made.keys.push_back({field.name, field.accepts, field.help, field.changes, field.is_text, set, show});
  }
  return made;
}

// The items of a section in the settings, each of which has a member `name`.
template <class Item>
struct item_list {
  std::vector<Item> settings::*items;
  bool settings::*are_default;

  const Item* find(const settings& settings, const std::string& name) const {
    const auto& all = settings.*items;
    const auto found = std::ranges::find(all, name, &Item::name);
    return found == all.end() ? nullptr : &*found;
  }

  Item& add(settings& settings, const std::string& name) const {
    auto& all = settings.*items;
    if (std::exchange(settings.*are_default, false)) all.clear();
    const auto found = std::ranges::find(all, name, &Item::name);
    return found == all.end() ? all.emplace_back(Item{name}) : *found;
  }
};

// The naming's functions are filled in here.
template <class Item>
section item_section(std::string name, std::string help, naming naming, item_list<Item> list,
                     std::vector<field<Item>> fields) {
  naming.are_default = [=](const settings& settings) { return settings.*list.are_default; };
  naming.add = [=](settings& settings, const std::string& item) { list.add(settings, item); };
  naming.names = [=](const settings& settings) {
    std::vector<std::string> names;
    for (const auto& item : settings.*list.items) names.push_back(item.name);
    return names;
  };
  section made{std::move(name), std::move(help), {}, std::move(naming)};
  for (auto& field : fields) {
    const auto set = [=, set = field.set](settings& settings, const std::string& item, const std::string& value) {
      Item trial{item};
      if (!set(trial, value)) return false;
      return set(list.add(settings, item), value);
    };
    const auto show = [=, show = field.show](const settings& settings, const std::string& item) {
      return show(*list.find(settings, item));
    };
    made.keys.push_back({field.name, field.accepts, field.help, field.changes, field.is_text, set, show});
  }
  return made;
}

}  // namespace headgate::config
