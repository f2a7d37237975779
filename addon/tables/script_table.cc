#include "tables/script_table.h"

#include "store/virtual_table.h"
#include "tables/plan.h"
#include "tables/script_cursor.h"

namespace weir::tables {

namespace {

struct Script {
  ScriptHostPtr host;
  std::shared_ptr<const ScriptTable> table;
  int index;

  const char* Declaration() const { return table->declaration.c_str(); }
  int BestIndex(sqlite3_index_info* info) const { return ChoosePlan(*table, info); }
  void Connected() const {}
  void Disconnected() const {}

  struct Cursor : ScriptCursor {
    explicit Cursor(const Script& kind) : ScriptCursor(kind.host, kind.table, kind.index) {}
  };
};

}  // namespace

napi_value ScriptHost::Call(napi_ref function, std::initializer_list<napi_value> arguments) const {
  napi_value callee = nullptr;
  napi_value self = nullptr;
  napi_value answer = nullptr;
  if (!alive || napi_get_reference_value(env, function, &callee) != napi_ok || !callee ||
      napi_get_undefined(env, &self) != napi_ok ||
      napi_call_function(env, self, callee, arguments.size(), arguments.begin(), &answer) !=
          napi_ok) {
    return nullptr;
  }
  return answer;
}

void ScriptHost::End() {
  if (!alive) return;
  alive = false;
  for (napi_ref* reference : {&open, &next, &close, &end}) {
    if (*reference) napi_delete_reference(env, *reference);
    *reference = nullptr;
  }
}

int RegisterScriptTable(const ScriptHostPtr& host, int index,
                        const std::shared_ptr<const ScriptTable>& table, const std::string& name) {
  return store::VirtualTable<Script>::Register(host->db, name, {host, table, index});
}

}  // namespace weir::tables
