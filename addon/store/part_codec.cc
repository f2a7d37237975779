#include "store/part_codec.h"

#include <zstd.h>

#include <memory>

namespace weir::store {

namespace {

constexpr int kZstdLevel = 1;
constexpr size_t kWorthCompressing = 64;
constexpr size_t kMostKept = 1u << 20;  // of a thread's buffer

// Contexts are large; each thread keeps one.
struct Contexts {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> compress{ZSTD_createCCtx(), ZSTD_freeCCtx};
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> decompress{ZSTD_createDCtx(), ZSTD_freeDCtx};
  std::string packed;
};
Contexts& ThreadContexts() {
  thread_local Contexts contexts;
  return contexts;
}

}  // namespace

EncodedPart MakePart(std::string raw) {
  EncodedPart part;
  part.raw_size = raw.size();
  if (raw.size() >= kWorthCompressing) {
    Contexts& contexts = ThreadContexts();
    std::string& packed = contexts.packed;
    const size_t bound = ZSTD_compressBound(raw.size());
    if (packed.size() < bound) packed.resize(bound);
    const size_t size = ZSTD_compressCCtx(contexts.compress.get(), packed.data(), packed.size(),
                                          raw.data(), raw.size(), kZstdLevel);
    if (!ZSTD_isError(size) && size < raw.size() - raw.size() / 16) {
      part.stored.assign(packed, 0, size);  // exact capacity: parts may wait in memory
      part.codec = Codec::kZstd;
    }
    if (packed.size() > kMostKept) std::string().swap(packed);
    if (part.codec == Codec::kZstd) return part;
  }
  part.stored = std::move(raw);
  return part;
}

bool Unpack(const Part& part, std::string_view stored, std::string* buffer, std::string_view* raw) {
  if (stored.size() != part.stored_size || Checksum(stored) != part.checksum) return false;
  if (part.codec == Codec::kPlain) {
    *raw = stored;
    return stored.size() == part.raw_size;
  }
  if (part.raw_size > kMaxPartBytes) return false;
  // The frame's own word first: a few damaged bytes must not make us reserve a gigabyte.
  if (ZSTD_getFrameContentSize(stored.data(), stored.size()) != part.raw_size) return false;
  buffer->resize(part.raw_size);
  const size_t size = ZSTD_decompressDCtx(ThreadContexts().decompress.get(), buffer->data(),
                                          buffer->size(), stored.data(), stored.size());
  if (ZSTD_isError(size) || size != part.raw_size) return false;
  *raw = *buffer;
  return true;
}

}  // namespace weir::store
