/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Floating-point and vector registers in signal frames.
 *
 * What lies on the user's stack is the state as XSAVE writes it, with two additions by which
 * programs know what they see (<asm/sigcontext.h>): in bytes 464 to 511 of FXSAVE's area, which no
 * processor uses, how large it is and which parts it has; and a magic number behind its end, which
 * is lost if somebody copied only FXSAVE's area.
 *
 * Both ways are one copy between the program's memory and the place where the task switch saves and
 * loads the registers.  On the way back only what both additions say is believed, as they were
 * when they were read, and fpu_state_replaced() takes the rest with care.
 */
#include <arch/fpu.h>
#include <arch/thread.h>
#include <asm/sigcontext.h>
#include <linux/errno.h>
#include <oshit/sched.h>
#include <oshit/uaccess.h>

#define FX_SIZE	    512
#define FX_FEATURES 3 /* x87 and SSE: what FXSAVE's area has */

/* Behind the state of registers that XSAVE has written. */
static u32 __user *magic2_of(void __user *frame)
{
	return (u32 __user *)((u8 __user *)frame + fpu_state_size());
}

size_t fpu_frame_size(void)
{
	if (!current->thread.fpu_is_used)
		return 0;
	return fpu_state_size() + (fpu_features() ? FP_XSTATE_MAGIC2_SIZE : 0);
}

int fpu_frame_write(void __user *frame)
{
	u32 size = fpu_state_size(), magic2 = FP_XSTATE_MAGIC2;
	struct _fpx_sw_bytes software = { 0 };
	struct _fpstate __user *state = frame;

	if (copy_to_user(frame, fpu_state_get(), size))
		return -EFAULT;
	if (fpu_features())
		software = (struct _fpx_sw_bytes){
			.magic1 = FP_XSTATE_MAGIC1,
			.extended_size = size + FP_XSTATE_MAGIC2_SIZE,
			.xfeatures = fpu_features(),
			.xstate_size = size,
		};
	if (copy_to_user(&state->sw_reserved, &software, sizeof(software)))
		return -EFAULT;
	return fpu_features() ? put_user(magic2, magic2_of(frame)) : 0;
}

/* Which parts the frame has: all that it says if it is whole, else FXSAVE's. */
static u32 parts_of(const struct _fpx_sw_bytes *software, u32 magic2)
{
	if (software->magic1 != FP_XSTATE_MAGIC1 || software->xstate_size != fpu_state_size() ||
	    magic2 != FP_XSTATE_MAGIC2)
		return 0;
	return (u32)software->xfeatures;
}

static int read_into(struct fpu_state *state, void __user *frame)
{
	u32 known = FX_FEATURES, magic2;

	if (!fpu_features()) {
		if (copy_from_user(state, frame, FX_SIZE))
			return -EFAULT;
	} else {
		if (!copy_from_user(state, frame, fpu_state_size()) &&
		    !get_user(magic2, magic2_of(frame)))
			known = parts_of(&((struct _fpstate *)state)->sw_reserved, magic2);
		else if (copy_from_user(state, frame, FX_SIZE))
			return -EFAULT;
		if (!known || known == FX_FEATURES) {
			/* Only FXSAVE's area counts, and that is all there. */
			known = FX_FEATURES;
			*(u64 *)((u8 *)state + FX_SIZE) = FX_FEATURES;
		}
	}
	return fpu_state_replaced(known);
}

int fpu_frame_read(void __user *frame)
{
	int err;

	if (!frame) {
		fpu_reset();
		return 0;
	}
	err = fpu_use();
	if (err)
		return err;
	err = read_into(fpu_state_replace(), frame);
	if (err)
		fpu_reset();
	return err;
}
