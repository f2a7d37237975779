// sensor_test [NAME]: without a name lists the cases, one a line.
#include <cstring>

#include "check.h"

int main(int argc, char** argv) {
  for (const check::Case& test : check::Cases()) {
    if (argc == 1) {
      puts(test.name);
    } else if (strcmp(test.name, argv[1]) == 0) {
      test.run();
      return 0;
    }
  }
  return argc == 1 ? 0 : 2;
}
