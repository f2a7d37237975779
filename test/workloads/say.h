// SPDX-License-Identifier: Apache-2.0
// A workload says what it did: one JSON object a line, with columns of the row that it must be.
#pragma once
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

// At once, so that a fork copies no half line.
__attribute__((format(printf, 2, 3))) static void say(const char *table, const char *format, ...) {
  char line[4096];
  int size = snprintf(line, sizeof(line), "{\"table\": \"%s\", ", table);
  va_list arguments;

  va_start(arguments, format);
  size += vsnprintf(line + size, sizeof(line) - size - 2, format, arguments);
  va_end(arguments);
  line[size++] = '}';
  line[size++] = '\n';
  if (write(1, line, size) != size) exit(2);
}

__attribute__((unused)) static void fail(const char *what) {
  perror(what);
  exit(1);
}

// Started with this as its only argument, a workload does nothing: a program that is surely there.
#define NOTHING "nothing"

__attribute__((unused)) static void copy_self(int to, mode_t mode) {
  int from = open("/proc/self/exe", O_RDONLY);
  struct stat status;

  if (from < 0 || to < 0 || fstat(from, &status)) fail("copy");
  for (off_t left = status.st_size; left > 0;) {
    ssize_t size = sendfile(to, from, NULL, left);

    if (size <= 0) fail("copy");
    left -= size;
  }
  if (fchmod(to, mode)) fail("copy");
  close(from);
}
