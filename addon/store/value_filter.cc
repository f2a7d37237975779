#include "store/value_filter.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace weir::store {

namespace {

constexpr int kBits = 8;       // of an integer
constexpr int kTextBits = 12;  // of a text: reading a dictionary in vain costs most
constexpr int kProbes = 5;     // 2, or of texts 0.5, of 100 blocks are read in vain
// With fewer values the dictionary itself is as quickly read.
constexpr size_t kFewest = 64;
// Integers that are searched for one at a time and too scattered for min and max to tell.
constexpr std::string_view kIntegers[] = {"process_id", "exec_id", "parent_process_id", "inode"};
// Long and like cmdline, which is what people search.
constexpr std::string_view kNotTexts[] = {"json_cmdline"};

uint64_t Mix(uint64_t hash) {
  hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93u;
  hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93u;
  return hash ^ (hash >> 32);
}

template <typename List>
bool Has(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

// Calls `use` with each bit of a filter of `bits` bits that `hash` sets, until it says false.
template <typename Use>
bool EachBit(uint64_t hash, uint64_t bits, Use use) {
  const uint64_t step = (hash >> 32) | 1;
  for (int i = 0; i < kProbes; ++i, hash += step) {
    if (!use(((hash & 0xffffffff) * bits) >> 32)) return false;
  }
  return true;
}

// Hashes of the distinct values that are not NULL.
std::vector<uint64_t> Hashes(const Column& column) {
  std::vector<uint64_t> hashes;
  if (column.text) {
    hashes.reserve(column.entries);
    for (uint32_t code = 1; code < column.entries; ++code) {
      hashes.push_back(FilterHash(column.Entry(code)));
    }
    return hashes;
  }
  size_t slots = 64;
  while (slots < column.ints.size() * 2) slots *= 2;
  std::vector<uint64_t> seen(slots, 0);
  int64_t before = kNullI64;
  for (const int64_t value : column.ints) {
    if (value == kNullI64 || value == before) continue;
    before = value;
    const uint64_t hash = FilterHash(value);
    size_t at = hash & (slots - 1);
    while (seen[at] != 0 && seen[at] != hash) at = (at + 1) & (slots - 1);
    if (seen[at] == hash) continue;
    seen[at] = hash;
    hashes.push_back(hash);
  }
  return hashes;
}

}  // namespace

uint64_t FilterHash(std::string_view text) {
  uint64_t hash = text.size();
  const auto add = [&hash](uint64_t word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
  };
  uint64_t word;
  for (; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
    memcpy(&word, text.data(), sizeof word);
    add(word);
  }
  word = 0;
  memcpy(&word, text.data(), text.size());
  if (!text.empty()) add(word);
  return Mix(hash);
}

uint64_t FilterHash(int64_t value) { return Mix(static_cast<uint64_t>(value)); }

std::string MakeFilter(std::string_view name, const Column& column) {
  if (column.text ? Has(kNotTexts, name) : !Has(kIntegers, name)) return {};
  if (column.text && column.entries <= kFewest) return {};
  const std::vector<uint64_t> hashes = Hashes(column);
  if (hashes.size() < kFewest) return {};
  std::string filter((hashes.size() * (column.text ? kTextBits : kBits) + 7) / 8, '\0');
  for (const uint64_t hash : hashes) {
    EachBit(hash, filter.size() * 8, [&](uint64_t bit) {
      filter[bit / 8] = static_cast<char>(filter[bit / 8] | (1 << (bit % 8)));
      return true;
    });
  }
  return filter;
}

bool FilterMayHave(std::string_view filter, uint64_t hash) {
  if (filter.empty()) return true;
  return EachBit(hash, filter.size() * 8, [&](uint64_t bit) {
    return ((static_cast<unsigned char>(filter[bit / 8]) >> (bit % 8)) & 1) != 0;
  });
}

}  // namespace weir::store
