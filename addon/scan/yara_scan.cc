#include "scan/yara_scan.h"

#include <yara.h>

#include <cstdio>

namespace weir::scan {

namespace {

// A rule that matches everywhere would fill memory with its strings.
constexpr size_t kMaxStrings = 1000;

struct CompileError {
  std::string text;
};

void OnCompileError(int level, const char*, int line, const YR_RULE*, const char* message,
                    void* user) {
  auto* error = static_cast<CompileError*>(user);
  if (level != YARA_ERROR_LEVEL_ERROR || !error->text.empty()) return;
  error->text = "line " + std::to_string(line) + ": " + message;
}

int OnMatch(YR_SCAN_CONTEXT* context, int message, void* data, void* user) {
  if (message != CALLBACK_MSG_RULE_MATCHING) return CALLBACK_CONTINUE;
  auto* result = static_cast<YaraResult*>(user);
  auto* rule = static_cast<YR_RULE*>(data);
  YaraMatch match;
  match.rule = rule->identifier;
  const char* tag;
  yr_rule_tags_foreach(rule, tag) { match.tags.emplace_back(tag); }
  YR_STRING* string;
  yr_rule_strings_foreach(rule, string) {
    YR_MATCH* found;
    yr_string_matches_foreach(context, string, found) {
      if (match.strings.size() >= kMaxStrings) break;
      char at[32];
      std::snprintf(at, sizeof at, ":%llx",
                    static_cast<unsigned long long>(found->base + found->offset));
      match.strings.push_back(std::string(string->identifier) + at);
    }
  }
  result->matches.push_back(std::move(match));
  return CALLBACK_CONTINUE;
}

std::string Explain(int code) {
  switch (code) {
    case ERROR_SUCCESS:
      return "";
    case ERROR_SCAN_TIMEOUT:
      return "the scan took too long";
    case ERROR_COULD_NOT_ATTACH_TO_PROCESS:
      return "its memory may not be read";
    case ERROR_COULD_NOT_OPEN_FILE:
    case ERROR_COULD_NOT_MAP_FILE:
      return "it cannot be read";
    default:
      return "libyara failed with error " + std::to_string(code);
  }
}

}  // namespace

// libyara counts who uses it; its calls may come from any thread.
struct YaraRules::Library {
  Library() : ready(yr_initialize() == ERROR_SUCCESS) {}
  ~Library() {
    if (ready) yr_finalize();
  }
  const bool ready;
};

struct YaraRules::Compiled {
  ~Compiled() {
    if (rules) yr_rules_destroy(rules);
  }
  YR_RULES* rules = nullptr;
};

YaraRules::YaraRules(std::shared_ptr<Library> library, std::unique_ptr<Compiled> compiled)
    : library_(std::move(library)), compiled_(std::move(compiled)) {}
YaraRules::~YaraRules() = default;

std::unique_ptr<YaraRules> YaraRules::Compile(const std::string& source, std::string* error) {
  auto library = std::make_shared<Library>();
  YR_COMPILER* compiler = nullptr;
  if (!library->ready || yr_compiler_create(&compiler) != ERROR_SUCCESS) {
    *error = "libyara cannot be used";
    return nullptr;
  }
  CompileError wrong;
  yr_compiler_set_callback(compiler, OnCompileError, &wrong);
  // A rule's text may come with a query: it may not make weir read other files.
  yr_compiler_set_include_callback(compiler, nullptr, nullptr, nullptr);
  auto compiled = std::make_unique<Compiled>();
  const bool right = yr_compiler_add_string(compiler, source.c_str(), nullptr) == 0 &&
                     yr_compiler_get_rules(compiler, &compiled->rules) == ERROR_SUCCESS;
  yr_compiler_destroy(compiler);
  if (!right) {
    *error = wrong.text.empty() ? "the rules cannot be compiled" : wrong.text;
    return nullptr;
  }
  return std::unique_ptr<YaraRules>(new YaraRules(std::move(library), std::move(compiled)));
}

YaraResult YaraRules::ScanDescriptor(int fd, int seconds) const {
  YaraResult result;
  result.error = Explain(
      yr_rules_scan_fd(compiled_->rules, fd, SCAN_FLAGS_FAST_MODE, OnMatch, &result, seconds));
  return result;
}

YaraResult YaraRules::ScanProcess(int pid, int seconds) const {
  YaraResult result;
  result.error = Explain(
      yr_rules_scan_proc(compiled_->rules, pid, SCAN_FLAGS_FAST_MODE, OnMatch, &result, seconds));
  return result;
}

}  // namespace weir::scan
