#include "tables/batch_reader.h"

#include <bit>

#include "tables/script_value.h"

namespace weir::tables {

namespace {

// A lone surrogate has no UTF-8; it becomes U+FFFD as everywhere in Node.
void AppendUtf8(std::string* out, const char16_t* at, size_t units) {
  const char16_t* end = at + units;
  while (at < end) {
    uint32_t point = *at++;
    if (point < 0x80) {
      out->push_back(static_cast<char>(point));
      continue;
    }
    if (point >= 0xd800 && point < 0xe000) {
      const bool pair = point < 0xdc00 && at < end && *at >= 0xdc00 && *at < 0xe000;
      point = pair ? 0x10000 + ((point - 0xd800) << 10) + (*at++ - 0xdc00) : 0xfffd;
    }
    if (point < 0x800) {
      out->push_back(static_cast<char>(0xc0 | point >> 6));
    } else {
      if (point < 0x10000) {
        out->push_back(static_cast<char>(0xe0 | point >> 12));
      } else {
        out->push_back(static_cast<char>(0xf0 | point >> 18));
        out->push_back(static_cast<char>(0x80 | (point >> 12 & 0x3f)));
      }
      out->push_back(static_cast<char>(0x80 | (point >> 6 & 0x3f)));
    }
    out->push_back(static_cast<char>(0x80 | (point & 0x3f)));
  }
}

// False: it is no text.
bool Utf16(napi_env env, napi_value text, std::u16string* out) {
  size_t units = 0;
  if (text == nullptr || napi_get_value_string_utf16(env, text, nullptr, 0, &units) != napi_ok) {
    return false;
  }
  out->resize(units);
  return napi_get_value_string_utf16(env, text, out->data(), units + 1, &units) == napi_ok;
}

}  // namespace

RowBatchPtr ReadBatch(napi_env env, napi_value packed, size_t width) {
  auto batch = std::make_shared<RowBatch>();
  batch->rows = static_cast<size_t>(NumberOf(env, Property(env, packed, "rows"), 0));
  batch->width = width;
  const size_t count = batch->rows * width;
  size_t tag_count = 0;
  size_t number_count = 0;
  const auto* tags = static_cast<const uint8_t*>(
      Elements(env, Property(env, packed, "tags"), napi_uint8_array, &tag_count));
  const auto* numbers = static_cast<const double*>(
      Elements(env, Property(env, packed, "numbers"), napi_float64_array, &number_count));
  std::u16string units;
  if (!tags || !numbers || tag_count < count || number_count < count ||
      !Utf16(env, Property(env, packed, "text"), &units)) {
    return nullptr;
  }
  batch->tags.assign(tags, tags + count);
  batch->values.resize(count);
  batch->text.reserve(units.size() + units.size() / 8);
  size_t taken = 0;
  for (size_t i = 0; i < count; ++i) {
    const double number = numbers[i];
    const size_t offset = batch->text.size();
    switch (static_cast<Tag>(batch->tags[i])) {
      case Tag::kNull:
        break;
      case Tag::kInteger:
        batch->values[i] = static_cast<int64_t>(number);
        break;
      case Tag::kReal:
      case Tag::kBig:  // its bits are those of an integer already
        batch->values[i] = std::bit_cast<int64_t>(number);
        break;
      case Tag::kText: {
        const auto length = static_cast<size_t>(number);
        if (length > units.size() - taken) return nullptr;
        AppendUtf8(&batch->text, units.data() + taken, length);
        taken += length;
        batch->values[i] = RowBatch::Place(offset, batch->text.size() - offset);
        break;
      }
      case Tag::kBytes: {
        napi_value element = nullptr;
        napi_get_element(env, Property(env, packed, "bytes"), static_cast<uint32_t>(number),
                         &element);
        size_t size = 0;
        const void* bytes = Elements(env, element, napi_uint8_array, &size);
        if (!bytes) return nullptr;
        batch->text.append(static_cast<const char*>(bytes), size);
        batch->values[i] = RowBatch::Place(offset, size);
        break;
      }
      default:
        return nullptr;
    }
  }
  // Places have 32 bits; pack.ts ends a batch long before.
  return batch->text.size() <= UINT32_MAX ? batch : nullptr;
}

}  // namespace weir::tables
