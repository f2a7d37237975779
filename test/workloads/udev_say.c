// Says what udevd says to all who listen, with its header of 40 bytes.
//   udev_say NAME=VALUE...
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct header {
  char prefix[8];
  uint32_t magic, header_size, properties_off, properties_len;
  uint32_t subsystem_hash, devtype_hash, tag_bloom_hi, tag_bloom_lo;
};

int main(int argc, char **argv) {
  char message[8192];
  struct header head = {.prefix = "libudev", .magic = htonl(0xfeedcafe)};
  size_t size = sizeof head;
  for (int i = 1; i < argc; i++) {
    const size_t length = strlen(argv[i]) + 1;
    if (size + length > sizeof message) return 64;
    memcpy(message + size, argv[i], length);
    size += length;
  }
  head.header_size = head.properties_off = sizeof head;
  head.properties_len = size - sizeof head;
  memcpy(message, &head, sizeof head);
  const int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);
  const struct sockaddr_nl all = {.nl_family = AF_NETLINK, .nl_groups = 2};
  if (fd < 0 || sendto(fd, message, size, 0, (const void *)&all, sizeof all) < 0) {
    perror("udev_say");
    return 1;
  }
  return 0;
}
