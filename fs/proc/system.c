/* SPDX-License-Identifier: GPL-2.0-only */
/* What there is to know of the machine as a whole, in files of a line or a few. */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/major.h>
#include <oshit/banner.h>
#include <oshit/boot_info.h>
#include <oshit/chrdev.h>
#include <oshit/clock.h>
#include <oshit/console.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/file_lock.h>
#include <oshit/init.h>
#include <oshit/kallsyms.h>
#include <oshit/kstrtox.h>
#include <oshit/loadavg.h>
#include <oshit/slab.h>
#include <oshit/smp.h>
#include <oshit/string.h>
#include <oshit/utsname.h>

#include "internal.h"

#define CENTISECOND_NS (NSEC_PER_SEC / 100)

static int version_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct new_utsname names;

	utsname_get(&names);
	seq_printf(m, "%s version %s (%s) %s\n", names.sysname, names.release, kernel_compiler,
		   names.version);
	return 0;
}

static const struct kernfs_file version_file = { .show = version_show };

static int cmdline_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_puts(m, boot_info.cmdline);
	seq_putc(m, '\n');
	return 0;
}

static const struct kernfs_file cmdline_file = { .show = cmdline_show };

static void show_centiseconds(struct seq_file *m, u64 ns)
{
	seq_printf(m, "%lu.%02lu", (unsigned long)(ns / NSEC_PER_SEC),
		   (unsigned long)(ns % NSEC_PER_SEC / CENTISECOND_NS));
}

/* Time since the boot, and what all CPUs together have been idle of it. */
static int uptime_show(struct seq_file *m, void *unused __maybe_unused)
{
	unsigned int cpu;
	u64 idle_ns = 0;

	sched_charge_all();
	for_each_possible_cpu(cpu)
		idle_ns += cpu_time_ns(cpu, CPU_TIME_IDLE);
	show_centiseconds(m, clock_ns());
	seq_putc(m, ' ');
	show_centiseconds(m, idle_ns);
	seq_putc(m, '\n');
	return 0;
}

static const struct kernfs_file uptime_file = { .show = uptime_show };

static int loadavg_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct task_counts counts;
	unsigned long loads[3];

	loadavg_get(loads);
	task_counts_get(&counts);
	for (int i = 0; i < 3; i++) {
		/* Rounded to hundredths. */
		unsigned long load = loads[i] + (1UL << LOAD_SHIFT) / 200;
		unsigned long part = load & ((1UL << LOAD_SHIFT) - 1);

		seq_printf(m, "%lu.%02lu ", load >> LOAD_SHIFT, part * 100 >> LOAD_SHIFT);
	}
	seq_printf(m, "%u/%u %d\n", counts.nr_running, counts.nr_tasks, last_pid());
	return 0;
}

static const struct kernfs_file loadavg_file = { .show = loadavg_show };

static int filesystems_show(struct seq_file *m, void *unused __maybe_unused)
{
	const struct file_system_type *type;

	for (unsigned int i = 0; (type = filesystem_nth(i)); i++)
		seq_printf(m, "%s\t%s\n", type->flags & FS_REQUIRES_DEV ? "" : "nodev", type->name);
	return 0;
}

static const struct kernfs_file filesystems_file = { .show = filesystems_show };

/* A major number is shown once for each name that has a part of it. */
static int devices_show(struct seq_file *m, void *unused __maybe_unused)
{
	const struct chrdev *chrdev;
	u32 from = 0, shown = (u32)-1;

	seq_puts(m, "Character devices:\n");
	while ((chrdev = chrdev_next(from))) {
		if (MAJOR(chrdev->first) != shown)
			seq_printf(m, "%3u %s\n", MAJOR(chrdev->first), chrdev->name);
		shown = MAJOR(chrdev->first);
		from = chrdev->first + 1;
	}
	seq_puts(m, "\nBlock devices:\n");
	proc_show_block_majors(m);
	return 0;
}

static const struct kernfs_file devices_file = { .show = devices_show };

/* --- kallsyms: the position is the number of a symbol --- */

static void *kallsyms_start(struct seq_file *m __maybe_unused, loff_t *pos)
{
	struct kallsym *sym = kmalloc(sizeof(*sym), GFP_KERNEL);

	if (!sym)
		return ERR_PTR(-ENOMEM);
	if (*pos < 0x7fffffff && kallsyms_get((unsigned int)*pos, sym))
		return sym;
	kfree(sym);
	return NULL;
}

static void *kallsyms_next(struct seq_file *m __maybe_unused, void *record, loff_t *pos)
{
	if (kallsyms_get((unsigned int)++*pos, record))
		return record;
	kfree(record);
	return NULL;
}

static void kallsyms_stop(struct seq_file *m __maybe_unused, void *record)
{
	if (!IS_ERR(record))
		kfree(record);
}

/* Addresses are a secret: they tell where the kernel was moved to. */
static bool may_see_addresses(void)
{
	return capable(CAP_SYSLOG);
}

static int kallsyms_show(struct seq_file *m, void *record)
{
	const struct kallsym *sym = record;

	seq_printf(m, "%016lx %c %s\n", kernfs_may_see(m) ? sym->start : 0, sym->type, sym->name);
	return 0;
}

static const struct seq_operations kallsyms_ops = { kallsyms_start, kallsyms_next, kallsyms_stop,
						    kallsyms_show };
