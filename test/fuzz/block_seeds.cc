// Writes the first inputs of the block fuzzer into a folder: blocks made by the store's own
// encoder, of every class, with columns of every encoding.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "block_input.h"
#include "store/block.h"
#include "store/bytes.h"
#include "store/hot_rows.h"
#include "store/part_codec.h"

namespace weir::store {

namespace {

using schema::kClasses;
using schema::Kind;

// Shapes of integers in turn: constant, small range, rising, few distinct far apart, NULL among
// them, the extremes.
int64_t Number(uint32_t row, int column) {
  namespace common = schema::process_column;
  // As in life: times that differ by as much in every row, and a few processes that do it all.
  if (column == common::kTimeNs)
    return 1700000000000000000 + int64_t{row} * 99991 + row * row % 977;
  if (column == common::kBoottimeNs) return Number(row, common::kTimeNs) - 1600000000000000000;
  if (column == common::kFirstTimeNs) return Number(row, common::kTimeNs) - (row % 50 == 0 ? 9 : 0);
  if (column == common::kProcessId)
    return static_cast<int64_t>((row / 7 + 1) * 0x9e3779b97f4a7c15u);
  if (column == common::kPid || column == common::kParent) return 1000 + row / 7 * column;
  switch (column % 7) {
    case 0:
      return 7;
    case 1:
      return row % 200;
    case 2:
      return 1700000000000000000 + int64_t{row} * 1000003;
    case 3:
      return static_cast<int64_t>((row % 5) * 0x9e3779b97f4a7c15u);
    case 4:
      return row % 3 == 0 ? kNullI64 : int64_t{row} << 20;
    case 5:
      return kNullI64;
    default:
      return row % 2 == 0 ? INT64_MAX : INT64_MIN + 1;
  }
}

// Told by the process; NULL everywhere, one text, few, many, and texts that are no UTF-8.
void Text(uint32_t row, int column, Dictionary* dictionary, Column* out) {
  std::string text;
  if (column == schema::process_column::kPath) {
    if (row / 7 % 3 == 0) {
      out->codes.push_back(0);
      return;
    }
    out->codes.push_back(dictionary->Code("/bin/" + std::to_string(row / 7)));
    return;
  }
  switch (column % 5) {
    case 0:
      out->codes.push_back(0);
      return;
    case 1:
      text = "/usr/bin/cc1";
      break;
    case 2:
      text = "/lib/" + std::to_string(row % 9) + ".so";
      break;
    case 3:
      text = "cc -c file" + std::to_string(row) + ".c";
      break;
    default:
      if (row % 4 == 0) {
        out->codes.push_back(0);
        return;
      }
      text = std::string("\xff\n\0\xc3", 4) + std::string(row % 40, 'x');
  }
  out->codes.push_back(dictionary->Code(text));
}

// A command line and its JSON form, but for some that hold spaces or quotes.
void Words(uint32_t row, bool json, Dictionary* dictionary, Column* out) {
  const std::string argument = std::to_string(row % 30);
  if (row % 30 == 4) {
    out->codes.push_back(dictionary->Code(json ? "[\"cc\",\"a b\"]" : "cc a b"));
  } else {
    out->codes.push_back(
        dictionary->Code(json ? "[\"cc\",\"-\\\"\",\"" + argument + "\"]" : "cc -\" " + argument));
  }
}

bool ReadPiece(int event_class, int column, uint32_t rows, Column* out) {
  *out = Column{};
  out->text = column != kSeqColumn && kClasses[event_class].columns[column].kind == Kind::kText;
  Dictionary dictionary;
  const std::string_view name =
      column == kSeqColumn ? "seq" : kClasses[event_class].columns[column].name;
  for (uint32_t row = 0; row < rows; ++row) {
    if (column == kSeqColumn) {
      out->ints.push_back(1000 + row + row / 40 * 3);
    } else if (name == "cmdline" || name == "json_cmdline") {
      Words(row, name == "json_cmdline", &dictionary, out);
    } else if (out->text) {
      Text(row, column, &dictionary, out);
    } else {
      out->ints.push_back(Number(row, column));
    }
  }
  if (!out->text) return true;
  out->offsets = dictionary.offsets();
  out->bytes = dictionary.bytes();
  out->OwnDictionary();
  return true;
}

// A chunk as the fuzzer's kPlainParts wants it.
std::string Plain(const Part& part, const std::string& stored) {
  Buffer buffer;
  std::string_view raw;
  if (!Unpack(part, stored, &buffer, &raw)) abort();
  return std::string(raw);
}

std::string Input(const Block& block, uint8_t flags) {
  BlockHeader header = block.parsed;
  std::string chunks;
  for (size_t c = 0; c < header.columns.size(); ++c) {
    for (size_t p = 0; p < header.columns[c].parts.size(); ++p) {
      Part& part = header.columns[c].parts[p];
      if (part.in_header) continue;
      const std::string& stored = *block.Chunk(static_cast<int>(c) * kMaxParts + p);
      const std::string content = flags & kPlainParts ? Plain(part, stored) : stored;
      part.stored_size = content.size();
      chunks += content;
    }
  }
  const std::string bytes = header.Serialize();
  ByteWriter out;
  out.U8(flags);
  out.U32(static_cast<uint32_t>(bytes.size()));
  out.Raw(bytes.data(), bytes.size());
  out.Raw(chunks.data(), chunks.size());
  return std::move(out.out());
}

bool WriteFile(const std::string& path, const std::string& content) {
  FILE* file = fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  const bool written = fwrite(content.data(), 1, content.size(), file) == content.size();
  return (fclose(file) == 0) && written;
}

}  // namespace

bool WriteSeeds(const std::string& folder) {
  for (int event_class = 0; event_class < schema::kClassCount; ++event_class) {
    for (const uint32_t rows : {1u, 3u, 60u, 300u}) {
      const Piece piece{
          rows, [=](int column, Column* out) { return ReadPiece(event_class, column, rows, out); }};
      const BlockPtr block = EncodeBlock(event_class, {piece});
      if (!block) return false;
      for (uint8_t flags = 0; flags <= kAllFlags; ++flags) {
        const std::string name = std::string(kClasses[event_class].name) + "-" +
                                 std::to_string(rows) + "-" + std::to_string(flags);
        if (!WriteFile(folder + "/" + name, Input(*block, flags))) return false;
      }
    }
  }
  return true;
}

}  // namespace weir::store

int main(int argc, char** argv) { return argc == 2 && weir::store::WriteSeeds(argv[1]) ? 0 : 1; }
