// What JavaScript hands to append, checked.
#pragma once

#include <napi.h>

#include <vector>

#include "store/hot_rows.h"

namespace weir::store {

// All return false with a TypeError pending when the value does not fit the batch.
bool ReadSelection(Napi::Value value, const Batch& batch, std::vector<uint32_t>* rows);
bool ReadStreamColumns(Napi::Value value, const Batch& batch, std::vector<StreamText>* columns);

// Copies the rows out when they are a small part of the batch, so that a few rows do not keep a
// whole batch in memory.
void CompactRows(BatchPtr* batch, std::vector<StreamText>* columns, std::vector<uint32_t>* rows);

}  // namespace weir::store
