#include "tables/tables_binding.h"

#include <algorithm>
#include <cstring>

#include "batch/env_data.h"
#include "store/connection.h"
#include "tables/open_in.h"
#include "tables/proc_files.h"
#include "tables/script_table.h"

namespace weir {

namespace {

using tables::ScriptColumn;
using tables::ScriptHost;
using tables::ScriptHostPtr;
using tables::ScriptTable;
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

// interrupted(connection)
Napi::Value Interrupted(const Napi::CallbackInfo& info) {
  bool interrupted = false;
  store::WithConnection(info[0].ToNumber().Int32Value(), [&](store::Connection& connection) {
    interrupted = connection.Interrupted();
  });
  return Napi::Boolean::New(info.Env(), interrupted);
}

// openIn(root, path, flags, uid, gid)
Napi::Value OpenIn(const Napi::CallbackInfo& info) {
  const Napi::Value given = info[1];
  std::string path;
  if (given.IsBuffer()) {
    const auto bytes = given.As<Napi::Buffer<char>>();
    path.assign(bytes.Data(), bytes.Length());
  } else {
    path = given.ToString();
  }
  tables::Actor actor;
  if (info[3].IsNumber())
    actor = {info[3].ToNumber().Int64Value(), info[4].ToNumber().Int64Value()};
  const int fd = tables::OpenIn(info[0].ToString(), path, info[2].ToNumber().Int32Value(), actor);
  if (fd >= 0) return Napi::Number::New(info.Env(), fd);
  Napi::Error error = Napi::Error::New(info.Env(), path + ": " + std::strerror(-fd));
  error.Set("code", Napi::String::New(info.Env(), strerrorname_np(-fd)));
  error.ThrowAsJavaScriptException();
  return info.Env().Undefined();
}

std::vector<uint32_t> PidsOf(const Napi::Value& value) {
  if (!value.IsTypedArray()) return {};
  const auto pids = value.As<Napi::Uint32Array>();
  return {pids.Data(), pids.Data() + pids.ElementLength()};
}

Napi::Value Bytes(Napi::Env env, const std::string& bytes) {
  return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
}

Napi::Value Integers(Napi::Env env, const std::vector<int32_t>& integers) {
  auto array = Napi::Int32Array::New(env, integers.size());
  std::copy(integers.begin(), integers.end(), array.Data());
  return array;
}

// procFiles(root, pids, names, limit)
Napi::Value ProcFiles(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<std::string> names;
  const auto list = info[2].As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); ++i) names.push_back(list.Get(i).ToString());
  const tables::ProcFiles files = tables::ReadProcFiles(info[0].ToString(), PidsOf(info[1]), names,
                                                        info[3].ToNumber().Uint32Value());
  Napi::Object out = Napi::Object::New(env);
  out.Set("bytes", Bytes(env, files.bytes));
  out.Set("lengths", Integers(env, files.lengths));
  return out;
}

// openFiles(root, pids)
Napi::Value OpenFiles(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const tables::OpenFiles files = tables::ReadOpenFiles(info[0].ToString(), PidsOf(info[1]));
  Napi::Object out = Napi::Object::New(env);
  out.Set("bytes", Bytes(env, files.bytes));
  out.Set("processes", Integers(env, files.processes));
  out.Set("fds", Integers(env, files.fds));
  out.Set("lengths", Integers(env, files.lengths));
  out.Set("errors", Integers(env, files.errors));
  return out;
}

}  // namespace

void InitTables(Napi::Env env, Napi::Object exports) {
  Napi::Object tables = Napi::Object::New(env);
  tables.Set("attach", Napi::Function::New(env, Attach, "attach"));
  tables.Set("interrupted", Napi::Function::New(env, Interrupted, "interrupted"));
  tables.Set("openIn", Napi::Function::New(env, OpenIn, "openIn"));
  tables.Set("procFiles", Napi::Function::New(env, ProcFiles, "procFiles"));
  tables.Set("openFiles", Napi::Function::New(env, OpenFiles, "openFiles"));
  exports.Set("tables", tables);
}

}  // namespace weir
