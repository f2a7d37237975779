// A test case is a function; a failed check ends the program with where and what.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace check {

struct Case {
  const char* name;
  void (*run)();
};

inline std::vector<Case>& Cases() {
  static std::vector<Case> cases;
  return cases;
}

struct Register {
  Register(const char* name, void (*run)()) { Cases().push_back({name, run}); }
};

template <typename A, typename B>
void Equal(const A& actual, const B& expected, const char* what, const char* file, int line) {
  if (actual == expected) return;
  std::ostringstream text;
  text << file << ":" << line << ": " << what << " is [" << actual << "], expected [" << expected
       << "]\n";
  fputs(text.str().c_str(), stderr);
  exit(1);
}

}  // namespace check

#define TEST(id, name)                                  \
  static void id();                                     \
  static const check::Register register_##id(name, id); \
  static void id()
#define EQUAL(actual, expected) check::Equal((actual), (expected), #actual, __FILE__, __LINE__)
#define TRUE(condition) check::Equal(bool(condition), true, #condition, __FILE__, __LINE__)
