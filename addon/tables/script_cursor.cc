#include "tables/script_cursor.h"

#include <bit>

#include "functions/utf8.h"
#include "tables/batch_reader.h"
#include "tables/script_value.h"

namespace weir::tables {

namespace {

constexpr int64_t kExact = (1ll << 53) - 1;

napi_value Text(napi_env env, sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  const auto size = static_cast<size_t>(sqlite3_value_bytes(value));
  if (!text || IsUtf8({text, size})) return MakeText(env, text, size);
  // A path of another table, as it was read: text would not find the file again.
  napi_value bytes = nullptr;
  napi_create_buffer_copy(env, size, text, nullptr, &bytes);
  return bytes;
}

// The value as its column would compare it: '7' is 7 for a number, 7 is '7' for a text.
napi_value Argument(napi_env env, Shown shown, sqlite3_value* value) {
  if (shown == Shown::kText || sqlite3_value_type(value) == SQLITE_BLOB) return Text(env, value);
  switch (sqlite3_value_numeric_type(value)) {
    case SQLITE_INTEGER: {
      const int64_t number = sqlite3_value_int64(value);
      if (number <= kExact && number >= -kExact)
        return MakeNumber(env, static_cast<double>(number));
      napi_value big = nullptr;
      napi_create_bigint_int64(env, number, &big);
      return big;
    }
    case SQLITE_FLOAT:
      return MakeNumber(env, sqlite3_value_double(value));
    default:
      return Text(env, value);
  }
}

void AppendKey(std::string* key, sqlite3_value* value) {
  const int type = sqlite3_value_type(value);
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
  const int size = sqlite3_value_bytes(value);
  *key += static_cast<char>('0' + type);
  *key += std::to_string(size) + ':';
  if (bytes) key->append(bytes, size);
}

class HandleScope {
 public:
  explicit HandleScope(napi_env env) : env_(env) { napi_open_handle_scope(env, &scope_); }
  ~HandleScope() { napi_close_handle_scope(env_, scope_); }
  HandleScope(const HandleScope&) = delete;
  HandleScope& operator=(const HandleScope&) = delete;

