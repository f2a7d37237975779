#include "store/face.h"

#include <algorithm>
#include <charconv>

namespace weir::store {

using schema::FaceColumn;
using schema::How;
using schema::Kind;
using schema::TableSpec;
namespace file = schema::file_column;

namespace {

constexpr int64_t kSecond = 1'000'000'000;

int64_t FloorSeconds(int64_t ns) {
  const int64_t seconds = ns / kSecond;
  return ns % kSecond < 0 ? seconds - 1 : seconds;
}

// SQLite keeps the value beyond the segment's life: it takes a copy.
void ShowBytes(std::string_view text, sqlite3_context* context) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

// Digits in a base after `prefix`, filled up with zeros to `width` in all.
void ShowDigits(int64_t value, int base, size_t width, std::string_view prefix,
                sqlite3_context* context) {
  char digits[24];
  // As printf does: other bases than ten show a negative number's bits.
  const auto end = base == 10 ? std::to_chars(digits, digits + sizeof digits, value)
                              : std::to_chars(digits, digits + sizeof digits,
                                              static_cast<uint64_t>(value), base);
  const auto size = static_cast<size_t>(end.ptr - digits);
  char text[64];
  char* to = std::copy(prefix.begin(), prefix.end(), text);
  if (size < width) to = std::fill_n(to, width - size, '0');
  to = std::copy_n(digits, size, to);
  ShowBytes({text, static_cast<size_t>(to - text)}, context);
}

bool IsText(const TableSpec& table, int column) {
  return column >= 0 && schema::kClasses[table.event_class].columns[column].kind == Kind::kText;
}

}  // namespace

void ShowInteger(const FaceColumn& face, int64_t value, sqlite3_context* context) {
  if (value == kNullI64) {
    sqlite3_result_null(context);
    return;
  }
  switch (face.how) {
    case How::kSeconds:
      sqlite3_result_int64(context, FloorSeconds(value));
      break;
    case How::kDecimal:
      ShowDigits(value, 10, 0, "", context);
      break;
    case How::kOctal:
      ShowDigits(value, 8, 0, value == 0 ? "" : "0", context);
      break;
    case How::kEid:
      ShowDigits(value, 10, 20, "", context);
      break;
    default:
      sqlite3_result_int64(context, value);
  }
}

void ShowText(const std::optional<std::string_view>& shown, sqlite3_context* context) {
  if (shown) {
    ShowBytes(*shown, context);
  } else {
    sqlite3_result_null(context);
  }
}

void ShowStored(const Column& values, uint32_t row, sqlite3_context* context) {
  if (values.text) {
    const uint32_t code = values.codes[row];
    if (code != 0) ShowBytes(values.Entry(code), context);
  } else if (const int64_t value = values.Int(row); value != kNullI64) {
    sqlite3_result_int64(context, value);
  }
}

bool IsTime(const FaceColumn& face) {
  return (face.how == How::kColumn || face.how == How::kSeconds) &&
         face.column == schema::process_column::kTimeNs;  // the same in every class
}

bool FaceOfText(const TableSpec& table, const FaceColumn& face) {
  return (face.how == How::kColumn || face.how == How::kMap || face.how == How::kDefault) &&
         IsText(table, face.column);
}

bool FaceOfInteger(const TableSpec& table, const FaceColumn& face) {
  if (face.how == How::kSeq) return true;
  return (face.how == How::kColumn || face.how == How::kSeconds) && !IsText(table, face.column);
}

std::optional<std::string_view> FaceText(const FaceColumn& face,
                                         std::optional<std::string_view> stored) {
  if (!stored) {
    return face.how == How::kDefault ? std::optional<std::string_view>(face.text) : std::nullopt;
  }
  if (face.how == How::kMap) {
    for (int i = 0; i < face.map_count; ++i) {
      if (*stored == face.map[i].from) return face.map[i].to;
    }
  }
  return stored;
}

bool ShowColumn(const TableSpec& table, int column, Segment& segment, BlockReader* reader,
                uint32_t row, Half half, sqlite3_context* context) {
  const FaceColumn& face = table.columns[column];
  if (face.how == How::kConstant) {
    if (face.is_null) {
      sqlite3_result_null(context);
    } else if (face.text) {
      sqlite3_result_text(context, face.text, -1, SQLITE_STATIC);
    } else {
      sqlite3_result_int64(context, face.integer);
    }
    return true;
  }
  int physical = face.column;
  if (face.how == How::kSeq || face.how == How::kEid) physical = kSeqColumn;
  if (half != Half::kWhole) {
    if (physical == file::kDestPath) {
      sqlite3_result_null(context);
      return true;
    }
    if (physical == file::kTargetPath && half == Half::kTo) physical = file::kDestPath;
    if (physical == file::kAction && face.how == How::kMap) {
      sqlite3_result_text(context, half == Half::kFrom ? "MOVED_FROM" : "MOVED_TO", -1,
                          SQLITE_STATIC);
      return true;
    }
  }
  const Column* values = segment.Get(reader, physical);
  if (!values) return false;
  if (!values->text) {
    ShowInteger(face, values->Int(row), context);
    return true;
  }
  const uint32_t code = values->codes[row];
  std::optional<std::string_view> stored;
  if (code != 0) stored = values->Entry(code);
  if (face.how == How::kEquals) {
    sqlite3_result_int(context, stored && *stored == face.text ? 1 : 0);
    return true;
  }
  ShowText(FaceText(face, stored), context);
  return true;
}

}  // namespace weir::store
