#include "functions/pattern.h"

#include "functions/utf8.h"

namespace weir {

namespace {

// Of a compiled pattern and the states that it is in while it matches.
constexpr int64_t kMaxMemory = 4 << 20;
constexpr size_t kMaxQuoted = 60;

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

std::unique_ptr<re2::RE2> Make(std::string_view pattern, re2::RE2::Options::Encoding encoding) {
  re2::RE2::Options options;
  options.set_encoding(encoding);
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  return std::make_unique<re2::RE2>(Piece(pattern), options);
}

std::string Why(std::string_view pattern, const re2::RE2& bad) {
  std::string why = "bad regular expression '";
  why.append(pattern.substr(0, kMaxQuoted)).append(pattern.size() > kMaxQuoted ? "...': " : "': ");
  why += bad.error().substr(0, 2 * kMaxQuoted);
  const std::string& part = bad.error_arg();
  if (bad.error_code() == re2::RE2::ErrorRepeatArgument || part.starts_with("(?")) {
    if (part.starts_with("(?=") || part.starts_with("(?!") || part.starts_with("(?<")) {
      why += "; look-around is not supported";
    }
  } else if (bad.error_code() == re2::RE2::ErrorBadEscape && part.size() == 2 && part[1] >= '1' &&
             part[1] <= '9') {
    why += "; back-references are not supported";
  }
  for (char& c : why) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return why;
}

}  // namespace

Pattern::Pattern(std::string_view pattern)
    : pattern_(pattern),
      characters_(Make(pattern, IsUtf8(pattern) ? re2::RE2::Options::EncodingUTF8
                                                : re2::RE2::Options::EncodingLatin1)) {}

std::shared_ptr<const Pattern> Pattern::Compile(std::string_view pattern, std::string* error) {
  std::shared_ptr<const Pattern> made(new Pattern(pattern));
  if (made->characters_->ok()) return made;
  *error = Why(pattern, *made->characters_);
  return nullptr;
}

const re2::RE2* Pattern::For(std::string_view text) const {
  if (IsUtf8(text)) return characters_.get();
  std::call_once(bytes_once_,
                 [this] { bytes_ = Make(pattern_, re2::RE2::Options::EncodingLatin1); });
  // What only makes sense for characters (\x{1f600}) is in no bytes.
  return bytes_->ok() ? bytes_.get() : nullptr;
}

bool Pattern::Matches(std::string_view text) const {
  const re2::RE2* re = For(text);
  return re && re->Match(Piece(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Pattern::Find(std::string_view text, size_t from,
                   std::vector<std::string_view>* groups) const {
  const re2::RE2* re = For(text);
  if (!re) return false;
  std::vector<re2::StringPiece> found(1 + re->NumberOfCapturingGroups());
  if (!re->Match(Piece(text), from, text.size(), re2::RE2::UNANCHORED, found.data(),
                 static_cast<int>(found.size()))) {
    return false;
  }
  groups->clear();
  for (const re2::StringPiece& part : found) groups->emplace_back(part.data(), part.size());
  return true;
}

size_t Pattern::Step(std::string_view text, size_t from) {
  size_t next = from + 1;
  while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0) == 0x80) ++next;
  return next;
}

}  // namespace weir
