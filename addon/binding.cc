// Door to JavaScript: src/native/addon.ts says what is exported. Each room registers its part.
#include <napi.h>

#include "batch/batch_binding.h"
#include "capture/capture_binding.h"
#include "memory.h"
#include "net/net_binding.h"
#include "net/netlink_binding.h"
#include "processes/signal_binding.h"
#include "rules/rules_binding.h"
#include "sensor/sensor_binding.h"
#include "store/store_binding.h"
#include "tables/file_database_binding.h"
#include "tables/tables_binding.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  weir::InitBatch(env, exports);          // RowKeeper, buildBatch, loss, count, schemaVersion
  weir::InitSensor(env, exports);         // Sensor, bootId
  weir::InitStore(env, exports);          // openStore, connections
  weir::InitCapture(env, exports);        // readCapture
  weir::InitTables(env, exports);         // tables
  weir::InitFileDatabases(env, exports);  // fileDatabases
  weir::InitNet(env, exports);            // openDatagram
  weir::InitNetlink(env, exports);        // NetlinkListener
  weir::InitProcesses(env, exports);      // signalProcess
  weir::InitRules(env, exports);          // openLiteralFilter
  weir::InitMemory(env, exports);         // dropProgramPages
  return exports;
}

}  // namespace

NODE_API_MODULE(weir, Init)
