#include "store/dictionary_search.h"

#include <algorithm>
#include <cstring>

namespace weir::store {

namespace {

// Compared side by side; compilers make vector instructions of it on every processor.
using Lanes = uint8_t __attribute__((vector_size(16)));
constexpr size_t kLanes = sizeof(Lanes);

// A byte b is the character c of the needle, in either case, when (b | mask) == c.
uint8_t FoldOf(char c) { return c >= 'a' && c <= 'z' ? 0x20 : 0; }

Lanes Load(const char* from) {
  Lanes lanes;
  memcpy(&lanes, from, kLanes);
  return lanes;
}

Lanes All(uint8_t byte) { return Lanes{} + byte; }

bool Any(Lanes equal) {
  uint64_t halves[2];
  memcpy(halves, &equal, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

class Needle {
 public:
  explicit Needle(std::string_view text) : text_(text), fold_(text.size()) {
    std::transform(text.begin(), text.end(), fold_.begin(), FoldOf);
  }

  bool At(const char* from) const {
    for (size_t i = 0; i < text_.size(); ++i) {
      if ((static_cast<uint8_t>(from[i]) | fold_[i]) != static_cast<uint8_t>(text_[i]))
        return false;
    }
    return true;
  }

  // The first place in [from, end) where it begins and ends before `end`; `end` when there is none.
  const char* Find(const char* from, const char* end) const {
    const size_t size = text_.size();
    if (static_cast<size_t>(end - from) < size) return end;
    const char* last = end - size;  // the last place where it could begin
    const Lanes first_fold = All(fold_.front()), last_fold = All(fold_.back());
    const Lanes first = All(static_cast<uint8_t>(text_.front()));
    const Lanes final = All(static_cast<uint8_t>(text_.back()));
    for (; from + kLanes <= last + 1; from += kLanes) {
      const Lanes begins = (Load(from) | first_fold) == first;
      const Lanes ends = (Load(from + size - 1) | last_fold) == final;
      if (!Any(begins & ends)) continue;
      for (size_t i = 0; i < kLanes; ++i) {
        if (At(from + i)) return from + i;
      }
    }
    for (; from <= last; ++from) {
      if (At(from)) return from;
    }
    return end;
  }

 private:
  std::string_view text_;
  std::vector<uint8_t> fold_;
};

}  // namespace

std::vector<uint32_t> EntriesContaining(const Column& column, std::string_view text) {
  std::vector<uint32_t> found;
  const Needle needle(text);
  const uint32_t* offsets = column.offsets_at;
  const char* end = column.bytes_at + offsets[column.entries];
  const char* at = column.bytes_at + offsets[std::min(column.entries, 1u)];
  uint32_t code = 1;
  while ((at = needle.Find(at, end)) != end) {
    const auto place = static_cast<uint32_t>(at - column.bytes_at);
    // The entry that holds the place; most searches find few, so not every offset is looked at.
    code = static_cast<uint32_t>(std::upper_bound(offsets + code, offsets + column.entries, place) -
                                 offsets - 1);
    if (place + text.size() > offsets[code + 1]) {
      ++at;  // over the border of two entries
      continue;
    }
    found.push_back(code);
    at = column.bytes_at + offsets[code + 1];
  }
  return found;
}

std::vector<uint32_t> EntriesEqual(const Column& column, std::string_view text) {
  std::vector<uint32_t> found;
  const uint32_t* offsets = column.offsets_at;
  for (uint32_t code = 1; code < column.entries; ++code) {
    if (offsets[code + 1] - offsets[code] == text.size() && column.Entry(code) == text) {
      found.push_back(code);
    }
  }
  return found;
}

}  // namespace weir::store
