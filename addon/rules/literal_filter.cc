#include "rules/literal_filter.h"

#include "store/segment.h"

namespace weir::rules {

void LiteralFilter::Add(int event_class, int column, std::string_view literal,
                        LiteralMatcher::Place place) {
  matchers_[event_class][column].Add(literal, place, count_++);
}

void LiteralFilter::AddNumber(int event_class, int column, int64_t number) {
  numbers_[event_class][column].emplace(number, count_++);
}

void LiteralFilter::Build() {
  for (auto& columns : matchers_) {
    for (auto& [column, matcher] : columns) matcher.Build();
  }
}

bool LiteralFilter::Scan(int64_t after, int64_t upto, Found* found) const {
  found->rows.fill(false);
  found->literals.assign(count_, 0);
  const store::HotStorePtr hot = store::FindHotStore(path_);
  store::ItemsByClass items;
  if (!hot || !hot->Between(after, upto, &items)) return false;
  for (int c = 0; c < schema::kClassCount; ++c) {
    found->rows[c] = !items[c].empty();
    for (const store::HotItemPtr& item : items[c]) {
      if (!ScanItem(c, item, found)) return false;
    }
  }
  return true;
}

bool LiteralFilter::ScanItem(int event_class, const store::HotItemPtr& item, Found* found) const {
  store::Segment segment(event_class, item);
  if (segment.Open(nullptr) != store::Segment::Status::kOk) return false;
  for (const auto& [column, matcher] : matchers_[event_class]) {
    const store::Column* values = segment.Dictionary(nullptr, column);
    if (!values) return false;
    for (uint32_t code = 1; code < values->entries; ++code) {
      matcher.Find(values->Entry(code), [&](uint32_t id) { found->literals[id] = 1; });
    }
  }
  for (const auto& [column, ids] : numbers_[event_class]) {
    const store::Column* values = segment.Get(nullptr, column);
    if (!values) return false;
    for (const int64_t value : values->ints) {  // distinct ones where the column is coded
      const auto id = ids.find(value);
      if (id != ids.end()) found->literals[id->second] = 1;
    }
  }
  return true;
}

}  // namespace weir::rules
