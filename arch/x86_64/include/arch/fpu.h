/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Floating-point and vector registers.  A task has them from its first use on; the kernel itself is
 * compiled without, and uses them only between kernel_fpu_begin() and kernel_fpu_end(), or in a
 * kernel thread that has called fpu_use().
 */
#ifndef ARCH_FPU_H
#define ARCH_FPU_H

#include <oshit/types.h>

struct task_struct;
struct fpu_state;

/* Gives the calling task registers of its own, if it has none yet, in their initial state.
 * Context: task, may sleep. Return: 0 or -ENOMEM. */
int fpu_use(void);

/* The child of the caller gets the same contents. Context: task, may sleep. 0 or -ENOMEM. */
int fpu_copy(struct task_struct *child);
/* The caller's registers are as if it had never used them: execve(). Context: task. */
void fpu_reset(void);
/* The same, but what they held may stay in memory, for the same program: at a signal handler. */
void fpu_reset_for_handler(void);

/*
 * In between the registers are the kernel's, and hold anything at first.  Context: task or timer,
 * not inside another such section; preemption is off meanwhile.
 */
void kernel_fpu_begin(void);
void kernel_fpu_end(void);

/* Whether tasks have 256-bit registers. */
bool fpu_has_avx(void);

/* --- for the port itself --- */

/* The boot CPU's, before all others. */
void fpu_init(void);

/* Saves and loads, as far as necessary. The switch of tasks, interrupts off. */
void fpu_switch(struct task_struct *prev, struct task_struct *next);

/* The task has used a register that is not loaded. Interrupts off. True: it may try again. */
bool fpu_trap(void);

/* Bytes of a state, aligned to FPU_STATE_ALIGN, and its initial contents. */
#define FPU_STATE_ALIGN 64
unsigned int fpu_state_size(void);
void fpu_state_init(struct fpu_state *state);
/* What the registers of the caller, who has some, hold; nothing else is written there until it
 * returns to user mode. */
const struct fpu_state *fpu_state_get(void);
/* Where the caller, who has registers, may write what they are to hold: any bytes, in the form that
 * fpu_state_get() gives.  Until fpu_state_replaced() it has none in use; if that fails or is not
 * called, fpu_reset() must be. */
struct fpu_state *fpu_state_replace(void);
/* Of @known, a mask of XCR0, there is something; the rest is initial. 0; -EINVAL: MXCSR has bits
 * that do not exist. */
int fpu_state_replaced(u32 known);
/* Exceptions that the caller's registers tell of and that it has not masked: six bits. */
unsigned int fpu_raised_x87(void);
unsigned int fpu_raised_simd(void);
/* The parts of a state, as in XCR0; 0: it is FXSAVE's alone. */
u32 fpu_features(void);

/* --- signal frames: fpu_frame.c. For the calling task. --- */

/* Bytes that its registers take on the user's stack, aligned to FPU_STATE_ALIGN; 0: has none. */
size_t fpu_frame_size(void);
/* 0 or -EFAULT. */
int fpu_frame_write(void __user *frame);
/* NULL: initial registers. 0; -EFAULT, -ENOMEM, -EINVAL. */
int fpu_frame_read(void __user *frame);

#endif
