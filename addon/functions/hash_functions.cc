// md5, sha1, sha256 of text or blobs, in hex.
#include <md5.h>
#include <sha.h>
#include <sha256.h>

#include "functions/functions.h"
#include "functions/sql_function.h"

namespace weir::functions {

namespace {

using Hasher = char* (*)(const uint8_t*, size_t, char*);

template <Hasher hasher>
void Hash(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  const std::string_view bytes = TextOf(values[0]);
  char hex[SHA256_DIGEST_STRING_LENGTH];
  hasher(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), hex);
  ResultText(context, hex);
}

}  // namespace

int RegisterHash(sqlite3* db) {
  return Register(db, std::initializer_list<Definition>{
                          {"md5", 1, Hash<MD5Data>},
                          {"sha1", 1, Hash<SHA1Data>},
                          {"sha256", 1, Hash<SHA256Data>},
                      });
}

}  // namespace weir::functions
