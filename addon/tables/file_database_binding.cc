// Called inside queries, so Node-API as it is (see script_value.h).
#include "tables/file_database_binding.h"

#include <fcntl.h>

#include "tables/file_database.h"
#include "tables/script_value.h"

namespace weir {

namespace {

using tables::Arguments;
using tables::BytesOf;
using tables::FileDatabase;
using tables::MakeArray;
using tables::MakeBuffer;
using tables::MakeIntegers;
using tables::MakeText;
using tables::NumberOf;
using tables::SetProperty;

using Kept = std::unique_ptr<FileDatabase>;

// nullptr: not one, or closed.
FileDatabase* DatabaseOf(napi_env env, napi_value value) {
  auto* kept = tables::ExternalOf<Kept>(env, value);
  return kept != nullptr ? kept->get() : nullptr;
}

// A descriptor that outlives the caller's; -1 stays -1.
int Own(int fd) { return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0); }

napi_value Open(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  Arguments(env, info, arguments);
  const auto number = [&](int i) { return static_cast<int>(NumberOf(env, arguments[i], -1)); };
  std::string error;
  auto database = FileDatabase::Open(number(0), Own(number(1)), Own(number(2)),
                                     BytesOf(env, arguments[3]), &error);
  if (!database) {
    napi_throw_error(env, nullptr, error.c_str());
    return nullptr;
  }
  return tables::MakeExternal(env, std::move(database));
}

napi_value Columns(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  const FileDatabase* database = DatabaseOf(env, arguments[0]);
  const napi_value names = MakeArray(env);
  if (database == nullptr || names == nullptr) return names;
  uint32_t i = 0;
  for (const std::string& name : database->Columns()) {
    const napi_value text = MakeText(env, name.data(), name.size());
    if (text != nullptr) napi_set_element(env, names, i++, text);
  }
  return names;
}

napi_value Read(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  FileDatabase* database = DatabaseOf(env, arguments[0]);
  std::string bytes, error;
  std::vector<int32_t> lengths;
  if (database != nullptr && !database->Read(&bytes, &lengths, &error)) {
    napi_throw_error(env, nullptr, error.c_str());
    return nullptr;
  }
  napi_value out = nullptr;
  napi_create_object(env, &out);
  SetProperty(env, out, "bytes", MakeBuffer(env, bytes));
  SetProperty(env, out, "lengths", MakeIntegers(env, lengths));
  return out;
}

napi_value Close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  if (auto* kept = tables::ExternalOf<Kept>(env, arguments[0])) kept->reset();
  return nullptr;
}

}  // namespace

void InitFileDatabases(Napi::Env env, Napi::Object exports) {
  Napi::Object out = Napi::Object::New(env);
  const auto method = [&](const char* name, napi_callback call) {
    napi_value function = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &function);
    out.Set(name, function);
  };
  method("open", Open);
  method("columns", Columns);
  method("read", Read);
  method("close", Close);
  exports.Set("fileDatabases", out);
}

}  // namespace weir
