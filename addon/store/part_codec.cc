#include "store/part_codec.h"

#include <lz4.h>
#include <zstd.h>

#include <memory>

namespace weir::store {

namespace {

constexpr int kZstdLevel = 1;
constexpr size_t kWorthCompressing = 64;
constexpr size_t kMostKept = 1u << 20;  // of a thread's buffer
constexpr size_t kLz4Most = 255;        // bytes that LZ4 makes of one, at most

// Contexts are large; each thread keeps one.
struct Contexts {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> compress{ZSTD_createCCtx(), ZSTD_freeCCtx};
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> decompress{ZSTD_createDCtx(), ZSTD_freeDCtx};
  Buffer packed;
};
Contexts& ThreadContexts() {
  thread_local Contexts contexts;
  return contexts;
}

// Bytes that were written to `packed`, which has room for them; 0: it failed.
size_t Compress(std::string_view raw, Codec codec, Contexts* contexts, Buffer* packed) {
  if (codec == Codec::kLz4) {
    const int size = LZ4_compress_default(raw.data(), packed->data(), static_cast<int>(raw.size()),
                                          static_cast<int>(packed->size()));
    return size > 0 ? static_cast<size_t>(size) : 0;
  }
  const size_t size = ZSTD_compressCCtx(contexts->compress.get(), packed->data(), packed->size(),
                                        raw.data(), raw.size(), kZstdLevel);
  return ZSTD_isError(size) ? 0 : size;
}

size_t Bound(size_t size, Codec codec) {
  if (codec == Codec::kZstd) return ZSTD_compressBound(size);
  return static_cast<size_t>(LZ4_compressBound(static_cast<int>(size)));
}

// Whether so few bytes can be what so many were: a damaged size must not make us reserve them.
bool CanHold(const Part& part, std::string_view stored) {
  if (part.raw_size > kMaxPartBytes) return false;
  if (part.codec == Codec::kLz4) return part.raw_size / kLz4Most <= stored.size();
  return ZSTD_getFrameContentSize(stored.data(), stored.size()) == part.raw_size;
}

}  // namespace

EncodedPart MakePart(std::string raw, Codec codec) {
  EncodedPart part;
  part.raw_size = raw.size();
  if (raw.size() >= kWorthCompressing && raw.size() <= kMaxPartBytes) {
    Contexts& contexts = ThreadContexts();
    Buffer& packed = contexts.packed;
    packed.Make(Bound(raw.size(), codec));
    const size_t size = Compress(raw, codec, &contexts, &packed);
    if (size > 0 && size < raw.size() - raw.size() / 16) {
      part.stored.assign(packed.data(), size);  // exact capacity: parts may wait in memory
      part.codec = codec;
    }
    if (packed.size() > kMostKept) packed = Buffer();
    if (part.codec != Codec::kPlain) return part;
  }
  part.stored = std::move(raw);
  return part;
}

bool Unpack(const Part& part, std::string_view stored, Buffer* buffer, std::string_view* raw) {
  if (stored.size() != part.stored_size || Checksum(stored) != part.checksum) return false;
  if (part.codec == Codec::kPlain) {
    *raw = stored;
    return stored.size() == part.raw_size;
  }
  if (!CanHold(part, stored)) return false;
  buffer->Make(part.raw_size);
  *raw = {buffer->data(), part.raw_size};
  if (part.codec == Codec::kLz4) {
    const int size =
        LZ4_decompress_safe(stored.data(), buffer->data(), static_cast<int>(stored.size()),
                            static_cast<int>(part.raw_size));
    return size >= 0 && static_cast<size_t>(size) == part.raw_size;
  }
  const size_t size = ZSTD_decompressDCtx(ThreadContexts().decompress.get(), buffer->data(),
                                          part.raw_size, stored.data(), stored.size());
  return !ZSTD_isError(size) && size == part.raw_size;
}

}  // namespace weir::store
