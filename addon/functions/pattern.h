// A regular expression. RE2's: time grows with the text alone, whatever the pattern, so nobody's
// pattern and nobody's file name can keep a query busy.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

class Pattern {
 public:
  // nullptr: not a pattern, `error` says why, in one line.
  static std::shared_ptr<const Pattern> Compile(std::string_view pattern, std::string* error);

  // Whether any part of the text matches.
  bool Matches(std::string_view text) const;
  // The first match that begins at `from` or later: its whole, then its groups; one without data()
  // took no part. False: there is none.
  bool Find(std::string_view text, size_t from, std::vector<std::string_view>* groups) const;
  // How far a search goes on behind an empty match: a character.
  static size_t Step(std::string_view text, size_t from);

 private:
  explicit Pattern(std::string_view pattern);
  const re2::RE2* For(std::string_view text) const;

  std::string pattern_;
  std::unique_ptr<re2::RE2> characters_;
  // Text that is not UTF-8 is matched byte by byte: no "." matches a broken character, so one in
  // its name would hide a file from patterns.
  mutable std::once_flag bytes_once_;
  mutable std::unique_ptr<re2::RE2> bytes_;
};

}  // namespace weir
