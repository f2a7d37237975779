#include "store/group_walk.h"

#include <algorithm>

#include "store/face.h"

namespace weir::store {

using schema::FaceColumn;
using schema::How;
using schema::TableSpec;

namespace {

constexpr size_t kMaxSlots = size_t{1} << 20;  // 16 bytes each, a quarter of them free
constexpr size_t kMaxTextBytes = 32u << 20;
constexpr size_t kEntryBytes = 64;  // of a map, about

uint64_t HashOf(int64_t key) {
  uint64_t hash = static_cast<uint64_t>(key) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 32);
}
uint64_t HashOf(std::string_view text) { return std::hash<std::string_view>{}(text); }

}  // namespace

bool GroupWalk::Supports(const TableSpec& table, int column) {
  if (table.file_events) return false;  // a rename shows two values
  const FaceColumn& face = table.columns[column];
  if (FaceOfText(table, face)) {
    return std::string_view(table.declaration).find("COLLATE") == std::string_view::npos;
  }
  return face.how == How::kColumn && FaceOfInteger(table, face);
}

void GroupWalk::Start(const FaceColumn* face, bool distinct) {
  face_ = face;
  distinct_ = distinct;
  parts_.assign(1, {0, 1});
}

bool GroupWalk::NextPass() {
  slots_.clear();
  texts_.clear();
  used_ = text_bytes_ = nulls_ = 0;
  begun_ = false;
  if (parts_.empty()) return false;
  part_ = parts_.back();
  parts_.pop_back();
  return true;
}

// Half of the values that the pass has are left to a later one.
void GroupWalk::Split() {
  parts_.emplace_back(part_.first + part_.second, part_.second * 2);
  part_.second *= 2;
  if (!slots_.empty()) Replace(slots_.size());
  std::erase_if(texts_, [this](const auto& entry) {
    if (Mine(HashOf(std::string_view(entry.first)))) return false;
    text_bytes_ -= entry.first.size() + kEntryBytes;
    return true;
  });
}

// Adds to the value's slot; there has to be room.
void GroupWalk::Put(const Slot& slot) {
  // The low bits tell the pass, and are the same for all of it.
  size_t at = (HashOf(slot.key) >> 24) & (slots_.size() - 1);
  while (slots_[at].count != 0 && slots_[at].key != slot.key) at = (at + 1) & (slots_.size() - 1);
  if (slots_[at].count == 0) {
    slots_[at].key = slot.key;
    ++used_;
  }
  slots_[at].count += slot.count;
}

// Takes each value out and puts it where it is looked for, now that there may be more slots than
// `before`; those of another pass are dropped. In place: a second table would be the most memory
// that a walk ever has. The slots are gone through from behind a free one, so that a value finds
// those between its place and its old slot done, and stays before it; what is put around the end
// of the table, before values that are not done, is gone through again with them.
void GroupWalk::Replace(size_t before) {
  size_t start = 0;
  while (slots_[start].count != 0) ++start;  // a quarter is free
  used_ = 0;
  for (size_t i = 1; i < before; ++i) {
    Slot& slot = slots_[(start + i) & (before - 1)];
    const Slot taken = slot;
    if (taken.count == 0) continue;
    slot = {};
    if (Mine(HashOf(taken.key))) Put(taken);
  }
}

void GroupWalk::Grow() {
  slots_.reserve(kMaxSlots);  // what is not used is never touched
  const size_t before = slots_.size();
  slots_.resize(before == 0 ? 1024 : before * 2);
  if (before > 0) Replace(before);
}

void GroupWalk::Count(int64_t key, uint64_t count) {
  const uint64_t hash = HashOf(key);
  if (!Mine(hash)) return;
  if (used_ * 4 >= slots_.size() * 3) {
    if (slots_.size() >= kMaxSlots) {
      Split();
      if (!Mine(hash)) return;
    } else {
      Grow();
    }
  }
  Put({key, count});
}

void GroupWalk::CountText(std::string_view text, uint64_t count) {
  if (part_.second > 1 && !Mine(HashOf(text))) return;
  const auto known = texts_.find(text);
  if (known != texts_.end()) {
    known->second += count;
    return;
  }
  texts_.emplace(text, count);
  text_bytes_ += text.size() + kEntryBytes;
}

void GroupWalk::CountCodes(const Column& column, size_t entries,
                           const std::vector<uint32_t>& rows) {
  counts_.assign(entries, 0);
  for (const uint32_t row : rows) ++counts_[column.codes[row]];
}

void GroupWalk::Add(const Column& column, const std::vector<uint32_t>& rows) {
  text_ = column.text;
  if (!text_) {
    if (column.coded) {
      CountCodes(column, column.ints.size(), rows);
      for (size_t code = 0; code < counts_.size(); ++code) {
        if (counts_[code] != 0) Count(column.ints[code], counts_[code]);
      }
    }
    for (size_t i = 0; i < rows.size() && !column.coded;) {
      const int64_t value = column.ints[rows[i]];
      const size_t from = i;
      while (i < rows.size() && column.ints[rows[i]] == value) ++i;
      Count(value, i - from);
    }
    return;
  }
  CountCodes(column, column.entries, rows);
  for (uint32_t code = 0; code < column.entries; ++code) {
    if (counts_[code] == 0) continue;
    std::optional<std::string_view> stored;
    if (code != 0) stored = column.Entry(code);
    const std::optional<std::string_view> shown = FaceText(*face_, stored);
    if (shown) {
      CountText(*shown, counts_[code]);
    } else if (part_.first == 0) {
      nulls_ += counts_[code];
    }
  }
  while (text_bytes_ > kMaxTextBytes && texts_.size() > 1) Split();
}

bool GroupWalk::Next() {
  if (begun_ && ++ordinal_ < count_) return true;
  ordinal_ = 0;
  if (!begun_) {
    begun_ = true;
    slot_ = 0;
    at_text_ = texts_.cbegin();
    at_null_ = nulls_ > 0;
    if (at_null_) {
      count_ = distinct_ ? 1 : nulls_;
      return true;
    }
  } else if (at_null_) {
    at_null_ = false;
  } else if (text_) {
    ++at_text_;
  } else {
    ++slot_;
  }
  if (text_) {
    if (at_text_ == texts_.cend()) return false;
    count_ = distinct_ ? 1 : at_text_->second;
    return true;
  }
  while (slot_ < slots_.size() && slots_[slot_].count == 0) ++slot_;
  if (slot_ == slots_.size()) return false;
  count_ = distinct_ ? 1 : slots_[slot_].count;
  return true;
}

std::optional<std::string_view> GroupWalk::string() const {
  if (at_null_) return std::nullopt;
  return at_text_->first;
}

bool GroupWalk::Shows(const Column& column, uint32_t row) const {
  if (!column.text) return column.Int(row) == integer();
  std::optional<std::string_view> stored;
  if (column.codes[row] != 0) stored = column.Entry(column.codes[row]);
  return FaceText(*face_, stored) == string();
}

}  // namespace weir::store
