// Finds many literals in many texts in one pass over each (Aho-Corasick).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::rules {

// ASCII letters match in either case, as LIKE has them: what this finds is a superset of what an
// exact comparison would. Immutable once built; Find may be called by one thread at a time.
class LiteralMatcher {
 public:
  // `id` is what Find reports. Empty literals are not allowed.
  void Add(std::string_view literal, uint32_t id);
  void Build();
  bool empty() const { return literals_.empty(); }

  // Calls for every literal that the text contains, possibly more than once.
  template <typename Report>
  void Find(std::string_view text, Report report) const {
    uint32_t state = 0;
    for (const char character : text) {
      state = next_[state * width_ + classes_[static_cast<uint8_t>(character)]];
      for (uint32_t at = state; outputs_[at].link != 0 || outputs_[at].count != 0;
           at = outputs_[at].link) {
        const Output& output = outputs_[at];
        for (uint32_t i = 0; i < output.count; ++i) report(ids_[output.first + i]);
      }
    }
  }

 private:
  struct Literal {
    std::vector<uint8_t> bytes;  // folded
    uint32_t id;
  };
  struct Output {
    uint32_t first = 0, count = 0;  // in ids_
    uint32_t link = 0;              // the next shorter suffix that is a literal; 0: none
  };

  std::vector<Literal> literals_;
  // Bytes that no literal has share class 0, which keeps the table narrow.
  std::array<uint16_t, 256> classes_{};
  uint32_t width_ = 1;
  std::vector<uint32_t> next_;
  std::vector<Output> outputs_;
  std::vector<uint32_t> ids_;
};

}  // namespace weir::rules
