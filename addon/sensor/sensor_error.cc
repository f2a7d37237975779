#include "sensor/sensor_error.h"

#include <unistd.h>

#include <string>

namespace weir {

ProgramsError Explain(const ProgramsError& error) {
  const std::string detail = " (" + error.message + ")";
  if (error.code == "BPF_NOT_PERMITTED") {
    return {"SENSOR_NO_PERMISSION",
            "The kernel does not let this process load eBPF programs: run weir as root, or give it "
            "CAP_BPF, CAP_PERFMON and CAP_SYS_RESOURCE, and check kernel lockdown" +
                detail};
  }
  if (error.code == "BPF_UNSUPPORTED") {
    if (access("/sys/kernel/btf/vmlinux", R_OK) != 0) {
      return {"SENSOR_NO_BTF",
              "This kernel has no type information at /sys/kernel/btf/vmlinux: use a kernel built "
              "with CONFIG_DEBUG_INFO_BTF" +
                  detail};
    }
    return {"SENSOR_UNSUPPORTED",
            "This kernel lacks what the eBPF programs need: use Linux 5.8 or later" + detail};
  }
  if (error.code == "NETLINK_NOT_PERMITTED") {
    return {"SENSOR_NO_NETLINK",
            "The kernel does not tell this process of others without eBPF either: run weir as root "
            "in the host's own namespaces, on a kernel with CONFIG_PROC_EVENTS" +
                detail};
  }
  if (error.code == "BPF_OBJECT_MISSING") {
    return {"SENSOR_NOT_BUILT",
            "The eBPF programs are not where they are looked for: run npm run build" + detail};
  }
  if (error.code == "BPF_ATTACH_FAILED") {
    return {"SENSOR_ATTACH_FAILED",
            "No eBPF program could be attached: check kernel lockdown and "
            "kernel.perf_event_paranoid" +
                detail};
  }
  if (error.code == "BPF_MAP_FAILED") {
    return {"SENSOR_MAP_FAILED",
            "The maps of the eBPF programs could not be used: raise the memory and locked-memory "
            "limits" +
                detail};
  }
  return {"SENSOR_LOAD_FAILED",
          "The kernel refused the eBPF programs: report it with the output of `uname -r`" + detail};
}

void ThrowSensorError(Napi::Env env, const ProgramsError& error) {
  auto object = Napi::Error::New(env, error.message);
  object.Set("code", error.code);
  object.ThrowAsJavaScriptException();
}

}  // namespace weir
