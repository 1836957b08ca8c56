#pragma once

#include <cstdint>

#include "broker/retained/question.hpp"
#include "broker/retained/rocks.hpp"

namespace headgate::broker::retained {

// Looks a question of a shard up in the database, which must be open: one read for a filter without wildcards,
// otherwise a walk over the topics, in so many steps, that reads the values of those that match. Nothing is changed.
// `unreadable` counts what was passed over because it could not be read.
found_values answer(rocks& store, std::uint32_t number, std::uint32_t log_id, const question& question,
                    std::uint64_t& unreadable);

}  // namespace headgate::broker::retained
