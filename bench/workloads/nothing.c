// SPDX-License-Identifier: Apache-2.0
// The least that a program can do. Built static, so that an exec of it costs the exec itself.
int main(void) { return 0; }
