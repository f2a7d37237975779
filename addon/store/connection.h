// What the extension knows about one SQLite connection. The registry is shared by all threads;
// a connection's cut and statements belong to the thread that uses the connection.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "store/block_reader.h"
#include "store/hot_store.h"
#include "store/kept_indexes.h"
#include "store/sqlite.h"

namespace weir::store {

// Rows that a table of some role may show: after < seq <= upto.
struct Window {
  bool set = false;
  int64_t after = 0;
  int64_t upto = INT64_MAX;
};

// What the connection's scans did since it was opened; read by any thread.
struct ScanStats {
  std::atomic<uint64_t> blocks = 0;   // met, once per walk
  std::atomic<uint64_t> skipped = 0;  // of them passed over by bounds or filters
  std::atomic<uint64_t> rows = 0;     // of the others, looked at
};

class Scan;

// Who gave SQLite an integer last, and of which column of its face: where a join finds what it
// looks up, and will find what it looks up next.
struct Giver {
  const Scan* scan = nullptr;
  int column = -1;
};

class Connection {
 public:
  explicit Connection(sqlite3* db);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int id() const { return id_; }
  sqlite3* db() const { return db_; }
  BlockReader& reader() { return reader_; }
  std::string Path() const;

  // Virtual tables of the connection; with the last one its statements go.
  void TableConnected() { ++tables_; }
  void TableDisconnected() {
    if (--tables_ > 0) return;
    reader_.Release();
    indexes_.Clear();
  }

  // All cursors that are open at a time share one cut: those of one statement, and of statements
  // that run inside it, which SQLite gives the same snapshot too.
  void CursorOpened() { ++cursors_; }
  void CursorClosed();
  // Takes the cut when this statement has none yet. SQLITE_OK, or a code with `error`.
  int TakeCut(std::string* error);
  const StoreState& state() const { return state_; }
  const HotView& view() const { return view_; }
  ScanStats& stats() { return stats_; }
  KeptIndexes& indexes() { return indexes_; }
  Giver& giver() { return giver_; }

  Window window() const;
  void SetWindow(const Window& window);
  // For loops that pass over many rows without giving SQLite a chance to look itself.
  bool Interrupted() const;
  // Inside WithConnection, as both are called by any thread: stops the statement that runs, and
  // what a table of it reads in another database meanwhile.
  void Interrupt();
  void SetNested(sqlite3* db) { nested_ = db; }

 private:
  const int id_;
  sqlite3* const db_;
  BlockReader reader_;
  int tables_ = 0;
  int cursors_ = 0;
  bool cut_ = false;
  StoreState state_;
  HotView view_;
  ScanStats stats_;
  KeptIndexes indexes_;
  Giver giver_;
  mutable std::mutex window_mutex_;
  Window window_;
  sqlite3* nested_ = nullptr;  // under the registry's mutex
};

using ConnectionPtr = std::shared_ptr<Connection>;

// The connection that this thread loaded the extension into last; 0: none.
int LastConnection();
// Runs `use` while the connection cannot go away. False: no such connection.
bool WithConnection(int id, const std::function<void(Connection&)>& use);

// Denies everything but reading. On the connection's own thread.
void Restrict(sqlite3* db);

// Interrupts what the connection runs after `ms`; 0 clears. Returns a token, never 0.
int SetDeadline(int id, int64_t ms);
bool DeadlineExpired(int token);
void Interrupt(int id);
// From the connection's destructor: no timer may hit it any more.
void ForgetDeadline(int id);

}  // namespace weir::store
