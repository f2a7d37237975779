// SPDX-License-Identifier: Apache-2.0
// datagram_receiver PATH: binds a Unix datagram socket, prints "ready", then each datagram it gets
// as a line of hexadecimal digits; of a descriptor that was passed, the file's content after an F.
// Ends with its standard input.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void Print(const unsigned char* bytes, size_t size) {
  for (size_t i = 0; i < size; i++) printf("%02x", bytes[i]);
  printf("\n");
  fflush(stdout);
}

static void PrintFile(int fd) {
  struct stat about;
  if (fstat(fd, &about) < 0) exit(1);
  unsigned char* content = malloc(about.st_size);
  if (pread(fd, content, about.st_size, 0) != about.st_size) exit(1);
  printf("F");
  Print(content, about.st_size);
  free(content);
  close(fd);
}

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  unlink(argv[1]);
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr*)&address, sizeof address) < 0) {
    perror(argv[1]);
    return 1;
  }
  printf("ready\n");
  fflush(stdout);
  static unsigned char buffer[1 << 20];
  for (;;) {
    struct pollfd waits[] = {{.fd = fd, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
    if (poll(waits, 2, -1) < 0) return 1;
    if (waits[1].revents != 0) return 0;
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec space = {buffer, sizeof buffer};
    struct msghdr message = {.msg_iov = &space, .msg_iovlen = 1};
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(fd, &message, 0);
    if (size < 0) return 1;
    const struct cmsghdr* passed = CMSG_FIRSTHDR(&message);
    if (passed == NULL) {
      Print(buffer, size);
      continue;
    }
    int file;
    memcpy(&file, CMSG_DATA(passed), sizeof file);
    PrintFile(file);
  }
}
