/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The handlers of system calls, by the file that has them.  Context of all: the task that calls,
 * interrupts on, no lock; may sleep.  They return what the call returns, or -errno.
 */
#ifndef OSHIT_SYSCALLS_H
#define OSHIT_SYSCALLS_H

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/resource.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <linux/times.h>
#include <linux/utsname.h>
#include <oshit/types.h>

struct __kernel_timespec;
struct clone_args;
struct epoll_event;
struct iovec;
struct linux_dirent;
struct linux_dirent64;
struct mmsghdr;
struct pollfd;
struct rlimit64;
struct rseq;
struct stat;
struct statfs;
struct timeval;
struct user_msghdr;
struct utimbuf;
struct statx;
struct sched_attr;
struct sched_param;
struct sysinfo;

/* arch/x86_64/kernel/process.c */
long sys_arch_prctl(int code, unsigned long addr);

/* fs/exec.c */
long sys_execve(const char __user *path, const char __user *const __user *argv,
		const char __user *const __user *envp);
long sys_execveat(int dfd, const char __user *path, const char __user *const __user *argv,
		  const char __user *const __user *envp, int flags);

/* drivers/tty/tty_jobctrl.c */
long sys_vhangup(void);

/* fs/attr_calls.c */
long sys_access(const char __user *name, int mode);
long sys_faccessat(int dfd, const char __user *name, int mode);
long sys_faccessat2(int dfd, const char __user *name, int mode, int flags);
long sys_chmod(const char __user *name, unsigned int mode);
long sys_fchmod(unsigned int fd, unsigned int mode);
long sys_fchmodat(int dfd, const char __user *name, unsigned int mode);
long sys_chown(const char __user *name, u32 uid, u32 gid);
long sys_lchown(const char __user *name, u32 uid, u32 gid);
long sys_fchown(unsigned int fd, u32 uid, u32 gid);
long sys_fchownat(int dfd, const char __user *name, u32 uid, u32 gid, int flags);
long sys_truncate(const char __user *name, long size);
long sys_ftruncate(unsigned int fd, long size);
long sys_futimesat(int dfd, const char __user *name, const struct timeval __user *times);
long sys_utime(const char __user *name, const struct utimbuf __user *times);
long sys_utimes(const char __user *name, const struct timeval __user *times);
long sys_utimensat(int dfd, const char __user *name, const struct __kernel_timespec __user *times,
		   int flags);

/* fs/fallocate.c */
long sys_fadvise64(unsigned int fd, long offset, long len, int advice);
long sys_fallocate(unsigned int fd, int mode, long offset, long len);
long sys_readahead(unsigned int fd, long offset, size_t count);

/* fs/fcntl.c */
long sys_fcntl(unsigned int fd, unsigned int cmd, unsigned long arg);
long sys_ioctl(unsigned int fd, unsigned int cmd, unsigned long arg);

/* fs/file.c */
long sys_close(unsigned int fd);
long sys_close_range(unsigned int first, unsigned int last, unsigned int flags);
long sys_dup(unsigned int fd);
long sys_dup2(unsigned int fd, unsigned int to);
long sys_dup3(unsigned int fd, unsigned int to, int flags);

/* fs/lock_calls.c */
long sys_flock(unsigned int fd, unsigned int operation);

/* fs/fs_struct.c */
long sys_chdir(const char __user *name);
long sys_chroot(const char __user *name);
long sys_fchdir(unsigned int fd);
long sys_getcwd(char __user *buf, unsigned long size);
long sys_umask(int mask);

/* fs/mount_calls.c */
long sys_mount(const char __user *device, const char __user *dir, const char __user *type,
	       unsigned long flags, const void __user *data);
long sys_pivot_root(const char __user *new_root, const char __user *put_old);
long sys_umount2(const char __user *name, int flags);

/* fs/swapon.c */
long sys_swapoff(const char __user *name);
long sys_swapon(const char __user *name, int flags);

/* fs/namei_calls.c */
long sys_link(const char __user *old, const char __user *new);
long sys_linkat(int old_dfd, const char __user *old, int new_dfd, const char __user *new,
		int flags);
long sys_mkdir(const char __user *name, unsigned int mode);
long sys_mkdirat(int dfd, const char __user *name, unsigned int mode);
long sys_mknod(const char __user *name, unsigned int mode, unsigned int dev);
long sys_mknodat(int dfd, const char __user *name, unsigned int mode, unsigned int dev);
long sys_rename(const char __user *old, const char __user *new);
long sys_renameat(int old_dfd, const char __user *old, int new_dfd, const char __user *new);
long sys_renameat2(int old_dfd, const char __user *old, int new_dfd, const char __user *new,
		   unsigned int flags);
