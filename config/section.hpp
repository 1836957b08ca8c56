#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace headgate::config {

// When a changed value counts: at the next SIGHUP, or when the server is started again.
enum class changes : std::uint8_t { at_reload, at_restart };

// One key. `item` is the name of the item whose key it is, and empty in a section without items.
struct key {
  std::string name;     // the last word of its path
  std::string accepts;  // continues "it takes "
  std::string help;     // what it means, a phrase that begins with a capital letter
  config::changes changes = changes::at_restart;
  bool is_text = false;  // a file shows it in quotes
  // False: the value is refused, and nothing has changed. An item that is not there yet is added.
  std::function<bool(settings&, const std::string& item, const std::string& value)> set;
  // As `set` takes it again. The item is there.
  std::function<std::string(const settings&, const std::string& item)> show;
};

// What makes a section one of items with names, such as listeners.
struct naming {
  std::string one;      // "listener"
  std::string example;  // the name of the default item
  std::size_t most = 0;
  // Whether no key has named an item yet: the first one takes the place of the default items.
  std::function<bool(const settings&)> are_default;
  std::function<std::vector<std::string>(const settings&)> names;
  // There is an item of that name afterwards.
  std::function<void(settings&, const std::string& name)> add;
};

// Keys that stand below one word, or, with an empty name, at the top of a file. With items: below a name below it.
struct section {
  std::string name;
  std::string help;
  std::vector<key> keys;
  std::optional<naming> items;
};

// "limits.max_clients", "listeners.tcp.port", "workers".
std::string path_of(const section& section, const std::string& item, const std::string& key);

}  // namespace headgate::config
