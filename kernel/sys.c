/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small system calls about the machine and the calling task: names, memory, random numbers, the
 * end of the machine.
 *
 * Locks: uts_lock for the names of the host and its domain; nothing else here is shared.
 */
#include <linux/errno.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/sysinfo.h>
#include <oshit/banner.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/fork.h>
#include <oshit/loadavg.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/monitor.h>
#include <oshit/mutex.h>
#include <oshit/random.h>
#include <oshit/reboot.h>
#include <oshit/smp.h>
#include <oshit/string.h>
#include <oshit/swap.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>
#include <oshit/utsname.h>
#include <oshit/vmstat.h>

/* --- names --- */

static DEFINE_MUTEX(uts_lock);

static struct new_utsname uts = {
	/* uts_lock; release is filled in by the call */
	.sysname = "OShit",  .nodename = "(none)",   .version = "#1 SMP",
	.machine = "x86_64", .domainname = "(none)",
};

void utsname_get(struct new_utsname *names)
{
	mutex_lock(&uts_lock);
	*names = uts;
	mutex_unlock(&uts_lock);
	strscpy(names->release, kernel_release, sizeof(names->release));
}

int utsname_set(enum uts_name which, const char *name, size_t len)
{
	char *to = which == UTS_HOSTNAME ? uts.nodename : uts.domainname;

	if (len > __NEW_UTS_LEN)
		return -EINVAL;
	mutex_lock(&uts_lock);
	memset(to, 0, __NEW_UTS_LEN + 1);
	memcpy(to, name, len);
	mutex_unlock(&uts_lock);
	return 0;
}

long sys_uname(struct new_utsname __user *to)
{
	struct new_utsname copy;

	utsname_get(&copy);
	return copy_to_user(to, &copy, sizeof(copy)) ? -EFAULT : 0;
}

static long set_name(enum uts_name which, const char __user *from, int len)
{
	char copy[__NEW_UTS_LEN];

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len > __NEW_UTS_LEN)
		return -EINVAL;
	if (copy_from_user(copy, from, (size_t)len))
		return -EFAULT;
	return utsname_set(which, copy, (size_t)len);
}

long sys_sethostname(const char __user *name, int len)
{
	return set_name(UTS_HOSTNAME, name, len);
}

long sys_setdomainname(const char __user *name, int len)
{
	return set_name(UTS_DOMAINNAME, name, len);
}

/* --- what there is --- */

/* Threads that live, or that nobody has waited for. */
static u16 nr_threads(void)
{
	unsigned int nr_released = (unsigned int)atomic_read(&nr_released_tasks);

	return (u16)(nr_tasks() - nr_released);
}

long sys_sysinfo(struct sysinfo __user *to)
{
	struct page_counts counts;
	struct sysinfo info = {
		.uptime = clock_ns() / NSEC_PER_SEC,
		.procs = nr_threads(),
		.mem_unit = 1,
	};

	loadavg_get(info.loads);
	for (int i = 0; i < 3; i++)
		info.loads[i] <<= SI_LOAD_SHIFT - LOAD_SHIFT;
	page_counts_get(&counts);
	info.totalram = counts.nr_managed * PAGE_SIZE;
	info.freeram = counts.nr_free * PAGE_SIZE;
	info.sharedram = vm_stat_read(NR_SHMEM) * PAGE_SIZE;
	info.totalswap = nr_swap_slots() * PAGE_SIZE;
	info.freeswap = nr_free_swap_slots() * PAGE_SIZE;
	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : 0;
}

long sys_getcpu(unsigned int __user *cpu, unsigned int __user *node,
		void __user *unused __maybe_unused)
{
	if (cpu && put_user(READ_ONCE(current->cpu), cpu))
		return -EFAULT;
	if (node && put_user(0U, node))
		return -EFAULT;
	return 0;
}

/* --- random numbers --- */

#define RANDOM_MAX   (0x7fffffffUL & PAGE_MASK) /* as any read */
#define RANDOM_CHUNK 256 /* bytes on the stack; a signal is looked for after each page of them */

/* There is no waiting for entropy: the pool is seeded before the first program runs. */
long sys_getrandom(void __user *to, size_t len, unsigned int flags)
{
	u8 chunk[RANDOM_CHUNK];
	size_t done = 0;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	len = min(len, RANDOM_MAX);
	if (!access_ok(to, len))
		return -EFAULT;
	while (done < len) {
		size_t part = min(len - done, sizeof(chunk)), nr_left;

		random_bytes(chunk, part);
		nr_left = copy_to_user((u8 __user *)to + done, chunk, part);
		done += part - nr_left;
		if (nr_left)
			return done ? (long)done : -EFAULT;
		if (done % PAGE_SIZE == 0 && done < len && signal_pending(current))
			break;
		cond_resched();
	}
	memset(chunk, 0, sizeof(chunk));
	return (long)done;
}

/* --- this task --- */

long sys_personality(unsigned int persona)
{
	unsigned int old = current->user->personality;

	if (persona != 0xffffffff)
		current->user->personality = persona;
	return old;
}

/* --- the monitor --- */

void (*monitor_call_hook)(void);

/* A call of this kernel's own. Whoever sits at the console has the machine then. */
long sys_enter_monitor(void)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!monitor_call_hook)
		return -ENOSYS;
	monitor_call_hook();
	return 0;
}

/* --- the end --- */

static bool is_reboot_magic(int magic1, int magic2)
{
	return magic1 == (int)LINUX_REBOOT_MAGIC1 &&
	       (magic2 == LINUX_REBOOT_MAGIC2 || magic2 == LINUX_REBOOT_MAGIC2A ||
		magic2 == LINUX_REBOOT_MAGIC2B || magic2 == LINUX_REBOOT_MAGIC2C);
}

/* Ctrl-Alt-Del is not the kernel's here: both settings of it are accepted. */
long sys_reboot(int magic1, int magic2, unsigned int cmd, void __user *arg __maybe_unused)
{
	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if (!is_reboot_magic(magic1, magic2))
		return -EINVAL;
	switch (cmd) {
	case LINUX_REBOOT_CMD_RESTART:
	case LINUX_REBOOT_CMD_RESTART2:
		machine_restart();
	case LINUX_REBOOT_CMD_POWER_OFF:
		machine_power_off();
	case LINUX_REBOOT_CMD_HALT:
		machine_halt();
	case LINUX_REBOOT_CMD_CAD_ON:
	case LINUX_REBOOT_CMD_CAD_OFF:
		return 0;
	default:
		return -EINVAL;
	}
}
