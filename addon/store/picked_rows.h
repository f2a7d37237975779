// The rows of a segment that conditions have let through so far.
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

namespace weir::store {

class PickedRows {
 public:
  // All of `count` rows. `rows` gets those that are left, ascending, after Finish or KeepIf.
  PickedRows(uint32_t count, std::vector<uint32_t>* rows) : count_(count), rows_(rows) {
    rows_->clear();
  }

  bool none() const { return !all_ && rows_->empty(); }

  // None is left.
  bool Clear() {
    all_ = false;
    rows_->clear();
    return true;
  }

  // No branch on the outcome: it is as good as random.
  template <typename Keep>
  void KeepIf(Keep keep) {
    size_t kept = 0;
    if (all_) {
      all_ = false;
      rows_->resize(count_);
      uint32_t* to = rows_->data();
      for (uint32_t row = 0; row < count_; ++row) {
        to[kept] = row;
        kept += keep(row) ? 1 : 0;
      }
    } else {
      for (const uint32_t row : *rows_) {
        (*rows_)[kept] = row;
        kept += keep(row) ? 1 : 0;
      }
    }
    rows_->resize(kept);
  }

  void Finish() {
    if (!all_) return;
    rows_->resize(count_);
    std::iota(rows_->begin(), rows_->end(), 0);
  }

 private:
  const uint32_t count_;
  std::vector<uint32_t>* rows_;
  bool all_ = true;
};

}  // namespace weir::store
