/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Arguments and result of a function of the kernel, from the registers that a kprobe is given. */
#ifndef WEIR_REGISTERS_H
#define WEIR_REGISTERS_H

#if defined(__TARGET_ARCH_x86)
#define REGISTER0(ctx) ((ctx)->di)
#define REGISTER1(ctx) ((ctx)->si)
#define REGISTER2(ctx) ((ctx)->dx)
#define REGISTER3(ctx) ((ctx)->cx)
#define REGISTER4(ctx) ((ctx)->r8)
#define REGISTER_RESULT(ctx) ((ctx)->ax)
/* The return address is on top at the entry, and taken at the return. */
#define FRAME_AT_RETURN(ctx) ((ctx)->sp - 8)
#elif defined(__TARGET_ARCH_arm64)
#define REGISTER0(ctx) ((ctx)->regs[0])
#define REGISTER1(ctx) ((ctx)->regs[1])
#define REGISTER2(ctx) ((ctx)->regs[2])
#define REGISTER3(ctx) ((ctx)->regs[3])
#define REGISTER4(ctx) ((ctx)->regs[4])
#define REGISTER_RESULT(ctx) ((ctx)->regs[0])
#define FRAME_AT_RETURN(ctx) ((ctx)->sp)
#endif
#define FRAME_AT_ENTRY(ctx) ((ctx)->sp)

#endif