long sys_rmdir(const char __user *name);
long sys_symlink(const char __user *body, const char __user *name);
long sys_symlinkat(const char __user *body, int dfd, const char __user *name);
long sys_unlink(const char __user *name);
long sys_unlinkat(int dfd, const char __user *name, int flags);

/* fs/open.c */
long sys_creat(const char __user *name, unsigned int mode);
long sys_open(const char __user *name, int flags, unsigned int mode);
long sys_openat(int dfd, const char __user *name, int flags, unsigned int mode);

/* fs/pipe.c */
long sys_pipe(int __user *fds);
long sys_pipe2(int __user *fds, int flags);

/* net/socket.c */
long sys_accept(unsigned int fd, void __user *addr, int __user *len);
long sys_accept4(unsigned int fd, void __user *addr, int __user *len, int flags);
long sys_bind(unsigned int fd, const void __user *addr, int len);
long sys_connect(unsigned int fd, const void __user *addr, int len);
long sys_getpeername(unsigned int fd, void __user *addr, int __user *len);
long sys_getsockname(unsigned int fd, void __user *addr, int __user *len);
long sys_getsockopt(unsigned int fd, int level, int name, void __user *value, int __user *len);
long sys_listen(unsigned int fd, int backlog);
long sys_setsockopt(unsigned int fd, int level, int name, const void __user *value, int len);
long sys_shutdown(unsigned int fd, int how);
long sys_socket(int family, int type, int protocol);
long sys_socketpair(int family, int type, int protocol, int __user *fds);

/* net/msg_calls.c */
long sys_recvfrom(unsigned int fd, void __user *buf, size_t len, unsigned int flags,
		  void __user *addr, int __user *addr_len);
long sys_recvmmsg(unsigned int fd, struct mmsghdr __user *msgs, unsigned int nr,
		  unsigned int flags, struct __kernel_timespec __user *timeout);
long sys_recvmsg(unsigned int fd, struct user_msghdr __user *msg, unsigned int flags);
long sys_sendmmsg(unsigned int fd, struct mmsghdr __user *msgs, unsigned int nr,
		  unsigned int flags);
long sys_sendmsg(unsigned int fd, const struct user_msghdr __user *msg, unsigned int flags);
long sys_sendto(unsigned int fd, const void __user *buf, size_t len, unsigned int flags,
		const void __user *addr, int addr_len);

/* fs/read_write.c */
long sys_lseek(unsigned int fd, s64 offset, unsigned int whence);
long sys_pread64(unsigned int fd, void __user *buf, size_t len, s64 pos);
long sys_preadv(unsigned int fd, const struct iovec __user *pieces, unsigned long nr,
		unsigned long low, unsigned long high);
long sys_pwrite64(unsigned int fd, const void __user *buf, size_t len, s64 pos);
long sys_pwritev(unsigned int fd, const struct iovec __user *pieces, unsigned long nr,
		 unsigned long low, unsigned long high);
long sys_read(unsigned int fd, void __user *buf, size_t len);
long sys_readv(unsigned int fd, const struct iovec __user *pieces, unsigned long nr);
long sys_write(unsigned int fd, const void __user *buf, size_t len);
long sys_writev(unsigned int fd, const struct iovec __user *pieces, unsigned long nr);

/* fs/read_write.c, with flags */
long sys_preadv2(unsigned int fd, const struct iovec __user *pieces, unsigned long nr,
		 unsigned long low, unsigned long high, int flags);
long sys_pwritev2(unsigned int fd, const struct iovec __user *pieces, unsigned long nr,
		  unsigned long low, unsigned long high, int flags);

/* fs/select.c */
long sys_poll(struct pollfd __user *fds, unsigned int nr, int timeout_ms);
long sys_ppoll(struct pollfd __user *fds, unsigned int nr, struct __kernel_timespec __user *timeout,
	       const sigset_t __user *mask, size_t size);
long sys_pselect6(int nr, unsigned long __user *in, unsigned long __user *out,
		  unsigned long __user *ex, struct __kernel_timespec __user *timeout,
		  const void __user *mask);
long sys_select(int nr, unsigned long __user *in, unsigned long __user *out,
		unsigned long __user *ex, struct __kernel_old_timeval __user *timeout);

