// Verdicts on behaviour.
#include <cstring>

#include "sensor/decoder.h"

namespace weir {

namespace {

namespace column = schema::behavior_column;

// In the order of enum weir_behavior.
constexpr std::string_view kBehaviors[] = {"ransomware",   "mass_rename", "mass_delete",
                                           "mass_rewrite", "port_sweep",  "address_sweep",
                                           "exec_burst",   "setuid_burst"};
static_assert(std::size(kBehaviors) == WEIR_BEHAVIORS);

// In the order of enum weir_evidence.
constexpr int kEvidence[] = {column::kRenamed,  column::kExtended,       column::kDeleted,
                             column::kErased,   column::kRewritten,      column::kConverted,
                             column::kCreated,  column::kFoldersRemoved, column::kDirectories,
                             column::kConnects, column::kAddresses,      column::kPorts,
                             column::kExecs,    column::kSetuids};
static_assert(std::size(kEvidence) == WEIR_EVIDENCE);

struct EvidenceRange {
  int first, last;
};

// What the family that judges this behaviour counts.
EvidenceRange EvidenceOf(uint32_t behavior) {
  if (behavior >= WEIR_EXEC_BURST) return {WEIR_EXECS, WEIR_SETUIDS};
  if (behavior >= WEIR_PORT_SWEEP) return {WEIR_CONNECTS, WEIR_PORTS};
  return {WEIR_RENAMED, WEIR_DIRECTORIES};
}

std::string_view RefusalOf(uint32_t response) {
  switch (response) {
    case WEIR_RESPONSE_INIT:
      return "init";
    case WEIR_RESPONSE_OWN:
      return "weir";
    case WEIR_RESPONSE_PROTECTED:
      return "protected";
    case WEIR_RESPONSE_RATE:
      return "rate_limit";
    default:
      return "failed";
  }
}

void SetResponse(BatchBuilder& row, const weir_behavior_event& e) {
  if (e.response == WEIR_RESPONSE_NONE) return;
  constexpr uint32_t kKill = 9;
  row.SetText(column::kAsked, e.signal == kKill ? "kill" : "stop");
  if (e.response == WEIR_RESPONSE_DONE || e.response == WEIR_RESPONSE_DRY_RUN) {
    row.SetText(column::kOutcome, e.response == WEIR_RESPONSE_DONE ? "done" : "dry_run");
    return;
  }
  row.SetText(column::kOutcome, "refused");
  row.SetText(column::kRefusal, RefusalOf(e.response));
}

}  // namespace

void Decoder::Verdict(const Record& record) {
  const weir_behavior_event& e = record.behavior;
  const Actor actor = cache_.Resolve(record.h);
  if (actor.first_met) Seen(record, actor, "event");
  BatchBuilder& row = Begin(WEIR_CLASS_BEHAVIOR);
  Common(row, record, actor, false);
  Truncated(row, record, *actor.image, {}, false);
  row.SetText(column::kAction, e.behavior < WEIR_BEHAVIORS ? kBehaviors[e.behavior] : "unknown");
  const bool tree = e.scope == WEIR_SCOPE_TREE;
  row.SetText(column::kScope, tree ? "tree" : "cgroup");
  if (tree) row.SetI64(column::kTree, static_cast<int64_t>(e.tree));
  row.SetI64(column::kWindowMs, static_cast<int64_t>(e.window_ns / 1'000'000));
  row.SetI64(column::kThreshold, e.threshold);
  const EvidenceRange range = EvidenceOf(e.behavior);
  for (int i = range.first; i <= range.last; ++i) row.SetI64(kEvidence[i], e.evidence[i]);
  if (const size_t size = strnlen(e.extension, sizeof e.extension); size > 0) {
    row.SetText(column::kExtension, {e.extension, size});
  }
  SetResponse(row, e);
}

}  // namespace weir
