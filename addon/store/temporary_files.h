// Temporary files of queries: what sorting and grouping spill is counted over all threads that ask
// for it, and bounded, so that no query fills the disk that events are kept on. SQLite makes the
// files in the first folder that can be written of SQLITE_TMPDIR, TMPDIR, /var/tmp, /usr/tmp, /tmp,
// and removes their names as soon as they are open: nothing stays behind, whatever ends the
// process.
#pragma once

#include <cstdint>

namespace weir::store {

// Bytes for all threads together; 1 GiB until somebody says otherwise.
void LimitTemporaryFiles(int64_t bytes);
int64_t TemporaryFilesLimit();
// Bytes in use.
int64_t TemporaryFilesBytes();
// From now on the temporary files of this thread's connections count; of those that were opened
// after the first call of any thread. False: nobody has loaded the extension, so there is no
// SQLite.
bool BoundTemporaryFiles();
// Whether this thread was refused more since it last asked.
bool TemporaryFilesRefused();

}  // namespace weir::store