/* fs/inotify.c */
long sys_inotify_init(void);
long sys_inotify_init1(int flags);
long sys_inotify_add_watch(int fd, const char __user *name, u32 mask);
long sys_inotify_rm_watch(int fd, int wd);

/* fs/signalfd.c */
long sys_signalfd(int fd, const sigset_t __user *set, size_t size);
long sys_signalfd4(int fd, const sigset_t __user *set, size_t size, int flags);

/* fs/timerfd.c */
long sys_timerfd_create(int clock, int flags);
long sys_timerfd_gettime(int fd, struct __kernel_itimerspec __user *to);
long sys_timerfd_settime(int fd, int flags, const struct __kernel_itimerspec __user *from,
			 struct __kernel_itimerspec __user *to);

/* fs/eventfd.c */
long sys_eventfd(unsigned int count);
long sys_eventfd2(unsigned int count, int flags);

/* fs/eventpoll_calls.c */
long sys_epoll_create(int size);
long sys_epoll_create1(int flags);
long sys_epoll_ctl(int epfd, int op, int fd, struct epoll_event __user *event);
long sys_epoll_pwait(int epfd, struct epoll_event __user *events, int nr, int timeout_ms,
		     const sigset_t __user *mask, size_t size);
long sys_epoll_pwait2(int epfd, struct epoll_event __user *events, int nr,
		      const struct __kernel_timespec __user *timeout, const sigset_t __user *mask,
		      size_t size);
long sys_epoll_wait(int epfd, struct epoll_event __user *events, int nr, int timeout_ms);

/* fs/readdir.c */
long sys_getdents(unsigned int fd, struct linux_dirent __user *buf, unsigned int size);
long sys_getdents64(unsigned int fd, struct linux_dirent64 __user *buf, unsigned int size);

/* fs/splice.c */
long sys_copy_file_range(unsigned int in, long __user *in_offset, unsigned int out,
			 long __user *out_offset, size_t len, unsigned int flags);
long sys_sendfile(unsigned int out, unsigned int in, long __user *offset, size_t count);
long sys_splice(unsigned int in, long __user *in_offset, unsigned int out, long __user *out_offset,
		size_t len, unsigned int flags);
long sys_tee(unsigned int in, unsigned int out, size_t len, unsigned int flags);
long sys_vmsplice(unsigned int fd, const struct iovec __user *pieces, unsigned long nr,
		  unsigned int flags);

/* fs/stat.c */
long sys_fstat(unsigned int fd, struct stat __user *to);
long sys_fstatfs(unsigned int fd, struct statfs __user *to);
long sys_lstat(const char __user *name, struct stat __user *to);
long sys_newfstatat(int dfd, const char __user *name, struct stat __user *to, int flags);
long sys_readlink(const char __user *name, char __user *buf, int size);
long sys_readlinkat(int dfd, const char __user *name, char __user *buf, int size);
long sys_stat(const char __user *name, struct stat __user *to);
long sys_statfs(const char __user *name, struct statfs __user *to);
long sys_statx(int dfd, const char __user *name, unsigned int flags, unsigned int mask,
	       struct statx __user *to);

/* fs/xattr.c */
long sys_fgetxattr(unsigned int fd, const char __user *name, void __user *value, size_t size);
long sys_flistxattr(unsigned int fd, char __user *list, size_t size);
long sys_fremovexattr(unsigned int fd, const char __user *name);
long sys_fsetxattr(unsigned int fd, const char __user *name, const void __user *value, size_t size,
		   int flags);
long sys_getxattr(const char __user *path, const char __user *name, void __user *value,
		  size_t size);
long sys_lgetxattr(const char __user *path, const char __user *name, void __user *value,
		   size_t size);
long sys_listxattr(const char __user *path, char __user *list, size_t size);
long sys_llistxattr(const char __user *path, char __user *list, size_t size);
long sys_lremovexattr(const char __user *path, const char __user *name);
long sys_lsetxattr(const char __user *path, const char __user *name, const void __user *value,
		   size_t size, int flags);
long sys_removexattr(const char __user *path, const char __user *name);
long sys_setxattr(const char __user *path, const char __user *name, const void __user *value,
		  size_t size, int flags);

/* fs/sync.c */
long sys_fdatasync(unsigned int fd);
long sys_fsync(unsigned int fd);
long sys_sync(void);
long sys_syncfs(unsigned int fd);

/* kernel/fork.c */
long sys_fork(void);
long sys_vfork(void);
long sys_clone(unsigned long flags, unsigned long stack, int __user *parent_tid,
	       int __user *child_tid, unsigned long tls);
