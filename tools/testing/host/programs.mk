# SPDX-License-Identifier: GPL-2.0-only
#
# The host test programs, one line each:
#
#	test-NAME := SOURCES	tests and the files under test; all of lib-sources is linked too
#	cflags-NAME := -D...	options for them, if there are any (CONFIG_X=1)
#	libs-NAME := -l...	more libraries, if there are any
#	sanitize-NAME := -fsanitize=thread	(or -O2) instead of the address and undefined-behaviour
#				sanitizers; all its sources are compiled for it alone then
#
# Sources in tools/testing/host see the C library, all others see the kernel's headers alone.

lib-sources := lib/acpi.c lib/bitmap.c lib/chacha.c lib/cmdline.c lib/cpio.c lib/crc32.c lib/date.c lib/elf.c lib/exec_stack.c lib/errno_name.c \
	       lib/glob.c lib/interval_tree.c \
	       lib/kstrtox.c lib/memory.c lib/rbtree.c lib/sort.c lib/string.c lib/vsprintf.c

test-acpi	:= lib/acpi_test.c
test-bitmap	:= lib/bitmap_test.c
test-chacha	:= lib/chacha_test.c
test-cmdline	:= lib/cmdline_test.c
test-cpio	:= lib/cpio_test.c
test-crc32	:= lib/crc32_test.c
test-date	:= lib/date_test.c
test-elf	:= lib/elf_test.c
test-glob	:= lib/glob_test.c
test-interval_tree := lib/interval_tree_test.c
test-kstrtox	:= lib/kstrtox_test.c
test-list	:= lib/list_test.c
test-rbtree	:= lib/rbtree_test.c
test-sort	:= lib/sort_test.c
test-string	:= lib/string_test.c
test-vsprintf	:= lib/vsprintf_test.c tools/testing/host/printf_oracle_test.c

test-atomic	:= lib/atomic_test.c

# CPUs are threads, interrupts are signals.
host-cpus	:= tools/testing/host/machine.c kernel/locking/spinlock.c
test-spinlock	:= $(host-cpus) tools/testing/host/spinlock_test.c
test-seqlock	:= $(host-cpus) tools/testing/host/seqlock_test.c
test-refcount	:= $(host-cpus) kernel/locking/refcount.c kernel/locking/refcount_test.c

test-boot_param	:= kernel/boot_param.c tools/testing/host/boot_param_test.c

test-monitor	:= $(addprefix kernel/monitor/,readline_test.c parse_test.c readline.c line_edit.c \
		   history.c parse.c)
cflags-monitor	:= -DCONFIG_MONITOR_HISTORY=1
test-screen	:= drivers/tty/screen_test.c drivers/tty/screen.c
test-cmos	:= drivers/rtc/cmos_test.c drivers/rtc/cmos_decode.c
test-pci_bar	:= drivers/pci/bar_test.c drivers/pci/bar.c
test-ata	:= drivers/ata/ata_test.c drivers/ata/ata.c
test-partition	:= block/partition_test.c block/partition.c
test-io_queue	:= block/queue_test.c block/queue.c
cflags-io_queue	:= -O2 -DTEST_SCALE=50
test-keyboard	:= drivers/input/keyboard_test.c drivers/input/keyboard.c

test-sched_policy := $(addprefix kernel/sched/,policy_test.c rr.c fair.c weight.c)
test-cputime	:= $(host-cpus) $(addprefix kernel/sched/,cputime_test.c cputime_split.c)
cflags-cputime	:= -DCONFIG_TICK_CPU_ACCOUNTING=1 -DTEST_SCALE=100

# Millions of random steps; in the kernel TEST_SCALE is 1.
test-memblock	:= mm/memblock.c mm/memblock_test.c
cflags-memblock	:= -O2 -DCONFIG_TEST_MEMBLOCK=1 -DTEST_SCALE=100

# The page allocator on simulated machines, with misuse detection off and on.
mm-machine	:= $(host-cpus) tools/testing/mm/boot_mm.c mm/memblock.c \
		   mm/page_init.c mm/page_alloc.c mm/buddy.c mm/shrinker.c mm/page_debug.c mm/mm_report.c \
		   mm/vmstat.c
mm-slab		:= tools/testing/mm/boot_slab.c mm/slab.c mm/kmalloc.c mm/slab_debug.c
mm-user		:= tools/testing/mm/boot_user.c $(addprefix mm/,vma.c page_tree.c pgwalk.c mm.c mmap.c mremap.c mlock.c populate.c \
		   mprotect.c madvise.c fault.c unmap.c copy_mm.c user_table.c filemap.c mapping.c truncate.c writeback.c \
		   shmem.c) \
		   kernel/locking/refcount.c
