// weir_json(name, value, ...): an object on one line, as exports write it and imports read it back.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "functions/functions.h"
#include "functions/sql_function.h"
#include "functions/utf8.h"

namespace weir::functions {

namespace {

// Beyond it most readers of JSON round.
constexpr sqlite3_int64 kMostExact = (sqlite3_int64{1} << 53) - 1;

constexpr uint64_t kOnes = 0x0101010101010101u;
constexpr uint64_t kTops = 0x8080808080808080u;

// Whether one of eight bytes is not to be copied as it is: a control character, a quote, a
// backslash, or not ASCII.
bool AnySpecial(uint64_t word) {
  const auto has_zero = [](uint64_t w) { return (w - kOnes) & ~w & kTops; };
  const uint64_t controls = (word - kOnes * 0x20) & ~word & kTops;
  return ((word & kTops) | controls | has_zero(word ^ kOnes * '"') |
          has_zero(word ^ kOnes * '\\')) != 0;
}

bool IsSpecial(unsigned char c) { return c < 0x20 || c >= 0x80 || c == '"' || c == '\\'; }

bool AnySpecial(std::string_view text) {
  size_t at = 0;
  for (uint64_t word; at + sizeof word <= text.size(); at += sizeof word) {
    memcpy(&word, text.data() + at, sizeof word);
    if (AnySpecial(word)) return true;
  }
  text.remove_prefix(at);
  return std::any_of(text.begin(), text.end(), IsSpecial);
}

// The text of one object, in memory that is used again for the next.
class Writer {
 public:
  void Clear() { size_ = 0; }
  std::string_view text() const { return {memory_.data(), size_}; }

  void Put(char c) { *Room(1) = c; }
  void Put(std::string_view text) { memcpy(Room(text.size()), text.data(), text.size()); }

  void String(std::string_view text) {
    if (!AnySpecial(text)) {
      char* to = Room(text.size() + 2);
      *to = '"';
      memcpy(to + 1, text.data(), text.size());
      to[text.size() + 1] = '"';
      return;
    }
    if (!IsUtf8(text)) return Hex(text);
    Put('"');
    for (const char c : text) {
      if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) {
        Put(c);
      } else {
        Escaped(c);
      }
    }
    Put('"');
  }

  void Hex(std::string_view bytes) {
    constexpr char kHex[] = "0123456789ABCDEF";
    Put(R"({"hex":")");
    for (const char byte : bytes) {
      const auto c = static_cast<unsigned char>(byte);
      Put(kHex[c >> 4]);
      Put(kHex[c & 15]);
    }
    Put(R"("})");
  }

  void Integer(sqlite3_int64 value) {
    char digits[24];
    const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    const bool exact = value <= kMostExact && value >= -kMostExact;
    if (!exact) Put('"');
    Put({digits, static_cast<size_t>(end - digits)});
    if (!exact) Put('"');
  }

 private:
  // As much more of the text, to be written.
  char* Room(size_t size) {
    if (size_ + size > memory_.size()) memory_.resize(2 * (size_ + size));
    char* room = memory_.data() + size_;
    size_ += size;
    return room;
  }

  void Escaped(char c) {
    constexpr char kHex[] = "0123456789abcdef";
    constexpr std::string_view kShort = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
    Put('\\');
    const size_t at = kShort.find(c);
    if (at != std::string_view::npos) return Put(kLetters[at]);
    Put("u00");
    Put(kHex[c >> 4]);
    Put(kHex[c & 15]);
  }

  std::vector<char> memory_;
  size_t size_ = 0;
};

void PutValue(Writer* json, sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return json->Integer(sqlite3_value_int64(value));
    case SQLITE_NULL:
      return json->Put("null");
    case SQLITE_TEXT:
      return json->String(TextOf(value));
    case SQLITE_FLOAT:
      if (std::isfinite(sqlite3_value_double(value))) return json->Put(TextOf(value));
      return json->String(TextOf(value));
    default:
      return json->Hex(TextOf(value));
  }
}

// Integers beyond 2^53 are strings; blobs, and text that is not UTF-8, are {"hex": ...}.
void Json(sqlite3_context* context, int count, sqlite3_value** values) {
  if (count % 2 != 0) {
    ResultError(context, "weir_json takes names and values");
    return;
  }
  Writer& json = *static_cast<Writer*>(sqlite3_user_data(context));
  json.Clear();
  json.Put('{');
  for (int i = 0; i < count; i += 2) {
    if (i > 0) json.Put(',');
    json.String(TextOf(values[i]));
    json.Put(':');
    PutValue(&json, values[i + 1]);
  }
  json.Put('}');
  ResultText(context, json.text());
}

}  // namespace

int RegisterJson(sqlite3* db) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  return sqlite3_create_function_v2(db, "weir_json", -1, kFlags, new Writer, Json, nullptr, nullptr,
                                    [](void* writer) { delete static_cast<Writer*>(writer); });
}

}  // namespace weir::functions