long sys_clone3(struct clone_args __user *args, size_t size);
long sys_set_tid_address(int __user *tid);

/* kernel/exit.c */
long sys_exit(int code);
long sys_exit_group(int code);

/* kernel/sys_ids.c */
long sys_getpgid(int pid);
long sys_getpgrp(void);
long sys_getpid(void);
long sys_getppid(void);
long sys_getsid(int pid);
long sys_gettid(void);
long sys_kill(int pid, int sig);
long sys_setpgid(int pid, int id);
long sys_setsid(void);
long sys_tgkill(int tgid, int tid, int sig);
long sys_tkill(int tid, int sig);

/* kernel/usage.c */
long sys_getrusage(int who, struct rusage __user *to);
long sys_times(struct tms __user *to);

/* kernel/wait.c */
long sys_wait4(int pid, int __user *status, int options, struct rusage __user *usage);
long sys_waitid(int which, int id, siginfo_t __user *info, int options,
		struct rusage __user *usage);

/* fs/memfd.c */
long sys_memfd_create(const char __user *name, unsigned int flags);

/* mm/msync.c */
long sys_mincore(unsigned long start, size_t len, u8 __user *vec);
long sys_msync(unsigned long start, size_t len, int flags);

/* mm/sys_mm.c */
long sys_brk(unsigned long brk);
long sys_madvise(unsigned long addr, unsigned long len, int advice);
long sys_mlock(unsigned long addr, unsigned long len);
long sys_mlock2(unsigned long addr, unsigned long len, int flags);
long sys_mlockall(int flags);
long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags,
	      int fd, unsigned long offset);
long sys_mprotect(unsigned long addr, unsigned long len, unsigned long prot);
long sys_mremap(unsigned long addr, unsigned long old_len, unsigned long new_len,
		unsigned long flags, unsigned long new_addr);
long sys_munlock(unsigned long addr, unsigned long len);
long sys_munlockall(void);
long sys_munmap(unsigned long addr, unsigned long len);

/* mm/process_vm.c */
long sys_process_vm_readv(int pid, const struct iovec __user *local, unsigned long nr_local,
			  const struct iovec __user *remote, unsigned long nr_remote,
			  unsigned long flags);
long sys_process_vm_writev(int pid, const struct iovec __user *local, unsigned long nr_local,
			   const struct iovec __user *remote, unsigned long nr_remote,
			   unsigned long flags);

/* arch/x86_64/kernel/signal.c */
long sys_rt_sigreturn(void);

/* kernel/cred_calls.c */
long sys_capget(struct __user_cap_header_struct __user *header,
		struct __user_cap_data_struct __user *to);
long sys_capset(struct __user_cap_header_struct __user *header,
		const struct __user_cap_data_struct __user *from);
long sys_getegid(void);
long sys_geteuid(void);
long sys_getgid(void);
long sys_getgroups(int size, u32 __user *to);
long sys_getresgid(u32 __user *real, u32 __user *effective, u32 __user *saved);
long sys_getresuid(u32 __user *real, u32 __user *effective, u32 __user *saved);
long sys_getuid(void);
long sys_setfsgid(u32 gid);
long sys_setfsuid(u32 uid);
long sys_setgid(u32 gid);
long sys_setgroups(int size, const u32 __user *from);
long sys_setregid(u32 real, u32 effective);
long sys_setresgid(u32 real, u32 effective, u32 saved);
long sys_setresuid(u32 real, u32 effective, u32 saved);
long sys_setreuid(u32 real, u32 effective);
long sys_setuid(u32 uid);

/* kernel/futex */
long sys_futex(u32 __user *addr, int op, u32 val, const struct __kernel_timespec __user *timeout,
	       u32 __user *addr2, u32 val3);
long sys_get_robust_list(int pid, struct robust_list_head __user *__user *to, size_t __user *size);
long sys_set_robust_list(struct robust_list_head __user *head, size_t size);

/* kernel/rseq.c */
long sys_rseq(struct rseq __user *rseq, u32 len, int flags, u32 signature);

/* kernel/sched/membarrier.c */
long sys_membarrier(int cmd, unsigned int flags, int cpu);

/* kernel/prctl.c */
long sys_prctl(int option, unsigned long arg2, unsigned long arg3, unsigned long arg4,
	       unsigned long arg5);

/* kernel/sys_cpu.c; <oshit.h> of usr/include tells what they do */
long sys_core_disable(unsigned int cpu);
long sys_core_enable(unsigned int cpu);