mm-rmap		:= mm/rmap.c mm/check_mm.c mm/huge_memory.c mm/collapse.c
mm-rmap-flags	:= -DCONFIG_RMAP=1 -DCONFIG_DEBUG_PGTABLE=1 -DCONFIG_THP=1 -DCONFIG_THP_ALWAYS=1 -DCONFIG_HUGE_ZERO_PAGE=1
mm-overcommit	:= mm/overcommit.c kernel/locking/percpu_counter.c
mm-debug	:= -DCONFIG_DEBUG_PAGE_DOUBLE_FREE=1 -DCONFIG_DEBUG_PAGE_INVALID_FREE=1 \
		   -DCONFIG_DEBUG_PAGE_POISON=1 -DCONFIG_PAGE_OWNER=1 -DCONFIG_STACK_DEPOT=1 \
		   -DCONFIG_DEBUG_SLAB_DOUBLE_FREE=1 -DCONFIG_DEBUG_SLAB_INVALID_FREE=1 \
		   -DCONFIG_DEBUG_SLAB_POISON=1 -DCONFIG_DEBUG_SLAB_REDZONE=1 -DCONFIG_SLAB_OWNER=1

test-page_alloc	:= $(mm-machine) mm/page_alloc_test.c tools/testing/mm/page_init_test.c
test-lru	:= $(mm-machine) mm/lru.c mm/workingset.c tools/testing/host/vzalloc.c tools/testing/mm/lru_test.c
cflags-lru	:= -O2 -DCONFIG_RECLAIM=1
test-pgwalk	:= $(mm-machine) mm/pgwalk.c mm/pgwalk_test.c
cflags-page_alloc := -O2 -DTEST_SCALE=20
cflags-pgwalk	:= -O2 -DTEST_SCALE=700
test-vmalloc_tree := mm/vmalloc_tree.c mm/vmalloc_tree_test.c tools/testing/host/nofault.c
cflags-vmalloc_tree := -DNR_TREE_STEPS=3000000
test-swap_slots	:= $(host-cpus) mm/swap_slots.c mm/swap_slots_test.c tools/testing/host/vzalloc.c
cflags-swap_slots := -O2 -DTEST_SCALE=100
mm-vmalloc	:= mm/vmalloc.c mm/vmalloc_tree.c mm/kernel_map.c mm/kernel_stack.c mm/pgwalk.c \
		   tools/testing/mm/vmalloc_machine.c tools/testing/host/nofault.c
test-vmalloc	:= $(mm-machine) $(mm-slab) $(mm-vmalloc) tools/testing/mm/vmalloc_load_test.c
cflags-vmalloc	:= -DCONFIG_STACK_GUARD=1
test-memtest	:= tools/testing/mm/memtest_test.c
test-page_debug	:= $(mm-machine) mm/stack_depot.c mm/page_alloc_test.c
cflags-page_debug := -O2 -DTEST_SCALE=5 $(mm-debug)
test-slab	:= $(mm-machine) $(mm-slab) mm/slab_test.c tools/testing/mm/slab_cpus_test.c
cflags-slab	:= -O2 -DTEST_SCALE=20
test-slab_debug	:= $(mm-machine) $(mm-slab) mm/stack_depot.c mm/slab_test.c
cflags-slab_debug := -O2 -DTEST_SCALE=10 $(mm-debug)

test-vma	:= $(mm-machine) $(mm-slab) $(mm-user) $(mm-rmap) mm/vma_test.c
cflags-vma	:= $(mm-rmap-flags) -DVMA_TEST_STEPS=1000000
test-page_tree	:= $(mm-machine) $(mm-slab) $(mm-user) mm/page_tree_test.c
cflags-page_tree := -DPAGE_TREE_TEST_STEPS=1000000
# Address spaces with everything, and with the simple thing in the place of each option.
test-user_mm	:= $(mm-machine) $(mm-slab) $(mm-user) $(mm-rmap) $(mm-overcommit) mm/vma_lock.c mm/user_mm_test.c \
		   mm/rmap_test.c mm/overcommit_test.c
cflags-user_mm	:= -O2 $(mm-rmap-flags) -DUSER_MM_TEST_STEPS=1000000 -DCONFIG_COW=1 -DCONFIG_ZERO_PAGE=1 -DCONFIG_FAULT_AROUND=1 \
		   -DCONFIG_DEMAND_PAGING=1 -DCONFIG_MITIGATION_L1TF=1 -DCONFIG_SPLIT_PTLOCKS=1 \
		   -DCONFIG_PER_VMA_LOCK=1
cflags-user_mm	+= -DCONFIG_OVERCOMMIT=1
test-user_mm_simple := $(mm-machine) $(mm-slab) $(mm-user) mm/user_mm_test.c
cflags-user_mm_simple := -O2 -DUSER_MM_TEST_STEPS=1000000

test-huge_memory := $(mm-machine) $(mm-slab) $(mm-user) $(mm-rmap) mm/huge_memory_test.c
cflags-huge_memory := -O2 $(mm-rmap-flags) -DHUGE_TEST_STEPS=30000 -DCONFIG_COW=1 -DCONFIG_ZERO_PAGE=1 \
		   -DCONFIG_DEMAND_PAGING=1 -DCONFIG_MITIGATION_L1TF=1 -DCONFIG_SPLIT_PTLOCKS=1
test-huge_memory_simple := $(test-huge_memory)
cflags-huge_memory_simple := -O2 $(mm-rmap-flags) -UCONFIG_HUGE_ZERO_PAGE -DHUGE_TEST_STEPS=10000

