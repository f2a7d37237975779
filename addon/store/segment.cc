#include "store/segment.h"

#include "store/column_codec.h"
#include "store/value_filter.h"

namespace weir::store {

using schema::kClasses;
using schema::Kind;

namespace {

bool IsText(int event_class, int column) {
  return column != kSeqColumn && kClasses[event_class].columns[column].kind == Kind::kText;
}

const char* NameOf(int event_class, int column) {
  return column == kSeqColumn ? "seq" : kClasses[event_class].columns[column].name;
}

void AllNull(bool text, uint32_t rows, Column* out) {
  *out = Column{};
  out->text = text;
  if (text) {
    out->offsets.assign({0, 0});
    out->OwnDictionary();
    out->codes.assign(rows, 0);
  } else {
    out->ints.assign(rows, kNullI64);
  }
}

}  // namespace

Segment::Segment(int event_class, HotItemPtr item)
    : event_class_(event_class), hot_(std::move(item)) {
  meta_ = {0, hot_->rows, hot_->first_seq, hot_->last_seq, hot_->first_time, hot_->last_time};
}

Segment::Status Segment::Open(BlockReader* reader) {
  if (opened_) return Status::kOk;
  columns_.resize(kClasses[event_class_].count + 1);
  if (on_disk()) {
    header_ = reader->known().Header(event_class_, meta_);
    if (!header_) {
      const Status status = ReadHeader(reader);
      if (status != Status::kOk) return status;
    }
    if (header_->parsed.rows != meta_.rows ||
        header_->parsed.class_name != kClasses[event_class_].name) {
      return Status::kCorrupt;
    }
  }
  opened_ = true;
  return Status::kOk;
}

Segment::Status Segment::ReadHeader(BlockReader* reader) {
  auto read = std::make_shared<StoredHeader>();
  if (!reader->Header(meta_.id, &read->bytes)) return Status::kCorrupt;
  switch (ParseHeader(read->bytes, &read->parsed)) {
    case ParseResult::kOk:
      break;
    case ParseResult::kCorrupt:
      return Status::kCorrupt;
    case ParseResult::kUnknownVersion:
      return Status::kUnknownVersion;
  }
  header_ = std::move(read);
  reader->known().Keep(event_class_, meta_, header_);
  return Status::kOk;
}

const BlockColumn* Segment::Find(int column) const {
  const BlockHeader& header = Header();
  const std::string_view name = NameOf(event_class_, column);
  // Blocks of this build have their columns in the schema's order.
  const auto guess = static_cast<size_t>(column + 1);
  const BlockColumn* found = nullptr;
  if (guess < header.columns.size() && header.columns[guess].name == name) {
    found = &header.columns[guess];
  } else {
    for (const BlockColumn& candidate : header.columns) {
      if (candidate.name == name) found = &candidate;
    }
  }
  return found && found->text == IsText(event_class_, column) ? found : nullptr;
}

bool Segment::Bounds(int column, int64_t* min, int64_t* max, bool* has_null) const {
  if (hot_ && hot_->raw) return false;
  const BlockColumn* found = Find(column);
  if (!found || found->text) return false;
  *min = found->min;
  *max = found->max;
  *has_null = found->has_null;
  return true;
}

// A damaged filter is none: the column itself is checked when it is read.
std::string Segment::ReadFilter(BlockReader* reader, int column) const {
  if (hot_ && hot_->raw) return {};
  const BlockColumn* found = Find(column);
  if (!found) return {};
  const BlockHeader& header = Header();
  const auto index = static_cast<size_t>(found - header.columns.data());
  for (const BlockFilter& filter : header.filters) {
    if (filter.column != index || filter.kind != kBloomKind) continue;
    ByteReader description(filter.content);
    const uint64_t size = description.Varint();
    const uint32_t checksum = description.U32();
    std::string content;
    const int chunk = FilterChunk(static_cast<int>(index));
    if (hot_) {
      const std::string* kept = hot_->block->Chunk(chunk);
      if (kept) content = *kept;
    } else if (!reader->Chunk(meta_.id, chunk, &content)) {
      return {};
    }
    const bool valid = description.ok() && content.size() == size && Checksum(content) == checksum;
    return valid ? content : std::string();
  }
  return {};
}

FilterPtr Segment::Filter(BlockReader* reader, int column) const {
  if (on_disk()) {
    if (FilterPtr known = reader->known().Filter(event_class_, meta_, column)) return known;
  }
  auto read = std::make_shared<const std::string>(ReadFilter(reader, column));
  if (on_disk()) reader->known().Keep(event_class_, meta_, column, read);
  return read;
}

bool Segment::MayHave(BlockReader* reader, int column, uint64_t hash) {
  auto known = filters_.find(column);
  if (known == filters_.end()) {
    known = filters_.emplace(column, Filter(reader, column)).first;
    memory_ += known->second->size();
  }
  return FilterMayHave(*known->second, hash);
}

bool Segment::Decode(BlockReader* reader, int column, Column* out) {
  if (hot_ && hot_->raw) {
    hot_->raw->Read(column, out);
    return true;
  }
  const BlockColumn* found = Find(column);
  if (!found) {
    AllNull(IsText(event_class_, column), meta_.rows, out);
    return true;
  }
  std::string content[kMaxParts];
  std::vector<std::string_view> stored(found->parts.size());
  for (size_t p = 0; p < found->parts.size(); ++p) {
    if (!Stored(reader, *found, p, &content[p], &stored[p])) return false;
  }
  const auto source_of = [&](uint32_t from) { return Source(reader, from, found->encoding); };
  return DecodeColumn(*found, stored, meta_.rows, source_of, out);
}

bool Segment::DecodeRest(BlockReader* reader, int column, Column* out) {
  const BlockColumn& found = *Find(column);
  std::string content;
  std::string_view stored;
  if (!Stored(reader, found, 1, &content, &stored)) return false;
  const auto source_of = [&](uint32_t from) { return Source(reader, from, found.encoding); };
  return DecodeRows(found, stored, meta_.rows, source_of, out);
}

bool Segment::Stored(BlockReader* reader, const BlockColumn& column, size_t part,
                     std::string* content, std::string_view* stored) {
  const auto index = static_cast<int>(&column - Header().columns.data());
  const int at = index * kMaxParts + static_cast<int>(part);
  if (column.parts[part].in_header) {
    *stored = column.parts[part].content;
  } else if (hot_) {
    const std::string* chunk = hot_->block->Chunk(at);
    if (!chunk) return false;
    *stored = *chunk;
  } else {
    if (!reader->Chunk(meta_.id, at, content)) return false;
    *stored = *content;
  }
  return true;
}

const Column* Segment::Source(BlockReader* reader, uint32_t index, Encoding told) {
  const BlockHeader& header = Header();
  if (index >= header.columns.size()) return nullptr;
  const BlockColumn& source = header.columns[index];
  if (!MayTell(source.encoding, told)) return nullptr;
  for (int column = kSeqColumn; column < kClasses[event_class_].count; ++column) {
    if (source.name == NameOf(event_class_, column)) {
      return Find(column) == &source ? Get(reader, column) : nullptr;
    }
  }
  return nullptr;
}

const Column* Segment::Get(BlockReader* reader, int column) {
  Slot& slot = columns_[column + 1];
  if (slot.rows) return slot.column.get();
  auto decoded = slot.column ? std::move(slot.column) : std::make_unique<Column>();
  const size_t before = decoded->MemoryBytes();
  const bool begun = decoded->offsets_at != nullptr;
  if (!(begun ? DecodeRest(reader, column, decoded.get())
              : Decode(reader, column, decoded.get()))) {
    memory_ -= begun ? before : 0;
    return nullptr;
  }
  memory_ += decoded->MemoryBytes() - (begun ? before : 0);
  slot.column = std::move(decoded);
  slot.rows = true;
  return slot.column.get();
}

const Column* Segment::Dictionary(BlockReader* reader, int column) {
  Slot& slot = columns_[column + 1];
  if (slot.column) return slot.column.get();
  const BlockColumn* found = hot_ && hot_->raw ? nullptr : Find(column);
  if (!found || !HasDictionary(found->encoding) || found->parts.size() != 2) {
    return Get(reader, column);
  }
  std::string content;
  std::string_view stored;
  auto decoded = std::make_unique<Column>();
  decoded->text = true;
  if (!Stored(reader, *found, 0, &content, &stored)) return nullptr;
  if (!DecodeDictionary(*found, stored, decoded.get())) return nullptr;
  memory_ += decoded->MemoryBytes();
  slot.column = std::move(decoded);
  return slot.column.get();
}

void Segment::Close() {
  Forget();
  columns_.clear();
  header_.reset();
  opened_ = false;
}

void Segment::Forget() {
  for (Slot& slot : columns_) slot = {};
  filters_.clear();
  memory_ = 0;
}

}  // namespace weir::store
