// Blocks that a reader found damaged: skipped, remembered here, and shown by weir_tables and stats.
#pragma once

#include <cstdint>
#include <string>

namespace weir::store {

void ReportCorrupt(const std::string& path, int event_class, int64_t block);
int64_t CorruptBlocks(const std::string& path, int event_class);

}  // namespace weir::store
