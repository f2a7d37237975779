// What the kernel tells about links, addresses and routes, as it tells it (rtnetlink(7)).
#pragma once

#include <cstdint>
#include <string>

namespace weir::tables {

// All answers to a dump request, one message after another; `type` is RTM_GETLINK, RTM_GETADDR or
// RTM_GETROUTE. 0, or minus the errno; -EINTR when things changed again and again while asking.
int RouteDump(uint16_t type, std::string* messages);

}  // namespace weir::tables
