/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order in which the kernel comes up.  It is written out here, once, as plain calls: what
 * needs what can be read from top to bottom.
 */
#include <arch/clock.h>
#include <arch/mm.h>
#include <arch/page_ops.h>
#include <oshit/acpi_tables.h>
#include <oshit/ahci.h>
#include <oshit/banner.h>
#include <oshit/bdev.h>
#include <oshit/big_lock.h>
#include <oshit/boot_info.h>
#include <oshit/boot_param.h>
#include <oshit/console.h>
#include <oshit/crash_test.h>
#include <oshit/dirty.h>
#include <oshit/entry.h>
#include <oshit/err.h>
#include <oshit/first_program.h>
#include <oshit/fs_init.h>
#include <oshit/proc_fs.h>
#include <oshit/fork.h>
#include <oshit/futex.h>
#include <oshit/random.h>
#include <oshit/i8042.h>
#include <oshit/init.h>
#include <oshit/initramfs.h>
#include <oshit/irq.h>
#include <oshit/kallsyms.h>
#include <oshit/kthread.h>
#include <oshit/kunit.h>
#include <oshit/loadavg.h>
#include <oshit/memory_map.h>
#include <oshit/mm.h>
#include <oshit/mm_init.h>
#include <oshit/page_tree.h>
#include <oshit/pagecache.h>
#include <oshit/monitor.h>
#include <oshit/oom.h>
#include <oshit/page_stock.h>
#include <oshit/panic.h>
#include <oshit/pci.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/rcu.h>
#include <oshit/reboot.h>
#include <oshit/rmap.h>
#include <oshit/rtc.h>
#include <oshit/serial8250.h>
#include <oshit/smp.h>
#include <oshit/socket.h>
#include <oshit/start_kernel.h>
#include <oshit/swap.h>
#include <oshit/swap_boot.h>
#include <oshit/sysfs.h>
#include <oshit/task.h>
#include <oshit/thp.h>
#include <oshit/ubsan.h>
#include <oshit/vga.h>
#include <oshit/vma.h>
#include <oshit/watchdog.h>
#include <oshit/vmscan.h>
#include <oshit/workqueue.h>

static __init void consoles_init(void)
{
	serial8250_init();
	i8042_init();
	vga_console_init();
	console_ensure_one();
}

static __init void consoles_irq_init(void)
{
	serial8250_irq_init();
	vga_console_irq_init();
}

static struct initramfs initramfs __initdata;

/* Not __init: the rest of the kernel's life, without what only booting needed. */
static noinline __noreturn void run_kernel(void)
{
	set_cpus_allowed(current, &cpu_possible_mask);
	arch_seal_data();
	arch_free_init_memory();
	crash_test_if_asked();
	kunit_run_if_asked();
	khugepaged_init(); /* tests do its work themselves, if they want it done */
	flusher_init();
	reclaim_init();
	oom_init();
	monitor_enter_if_asked();
	first_program_start();
	pr_notice("init: nothing to run");
	monitor_enter(MONITOR_BOOT, NULL);
	machine_halt();
}

/* Process 1: what of the boot may sleep.  On the boot CPU, so that this begins when that has left
 * start_kernel(). */
static __init int init(void *data __maybe_unused)
{
	lockdep_scheduler_runs();
	hung_task_init();
	rcu_start();
	workqueue_init();
	loadavg_init();
	kbuddyd_init();
	kzerod_init();
	pci_init();
	ahci_probe();
	fs_init();
	socket_init();
	proc_init();
	sysfs_init();
	populate_rootfs(&initramfs);
	ahci_finish();
	bdev_init();
	swap_at_boot();
	run_kernel();
}

/* Its pid is 1, because it is the first. */
static __init void start_init(void)
{
	struct task_struct *task = kthread_create(init, NULL, "init");

	if (IS_ERR(task))
		panic("no memory for init");
	task->cpus_allowed = cpumask_of(0);
	task->nr_cpus_allowed = 1;
	task_start_reapers();
	wake_up_process(task);
}

__init void start_kernel(void)
{
	ubsan_init();
	sched_init();
	big_kernel_lock();
	printf_symbol_lookup = kallsyms_lookup;
	boot_params_parse(boot_info.cmdline);
	pr_notice("%s", kernel_banner);
	consoles_init();
	monitor_init();
	arch_user_init();
	memory_map_init();
	acpi_init();
	smp_prepare();
	mm_init();
	page_ops_init();
	irq_init();
	consoles_irq_init();
	arch_clock_measure();
	vma_init();
	rmap_init();
	swap_init();
	thp_init();
	page_tree_init();
	page_lock_init();
	mm_struct_init();
	zero_page_init();
	fork_init();
	futex_init();
	random_init();
	initramfs_find(&initramfs);
	arch_clock_finish();
	kthread_init();
	rcu_init();
	watchdog_init();
	smp_init();
	rtc_init();
	task_init();
	start_init();
	big_kernel_unlock();
	/* And not back: init frees this function. */
	cpu_startup_entry();
}
