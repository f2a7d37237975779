// Searching all texts of a dictionary at once: they lie one after the other in memory.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "store/column.h"

namespace weir::store {

// Entries, NULL's left out, that contain `needle`, ASCII letters of either case alike. `needle` is
// in lower case, ASCII, and not empty. Ascending.
std::vector<uint32_t> EntriesContaining(const Column& column, std::string_view needle);
// Entries that are `text`.
std::vector<uint32_t> EntriesEqual(const Column& column, std::string_view text);

}  // namespace weir::store