static const struct kernfs_file kallsyms_file = {
	.seq = &kallsyms_ops,
	.may_see = may_see_addresses,
};

/* --- locks --- */

static void show_lock(void *arg, const struct lock_info *lock)
{
	const char *kind = lock->is_ofd ? "OFDLCK" : "POSIX ";
	struct seq_file *m = arg;

	seq_printf(m, "%u: %s%s ADVISORY  %s %d %02x:%02x:%lu %ld ", lock->nr,
		   lock->waits ? "-> " : "", lock->is_flock ? "FLOCK " : kind,
		   lock->is_write ? "WRITE" : "READ", lock->pid, MAJOR(lock->dev), MINOR(lock->dev),
		   (unsigned long)lock->ino, lock->start);
	if (lock->end == MAX_FILESIZE)
		seq_puts(m, "EOF\n");
	else
		seq_printf(m, "%ld\n", lock->end);
}

static int locks_show(struct seq_file *m, void *unused __maybe_unused)
{
	locks_for_each(show_lock, m);
	return 0;
}

static const struct kernfs_file locks_file = { .show = locks_show };

/* --- terminals and consoles --- */

struct tty_driver_row {
	const char *name, *node, *minors, *type;
	unsigned int major;
};

/* What programs find a terminal's name by, from its number. */
static const struct tty_driver_row tty_drivers[] = {
	{ "/dev/tty", "/dev/tty", "      0", "system:/dev/tty", TTYAUX_MAJOR },
	{ "/dev/console", "/dev/console", "      1", "system:console", TTYAUX_MAJOR },
#ifdef CONFIG_UNIX98_PTYS
	{ "/dev/ptmx", "/dev/ptmx", "      2", "system", TTYAUX_MAJOR },
#endif
#ifdef CONFIG_VGA_CONSOLE
	{ "/dev/vc/0", "/dev/vc/0", "      0", "system:vtmaster", TTY_MAJOR },
#endif
#ifdef CONFIG_SERIAL_8250
	{ "serial", "/dev/ttyS", "64-95", "serial", TTY_MAJOR },
#endif
#ifdef CONFIG_UNIX98_PTYS
	{ "pty_slave", "/dev/pts", "0-1048575", "pty:slave", UNIX98_PTY_SLAVE_MAJOR },
	{ "pty_master", "/dev/ptm", "0-1048575", "pty:master", UNIX98_PTY_MASTER_MAJOR },
#endif
#ifdef CONFIG_VGA_CONSOLE
	{ "unknown", "/dev/tty", "1-63", "console", TTY_MAJOR },
#endif
};

static int tty_drivers_show(struct seq_file *m, void *unused __maybe_unused)
{
	for (size_t i = 0; i < ARRAY_SIZE(tty_drivers); i++) {
		const struct tty_driver_row *row = &tty_drivers[i];

		seq_printf(m, "%-20s %-13s %3u %s %s\n", row->name, row->node, row->major,
			   row->minors, row->type);
	}
	return 0;
}

static const struct kernfs_file tty_drivers_file = { .show = tty_drivers_show };

/* The number of the terminal on the same device; 0: there is none. */
static u32 console_dev(const struct console *con)
{
	const char *digits = con->name + strcspn(con->name, "0123456789");
	unsigned long nr;

	if (!IS_ENABLED(CONFIG_TTY) || kstrtoul(digits, 10, &nr))
		return 0;
	if (strstarts(con->name, "ttyS"))
		return MKDEV(TTY_MAJOR, 64 + nr);
	return strstarts(con->name, "tty") ? MKDEV(TTY_MAJOR, nr ?: 1) : 0;
}

/* E: shows the log   C: the one of programs   p: has shown what the log held before it came
 * a: works at any time. The kernel reads from none. */
static int consoles_show(struct seq_file *m, void *unused __maybe_unused)
{
	const struct console *con;

	for_each_console(con) {
		u32 dev = console_dev(con);

		if (!con->enabled)
			continue;
		seq_printf(m, "%-20s -W- (E%c p a)", con->name,
			   con == console_preferred() ? 'C' : ' ');
		if (dev)
			seq_printf(m, " %4u:%u", MAJOR(dev), MINOR(dev));
		seq_putc(m, '\n');
	}
	return 0;
}

static const struct kernfs_file consoles_file = { .show = consoles_show };

__init void proc_system_init(void)
{
	if (IS_ENABLED(CONFIG_KALLSYMS))
		kernfs_create("kallsyms", 0444, &proc_root, &kallsyms_file, NULL);
	kernfs_create("version", 0444, &proc_root, &version_file, NULL);
	kernfs_create("cmdline", 0444, &proc_root, &cmdline_file, NULL);
	kernfs_create("uptime", 0444, &proc_root, &uptime_file, NULL);
	kernfs_create("loadavg", 0444, &proc_root, &loadavg_file, NULL);
	kernfs_create("filesystems", 0444, &proc_root, &filesystems_file, NULL);
	kernfs_create("devices", 0444, &proc_root, &devices_file, NULL);
	if (IS_ENABLED(CONFIG_FILE_LOCKING))
		kernfs_create("locks", 0444, &proc_root, &locks_file, NULL);
	kernfs_create("consoles", 0444, &proc_root, &consoles_file, NULL);
	if (IS_ENABLED(CONFIG_TTY))
		kernfs_create("drivers", 0444, kernfs_mkdir("tty", &proc_root), &tty_drivers_file,
			      NULL);
}
