// One row of a batch as a byte string, for rows that outlive their batch.
#pragma once

#include <string>

#include "batch/batch.h"

namespace weir {

// Columns in order, stream columns left out: u32 and i64 as they are, text as u32 length + 1
// (0: NULL) and bytes. Never leaves the process.
std::string PackRow(const Batch& batch, uint32_t row);

// Adds a packed row of the builder's class.
void UnpackRow(const std::string& packed, BatchBuilder& builder);

}  // namespace weir
