// Which literals occur among rows that were just appended: what decides which rules need to look.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/literal_matcher.h"
#include "store/hot_store.h"
#include "weir_schema.h"

namespace weir::rules {

// Used by one thread. Reads rows in memory only, through the store of this process.
class LiteralFilter {
 public:
  explicit LiteralFilter(std::string path) : path_(std::move(path)) {}

  // `column`: a text column of the class. Ids count up from 0.
  void Add(int event_class, int column, std::string_view literal, LiteralMatcher::Place place);
  // `column`: an integer column of the class.
  void AddNumber(int event_class, int column, int64_t number);
  void Build();

  struct Found {
    std::array<bool, schema::kClassCount> rows{};  // of this class there are some
    std::vector<uint8_t> literals;                 // by id: 1 when it occurs
  };
  // Looks at the rows after < seq <= upto, and at whole batches: it may find literals of
  // neighbouring rows, but misses none. False: not all of the rows are in memory.
  bool Scan(int64_t after, int64_t upto, Found* found) const;

 private:
  bool ScanItem(int event_class, const store::HotItemPtr& item, Found* found) const;

  const std::string path_;
  uint32_t count_ = 0;
  std::array<std::map<int, LiteralMatcher>, schema::kClassCount> matchers_;  // by column
  // Ids by value by column; a value is given once for each column.
  std::array<std::map<int, std::unordered_map<int64_t, uint32_t>>, schema::kClassCount> numbers_;
};

}  // namespace weir::rules