/* kernel/sched/sys_sched.c */
long sys_getpriority(int which, int id);
long sys_sched_get_priority_max(int policy);
long sys_sched_get_priority_min(int policy);
long sys_sched_getaffinity(int pid, unsigned int len, unsigned long __user *to);
long sys_sched_getattr(int pid, struct sched_attr __user *to, unsigned int size,
		       unsigned int flags);
long sys_sched_getparam(int pid, struct sched_param __user *to);
long sys_sched_getscheduler(int pid);
long sys_sched_rr_get_interval(int pid, struct __kernel_timespec __user *to);
long sys_sched_setaffinity(int pid, unsigned int len, const unsigned long __user *from);
long sys_sched_setattr(int pid, struct sched_attr __user *from, unsigned int flags);
long sys_sched_setparam(int pid, const struct sched_param __user *from);
long sys_sched_setscheduler(int pid, int policy, const struct sched_param __user *from);
long sys_sched_yield(void);
long sys_setpriority(int which, int id, int nice);

/* kernel/sys.c */
long sys_getcpu(unsigned int __user *cpu, unsigned int __user *node, void __user *unused);
long sys_getrandom(void __user *to, size_t len, unsigned int flags);
long sys_personality(unsigned int persona);
long sys_enter_monitor(void);
long sys_reboot(int magic1, int magic2, unsigned int cmd, void __user *arg);
long sys_setdomainname(const char __user *name, int len);
long sys_sethostname(const char __user *name, int len);
long sys_sysinfo(struct sysinfo __user *to);
long sys_uname(struct new_utsname __user *to);

/* kernel/syslog.c */
long sys_syslog(int type, char __user *buf, int len);

/* kernel/sys_limits.c */
long sys_getrlimit(unsigned int resource, struct rlimit __user *to);
long sys_prlimit64(int pid, unsigned int resource, const struct rlimit64 __user *from,
		   struct rlimit64 __user *to);
long sys_setrlimit(unsigned int resource, const struct rlimit __user *from);

/* kernel/sys_signal.c */
long sys_pause(void);
long sys_rt_sigaction(int sig, const struct sigaction __user *action,
		      struct sigaction __user *old_action, size_t size);
long sys_rt_sigpending(sigset_t __user *to, size_t size);
long sys_rt_sigprocmask(int how, const sigset_t __user *set, sigset_t __user *old_set, size_t size);
long sys_rt_sigqueueinfo(int pid, int sig, const siginfo_t __user *user_info);
long sys_rt_sigsuspend(const sigset_t __user *set, size_t size);
long sys_rt_sigtimedwait(const sigset_t __user *set, siginfo_t __user *user_info,
			 const struct __kernel_timespec __user *timeout, size_t size);
long sys_rt_tgsigqueueinfo(int tgid, int tid, int sig, const siginfo_t __user *user_info);
long sys_sigaltstack(const stack_t __user *stack, stack_t __user *old_stack);

/* kernel/time/posix_timers.c */
long sys_timer_create(int clock, const sigevent_t __user *event, int __user *to);
long sys_timer_delete(int id);
long sys_timer_getoverrun(int id);
long sys_timer_gettime(int id, struct __kernel_itimerspec __user *to);
long sys_timer_settime(int id, int flags, const struct __kernel_itimerspec __user *from,
		       struct __kernel_itimerspec __user *to);

/* kernel/time/itimer.c */
long sys_alarm(unsigned int seconds);
long sys_getitimer(int which, struct __kernel_old_itimerval __user *to);
long sys_setitimer(int which, const struct __kernel_old_itimerval __user *from,
		   struct __kernel_old_itimerval __user *to);

/* kernel/time/sys_time.c */
long sys_clock_getres(int clock, struct __kernel_timespec __user *to);
long sys_clock_gettime(int clock, struct __kernel_timespec __user *to);
long sys_clock_nanosleep(int clock, int flags, const struct __kernel_timespec __user *time,
			 struct __kernel_timespec __user *left);
long sys_clock_settime(int clock, const struct __kernel_timespec __user *from);
long sys_gettimeofday(struct __kernel_old_timeval __user *to, struct timezone __user *zone);
long sys_nanosleep(const struct __kernel_timespec __user *length,
		   struct __kernel_timespec __user *left);
long sys_restart_syscall(void);
long sys_settimeofday(const struct __kernel_old_timeval __user *from,
		      const struct timezone __user *zone);
long sys_time(__kernel_old_time_t __user *to);

#endif
