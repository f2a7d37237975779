// Columns that another column of the block tells: a time that is always as far from another, all
// that is the same whenever the process is, the JSON form of a command line. Much of what events
// say is of that kind, and need not be stored again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "store/column.h"
#include "store/int_codec.h"
#include "store/part_codec.h"

namespace weir::store {

// A source, decoded, by its index in the header; nullptr when it cannot be had.
using SourceOf = std::function<const Column*(uint32_t index)>;

// What an encoder may tell columns from. Readers find the source by the index that a column names,
// but only these may be sources: time_ns, process_id, exec_id, cmdline.
struct Sources {
  struct Key {
    uint32_t index;
    size_t distinct;
    std::vector<uint32_t> codes;
  };
  std::vector<Key> keys;  // columns that are kDictionary
  std::shared_ptr<const Column> times;
  uint32_t times_index = 0;
  std::shared_ptr<const Column> words;
  uint32_t words_index = 0;
};

struct ToldColumn {
  Encoding encoding;
  std::vector<EncodedPart> parts;
};

// `own`: the column by itself. nullopt: no source tells the column, or at no gain.
std::optional<ToldColumn> TellInts(const std::vector<int64_t>& values, const EncodedInts& own,
                                   const Sources& sources);
std::optional<ToldColumn> TellText(const Column& column, const Sources& sources);

// `raw`: of the part that names the source. False: it makes no sense.
bool DecodeRelative(std::string_view raw, uint32_t rows, const SourceOf& source_of, Column* out);
bool DecodeMapped(std::string_view raw, uint32_t rows, const SourceOf& source_of, Column* out);
// `out` has its dictionary.
bool DecodeMappedText(std::string_view raw, uint32_t rows, const SourceOf& source_of, Column* out);
bool DecodeJsonWords(std::string_view raw, uint32_t rows, const SourceOf& source_of, Column* out);

// Whether a column of one encoding may be told from one of the other: no circles.
bool MayTell(Encoding source, Encoding told);

// The entries of a dictionary as they are stored.
std::string DictionaryBytes(const Column& column);

}  // namespace weir::store
