// What a restricted connection may do: read. Everything that is not named here is denied.
#include <algorithm>
#include <iterator>
#include <string_view>

#include "store/connection.h"

namespace weir::store {

namespace {

// Harmless with an argument too: they only describe.
constexpr std::string_view kDescribing[] = {
    "collation_list",   "compile_options", "data_version",  "database_list",
    "foreign_key_list", "freelist_count",  "function_list", "index_info",
    "index_list",       "index_xinfo",     "module_list",   "page_count",
    "pragma_list",      "table_info",      "table_list",    "table_xinfo",
};
// Harmless while they have no argument: with one they change something.
constexpr std::string_view kReadable[] = {
    "application_id", "auto_vacuum", "cache_size",     "encoding",     "journal_mode",
    "page_size",      "query_only",  "schema_version", "user_version",
};
constexpr std::string_view kDeniedFunctions[] = {
    "edit", "fts3_tokenizer", "load_extension", "readfile", "writefile",
};

template <typename List>
bool Contains(const List& list, const char* name) {
  return name &&
         std::find(std::begin(list), std::end(list), std::string_view(name)) != std::end(list);
}

int Authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      return Contains(kDeniedFunctions, second) ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
      return Contains(kDescribing, first) || (!second && Contains(kReadable, first)) ? SQLITE_OK
                                                                                     : SQLITE_DENY;
    default:
      return SQLITE_DENY;
  }
}

}  // namespace

void Restrict(sqlite3* db) { sqlite3_set_authorizer(db, Authorize, nullptr); }

}  // namespace weir::store
