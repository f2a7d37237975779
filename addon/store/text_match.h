// A condition on text, asked once for each entry of a dictionary. It may let through what SQLite
// refuses afterwards (SQLite checks every row again), never the other way round.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "functions/pattern.h"
#include "store/bounds.h"
#include "store/column.h"

namespace weir::store {

class TextMatch {
 public:
  // NULL alone is refused.
  static TextMatch NotNull();
  static TextMatch OneOf(std::unordered_set<std::string> values);
  // `column op value`. nullopt: only SQLite can tell, so nothing is asked here.
  static std::optional<TextMatch> Of(Op op, sqlite3_value* value);

  // `text`: nullopt is NULL.
  bool operator()(const std::optional<std::string_view>& text) const;
  // Which entries of a dictionary match when they are shown as they are, by code; 0 is NULL.
  std::vector<uint8_t> Accepted(const Column& column) const;
  // Nothing can match.
  bool never() const { return kind_ == Kind::kOneOf && values_.empty(); }
  // The only values that match; nullptr when there are others.
  const std::unordered_set<std::string>* values() const {
    return kind_ == Kind::kOneOf ? &values_ : nullptr;
  }

 private:
  enum class Kind { kOneOf, kNotNull, kNull, kOther, kCompare, kLike, kGlob, kRegexp };

  explicit TextMatch(Kind kind) : kind_(kind) {}
  bool MatchesPattern(std::string_view text) const;

  Kind kind_;
  Op op_ = Op::kEq;           // of kCompare
  bool null_too_ = false;     // of kOther
  std::string text_;          // operand or pattern
  std::string needle_;        // of kLike: a part that every match contains; lower case ASCII
  bool only_needle_ = false;  // the pattern is '%needle%'
  std::shared_ptr<const Pattern> regexp_;
  std::unordered_set<std::string> values_;
};

}  // namespace weir::store
