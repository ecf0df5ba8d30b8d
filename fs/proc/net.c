/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/net/unix: the sockets that there are. The position is the number of one, from 1 on. */
#include <oshit/err.h>
#include <oshit/init.h>
#include <oshit/slab.h>
#include <oshit/socket.h>

#include "internal.h"

#define ACCEPTS	    (1U << 16) /* __SO_ACCEPTCON */

/* States as the file has them: socket_state of <linux/net.h>. */
#define UNCONNECTED 1U
#define CONNECTING  2U /* not accepted yet */
#define CONNECTED   3U

static void *record_at(loff_t pos, struct socket_info *info)
{
	/* The first record is the heading. */
	if (!pos || (pos <= 0x7fffffff && socket_describe((unsigned int)pos - 1, info)))
		return info;
	kfree(info);
	return NULL;
}

static void *sockets_start(struct seq_file *m __maybe_unused, loff_t *pos)
{
	struct socket_info *info = kmalloc(sizeof(*info), GFP_KERNEL);

	if (!info)
		return ERR_PTR(-ENOMEM);
	info->type = 0;
	return record_at(*pos, info);
}

static void *sockets_next(struct seq_file *m __maybe_unused, void *record, loff_t *pos)
{
	return record_at(++*pos, record);
}

static void sockets_stop(struct seq_file *m __maybe_unused, void *record)
{
	if (!IS_ERR(record))
		kfree(record);
}

/* An abstract name begins with '@', and so does each 0 in it look. */
static void show_name(struct seq_file *m, const struct socket_info *info)
{
	bool is_abstract = !info->name[0];
	unsigned int len = info->name_len - !is_abstract;

	seq_putc(m, ' ');
	for (unsigned int i = 0; i < len; i++)
		seq_putc(m, info->name[i] ?: '@');
}

/* The address of the socket is nobody's business. */
static int sockets_show(struct seq_file *m, void *record)
{
	const struct socket_info *info = record;
	unsigned int state = UNCONNECTED;

	if (!info->type) {
		seq_puts(m, "Num       RefCount Protocol Flags    Type St Inode Path\n");
		return 0;
	}
	if (info->is_connected)
		state = info->is_accepted ? CONNECTED : CONNECTING;
	seq_printf(m, "%016x: %08X %08X %08X %04X %02X %5lu", 0, info->refs, 0,
		   info->listens ? ACCEPTS : 0, info->type, state, (unsigned long)info->ino);
	if (info->name_len)
		show_name(m, info);
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations sockets_ops = { sockets_start, sockets_next, sockets_stop,
						   sockets_show };
static const struct kernfs_file sockets_file = { .seq = &sockets_ops };

__init void proc_net_init(void)
{
	kernfs_create("unix", 0444, kernfs_mkdir("net", &proc_root), &sockets_file, NULL);
}
