/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Floating-point and vector registers in signal frames.
 *
 * What lies on the user's stack is the state as XSAVE writes it, with two additions by which
 * programs know what they see (<asm/sigcontext.h>): in bytes 464 to 511 of FXSAVE's area, which no
 * processor uses, how large it is and which parts it has; and a magic number behind its end, which
 * is lost if somebody copied only FXSAVE's area.
 *
 * On the way back only what both say is believed, and fpu_state_set() takes it with care.
 */
#include <arch/fpu.h>
#include <arch/thread.h>
#include <asm/sigcontext.h>
#include <linux/errno.h>
#include <oshit/sched.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uaccess.h>

#define FX_SIZE	    512
#define FX_FEATURES 3 /* x87 and SSE: what FXSAVE's area has */

static struct _fpx_sw_bytes *software_bytes(void *state)
{
	return &((struct _fpstate *)state)->sw_reserved;
}

size_t fpu_frame_size(void)
{
	if (!current->thread.fpu_is_used)
		return 0;
	return fpu_state_size() + (fpu_features() ? FP_XSTATE_MAGIC2_SIZE : 0);
}

/* Of a buffer for a frame, all 0. */
static void *new_buffer(void)
{
	return kzalloc(fpu_state_size() + FP_XSTATE_MAGIC2_SIZE, GFP_KERNEL);
}

int fpu_frame_write(void __user *frame)
{
	u32 size = fpu_state_size(), magic2 = FP_XSTATE_MAGIC2;
	void *buffer = new_buffer();
	int err;

	if (!buffer)
		return -ENOMEM;
	fpu_state_copy(buffer);
	*software_bytes(buffer) = (struct _fpx_sw_bytes){ 0 };
	if (fpu_features()) {
		*software_bytes(buffer) = (struct _fpx_sw_bytes){
			.magic1 = FP_XSTATE_MAGIC1,
			.extended_size = size + FP_XSTATE_MAGIC2_SIZE,
			.xfeatures = fpu_features(),
			.xstate_size = size,
		};
		memcpy((u8 *)buffer + size, &magic2, sizeof(magic2));
	}
	err = copy_to_user(frame, buffer, fpu_frame_size()) ? -EFAULT : 0;
	kfree(buffer);
	return err;
}

/* Which parts the frame has: all that it says if it is whole, else FXSAVE's. */
static u32 parts_of(void *buffer)
{
	const struct _fpx_sw_bytes *software = software_bytes(buffer);
	u32 magic2;

	memcpy(&magic2, (u8 *)buffer + fpu_state_size(), sizeof(magic2));
	if (software->magic1 != FP_XSTATE_MAGIC1 || software->xstate_size != fpu_state_size() ||
	    magic2 != FP_XSTATE_MAGIC2)
		return 0;
	return (u32)software->xfeatures;
}

static int read_into(void *buffer, const void __user *frame)
{
	size_t size = fpu_state_size() + FP_XSTATE_MAGIC2_SIZE;
	u32 known = FX_FEATURES;

	if (!fpu_features()) {
		if (copy_from_user(buffer, frame, FX_SIZE))
			return -EFAULT;
	} else {
		if (!copy_from_user(buffer, frame, size))
			known = parts_of(buffer);
		else if (copy_from_user(buffer, frame, FX_SIZE))
			return -EFAULT;
		if (!known || known == FX_FEATURES) {
			/* Only FXSAVE's area counts, and that is all there. */
			known = FX_FEATURES;
			*(u64 *)((u8 *)buffer + FX_SIZE) = FX_FEATURES;
		}
	}
	return fpu_state_set(buffer, known);
}

int fpu_frame_read(const void __user *frame)
{
	void *buffer;
	int err;

	if (!frame) {
		fpu_reset();
		return 0;
	}
	err = fpu_use();
	if (err)
		return err;
	buffer = new_buffer();
	if (!buffer)
		return -ENOMEM;
	err = read_into(buffer, frame);
	kfree(buffer);
	return err;
}
