#include "sensor/preemption.h"

#include "check.h"

namespace weir {
namespace {

TEST(PreemptionIsTold,
     "whether a kernel preempts is told by its version, and by the mode in force") {
  const auto is = [](Preemption told, bool possible, bool now) {
    return told.possible == possible && told.now == now;
  };
  TRUE(is(PreemptionOf("#1 SMP Debian 5.10.251-1 (2026-03-08)", ""), false, false));
  TRUE(is(PreemptionOf("#1 SMP PREEMPT_RT Debian 6.1", ""), true, true));
  TRUE(is(PreemptionOf("#1 SMP PREEMPT Debian 6.1", "(none)"), true, true));
  const char* dynamic = "#1 SMP PREEMPT_DYNAMIC Debian 6.12";
  TRUE(is(PreemptionOf(dynamic, "none (voluntary) full lazy\n"), true, false));
  TRUE(is(PreemptionOf(dynamic, "(none) voluntary full\n"), true, false));
  TRUE(is(PreemptionOf(dynamic, "none voluntary (full)\n"), true, true));
  TRUE(is(PreemptionOf(dynamic, "full (lazy)\n"), true, true));
  TRUE(is(PreemptionOf(dynamic, ""), true, true));
  const auto in_tracepoints = [&](const char* release) {
    return PreemptionOf(dynamic, "full (lazy)\n", release).in_tracepoints;
  };
  TRUE(!in_tracepoints("6.1.0-30-cloud-amd64"));
  TRUE(!in_tracepoints("6.18.2"));
  TRUE(in_tracepoints("6.19.0-rc1"));
  TRUE(in_tracepoints("7.2.1+deb14-cloud-amd64"));
}

}  // namespace
}  // namespace weir
