// The last reserved seq, kept beside the database too (in its lock file): a store that is begun
// anew, because the old one was damaged or removed, goes on above it, and no cursor that was saved
// anywhere points past new rows.
#pragma once

#include <cstdint>

namespace weir::store {

// 0 when there is none.
int64_t ReadSeqMark(int file);
// Best effort: it is only missed when the database is lost too.
void WriteSeqMark(int file, int64_t seq);

}  // namespace weir::store
