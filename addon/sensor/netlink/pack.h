// A record as the kernel programs lay it out (bpf/weir.h), so that one decoder serves all sources.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "weir.h"

namespace weir {

// The end of a path, from the beginning of a name when there is one.
inline std::string_view Tail(std::string_view path, size_t most) {
  path.remove_prefix(path.size() - most);
  const size_t slash = path.find('/');
  return slash == std::string_view::npos ? path : path.substr(slash);
}

// `event` begins with its header, whose string lengths are filled in here. Of a path longer than
// WEIR_PATH_MAX the tail is kept, and said so; string 4 of an exec is its arguments.
template <typename Event>
std::string Pack(Event event, std::array<std::string_view, WEIR_STRINGS> strings = {}) {
  size_t size = sizeof event;
  for (size_t i = 0; i < strings.size(); ++i) {
    std::string_view& text = strings[i];
    const bool arguments = std::is_same_v<Event, weir_exec_event> && i == 4;
    const size_t most = arguments ? WEIR_ARGV_MAX : WEIR_PATH_MAX;
    if (text.size() > most) {
      text = arguments ? text.substr(0, most) : Tail(text, most);
      event.h.flags |= WEIR_F_TRUNCATED(i);
    }
    event.h.string_length[i] = static_cast<__u16>(text.size());
    size += text.size();
  }
  std::string record;
  record.reserve(size);
  record.append(reinterpret_cast<const char*>(&event), sizeof event);
  for (const std::string_view text : strings) record.append(text);
  return record;
}

}  // namespace weir
