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
  // Where in a text a literal has to be.
  enum Place : uint8_t { kAnywhere = 0, kAtStart = 1, kAtEnd = 2, kWhole = kAtStart | kAtEnd };

  // `id` is what Find reports. Empty literals are not allowed.
  void Add(std::string_view literal, Place place, uint32_t id);
  void Build();
  bool empty() const { return literals_.empty(); }

  // Calls for every literal that the text contains in its place, possibly more than once. A text
  // ends at its first NUL, too: there LIKE and GLOB see its end.
  template <typename Report>
  void Find(std::string_view text, Report report) const {
    uint32_t state = 0;
    for (size_t next = 1; next <= text.size(); ++next) {
      state = next_[state * width_ + classes_[static_cast<uint8_t>(text[next - 1])]];
      for (uint32_t at = state; outputs_[at].link != 0 || outputs_[at].count != 0;
           at = outputs_[at].link) {
        const Output& output = outputs_[at];
        for (uint32_t i = output.first; i < output.first + output.count; ++i) {
          const End& end = ends_[i];
          if ((end.place & kAtStart) && end.size != next) continue;
          if ((end.place & kAtEnd) && next != text.size() && text[next] != '\0') continue;
          report(end.id);
        }
      }
    }
  }

 private:
  // A literal that is complete in a state.
  struct End {
    uint32_t id;
    uint32_t size;
    Place place;
  };
  struct Literal {
    std::vector<uint8_t> bytes;  // folded
    Place place;
    uint32_t id;
  };
  struct Output {
    uint32_t first = 0, count = 0;  // in ends_
    uint32_t link = 0;              // the next shorter suffix that is a literal; 0: none
  };

  std::vector<Literal> literals_;
  // Bytes that no literal has share class 0, which keeps the table narrow.
  std::array<uint16_t, 256> classes_{};
  uint32_t width_ = 1;
  std::vector<uint32_t> next_;
  std::vector<Output> outputs_;
  std::vector<End> ends_;
};

}  // namespace weir::rules
