#include "sensor/event_ways.h"

#include <algorithm>

namespace weir {
namespace {

// The call of "tp/syscalls/sys_exit_unlink"; the whole of anything else.
std::string CallOf(const std::string& hook) {
  for (const char* prefix : {"tp/syscalls/sys_exit_", "tp/syscalls/sys_enter_"}) {
    if (hook.starts_with(prefix)) return hook.substr(std::string_view(prefix).size());
  }
  return hook;
}

}  // namespace

EventWays::EventWays(const FamilySpec& spec) {
  for (const EventSpec& event : spec.events) events_.push_back({event, 0, ""});
}

void EventWays::Reset(const Tiers& tiers) {
  for (Event& event : events_) {
    event.way = 0;
    event.why.clear();
  }
  for (size_t i = 0; i < events_.size(); i++) {
    Event& event = events_[i];
    for (;;) {
      const Way& way = event.spec.ways[event.way];
      const std::string& refusal = tiers.Refusal(way.tier);
      // That kprobes are refused is said of the next way, which is by them, too.
      if ((way.against_preemption && !tiers.misses_tracepoints()) ||
          (way.by_graph && (!tiers.has_graph_returns() || !refusal.empty()))) {
        event.way++;
        continue;
      }
      if (refusal.empty() || !Demote({i, event.way}, refusal)) break;
    }
  }
}

Place EventWays::Find(const std::string& program, const std::string& hook) {
  const std::string call = CallOf(hook);
  for (size_t e = 0; e < events_.size(); e++) {
    const std::vector<Way>& ways = events_[e].spec.ways;
    // Two ways may share a program: it is then of the one that is taken.
    for (size_t i = 0; i < ways.size(); i++) {
      const size_t w = (events_[e].way + i) % ways.size();
      for (const Part& part : ways[w].parts) {
        const bool here = part.calls.empty() ||
                          std::find(part.calls.begin(), part.calls.end(), call) != part.calls.end();
        if (part.program == program && here) return {e, w, part.optional, part.backed};
      }
    }
  }
  events_.push_back({{program, {{TierOfSection(hook), {{program, {}}}}}}, 0, ""});
  return {events_.size() - 1, 0};
}

bool EventWays::IsLast(Place place) const {
  return place.way + 1 == events_[place.event].spec.ways.size();
}

bool EventWays::Demote(Place place, const std::string& reason) {
  if (place.optional || IsLast(place)) return false;
  Event& event = events_[place.event];
  if (!event.why.empty()) event.why += "; ";
  event.why += TierName(event.spec.ways[place.way].tier);
  event.why += ": " + reason;
  event.way = place.way + 1;
  return true;
}

bool EventWays::Uses(Tier tier) const {
  return std::any_of(events_.begin(), events_.end(), [tier](const Event& event) {
    return event.spec.ways[event.way].tier == tier;
  });
}

}  // namespace weir
