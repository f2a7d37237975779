// What was done to files.
#include <sys/sysmacros.h>

#include <string_view>

#include "sensor/decoder.h"

namespace weir {

namespace {

namespace column = schema::file_column;

std::string_view Action(unsigned type) {
  switch (type) {
    case WEIR_CREATE:
      return "create";
    case WEIR_OPEN_WRITE:
      return "open_write";
    case WEIR_OPEN_READ:
      return "open_read";
    case WEIR_CLOSE_WRITE:
      return "close_write";
    case WEIR_RENAME:
      return "rename";
    case WEIR_UNLINK:
      return "unlink";
    case WEIR_LINK:
      return "link";
    case WEIR_SYMLINK:
      return "symlink";
    case WEIR_MKDIR:
      return "mkdir";
    case WEIR_RMDIR:
      return "rmdir";
    case WEIR_CHMOD:
      return "chmod";
    case WEIR_CHOWN:
      return "chown";
    case WEIR_TRUNCATE:
      return "truncate";
    case WEIR_ATTRIBUTES:
      return "attributes";
    case WEIR_MMAP_WRITE:
      return "mmap_write";
    default:
      return "mknod";
  }
}

int64_t FileIdentity(const Record& record, int64_t process_id) {
  const std::string_view path = record.strings[0];
  const std::string_view dest = record.strings[1];
  uint64_t hash = KeyedHash(&process_id, sizeof process_id, record.h.type);
  hash = KeyedHash(path.data(), path.size(), hash);
  if (!dest.empty()) hash = KeyedHash(dest.data(), dest.size(), hash);
  return hash == 0 ? 1 : static_cast<int64_t>(hash);
}

}  // namespace

void Decoder::File(const Record& record) {
  const weir_file_event& e = record.file;
  const Actor actor = Who(record);
  if (actor.first_met) Seen(record, actor, "event");
  BatchBuilder& row = Begin(WEIR_CLASS_FILE);
  Common(row, record, actor, record.FromUser(0) || record.FromUser(1));
  Truncated(row, record, *actor.image, {"target_path", "dest_path"}, false);
  row.SetText(column::kAction, Action(record.h.type));
  const auto path = [&](int string, int to) {
    if (record.strings[string].empty()) return;
    // What a symbolic link points to is text of the caller's, not a path yet, and an attribute has
    // a name that is none.
    const bool is_text = record.h.type == WEIR_SYMLINK || record.h.type == WEIR_ATTRIBUTES;
    const bool resolve = record.FromUser(string) &&
                         (record.h.flags & WEIR_F_TRUNCATED(string)) == 0 &&
                         !(is_text && string == 1);
    row.SetText(to, resolve ? caller_path_.Resolve(record.strings[string], record.h.pid,
                                                   record.h.mnt_ns, record.h.time)
                            : record.strings[string]);
  };
  path(0, column::kTargetPath);
  path(1, column::kDestPath);
  if (!actor.image->cwd.empty()) row.SetText(column::kCwd, actor.image->cwd);
  if (e.fd >= 0) row.SetI64(column::kFd, e.fd);
  // Where only the caller's string was at hand there is no inode to tell of: NULL, not 0.
  if (e.ino != 0) {
    // The kernel packs a device number otherwise than stat(2) shows it.
    row.SetI64(column::kDev,
               static_cast<int64_t>(makedev(static_cast<unsigned>(e.dev >> 20),
                                            static_cast<unsigned>(e.dev & ((1u << 20) - 1)))));
    row.SetI64(column::kInode, static_cast<int64_t>(e.ino));
    row.SetI64(column::kSize, static_cast<int64_t>(e.size));
    row.SetI64(column::kAtime, e.atime);
    row.SetI64(column::kMtime, e.mtime);
    row.SetI64(column::kCtime, e.ctime);
  }
  row.SetU32(column::kMode, e.mode);
  row.SetU32(column::kOwnerUid, e.owner_uid);
  row.SetU32(column::kOwnerGid, e.owner_gid);
  row.SetU32(column::kNlink, e.nlink);
  row.SetU32(column::kOpenFlags, e.open_flags);
  row.SetU32(column::kRequested, e.requested);
  if (actor.process != &nobody_) {
    row.SetI64(column::kIdentity, FileIdentity(record, actor.process->id));
  }
}

}  // namespace weir
