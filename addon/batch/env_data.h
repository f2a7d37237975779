// What one JavaScript environment (main thread or worker) keeps of this library: never static,
// because every environment has its own classes and ends on its own.
#pragma once

#include <napi.h>

namespace weir {

struct EnvData {
  Napi::FunctionReference batch_class;
  // Uint32Array of layouts -> objects; made by NativeBatch::Define.
  Napi::FunctionReference make_columns;

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
