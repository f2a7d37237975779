#include "tables/tables_binding.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <cstring>

#include "batch/env_data.h"
#include "store/connection.h"
#include "tables/file_digests.h"
#include "tables/marked_tree.h"
#include "tables/open_in.h"
#include "tables/proc_files.h"
#include "tables/route_dump.h"
#include "tables/script_table.h"
#include "tables/script_value.h"
#include "tables/xattrs.h"

namespace weir {

namespace {

using tables::Arguments;
using tables::BytesOf;
using tables::Elements;
using tables::MakeBuffer;
using tables::MakeIntegers;
using tables::MakeNumber;
using tables::NumberOf;
using tables::ScriptColumn;
using tables::ScriptHost;
using tables::ScriptHostPtr;
using tables::ScriptTable;
using tables::SetProperty;
using tables::Shown;

ScriptTable TableOf(const Napi::Object& spec) {
  ScriptTable table;
  table.name = spec.Get("name").ToString();
  table.declaration = spec.Get("declaration").ToString();
  table.required = spec.Get("required").ToString();
  table.rows = spec.Get("rows").ToNumber().Int64Value();
  const auto columns = spec.Get("columns").As<Napi::Array>();
  for (uint32_t i = 0; i < columns.Length(); ++i) {
    const auto column = columns.Get(i).As<Napi::Object>();
    table.columns.push_back({
        column.Get("name").ToString(),
        static_cast<Shown>(column.Get("shown").ToNumber().Uint32Value()),
        column.Get("operators").ToNumber().Uint32Value(),
        column.Get("required").ToBoolean(),
        column.Get("index").ToBoolean(),
        column.Get("real").ToNumber().Int32Value(),
    });
  }
  return table;
}

// attach(connection, tables, { open, next, close, end })
Napi::Value Attach(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  sqlite3* db = nullptr;
  store::WithConnection(info[0].ToNumber().Int32Value(),
                        [&](store::Connection& connection) { db = connection.db(); });
  if (db == nullptr) {
    Napi::Error::New(env, "no such connection: it may be closed").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const auto calls = info[2].As<Napi::Object>();
  const auto host = std::make_shared<ScriptHost>(env, db);
  const auto keep = [&](napi_ref* reference, const char* name) {
    napi_create_reference(env, calls.Get(name), 1, reference);
  };
  keep(&host->open, "open");
  keep(&host->next, "next");
  keep(&host->close, "close");
  keep(&host->end, "end");
  auto& hosts = EnvData::Of(env).script_hosts;
  std::erase_if(hosts, [](const auto& closed) { return closed.expired(); });
  hosts.push_back(host);
  const auto list = info[1].As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const auto spec = list.Get(i).As<Napi::Object>();
    const auto table = std::make_shared<const ScriptTable>(TableOf(spec));
    const auto names = spec.Get("names").As<Napi::Array>();
    for (uint32_t n = 0; n < names.Length(); ++n) {
      const std::string name = names.Get(n).ToString();
      if (RegisterScriptTable(host, static_cast<int>(i), table, name) != SQLITE_OK) {
        Napi::Error::New(env, "cannot register table " + name).ThrowAsJavaScriptException();
        return env.Undefined();
      }
    }
  }
  return env.Undefined();
}

// From here on Node-API as it is (see script_value.h): these are called inside queries, and main
// may end the thread at any moment.

napi_value Interrupted(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  bool interrupted = false;
  store::WithConnection(
      static_cast<int>(NumberOf(env, arguments[0], 0)),
      [&](store::Connection& connection) { interrupted = connection.Interrupted(); });
  napi_value answer = nullptr;
  napi_get_boolean(env, interrupted, &answer);
  return answer;
}

napi_value OpenIn(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  Arguments(env, info, arguments);
  const std::string path = BytesOf(env, arguments[1]);
  tables::Actor actor;
  actor.uid = static_cast<int64_t>(NumberOf(env, arguments[3], tables::Actor::kSelf));
  actor.gid = static_cast<int64_t>(NumberOf(env, arguments[4], tables::Actor::kSelf));
  const int fd = tables::OpenIn(BytesOf(env, arguments[0]), path,
                                static_cast<int>(NumberOf(env, arguments[2], 0)), actor);
  if (fd >= 0) return MakeNumber(env, fd);
  const std::string message = path + ": " + std::strerror(-fd);
  napi_throw_error(env, strerrorname_np(-fd), message.c_str());
  return nullptr;
}

std::vector<std::string> TextsOf(napi_env env, napi_value array) {
  std::vector<std::string> texts;
  uint32_t count = 0;
  if (array == nullptr || napi_get_array_length(env, array, &count) != napi_ok) return texts;
  for (uint32_t i = 0; i < count; ++i) {
    napi_value text = nullptr;
    if (napi_get_element(env, array, i, &text) == napi_ok) texts.push_back(BytesOf(env, text));
  }
  return texts;
}

std::vector<uint32_t> PidsOf(napi_env env, napi_value value) {
  size_t count = 0;
  const auto* pids = static_cast<const uint32_t*>(Elements(env, value, napi_uint32_array, &count));
  return pids ? std::vector<uint32_t>(pids, pids + count) : std::vector<uint32_t>{};
}

using Facts = std::shared_ptr<const TaskFacts>;

napi_value UseTaskFacts(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  TaskFacts::Use(BytesOf(env, arguments[0]));
  return nullptr;
}

// An opaque value for procFiles; undefined when there are none.
napi_value ReadTaskFacts(napi_env env, napi_callback_info) {
  Facts facts = TaskFacts::Read();
  if (!facts) return nullptr;
  return tables::MakeExternal(env, std::move(facts));
}

const TaskFacts* FactsOf(napi_env env, napi_value value) {
  const auto* kept = tables::ExternalOf<Facts>(env, value);
  return kept != nullptr ? kept->get() : nullptr;
}

napi_value ProcFiles(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  Arguments(env, info, arguments);
  const std::vector<std::string> names = TextsOf(env, arguments[2]);
  const tables::ProcFiles files = tables::ReadProcFiles(
      BytesOf(env, arguments[0]), PidsOf(env, arguments[1]), names,
      static_cast<size_t>(NumberOf(env, arguments[3], 0)), FactsOf(env, arguments[4]));
  napi_value out = nullptr;
  napi_create_object(env, &out);
  SetProperty(env, out, "bytes", MakeBuffer(env, files.bytes));
  SetProperty(env, out, "lengths", MakeIntegers(env, files.lengths));
  return out;
}

napi_value OpenFiles(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  Arguments(env, info, arguments);
  const tables::OpenFiles files =
      tables::ReadOpenFiles(BytesOf(env, arguments[0]), PidsOf(env, arguments[1]));
  napi_value out = nullptr;
  napi_create_object(env, &out);
  SetProperty(env, out, "bytes", MakeBuffer(env, files.bytes));
  SetProperty(env, out, "processes", MakeIntegers(env, files.processes));
  SetProperty(env, out, "fds", MakeIntegers(env, files.fds));
  SetProperty(env, out, "lengths", MakeIntegers(env, files.lengths));
  SetProperty(env, out, "errors", MakeIntegers(env, files.errors));
  return out;
}

napi_value RouteDump(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  std::string messages;
  const int rc =
      tables::RouteDump(static_cast<uint16_t>(NumberOf(env, arguments[0], 0)), &messages);
  if (rc == 0) return MakeBuffer(env, messages);
  napi_throw_error(env, strerrorname_np(-rc), std::strerror(-rc));
  return nullptr;
}

napi_value Xattrs(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  std::string records;
  const int rc = tables::ReadXattrs(BytesOf(env, arguments[0]), &records);
  if (rc == 0) return MakeBuffer(env, records);
  napi_throw_error(env, strerrorname_np(-rc), std::strerror(-rc));
  return nullptr;
}

using Tree = std::unique_ptr<tables::MarkedTree>;

// nullptr: not a tree.
Tree* TreeOf(napi_env env, napi_value value) { return tables::ExternalOf<Tree>(env, value); }

napi_value OpenMarkedTree(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  Arguments(env, info, arguments);
  return tables::MakeExternal<Tree>(
      env,
      std::make_unique<tables::MarkedTree>(static_cast<int>(NumberOf(env, arguments[0], -1)),
                                           static_cast<uint32_t>(NumberOf(env, arguments[1], 0)),
                                           NumberOf(env, arguments[2], 0) != 0,
                                           static_cast<uint32_t>(NumberOf(env, arguments[3], 1))));
}

// undefined: that was all.
napi_value ReadMarkedTree(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  Tree* tree = TreeOf(env, arguments[0]);
  std::string records;
  if (tree == nullptr || !*tree) return nullptr;
  if (!(*tree)->Next(&records) && records.empty()) return nullptr;
  return MakeBuffer(env, records);
}

napi_value CloseMarkedTree(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  if (Tree* tree = TreeOf(env, arguments[0])) tree->reset();
  return nullptr;
}

using Digests = std::unique_ptr<tables::FileDigests>;

// An opaque value for digests.
napi_value BeginDigests(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  Arguments(env, info, arguments);
  return tables::MakeExternal<Digests>(
      env, std::make_unique<tables::FileDigests>(
               static_cast<int>(NumberOf(env, arguments[0], -1)),
               static_cast<int64_t>(NumberOf(env, arguments[1], 0)), TextsOf(env, arguments[2])));
}

// undefined: not yet.
napi_value ReadDigests(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  const auto* digests = tables::ExternalOf<Digests>(env, arguments[0]);
  int error = 0;
  if (digests == nullptr || !*digests || !(*digests)->Wait(&error)) return nullptr;
  if (error != 0) {
    napi_throw_error(env, strerrorname_np(error), std::strerror(error));
    return nullptr;
  }
  const napi_value values = tables::MakeArray(env);
  uint32_t i = 0;
  for (const std::string& value : (*digests)->values()) {
    const napi_value text = tables::MakeText(env, value.data(), value.size());
    if (values != nullptr && text != nullptr) napi_set_element(env, values, i++, text);
  }
  return values;
}

napi_value EndDigests(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  if (auto* digests = tables::ExternalOf<Digests>(env, arguments[0])) {
    digests->reset();
  }
  return nullptr;
}

// undefined where processors have no such instruction.
napi_value Cpuid(napi_env env, napi_callback_info info) {
#if defined(__x86_64__)
  napi_value arguments[2];
  Arguments(env, info, arguments);
  unsigned registers[4] = {};
  __cpuid_count(static_cast<unsigned>(NumberOf(env, arguments[0], 0)),
                static_cast<unsigned>(NumberOf(env, arguments[1], 0)), registers[0], registers[1],
                registers[2], registers[3]);
  return MakeIntegers(env, std::vector<int32_t>(registers, registers + 4));
#else
  napi_value none = nullptr;
  napi_get_undefined(env, &none);
  return none;
#endif
}

}  // namespace

void InitTables(Napi::Env env, Napi::Object exports) {
  Napi::Object tables = Napi::Object::New(env);
  tables.Set("attach", Napi::Function::New(env, Attach, "attach"));
  const auto method = [&](const char* name, napi_callback call) {
    napi_value function = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &function);
    tables.Set(name, function);
  };
  method("interrupted", Interrupted);
  method("openIn", OpenIn);
  method("useTaskFacts", UseTaskFacts);
  method("taskFacts", ReadTaskFacts);
  method("procFiles", ProcFiles);
  method("openFiles", OpenFiles);
  method("routeDump", RouteDump);
  method("xattrs", Xattrs);
  method("openMarkedTree", OpenMarkedTree);
  method("readMarkedTree", ReadMarkedTree);
  method("closeMarkedTree", CloseMarkedTree);
  method("beginDigests", BeginDigests);
  method("readDigests", ReadDigests);
  method("endDigests", EndDigests);
  method("cpuid", Cpuid);
  exports.Set("tables", tables);
}

}  // namespace weir
