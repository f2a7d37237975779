#include "store/text_match.h"

#include <algorithm>
#include <cstring>

#include "store/dictionary_search.h"

namespace weir::store {

namespace {

// SQLite refuses longer patterns; it shall say so itself.
constexpr size_t kMaxPattern = 1000;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// The longest part of a LIKE pattern without wildcards, in lower case. ASCII alone: SQLite reads
// other characters through a decoder that takes different bytes for the same.
std::string LongestPart(std::string_view pattern) {
  std::string best, part;
  for (const char c : pattern) {
    if (c == '%' || c == '_' || static_cast<unsigned char>(c) >= 0x80) {
      part.clear();
    } else {
      part.push_back(Lower(c));
      if (part.size() > best.size()) best = part;
    }
  }
  return best;
}

}  // namespace

TextMatch TextMatch::NotNull() { return TextMatch(Kind::kNotNull); }

TextMatch TextMatch::OneOf(std::unordered_set<std::string> values) {
  TextMatch made(Kind::kOneOf);
  made.values_ = std::move(values);
  return made;
}

std::optional<TextMatch> TextMatch::Of(Op op, sqlite3_value* value) {
  if (op == Op::kIsNull) return TextMatch(Kind::kNull);
  if (op == Op::kNotNull) return NotNull();
  const int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL) {
    if (op == Op::kIs) return TextMatch(Kind::kNull);
    if (op == Op::kIsNot) return NotNull();
    return OneOf({});
  }
  // A number may be compared as a number (with a column of such affinity): left to SQLite.
  if (type != SQLITE_TEXT) return std::nullopt;
  const auto* data = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (!data) return std::nullopt;
  std::string text(data, static_cast<size_t>(sqlite3_value_bytes(value)));
  switch (op) {
    case Op::kEq:
    case Op::kIs:
      return OneOf({std::move(text)});
    case Op::kNe:
    case Op::kIsNot: {
      TextMatch made(Kind::kOther);
      made.null_too_ = op == Op::kIsNot;
      made.text_ = std::move(text);
      return made;
    }
    case Op::kLike:
    case Op::kGlob: {
      if (text.size() > kMaxPattern) return std::nullopt;
      TextMatch made(op == Op::kLike ? Kind::kLike : Kind::kGlob);
      text.resize(strlen(text.c_str()));  // SQLite's own matching ends there
      if (op == Op::kLike) {
        made.needle_ = LongestPart(text);
        made.only_needle_ = !made.needle_.empty() && text.size() == made.needle_.size() + 2 &&
                            text.front() == '%' && text.back() == '%';
      }
      made.text_ = std::move(text);
      return made;
    }
    case Op::kRegexp: {
      TextMatch made(Kind::kRegexp);
      std::string error;
      made.regexp_ = Pattern::Compile(text, &error);
      // The function itself says what is wrong, if it comes to a row.
      return made.regexp_ ? std::optional(std::move(made)) : std::nullopt;
    }
    default: {
      TextMatch made(Kind::kCompare);
      made.op_ = op;
      made.text_ = std::move(text);
      return made;
    }
  }
}

bool TextMatch::MatchesPattern(std::string_view text) const {
  const std::string terminated(text);
  return (kind_ == Kind::kLike ? sqlite3_strlike(text_.c_str(), terminated.c_str(), 0)
                               : sqlite3_strglob(text_.c_str(), terminated.c_str())) == 0;
}

std::vector<uint8_t> TextMatch::Accepted(const Column& column) const {
  std::vector<uint8_t> accepted(column.entries, 0);
  accepted[0] = (*this)(std::nullopt) ? 1 : 0;
  if (kind_ == Kind::kOneOf && values_.size() == 1) {
    for (const uint32_t code : EntriesEqual(column, *values_.begin())) accepted[code] = 1;
  } else if (!needle_.empty()) {
    for (const uint32_t code : EntriesContaining(column, needle_)) {
      accepted[code] = only_needle_ || MatchesPattern(column.Entry(code)) ? 1 : 0;
    }
  } else {
    for (uint32_t code = 1; code < column.entries; ++code) {
      accepted[code] = (*this)(column.Entry(code)) ? 1 : 0;
    }
  }
  return accepted;
}

bool TextMatch::operator()(const std::optional<std::string_view>& text) const {
  if (!text) return kind_ == Kind::kNull || (kind_ == Kind::kOther && null_too_);
  switch (kind_) {
    case Kind::kOneOf:
      return values_.size() == 1 ? *text == *values_.begin() : values_.contains(std::string(*text));
    case Kind::kNotNull:
      return true;
    case Kind::kNull:
      return false;
    case Kind::kOther:
      return *text != text_;
    case Kind::kLike:
    case Kind::kGlob:
      return MatchesPattern(*text);
    case Kind::kRegexp:
      return regexp_->Matches(*text);
    case Kind::kCompare:
      break;
  }
  const int order = text->compare(text_);
  switch (op_) {
    case Op::kLt:
      return order < 0;
    case Op::kLe:
      return order <= 0;
    case Op::kGt:
      return order > 0;
    default:
      return order >= 0;
  }
}

}  // namespace weir::store
