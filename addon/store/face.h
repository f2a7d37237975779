// How a SQL table shows a stored class: From of src/tables/spec.ts.
#pragma once

#include <optional>
#include <string_view>

#include "store/segment.h"
#include "store/sqlite.h"

namespace weir::store {

// A rename is two rows of file_events.
enum class Half : uint8_t { kWhole, kFrom, kTo };

// Result of a face column for one row. False: the block is corrupt.
bool ShowColumn(const schema::TableSpec& table, int column, Segment& segment, BlockReader* reader,
                uint32_t row, Half half, sqlite3_context* context);

// The same of a column that is shown as it is stored.
void ShowStored(const Column& values, uint32_t row, sqlite3_context* context);

// The same for a value that stands for a row.
void ShowInteger(const schema::FaceColumn& face, int64_t stored, sqlite3_context* context);
void ShowText(const std::optional<std::string_view>& shown, sqlite3_context* context);

// What a text face shows for a stored entry (nullopt: NULL). Only for faces that FaceOfText allows.
std::optional<std::string_view> FaceText(const schema::FaceColumn& face,
                                         std::optional<std::string_view> stored);
// The face is when it happened, in seconds or nanoseconds.
bool IsTime(const schema::FaceColumn& face);
// The face is text made from a text column, entry by entry.
bool FaceOfText(const schema::TableSpec& table, const schema::FaceColumn& face);
// The face is an integer column, seq, or whole seconds of one: its order is that of what is stored.
bool FaceOfInteger(const schema::TableSpec& table, const schema::FaceColumn& face);

}  // namespace weir::store
