// What one JavaScript environment (main thread or worker) keeps of this library: never static,
// because every environment has its own classes and ends on its own.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "tables/script_table.h"

namespace weir {

struct EnvData {
  Napi::FunctionReference batch_class;
  // Uint32Array of layouts -> objects; made by NativeBatch::Define.
  Napi::FunctionReference make_columns;
  // Tables that this environment makes rows for; a connection may outlive it.
  std::vector<std::weak_ptr<tables::ScriptHost>> script_hosts;

  EnvData() = default;
  EnvData(const EnvData&) = delete;
  EnvData& operator=(const EnvData&) = delete;
  ~EnvData() {
    for (const auto& weak : script_hosts) {
      if (const tables::ScriptHostPtr host = weak.lock()) host->End();
    }
  }

  // The addon's one instance-data slot; made by the first caller in an environment.
  static EnvData& Of(Napi::Env env) {
    auto* data = env.GetInstanceData<EnvData>();
    if (data == nullptr) {
      data = new EnvData;
      env.SetInstanceData(data);  // deleted with the environment
    }
    return *data;
  }
};

}  // namespace weir
