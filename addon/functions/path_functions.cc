// parent_directory, and two that look at the host's files: find_file_path_in_cmd and
// is_path_deterministic, for command lines whose program has spaces in its path and no quotes.
#include <sys/stat.h>

#include <optional>
#include <string>

#include "functions/functions.h"
#include "functions/sql_function.h"

namespace weir::functions {

namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool IsFile(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

struct Command {
  std::string text;
  bool quotes = false;  // double ones hold spaces together
  char escape = '\\';
};

struct Programs {
  std::string shortest, longest;  // empty: no file
};

// The shortest and the longest beginning of a command that names a file.
Programs Find(const Command& command) {
  Programs found;
  std::string path;
  bool quoted = false;
  const auto try_path = [&] {
    if (!IsFile(path)) return;
    if (found.shortest.empty()) found.shortest = path;
    found.longest = path;
  };
  size_t at = 0;
  while (at < command.text.size() && IsSpace(command.text[at])) ++at;
  for (; at < command.text.size(); ++at) {
    const char c = command.text[at];
    if (command.quotes && c == '"') {
      quoted = !quoted;
    } else if (c == command.escape) {
      if (++at < command.text.size()) path += command.text[at];
    } else {
      if (!quoted && IsSpace(c)) try_path();
      path += c;
    }
  }
  try_path();
  return found;
}

// (command [, quotes [, escape]])
std::optional<Command> ParseCommand(int count, sqlite3_value** values) {
  if (count < 1 || count > 3) return std::nullopt;
  Command command{std::string(TextOf(values[0]))};
  if (count > 1) command.quotes = sqlite3_value_int(values[1]) != 0;
  if (count > 2) {
    const std::string_view escape = TextOf(values[2]);
    if (escape.size() != 1) return std::nullopt;
    command.escape = escape[0];
  }
  return command;
}

void FindFilePathInCmd(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  const std::optional<Command> command = ParseCommand(count, values);
  if (command) return ResultText(context, Find(*command).shortest);
  ResultError(context,
              "find_file_path_in_cmd takes a command, whether quotes count, and an escape");
}

// Whether a system that tries the beginnings of a command one after the other can start only one
// program.
void IsPathDeterministic(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  const std::optional<Command> command = ParseCommand(count, values);
  if (!command) {
    ResultError(context,
                "is_path_deterministic takes a command, whether quotes count, and an escape");
    return;
  }
  const Programs programs = Find(*command);
  sqlite3_result_int(context, programs.shortest == programs.longest ? 1 : 0);
}

void ParentDirectory(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  const std::string_view path = TextOf(values[0]);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return;
  ResultText(context, slash == 0 ? "/" : path.substr(0, slash));
}

}  // namespace

int RegisterPath(sqlite3* db) {
  int rc =
      Register(db, std::initializer_list<Definition>{{"parent_directory", 1, ParentDirectory}});
  // Neither innocuous nor deterministic: they depend on files.
  const std::initializer_list<Definition> host = {
      {"find_file_path_in_cmd", -1, FindFilePathInCmd},
      {"is_path_deterministic", -1, IsPathDeterministic}};
  for (const Definition& one : host) {
    if (rc != SQLITE_OK) break;
    rc = sqlite3_create_function(db, one.name, one.arguments, SQLITE_UTF8, nullptr, one.function,
                                 nullptr, nullptr);
  }
  return rc;
}

}  // namespace weir::functions
