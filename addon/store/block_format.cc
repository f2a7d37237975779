#include "store/block_format.h"

#include <zlib.h>

namespace weir::store {

namespace {

constexpr uint8_t kMagic[2] = {'W', 'B'};
constexpr size_t kPrefixBytes = 8;  // magic, version, flags, checksum

void WritePart(const Part& part, ByteWriter* out) {
  out->U8(static_cast<uint8_t>(part.codec));
  out->U8(part.in_header ? 1 : 0);
  out->Varint(part.raw_size);
  out->Varint(part.stored_size);
  out->U32(part.checksum);
  if (part.in_header) out->Raw(part.content.data(), part.content.size());
}

bool ReadPart(ByteReader* in, Part* part) {
  const uint8_t codec = in->U8();
  if (codec > static_cast<uint8_t>(Codec::kLz4)) return false;
  part->codec = static_cast<Codec>(codec);
  part->in_header = in->U8() == 1;
  part->raw_size = in->Varint();
  part->stored_size = in->Varint();
  part->checksum = in->U32();
  if (part->raw_size > kMaxPartBytes || part->stored_size > kMaxPartBytes) return false;
  if (part->in_header) part->content = in->Raw(part->stored_size);
  return in->ok();
}

bool ReadColumn(ByteReader* in, BlockColumn* column) {
  column->name = in->Text();
  column->text = in->U8() == 1;
  column->encoding = static_cast<Encoding>(in->U8());
  column->has_null = in->U8() == 1;
  column->min = in->I64();
  column->max = in->I64();
  const uint64_t parts = in->Varint();
  if (!in->ok() || parts > kMaxParts) return false;
  for (uint64_t i = 0; i < parts; ++i) {
    Part part;
    if (!ReadPart(in, &part)) return false;
    column->parts.push_back(part);
  }
  return true;
}

}  // namespace

uint32_t Checksum(std::string_view bytes) {
  // Node's zlib looks for the processor's own instructions when it is asked for nothing.
  static const bool ready = crc32_z(0, nullptr, 0) == 0;
  (void)ready;
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string BlockHeader::Serialize() const {
  ByteWriter body;
  body.Text(class_name);
  body.Varint(rows);
  for (const int64_t value : {first_seq, last_seq, first_time, last_time}) body.I64(value);
  body.Varint(columns.size());
  for (const BlockColumn& column : columns) {
    body.Text(column.name);
    body.U8(column.text ? 1 : 0);
    body.U8(static_cast<uint8_t>(column.encoding));
    body.U8(column.has_null ? 1 : 0);
    body.I64(column.min);
    body.I64(column.max);
    body.Varint(column.parts.size());
    for (const Part& part : column.parts) WritePart(part, &body);
  }
  body.Varint(filters.size());
  for (const BlockFilter& filter : filters) {
    body.Varint(filter.column);
    body.U8(filter.kind);
    body.Text(filter.content);
  }
  ByteWriter out;
  out.Raw(kMagic, 2);
  out.U8(kBlockVersion);
  out.U8(0);
  out.U32(Checksum(body.out()));
  out.Raw(body.out().data(), body.out().size());
  return std::move(out.out());
}

ParseResult ParseHeader(std::string_view bytes, BlockHeader* header) {
  if (bytes.size() < kPrefixBytes || memcmp(bytes.data(), kMagic, 2) != 0) {
    return ParseResult::kCorrupt;
  }
  // Version before checksum: a newer format may keep its checksum elsewhere.
  const auto version = static_cast<uint8_t>(bytes[2]);
  if (version < 1 || version > kBlockVersion) return ParseResult::kUnknownVersion;
  uint32_t checksum;
  memcpy(&checksum, bytes.data() + 4, 4);
  bytes.remove_prefix(kPrefixBytes);
  if (Checksum(bytes) != checksum) return ParseResult::kCorrupt;
  ByteReader in(bytes);
  header->class_name = in.Text();
  const uint64_t rows = in.Varint();
  header->first_seq = in.I64();
  header->last_seq = in.I64();
  header->first_time = in.I64();
  header->last_time = in.I64();
  const uint64_t columns = in.Varint();
  if (!in.ok() || rows == 0 || rows > kMaxBlockRows || columns == 0 || columns > kMaxColumns) {
    return ParseResult::kCorrupt;
  }
  header->rows = static_cast<uint32_t>(rows);
  header->columns.assign(columns, {});
  for (BlockColumn& column : header->columns) {
    if (!ReadColumn(&in, &column)) return ParseResult::kCorrupt;
  }
  const uint64_t filters = in.Varint();
  if (!in.ok() || filters > in.left()) return ParseResult::kCorrupt;
  header->filters.assign(filters, {});
  for (BlockFilter& filter : header->filters) {
    filter.column = static_cast<uint32_t>(in.Varint());
    filter.kind = in.U8();
    filter.content = in.Text();
  }
  return in.ok() ? ParseResult::kOk : ParseResult::kCorrupt;
}

}  // namespace weir::store
