#include "rules/literal_matcher.h"

#include <deque>

namespace weir::rules {

namespace {

constexpr uint32_t kNone = UINT32_MAX;

uint8_t Fold(char character) {
  const auto byte = static_cast<uint8_t>(character);
  return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

}  // namespace

void LiteralMatcher::Add(std::string_view literal, Place place, uint32_t id) {
  Literal made{{}, place, id};
  for (const char character : literal) made.bytes.push_back(Fold(character));
  literals_.push_back(std::move(made));
}

void LiteralMatcher::Build() {
  classes_.fill(0);
  width_ = 1;
  for (const Literal& literal : literals_) {
    for (const uint8_t byte : literal.bytes) {
      if (classes_[byte] == 0) classes_[byte] = static_cast<uint16_t>(width_++);
    }
  }
  for (int upper = 'A'; upper <= 'Z'; ++upper) classes_[upper] = classes_[upper - 'A' + 'a'];

  next_.assign(width_, kNone);
  std::vector<std::vector<End>> ends(1);
  for (const Literal& literal : literals_) {
    uint32_t state = 0;
    for (const uint8_t byte : literal.bytes) {
      const size_t slot = static_cast<size_t>(state) * width_ + classes_[byte];
      if (next_[slot] == kNone) {
        next_[slot] = static_cast<uint32_t>(ends.size());
        ends.emplace_back();
        next_.resize(next_.size() + width_, kNone);
      }
      state = next_[slot];
    }
    const auto size = static_cast<uint32_t>(literal.bytes.size());
    ends[state].push_back({literal.id, size, literal.place});
  }

  outputs_.assign(ends.size(), {});
  ends_.clear();
  for (size_t state = 0; state < ends.size(); ++state) {
    outputs_[state].first = static_cast<uint32_t>(ends_.size());
    outputs_[state].count = static_cast<uint32_t>(ends[state].size());
    ends_.insert(ends_.end(), ends[state].begin(), ends[state].end());
  }
  // Breadth first: a state's fallback is nearer to the root, so its row is complete already.
  std::vector<uint32_t> fallback(ends.size(), 0);
  std::deque<uint32_t> waiting{0};
  while (!waiting.empty()) {
    const uint32_t state = waiting.front();
    waiting.pop_front();
    for (uint32_t c = 0; c < width_; ++c) {
      uint32_t& to = next_[static_cast<size_t>(state) * width_ + c];
      const uint32_t shorter =
          state == 0 ? 0 : next_[static_cast<size_t>(fallback[state]) * width_ + c];
      if (to == kNone) {
        to = shorter;
        continue;
      }
      fallback[to] = shorter;
      outputs_[to].link = outputs_[shorter].count != 0 ? shorter : outputs_[shorter].link;
      waiting.push_back(to);
    }
  }
}

}  // namespace weir::rules
