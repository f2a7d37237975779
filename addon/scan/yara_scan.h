// Scans of files and processes by libyara.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace weir::scan {

struct YaraMatch {
  std::string rule;
  std::vector<std::string> tags;
  std::vector<std::string> strings;  // identifier:offset in hexadecimal
};

struct YaraResult {
  std::vector<YaraMatch> matches;
  std::string error;  // "" when it worked
};

// Compiled rules. Any thread may scan with them at any time; one scan each.
class YaraRules {
 public:
  // nullptr and `error` with the line, when the source is wrong.
  static std::unique_ptr<YaraRules> Compile(const std::string& source, std::string* error);
  ~YaraRules();
  YaraRules(const YaraRules&) = delete;
  YaraRules& operator=(const YaraRules&) = delete;

  // `seconds`: it gives up after these.
  YaraResult ScanDescriptor(int fd, int seconds) const;
  YaraResult ScanProcess(int pid, int seconds) const;

 private:
  struct Library;
  struct Compiled;
  YaraRules(std::shared_ptr<Library> library, std::unique_ptr<Compiled> compiled);
  const std::shared_ptr<Library> library_;
  const std::unique_ptr<Compiled> compiled_;
};

}  // namespace weir::scan
