#pragma once

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "cli/admin_desk.hpp"

// Pages of a list that stands in several parts: how they begin and go on.
namespace headgate::cli {

// Where a page goes on.
struct page_cursor {
  std::size_t part = 0;
  std::uint32_t place = 0;
};

inline std::string text_of(page_cursor cursor) {
  return std::to_string(cursor.part) + ":" + std::to_string(cursor.place);
}

// The beginning for an empty text; nothing for one that we have not given out.
inline std::optional<page_cursor> parse_cursor(std::string_view text) {
  page_cursor cursor;
  if (text.empty()) return cursor;
  const auto* const end = text.data() + text.size();
  const auto part = std::from_chars(text.data(), end, cursor.part);
  if (part.ec != std::errc() || part.ptr == end || *part.ptr != ':') return std::nullopt;
  const auto place = std::from_chars(part.ptr + 1, end, cursor.place);
  if (place.ec != std::errc() || place.ptr != end) return std::nullopt;
  return cursor;
}

// One page on its way: only one letter at a time has it.
template <class Item>
struct admin_desk::page_walk {
  std::shared_ptr<admin_question<admin::page<Item>>> question;
  std::size_t parts = 0;
  std::size_t limit = 0;
  std::string match;
  page_cursor at;
  admin::page<Item> page;

  // After a step. True: go on; else it was answered. Late: what has been found until now is a page as well.
  bool goes_on(bool part_is_done) {
    if (part_is_done) at = {at.part + 1, 0};
    const bool at_end = at.part >= parts;
    if (!at_end && page.items.size() < limit && !question->is_late()) return true;
    if (!at_end) page.next = text_of(at);
    question->answer(std::move(page));
    return false;
  }
};

template <class Item>
std::shared_ptr<admin_desk::page_walk<Item>> admin_desk::begin_walk(admin::page_request&& request, std::size_t parts,
                                                                    on_answer<admin::page<Item>> tell) {
  auto walk = std::make_shared<page_walk<Item>>();
  walk->question = begin<admin::page<Item>>(walks_, std::move(tell));
  if (!walk->question) return nullptr;
  walk->parts = parts;
  walk->limit = std::clamp(request.limit, 1U, 1000U);
  walk->match = std::move(request.match);
  const auto cursor = parse_cursor(request.after);
  walk->at = cursor.value_or(page_cursor{parts, 0});
  if (walk->at.part < parts) return walk;
  walk->question->answer(admin::page<Item>{});
  return nullptr;
}

}  // namespace headgate::cli
