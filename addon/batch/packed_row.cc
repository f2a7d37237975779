#include "batch/packed_row.h"

namespace weir {

namespace {

template <typename T>
void Append(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
T Take(const char*& cursor) {
  T value;
  memcpy(&value, cursor, sizeof value);
  cursor += sizeof value;
  return value;
}

}  // namespace

std::string PackRow(const Batch& batch, uint32_t row) {
  const auto& spec = schema::kClasses[batch.event_class];
  std::string out;
  for (int c = 0; c < spec.count; ++c) {
    if (spec.columns[c].origin == schema::Origin::kStream) continue;
    switch (spec.columns[c].kind) {
      case schema::Kind::kU32:
        Append(out, batch.U32(c)[row]);
        break;
      case schema::Kind::kI64:
        Append(out, batch.I64(c)[row]);
        break;
      case schema::Kind::kText: {
        const uint32_t code = batch.Codes(c)[row];
        const std::string_view text = code == 0 ? std::string_view() : batch.Entry(c, code);
        Append(out, code == 0 ? 0u : static_cast<uint32_t>(text.size() + 1));
        out.append(text);
        break;
      }
    }
  }
  out.shrink_to_fit();
  return out;
}

void UnpackRow(const std::string& packed, BatchBuilder& builder) {
  const auto& spec = schema::kClasses[builder.event_class()];
  const char* cursor = packed.data();
  builder.BeginRow();
  for (int c = 0; c < spec.count; ++c) {
    if (spec.columns[c].origin == schema::Origin::kStream) continue;
    switch (spec.columns[c].kind) {
      case schema::Kind::kU32:
        builder.SetU32(c, Take<uint32_t>(cursor));
        break;
      case schema::Kind::kI64:
        builder.SetI64(c, Take<int64_t>(cursor));
        break;
      case schema::Kind::kText:
        if (const auto length = Take<uint32_t>(cursor); length > 0) {
          builder.SetText(c, {cursor, length - 1});
          cursor += length - 1;
        }
        break;
    }
  }
}

}  // namespace weir