 private:
  const napi_env env_;
  napi_handle_scope scope_ = nullptr;
};

bool IsNull(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }

}  // namespace

ScriptCursor::ScriptCursor(ScriptHostPtr host, std::shared_ptr<const ScriptTable> table, int index)
    : host_(std::move(host)), table_(std::move(table)), index_(index) {
  ++host_->cursors;
}

ScriptCursor::~ScriptCursor() {
  Reset();
  if (--host_->cursors > 0) return;
  // The last cursor goes with its statement.
  host_->cache.Clear();
  if (!host_->alive) return;
  const HandleScope scope(host_->env);
  if (!host_->Call(host_->end, {})) TakeException(host_->env);
}

void ScriptCursor::Reset() {
  if (open_ != 0 && host_->alive) {
    const HandleScope scope(host_->env);
    if (!host_->Call(host_->close, {MakeNumber(host_->env, open_)})) TakeException(host_->env);
  }
  open_ = 0;
  kept_.reset();
  kept_bytes_ = 0;
  replay_.reset();
  replayed_ = 0;
  batch_.reset();
  at_ = 0;
  row_ = 0;
  identified_ = UINT64_MAX;
  same_.clear();
}

int ScriptCursor::Filter(const char* text, int count, sqlite3_value** values, std::string* error) {
  Reset();
  const Plan plan = ReadPlan(text);
  if (plan.missing) {
    *error = table_->name + " needs a constraint on " + table_->required +
             " (=, IN, LIKE or GLOB in WHERE, or a join)";
    return SQLITE_ERROR;
  }
  places_.assign(table_->columns.size(), -1);
  width_ = 0;
  for (size_t i = 0; i < table_->columns.size(); ++i) {
    if (table_->columns[i].real != static_cast<int>(i)) {
      places_[i] = places_[table_->columns[i].real];
    } else if (plan.used >> std::min<size_t>(i, 63) & 1) {
      places_[i] = static_cast<int>(width_++);
    }
  }
  if (!host_->alive) {
    *error = table_->name + ": the thread that makes its rows has ended";
    return SQLITE_ERROR;
  }
  const napi_env env = host_->env;
  const HandleScope scope(env);
  key_ = std::to_string(index_) + ' ' + text + ' ';
  const napi_value constraints = Constraints(plan, values);
  if (!constraints) return SQLITE_OK;
  int64_t limit = -1;
  if (plan.limit && count > static_cast<int>(plan.items.size())) {
    limit = sqlite3_value_int64(values[plan.items.size()]);
    key_ += 'l' + std::to_string(limit);
  }
  if (RowListPtr known = host_->cache.Find(key_)) {
    replay_ = std::move(known);
    return Advance(error);
  }
  kept_ = std::make_shared<RowList>();
  napi_value used = nullptr;
  napi_create_bigint_uint64(env, plan.used, &used);
  const int rc = Take(host_->Call(host_->open, {MakeNumber(env, index_), used, constraints,
                                                MakeNumber(env, static_cast<double>(limit))}),
                      error);
  return rc != SQLITE_OK || batch_ ? rc : Advance(error);
}

napi_value ScriptCursor::Constraints(const Plan& plan, sqlite3_value** values) {
  const napi_env env = host_->env;
  const napi_value constraints = MakeArray(env);
  uint32_t n = 0;
  for (size_t i = 0; i < plan.items.size(); ++i) {
    const PlanItem& item = plan.items[i];
    const Shown shown = table_->columns[item.column].shown;
    napi_value argument = nullptr;
    if (item.in) {
      argument = MakeArray(env);
      uint32_t members = 0;
      sqlite3_value* member = nullptr;
      for (int rc = sqlite3_vtab_in_first(values[i], &member); rc == SQLITE_OK && member;
           rc = sqlite3_vtab_in_next(values[i], &member)) {
        if (IsNull(member)) continue;
        AppendKey(&key_, member);
        napi_set_element(env, argument, members++, Argument(env, shown, member));
      }
      if (members == 0) return nullptr;
      key_ += ';';
    } else {
      if (IsNull(values[i])) return nullptr;  // a comparison with NULL holds for no row
      AppendKey(&key_, values[i]);
      argument = Argument(env, shown, values[i]);
    }
    napi_set_element(env, constraints, n++, MakeNumber(env, item.column));
    napi_set_element(env, constraints, n++, MakeNumber(env, static_cast<int>(item.op)));
    napi_set_element(env, constraints, n++, argument);
  }
  return constraints;
}

int ScriptCursor::Fail(std::string* error) {
  const std::string message = TakeException(host_->env);
  *error = table_->name + ": " + (message.empty() ? "its rows could not be made" : message);
  open_ = 0;
  batch_.reset();
  kept_.reset();
  return sqlite3_is_interrupted(host_->db) != 0 ? SQLITE_INTERRUPT : SQLITE_ERROR;
}

int ScriptCursor::Take(napi_value answer, std::string* error) {
  if (!answer) return Fail(error);
  const napi_env env = host_->env;
  open_ = static_cast<uint32_t>(NumberOf(env, Property(env, answer, "cursor"), 0));
  RowBatchPtr batch = ReadBatch(env, answer, width_);
  if (!batch) return Fail(error);
  if (kept_) {
    kept_bytes_ += batch->Bytes();
    if (batch->rows > 0) kept_->push_back(batch);
    if (kept_bytes_ > RowCache::kMaxResultBytes) {
      kept_.reset();
    } else if (open_ == 0) {
      host_->cache.Keep(key_, std::move(kept_), kept_bytes_);
    }
  }
  at_ = 0;
  batch_ = batch->rows > 0 ? std::move(batch) : nullptr;
  return SQLITE_OK;
}

int ScriptCursor::Advance(std::string* error) {
  batch_.reset();
  at_ = 0;
  if (replay_) {
    if (replayed_ < replay_->size()) batch_ = (*replay_)[replayed_++];
    return SQLITE_OK;
  }
  while (!batch_ && open_ != 0) {
    if (!host_->alive || sqlite3_is_interrupted(host_->db) != 0) return SQLITE_INTERRUPT;
    const HandleScope scope(host_->env);
    const int rc = Take(host_->Call(host_->next, {MakeNumber(host_->env, open_)}), error);
    if (rc != SQLITE_OK) return rc;
  }
  return SQLITE_OK;
}

int ScriptCursor::Next(std::string* error) {
  ++row_;
  if (++at_ < batch_->rows) return SQLITE_OK;
  return Advance(error);
}

int64_t ScriptCursor::RowId() {
  if (identified_ == row_) return row_id_;
  identified_ = row_;
  std::string row;
  for (size_t i = at_ * width_; i < (at_ + 1) * width_; ++i) {
    const int64_t value = batch_->values[i];
    row += static_cast<char>(batch_->tags[i]);
    if (batch_->IsText(i)) {
      row.append(batch_->text, value >> 32, static_cast<uint32_t>(value));
    } else {
      row.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
  }
  const size_t hash = std::hash<std::string>{}(row);
  const int64_t times = same_[hash]++;
  row_id_ = static_cast<int64_t>(hash + times * 0x9e3779b97f4a7c15);
  return row_id_;
}

void ScriptCursor::Column(sqlite3_context* context, int column) const {
  const int place = places_[column];
  if (place < 0) return sqlite3_result_null(context);
  const size_t i = at_ * width_ + place;
  const int64_t value = batch_->values[i];
  switch (static_cast<Tag>(batch_->tags[i])) {
    case Tag::kInteger:
    case Tag::kBig:
      return sqlite3_result_int64(context, value);
    case Tag::kReal:
      return sqlite3_result_double(context, std::bit_cast<double>(value));
    case Tag::kText:
    case Tag::kBytes:
      return sqlite3_result_text64(context, batch_->text.data() + (value >> 32),
                                   static_cast<uint32_t>(value), SQLITE_TRANSIENT, SQLITE_UTF8);
    default:
      return sqlite3_result_null(context);
  }
}

}  // namespace weir::tables
