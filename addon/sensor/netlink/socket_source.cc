#include "sensor/netlink/socket_source.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <tuple>
#include <utility>

#include "sensor/clock.h"
#include "sensor/netlink/pack.h"

namespace weir {

namespace {

constexpr int64_t kMillisecond = 1'000'000;
// Between two looks; longer where a look is dear, so that looking never takes more than 2 %.
constexpr int64_t kShortest = 100 * kMillisecond;
constexpr int64_t kLongest = 2000 * kMillisecond;
constexpr int64_t kCostFactor = 50;
constexpr int64_t kSpacesNs = 1000 * kMillisecond;
constexpr size_t kMostSpaces = 64;
constexpr size_t kMostSockets = 200'000;

constexpr uint64_t kOperation = uint64_t{1} << 63;  // apart from eBPF's op_ids

}  // namespace

SocketSource::SocketSource(TaskTable& tasks, Scope& scope, Sink& sink,
                           std::function<void()> catch_up)
    : tasks_(tasks), scope_(scope), sink_(sink), catch_up_(std::move(catch_up)) {}

SocketSource::~SocketSource() {
  if (own_ >= 0) close(own_);
}

bool SocketSource::Open(std::string* why) {
  struct stat status;
  own_ = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (own_ < 0 || fstat(own_, &status) != 0) {
    *why = std::string("/proc/self/ns/net: ") + strerror(errno);
    return false;
  }
  own_ns_ = static_cast<uint32_t>(status.st_ino);
  if (FILE* file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re")) {
    unsigned first = 0;
    unsigned last = 0;
    if (fscanf(file, "%u %u", &first, &last) == 2) {
      first_ephemeral_ = static_cast<uint16_t>(first);
      last_ephemeral_ = static_cast<uint16_t>(last);
    }
    fclose(file);
  }
  InetDiag& own = spaces_[own_ns_].diag;
  if (!own.Open(why)) return false;
  // Each protocol is a module of its own, which asking loads where it is there.
  for (const auto& [protocol, name] : {std::pair{IPPROTO_TCP, "tcp"}, {IPPROTO_UDP, "udp"}}) {
    if (own.Dump(AF_INET, protocol, [](const DiagSocket&) {})) continue;
    *why = std::string("the kernel does not list ") + name + " sockets: it lacks inet_diag or " +
           name + "_diag";
    return false;
  }
  return true;
}

// What is there already is no news.
void SocketSource::Begin() {
  FindSpaces();
  for (auto& [net_ns, space] : spaces_) {
    std::vector<std::pair<uint32_t, uint64_t>> fresh;
    LookAt(net_ns, space, &fresh);
    for (auto& [cookie, known] : space.sockets) known.told = known.socket.state != TCP_SYN_SENT;
    space.seeded = true;
  }
}

std::vector<int> SocketSource::Descriptors() const {
  std::vector<int> descriptors;
  for (const auto& [net_ns, space] : spaces_) descriptors.push_back(space.diag.fd());
  return descriptors;
}

int SocketSource::TimeoutMs() const {
  if (!scope_.On(WEIR_CLASS_SOCKET)) return 1000;
  const int64_t left = next_look_ - Nanoseconds(CLOCK_MONOTONIC);
  return static_cast<int>(std::max<int64_t>(left / kMillisecond, 1));
}

// Holding a namespace's socket keeps the namespace: it is let go when nobody lives there.
void SocketSource::FindSpaces() {
  const auto alive = tasks_.NetworkNamespaces();
  std::erase_if(spaces_, [&](const auto& entry) {
    return entry.first != own_ns_ && !alive.contains(entry.first);
  });
  for (const auto& [net_ns, pid] : alive) {
    if (spaces_.size() >= kMostSpaces) return;
    if (!spaces_.contains(net_ns)) Enter(net_ns, pid);
  }
}

// A thread's network namespace is its own; the sockets stay in the one where they were made.
bool SocketSource::Enter(uint32_t net_ns, uint32_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat status;
  bool opened = false;
  if (fstat(fd, &status) == 0 && status.st_ino == net_ns && setns(fd, CLONE_NEWNET) == 0) {
    Space space;
    std::string why;
    opened = space.diag.Open(&why);
    // Staying would give the wrong answers for the own namespace from then on.
    while (setns(own_, CLONE_NEWNET) != 0) usleep(1000);
    if (opened) spaces_.emplace(net_ns, std::move(space));
  }
  close(fd);
  return opened;
}

void SocketSource::Pass(bool drain) {
  if (!scope_.On(WEIR_CLASS_SOCKET)) return;
  for (auto& [net_ns, space] : spaces_) {
    std::vector<DiagSocket> ended;
    const int dropped =
        space.diag.ReadEnded([&](const DiagSocket& socket) { ended.push_back(socket); });
    // A listener that ends with what it took in tells which end took it in.
    std::unordered_set<uint16_t> brief;
    for (const DiagSocket& socket : ended) {
      if (socket.protocol == IPPROTO_TCP && socket.remote_port == 0 &&
          space.listening.insert(socket.local_port).second) {
        brief.insert(socket.local_port);
      }
    }
    for (const DiagSocket& socket : ended) Ended(net_ns, space, socket);
    for (const uint16_t port : brief) space.listening.erase(port);
    // How many the kernel does not say.
    if (dropped > 0) sink_.Lost(WEIR_CLASS_SOCKET, dropped);
  }
  const int64_t now = Nanoseconds(CLOCK_MONOTONIC);
  if (now >= next_spaces_ || drain) {
    FindSpaces();
    next_spaces_ = now + kSpacesNs;
  }
  if (now < next_look_ && !drain) return;
  Look();
  const int64_t cost = Nanoseconds(CLOCK_MONOTONIC) - now;
  next_look_ = now + std::clamp(cost * kCostFactor, kShortest, kLongest);
}

void SocketSource::Look() {
  std::vector<std::pair<uint32_t, uint64_t>> fresh;
  for (auto& [net_ns, space] : spaces_) {
    LookAt(net_ns, space, &fresh);
    space.seeded = true;
  }
  if (fresh.empty()) return;
  catch_up_();
  std::unordered_set<uint64_t> inodes;
  std::unordered_set<uint64_t> cgroups;
  for (const auto& [net_ns, cookie] : fresh) {
    const DiagSocket& socket = spaces_[net_ns].sockets[cookie].socket;
    if (socket.inode != 0) inodes.insert(socket.inode);
    cgroups.insert(socket.cgroup);
  }
  const auto owners = FindOwners(tasks_, std::move(inodes), cgroups);
  for (const auto& [net_ns, cookie] : fresh) {
    Space& space = spaces_[net_ns];
    Known& known = space.sockets[cookie];
    const auto owner = owners.find(known.socket.inode);
    Tell(net_ns, space, known, owner == owners.end() ? SocketOwner{} : owner->second, false);
  }
}

// `fresh`: those that have something to tell.
void SocketSource::LookAt(uint32_t net_ns, Space& space,
                          std::vector<std::pair<uint32_t, uint64_t>>* fresh) {
  ++look_;
  bool complete = true;
  std::unordered_set<uint16_t> listening;
  for (const auto& [family, protocol] :
       {std::pair{AF_INET, IPPROTO_TCP}, std::pair{AF_INET6, IPPROTO_TCP},
        std::pair{AF_INET, IPPROTO_UDP}, std::pair{AF_INET6, IPPROTO_UDP}}) {
    complete &= space.diag.Dump(family, protocol, [&](const DiagSocket& socket) {
      if (socket.state == TCP_LISTEN) listening.insert(socket.local_port);
      if (space.sockets.size() >= kMostSockets && !space.sockets.contains(socket.cookie)) {
        return sink_.Lost(WEIR_CLASS_SOCKET, 1);
      }
      Known& known = space.sockets[socket.cookie];
      known.look = look_;
      known.socket = socket;
      const bool arrived = known.in_progress && socket.state != TCP_SYN_SENT;
      if (!known.told || arrived) fresh->emplace_back(net_ns, socket.cookie);
    });
  }
  if (!complete) return;
  space.listening = std::move(listening);
  // Their end is told a little after they vanish; forgotten at once, they would be told of twice.
  std::erase_if(space.sockets, [&](const auto& entry) { return entry.second.look + 256 < look_; });
}

void SocketSource::Ended(uint32_t net_ns, Space& space, const DiagSocket& socket) {
  const auto known = space.sockets.find(socket.cookie);
  if (known == space.sockets.end()) {
    // It began and ended between two looks.
    Known brief;
    brief.socket = socket;
    return Tell(net_ns, space, brief, {}, true);
  }
  const bool answered = socket.answered;
  if (known->second.in_progress) {
    const SocketOwner owner = {known->second.pid, -1};
    Emit(net_ns, known->second.socket, owner, WEIR_CONNECT_RESULT, answered ? 0 : kFailedSomehow,
         true);
  } else if (!known->second.told) {
    known->second.socket.answered = answered;
    Tell(net_ns, space, known->second, {}, true);
  }
  space.sockets.erase(known);
}

// Of a connection that was never looked at while it lived only its numbers tell which end it was.
bool SocketSource::WasAccepted(const Space& space, const DiagSocket& socket, bool ended) const {
  if (space.listening.contains(socket.local_port)) return true;
  if (!ended) return false;
  const auto ephemeral = [this](uint16_t port) {
    return port >= first_ephemeral_ && port <= last_ephemeral_;
  };
  if (ephemeral(socket.local_port) != ephemeral(socket.remote_port)) {
    return ephemeral(socket.remote_port);
  }
  // Both could be either: a refused connect looks like an accepted one that was reset.
  return socket.answered && (socket.beyond_data == 0 || socket.beyond_data == 1);
}

// What has become of a socket since it was told of last. `ended`: this is all there will be.
void SocketSource::Tell(uint32_t net_ns, Space& space, Known& known, const SocketOwner& owner,
                        bool ended) {
  const DiagSocket& socket = known.socket;
  if (known.pid == 0) known.pid = owner.pid;
  const SocketOwner who = {known.pid, owner.fd};
  if (known.in_progress) {
    known.in_progress = false;
    return Emit(net_ns, socket, who, WEIR_CONNECT_RESULT, 0, true);
  }
  if (socket.local_port == 0) return;  // not bound yet
  const bool connected = socket.remote_port != 0;
  if (socket.protocol != IPPROTO_TCP) {
    // A port that a first datagram drew looks like one that was asked for.
    known.told = true;
    return Emit(net_ns, socket, who, connected ? WEIR_CONNECT : WEIR_BIND, 0, false);
  }
  if (socket.state == TCP_LISTEN) {
    known.told = true;
    Emit(net_ns, socket, who, WEIR_BIND, 0, false);
    return Emit(net_ns, socket, who, WEIR_LISTEN, 0, false);
  }
  if (!connected) {
    // Bound, and maybe on its way to listen: told when it has arrived there, or is over.
    if (ended) Emit(net_ns, socket, who, WEIR_BIND, 0, false);
    return;
  }
  if (WasAccepted(space, socket, ended)) {
    // Nobody has called accept yet.
    if (socket.inode == 0 && !ended) return;
    known.told = true;
    return Emit(net_ns, socket, who, WEIR_ACCEPT, 0, false);
  }
  known.told = true;
  if (socket.state == TCP_SYN_SENT && !ended) {
    known.in_progress = true;
    return Emit(net_ns, socket, who, WEIR_CONNECT, -EINPROGRESS, true);
  }
  const bool failed = ended && !socket.answered;
  Emit(net_ns, socket, who, WEIR_CONNECT, failed ? kFailedSomehow : 0, false);
}

void SocketSource::Emit(uint32_t net_ns, const DiagSocket& socket, const SocketOwner& owner,
                        uint16_t type, int32_t result, bool operation) {
  Task task;
  if (owner.pid != 0) task = tasks_.Get(owner.pid);
  if (task.start_time == 0) {
    task.cgroup_id = socket.cgroup;
    task.uid = task.euid = socket.uid;
  }
  if (!scope_.Has(task, WEIR_CLASS_SOCKET)) return;
  auto slot = scope_.Excludes(task, WEIR_CLASS_SOCKET);
  if (!slot) slot = scope_.ExcludesPorts(socket.local_port, socket.remote_port);
  if (!slot) slot = scope_.ExcludesAddress(socket.family, socket.remote);
  if (slot) return sink_.Excluded(WEIR_CLASS_SOCKET, *slot);
  weir_socket_event e = {};
  e.h = HeaderOf(task, type, static_cast<uint64_t>(Nanoseconds(CLOCK_BOOTTIME)));
  if (operation) e.h.op_id = kOperation | socket.cookie;
  e.sock = socket.cookie;
  e.inode = socket.inode;
  memcpy(e.local_address, socket.local, sizeof e.local_address);
  memcpy(e.remote_address, socket.remote, sizeof e.remote_address);
  e.local_port = socket.local_port;
  e.remote_port = socket.remote_port;
  e.family = socket.family;
  e.protocol = socket.protocol;
  e.socket_type = socket.protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
  e.fd = owner.fd;
  e.result = result;
  e.net_ns = net_ns;
  sink_.Emit(Pack(e), WEIR_CLASS_SOCKET, Origin::kNetlink);
}

}  // namespace weir