# Timers on simulated CPUs, with a simulated clock.
time-machine	:= $(host-cpus) tools/testing/time/sim_timer.c kernel/time/hrtimer.c
test-clock	:= $(host-cpus) kernel/time/clock.c tools/testing/time/clock_test.c
test-tsc_sync	:= $(host-cpus) arch/x86_64/kernel/tsc_sync.c tools/testing/time/tsc_sync_test.c
test-tsc_watch	:= $(host-cpus) $(addprefix kernel/time/,clock.c hrtimer.c) \
		   $(addprefix arch/x86_64/kernel/,tsc_rate.c tsc_watch.c) \
		   tools/testing/time/tsc_watch_test.c
test-hrtimer	:= $(time-machine) tools/testing/time/hrtimer_model_test.c
test-hrtimer_smp := $(time-machine) tools/testing/time/hrtimer_smp_test.c
test-hrtimer_tsan := $(test-hrtimer_smp)
sanitize-hrtimer_tsan := -fsanitize=thread
test-hrtimer_bench := $(time-machine) tools/testing/time/hrtimer_bench.c
sanitize-hrtimer_bench := -O2

# Fuzz targets, tools/testing/fuzz/NAME_fuzz.c.  Each is also a test that replays its seeds.
#	fuzz-sources-NAME, fuzz-cflags-NAME	for libFuzzer, beside lib-sources
fuzz-targets	:= acpi cmdline cpio elf exec_stack hrtimer kstrtox memblock mm partition pgwalk printf vma vmalloc
fuzz-sources-hrtimer  := $(time-machine) tools/testing/host/printk.c
fuzz-cflags-hrtimer   := -Itools/testing/host
fuzz-sources-memblock := mm/memblock.c
fuzz-cflags-memblock  := -DCONFIG_TEST_MEMBLOCK=1
fuzz-sources-mm	      := $(mm-machine) $(mm-slab) mm/stack_depot.c tools/testing/host/printk.c
fuzz-cflags-mm	      := $(mm-debug) -Itools/testing/host
fuzz-sources-partition := block/partition.c
fuzz-sources-pgwalk   := mm/pgwalk.c tools/testing/host/printk.c
fuzz-cflags-pgwalk    := -Itools/testing/host

fuzz-sources-vmalloc  := $(mm-machine) $(mm-slab) $(mm-vmalloc) tools/testing/host/printk.c
fuzz-sources-vma      := $(mm-machine) $(mm-slab) $(mm-user) tools/testing/host/printk.c
fuzz-cflags-vma	      := -Itools/testing/host
fuzz-cflags-vmalloc   := -DCONFIG_STACK_GUARD=1 -Itools/testing/host -Itools/testing/mm

test-fuzz_acpi	  := tools/testing/fuzz/acpi_fuzz.c tools/testing/host/fuzz_replay.c
test-fuzz_cmdline := tools/testing/fuzz/cmdline_fuzz.c tools/testing/host/fuzz_replay.c
test-fuzz_cpio	  := tools/testing/fuzz/cpio_fuzz.c tools/testing/host/fuzz_replay.c
test-fuzz_elf	  := tools/testing/fuzz/elf_fuzz.c tools/testing/host/fuzz_replay.c
test-fuzz_exec_stack := tools/testing/fuzz/exec_stack_fuzz.c tools/testing/host/fuzz_replay.c
test-fuzz_hrtimer := $(time-machine) tools/testing/fuzz/hrtimer_fuzz.c \
		     tools/testing/host/fuzz_replay.c
test-fuzz_kstrtox := tools/testing/fuzz/kstrtox_fuzz.c tools/testing/host/fuzz_replay.c
test-fuzz_printf  := tools/testing/fuzz/printf_fuzz.c tools/testing/host/fuzz_replay.c
test-fuzz_memblock  := tools/testing/fuzz/memblock_fuzz.c mm/memblock.c tools/testing/host/fuzz_replay.c
cflags-fuzz_memblock := -DCONFIG_TEST_MEMBLOCK=1
test-fuzz_mm	  := $(mm-machine) $(mm-slab) tools/testing/fuzz/mm_fuzz.c \
		     tools/testing/host/fuzz_replay.c
cflags-fuzz_mm	  := -O2
test-fuzz_partition := tools/testing/fuzz/partition_fuzz.c block/partition.c tools/testing/host/fuzz_replay.c
test-fuzz_pgwalk  := tools/testing/fuzz/pgwalk_fuzz.c mm/pgwalk.c tools/testing/host/fuzz_replay.c
cflags-fuzz_pgwalk := -O2
test-fuzz_vma	  := $(mm-machine) $(mm-slab) $(mm-user) tools/testing/fuzz/vma_fuzz.c \
		     tools/testing/host/fuzz_replay.c
test-fuzz_vmalloc := $(mm-machine) $(mm-slab) $(mm-vmalloc) tools/testing/fuzz/vmalloc_fuzz.c \
		     tools/testing/host/fuzz_replay.c
cflags-fuzz_vmalloc := -DCONFIG_STACK_GUARD=1 -Itools/testing/mm
