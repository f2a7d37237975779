// A second, small addon: libmagic and libyara are loaded by the thread that first needs them, not
// by every process, and their absence leaves all other tables as they are. src/tables/state/files/
// scan.ts says what is exported. Node-API without its C++ wrapper: see tables/script_value.h.
#include "scan/magic_scan.h"
#include "scan/yara_scan.h"
#include "tables/script_value.h"

namespace {

using namespace weir::scan;
using namespace weir::tables;

struct Call {
  Call(napi_env env, napi_callback_info info) {
    size_t count = 3;
    napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  }
  napi_value arguments[3] = {};
};

napi_value Text(napi_env env, const std::string& text) {
  return MakeText(env, text.data(), text.size());
}

napi_value Texts(napi_env env, const std::vector<std::string>& texts) {
  const napi_value array = MakeArray(env);
  uint32_t n = 0;
  for (const std::string& text : texts) napi_set_element(env, array, n++, Text(env, text));
  return array;
}

// magic(fd, databases)
napi_value Magic(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const FileKind kind = KindOf(static_cast<int>(NumberOf(env, call.arguments[0], -1)),
                               BytesOf(env, call.arguments[1]));
  napi_value out = nullptr;
  napi_create_object(env, &out);
  SetProperty(env, out, "data", Text(env, kind.data));
  SetProperty(env, out, "mimeType", Text(env, kind.mime_type));
  SetProperty(env, out, "mimeEncoding", Text(env, kind.mime_encoding));
  SetProperty(env, out, "error", Text(env, kind.error));
  return out;
}

// compile(source): rules, or a text that says what is wrong
napi_value Compile(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  std::string error;
  auto rules = YaraRules::Compile(BytesOf(env, call.arguments[0]), &error);
  if (!rules) return Text(env, error);
  napi_value out = nullptr;
  YaraRules* kept = rules.release();
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<YaraRules*>(data); };
  if (napi_create_external(env, kept, finalize, nullptr, &out) != napi_ok) delete kept;
  return out;
}

const YaraRules* RulesOf(napi_env env, napi_value value) {
  void* rules = nullptr;
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  if (type != napi_external || napi_get_value_external(env, value, &rules) != napi_ok) {
    return nullptr;
  }
  return static_cast<const YaraRules*>(rules);
}

napi_value Shown(napi_env env, const YaraResult& result) {
  const napi_value matches = MakeArray(env);
  uint32_t n = 0;
  for (const YaraMatch& match : result.matches) {
    napi_value one = nullptr;
    napi_create_object(env, &one);
    SetProperty(env, one, "rule", Text(env, match.rule));
    SetProperty(env, one, "tags", Texts(env, match.tags));
    SetProperty(env, one, "strings", Texts(env, match.strings));
    napi_set_element(env, matches, n++, one);
  }
  napi_value out = nullptr;
  napi_create_object(env, &out);
  SetProperty(env, out, "matches", matches);
  SetProperty(env, out, "error", Text(env, result.error));
  return out;
}

// scanDescriptor(rules, fd, seconds), scanProcess(rules, pid, seconds)
template <YaraResult (YaraRules::*scan)(int, int) const>
napi_value Scan(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const YaraRules* rules = RulesOf(env, call.arguments[0]);
  if (!rules) {
    napi_throw_type_error(env, nullptr, "these are no rules");
    return nullptr;
  }
  const int what = static_cast<int>(NumberOf(env, call.arguments[1], -1));
  return Shown(env, (rules->*scan)(what, static_cast<int>(NumberOf(env, call.arguments[2], 0))));
}

napi_value Init(napi_env env, napi_value exports) {
  const auto method = [&](const char* name, napi_callback call) {
    napi_value function = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &function);
    SetProperty(env, exports, name, function);
  };
  method("magic", Magic);
  method("compile", Compile);
  method("scanDescriptor", Scan<&YaraRules::ScanDescriptor>);
  method("scanProcess", Scan<&YaraRules::ScanProcess>);
  return exports;
}

}  // namespace

NAPI_MODULE(weir_scan, Init)
