#include "store/connection.h"

#include <map>

namespace weir::store {

namespace {

struct Registry {
  std::mutex mutex;
  std::map<int, Connection*> connections;
  int next_id = 1;
};
Registry& TheRegistry() {
  static Registry registry;
  return registry;
}

thread_local int last_connection = 0;

int NextId() {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  return registry.next_id++;
}

bool SameSnapshot(const StoreState& a, const StoreState& b) {
  return a.exists && b.exists && a.flushed == b.flushed;
}

}  // namespace

Connection::Connection(sqlite3* db) : id_(NextId()), db_(db), reader_(db) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.connections[id_] = this;
  last_connection = id_;
}

Connection::~Connection() {
  ForgetDeadline(id_);
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.connections.erase(id_);
}

std::string Connection::Path() const {
  const char* path = sqlite3_db_filename(db_, "main");
  return path ? path : "";
}

void Connection::CursorClosed() {
  if (--cursors_ > 0) return;
  cut_ = false;
  indexes_.StatementEnded();
  // Inside BEGIN the snapshot lives on, and the next statement may need these rows (see TakeCut).
  if (sqlite3_get_autocommit(db_)) view_ = HotView{};
}

int Connection::TakeCut(std::string* error) {
  if (cut_) return SQLITE_OK;
  const StoreState state = reader_.State();
  if (state.exists && state.format > kStoreFormat) {
    *error = "the event store has format " + std::to_string(state.format) +
             "; this version of weir reads formats up to " + std::to_string(kStoreFormat);
    return SQLITE_ERROR;
  }
  HotView view;
  const HotStorePtr hot = FindHotStore(Path());
  if (hot && state.exists && !hot->View(state.flushed, &view)) {
    // Memory no longer holds what lies between this old snapshot and now. An earlier statement of
    // the same transaction may have kept it.
    if (!SameSnapshot(state, state_) || view_.high_water == INT64_MAX) {
      *error = "the snapshot is older than the rows kept in memory: end the transaction, run again";
      return SQLITE_BUSY_SNAPSHOT;
    }
    view = std::move(view_);
  }
  state_ = state;
  view_ = std::move(view);
  cut_ = true;
  return SQLITE_OK;
}

Window Connection::window() const {
  const std::lock_guard lock(window_mutex_);
  return window_;
}

void Connection::SetWindow(const Window& window) {
  const std::lock_guard lock(window_mutex_);
  window_ = window;
}

bool Connection::Interrupted() const {
  return SqliteAtLeast(3'041'000) && sqlite3_is_interrupted(db_) != 0;
}

void Connection::Interrupt() {
  sqlite3_interrupt(db_);
  if (nested_) sqlite3_interrupt(nested_);
}

int LastConnection() { return last_connection; }

bool WithConnection(int id, const std::function<void(Connection&)>& use) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  const auto found = registry.connections.find(id);
  if (found == registry.connections.end()) return false;
  use(*found->second);
  return true;
}

}  // namespace weir::store
