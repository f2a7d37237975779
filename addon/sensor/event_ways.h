// Which way each event of a family is had by.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sensor/families.h"

namespace weir {

// A program at one hook, as part of a way of an event.
struct Place {
  size_t event = 0;
  size_t way = 0;
  bool optional = false;
  bool backed = false;
};

class EventWays {
 public:
  explicit EventWays(const FamilySpec& spec);

  // Each event by the best way that the tiers allow.
  void Reset(const Tiers& tiers);
  // Where a program belongs at a hook ("tp/syscalls/sys_exit_unlink"); one that no event names
  // becomes an event of its own, named after the program.
  Place Find(const std::string& program, const std::string& hook);
  bool IsChosen(Place place) const { return events_[place.event].way == place.way; }
  bool IsLast(Place place) const;
  // The event goes to its next way; the last one stays, and so does one that is whole without what
  // is missing: then false is returned.
  bool Demote(Place place, const std::string& reason);
  // Whether any event is had by a way of this tier.
  bool Uses(Tier tier) const;

  const std::string& Name(Place place) const { return events_[place.event].spec.name; }
  // "trampoline: reason; kprobe: reason"; empty when the best way was taken.
  const std::string& WhyNotBetter(Place place) const { return events_[place.event].why; }

 private:
  struct Event {
    EventSpec spec;
    size_t way = 0;
    std::string why;
  };
  std::vector<Event> events_;
};

}  // namespace weir
