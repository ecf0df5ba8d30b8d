/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Process 1.  The kernel thread that has booted becomes it: it gets what a process has, opens the
 * console as files 0, 1 and 2, and executes a program: rdinit= or init=, else /init.  Arguments and
 * variables that the command line has for it are passed on.
 */
#define pr_fmt(fmt) "init: " fmt

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <oshit/boot_param.h>
#include <oshit/err.h>
#include <oshit/exec.h>
#include <oshit/first_program.h>
#include <oshit/files.h>
#include <oshit/fork.h>
#include <oshit/entry.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/monitor.h>
#include <oshit/printk.h>
#include <oshit/reboot.h>
#include <oshit/tty.h>
#include <oshit/user_task.h>

static const char *wanted = "/init";

static __init int init_param(const char *value)
{
	if (!value || !*value)
		return -EINVAL;
	wanted = value;
	return 0;
}
BOOT_PARAM("init", init_param);

/* Of the initramfs in Linux; here there is no other root. */
static __init int rdinit_param(const char *value)
{
	return init_param(value);
}
BOOT_PARAM("rdinit", rdinit_param);

static void open_console(void)
{
	struct file *file = filp_open("/dev/console", O_RDWR, 0);

	if (IS_ERR(file)) {
		pr_warn("no /dev/console: %pe", file);
		return;
	}
	for (int fd = 0; fd < 3; fd++)
		fd_install(alloc_fd(0, 0), get_file(file));
	fput(file);
}

static void signal_caller(int sig)
{
	send_signal_thread(current, sig, NULL);
}

/* Other programs may still run; the machine stops for them as for us. */
static void first_program_ended(int status)
{
	if (status & 0x7f)
		pr_notice("process 1 was ended by signal %d", status & 0x7f);
	else
		pr_notice("process 1 has ended, exit status %d", status >> 8 & 0xff);
	monitor_enter(MONITOR_BOOT, NULL);
	machine_halt();
}

void first_program_start(void)
{
	struct file *file = open_exec(wanted);
	int err;

	if (IS_ERR(file)) {
		if (PTR_ERR(file) != -ENOENT)
			pr_err("%s cannot be run: %pe", wanted, file);
		return;
	}
	fput(file);
	fs_signal_hook = signal_caller;
	init_ended_hook = first_program_ended;
	tty_jobs_init();
	err = user_task_become_first();
	if (!err) {
		open_console();
		init_strings.argv[0] = wanted;
		err = kernel_execve(wanted, init_strings.argv, init_strings.envp);
	}
	if (!err)
		enter_user_first();
	pr_err("%s cannot be run: %pe", wanted, ERR_PTR(err));
}
