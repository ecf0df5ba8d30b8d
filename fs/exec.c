/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * execve().
 *
 * A new address space is made beside the old one and gets the strings, written through the direct
 * map to the pages of its stack; the old one is still there to copy them from, and to go on with
 * if anything fails.  Then the formats are asked.  The one that knows the file checks all it can,
 * and calls exec_commit(): other threads end, the task changes over.  Whatever fails from there on
 * ends the process, for there is nothing to return to.
 *
 *	stack top, less a random part
 *	  0 (8 bytes)
 *	  path of the program
 *	  environment strings
 *	  argument strings        <- exec->pos
 *	  (the format: random bytes, platform, auxiliary vector, pointers, argc)  <- stack pointer
 *
 * Context: the task that executes; may sleep.
 */
#include <asm/ptrace.h>
#include <linux/auxvec.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/mman.h>
#include <linux/personality.h>
#include <linux/resource.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/err.h>
#include <oshit/exec.h>
#include <oshit/exec_stack.h>
#include <oshit/files.h>
#include <oshit/fork.h>
#include <oshit/fs.h>
#include <oshit/gfp.h>
#include <oshit/signal.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/mm_exec.h>
#include <oshit/mount.h>
#include <oshit/printf.h>
#include <oshit/random.h>
#include <oshit/rlimit.h>
#include <oshit/rseq.h>
#include <oshit/slab.h>
#include <oshit/strace.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#define STACK_INITIAL	  (32 * PAGE_SIZE) /* mapped at once; grows by faults */
#define STACK_RANDOM_BITS 22 /* pages, as Linux on x86-64 */

/* --- strings --- */

/* Where strings come from: the program that executes, or the kernel. */
struct string_list {
	const char __user *const __user *user; /* NULL: of the kernel */
	const char *const *kernel;
};

/* Room for @len bytes in front; -E2BIG. */
static int make_room(struct exec *exec, size_t len)
{
	if (len > MAX_ARG_STRLEN || exec->pos - exec->limit < len)
		return -E2BIG;
	exec->pos -= len;
	return 0;
}

/* Copies from the kernel, or from the old address space, to the new stack, page by page. */
static int write_strings(struct exec *exec, unsigned long addr, const char *kernel,
			 const char __user *user, size_t len)
{
	while (len) {
		size_t part = min(len, PAGE_SIZE - addr % PAGE_SIZE);
		struct page *page = mm_new_stack_page(exec->mm, addr);
		size_t nr_left = 0;
		char *to;

		if (!page)
			return -ENOMEM;
		to = (char *)page_to_virt(page) + addr % PAGE_SIZE;
		if (kernel)
			memcpy(to, kernel, part);
		else
			nr_left = copy_from_user(to, user, part);
		mm_remote_written(page);
		put_page(page);
		if (nr_left)
			return -EFAULT;
		if (kernel)
			kernel += part;
		else
			user += part;
		addr += part;
		len -= part;
	}
	return 0;
}

int exec_push_string(struct exec *exec, const char *text)
{
	size_t len = strlen(text) + 1;

	return make_room(exec, len) ?: write_strings(exec, exec->pos, text, NULL, len);
}

static int push_user_string(struct exec *exec, const char __user *text)
{
	long len = strnlen_user(text, MAX_ARG_STRLEN);

	if (!len)
		return -EFAULT;
	return make_room(exec, len) ?: write_strings(exec, exec->pos, NULL, text, len);
}

int exec_drop_first_arg(struct exec *exec)
{
	const char *text, *end = NULL;

	while (!end) {
		size_t left = PAGE_SIZE - exec->pos % PAGE_SIZE;
		struct page *page = mm_new_stack_page(exec->mm, exec->pos);

		if (!page)
			return -ENOMEM;
		text = (const char *)page_to_virt(page) + exec->pos % PAGE_SIZE;
		end = memchr(text, 0, left);
		put_page(page);
		exec->pos += end ? (size_t)(end - text) + 1 : left;
	}
	exec->argc--;
	return 0;
}

/* The pointer to string number @n; NULL at the end of the list. */
static int get_string(const struct string_list *list, int n, const char **kernel,
		      const char __user **user)
{
	if (!list->user) {
		*kernel = list->kernel ? list->kernel[n] : NULL;
		return 0;
	}
	return get_user(*user, &list->user[n]);
}

static int count_strings(const struct string_list *list)
{
	const char *kernel = NULL;
	const char __user *user = NULL;
	int n = 0;

	if (!list->user && !list->kernel)
		return 0;
	for (;; n++) {
		if (n == 0x7fffffff / 8)
			return -E2BIG;
		if (get_string(list, n, &kernel, &user))
			return -EFAULT;
		if (!kernel && !user)
			return n;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/* The last string first, so that they lie in order. */
static int push_strings(struct exec *exec, const struct string_list *list, int nr)
{
	while (nr--) {
		const char *kernel = NULL;
		const char __user *user = NULL;
		int err = get_string(list, nr, &kernel, &user);

		if (!err && list->user)
			err = user ? push_user_string(exec, user) : -EFAULT;
		else if (!err)
			err = exec_push_string(exec, kernel);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/* --- the new address space --- */

static unsigned long choose_stack_top(const struct exec *exec)
{
	unsigned int personality = current->user->personality & ~exec->per_clear;
	unsigned long top = USER_END;

	if (!(personality & ADDR_NO_RANDOMIZE))
		top -= (random_u64() & ((1UL << STACK_RANDOM_BITS) - 1)) << PAGE_SHIFT;
	return top;
}

static int make_stack(struct exec *exec, int argc, int envc)
{
	unsigned long top = choose_stack_top(exec);
	unsigned long room =
		exec_stack_room((unsigned long)argc + envc, current_limit(RLIMIT_STACK));
	int err;

	if (!room)
		return -E2BIG;
	exec->mm = mm_alloc();
	if (!exec->mm)
		return -ENOMEM;
	err = mm_new_stack(exec->mm, top - STACK_INITIAL, top);
	if (err)
		return err;
	exec->pos = top - sizeof(unsigned long);
	exec->limit = exec->pos - room;
	exec->mm->start_stack = top;
	exec->argc = argc;
	exec->envc = envc;
	return 0;
}

static int write_all_strings(struct exec *exec, const struct string_list *argv,
			     const struct string_list *envp)
{
	int argc = count_strings(argv), envc = count_strings(envp);
	int err;

	if (argc < 0 || envc < 0)
		return min(argc, envc);
	/* As Linux since 5.18: a program may rely on having an argv[0]. */
	err = make_stack(exec, max(argc, 1), envc) ?: exec_push_string(exec, exec->path);
	if (err)
		return err;
	exec->path_addr = exec->pos;
	exec->mm->env_end = exec->pos;
	err = push_strings(exec, envp, envc);
	exec->mm->env_start = exec->mm->arg_end = exec->pos;
	err = err ?: argc ? push_strings(exec, argv, argc) : exec_push_string(exec, "");
	exec->mm->arg_start = exec->pos;
	return err;
}

/* --- files and formats --- */

int exec_set_file(struct exec *exec, struct file *file)
{
	long len;

	if (exec->file)
		fput(exec->file);
	exec->file = file;
	memset(exec->head, 0, sizeof(exec->head));
	len = kernel_read(file, exec->head, sizeof(exec->head), 0);
	return len < 0 ? (int)len : 0;
}

int exec_set_interp(struct exec *exec, struct file *file, const char *path)
{
	strscpy(exec->interp, path, sizeof(exec->interp));
	exec->interp_path = exec->interp;
	return exec_set_file(exec, file);
}

/* Set-user-ID and set-group-ID of the present file, unless that is forbidden. */
static void set_ids(struct exec *exec)
{
	struct inode *inode = file_inode(exec->file);
	struct cred *cred = exec->cred;

	cred->euid = current->cred->euid;
	cred->egid = current->cred->egid;
	exec->per_clear = 0;
	if (current->user->no_new_privs || READ_ONCE(exec->file->path.mnt->flags) & MNT_NOSUID)
		return;
	/* chown() takes the bits away together with the owner. */
	down_read(&inode->rwsem);
	if (inode->mode & S_ISUID) {
		cred->euid = inode->uid;
		exec->per_clear = PER_CLEAR_ON_SETID;
	}
	if ((inode->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)) {
		cred->egid = inode->gid;
		exec->per_clear = PER_CLEAR_ON_SETID;
	}
	up_read(&inode->rwsem);
}

static int find_format(struct exec *exec)
{
	int depth, err = -ENOEXEC;

	for (depth = 0; depth <= EXEC_MAX_DEPTH; depth++) {
		err = load_script(exec);
		if (err != -EAGAIN)
			break;
		err = -ELOOP;
	}
	return err == -ENOEXEC ? load_elf(exec) : err;
}

int exec_commit(struct exec *exec)
{
	struct user_task *user = current->user;
	bool is_readable = !exec->unreadable && !inode_permission(file_inode(exec->file), MAY_READ);
	int err;

	/* The last file counts: a script is text for its interpreter, which anybody may replace. */
	set_ids(exec);
	err = kill_sibling_threads();
	if (err)
		return err;
	/* The other threads are gone: to return would be to a program that has lost them. */
	exec->committed = true;
	err = unshare_sighand() ?: unshare_files();
	if (err)
		return err;
	/* Before the memory: who may reach that of this task may reach what it has then. */
	commit_exec_creds(exec->cred, is_readable, &exec->secure);
	exec->cred = NULL;
	user_task_leave_mm(user);
	vdso_set_owner(exec->mm, user->tgid);
	exec->mm->exe_file = get_file(exec->file);
	spin_lock(&tasklist_lock);
	user->mm = exec->mm;
	spin_unlock(&tasklist_lock);
	exec->mm = NULL;
	task_set_mm(&user->mm->context);
	files_close_on_exec(current->files);
	signals_reset_for_exec();
	rseq_execve();
	user->signal->has_execed = true;
	user->personality &= ~(exec->per_clear | READ_IMPLIES_EXEC);
	strscpy(current->comm, path_basename(exec->path), sizeof(current->comm));
	strace_exec(current->comm);
	return 0;
}

static void exec_free(struct exec *exec)
{
	if (exec->mm)
		mmput(exec->mm);
	if (exec->cred)
		put_cred(exec->cred);
	if (exec->file)
		fput(exec->file);
}

static int do_execve(struct file *file, const char *path, const struct string_list *argv,
		     const struct string_list *envp)
{
	struct exec exec = { .path = path, .interp_path = path };
	int err;

	err = exec_set_file(&exec, file);
	if (exec_exceeds_processes())
		err = err ?: -EAGAIN;
	exec.cred = err ? NULL : prepare_creds();
	if (exec.cred)
		set_ids(&exec); /* now, too: the stack asks for the personality */
	else
		err = err ?: -ENOMEM;
	err = err ?: write_all_strings(&exec, argv, envp);
	err = err ?: find_format(&exec);
	if (err && exec.committed) {
		exec_free(&exec);
		force_sig(SIGSEGV);
		return err;
	}
	exec_free(&exec);
	return err;
}

/* --- the calls --- */

static int execve_path(const char *path, const struct string_list *argv,
		       const struct string_list *envp)
{
	struct file *file = open_exec(path);

	return IS_ERR(file) ? (int)PTR_ERR(file) : do_execve(file, path, argv, envp);
}

int kernel_execve(const char *path, const char *const *argv, const char *const *envp)
{
	struct string_list args = { .kernel = argv }, env = { .kernel = envp };

	return execve_path(path, &args, &env);
}

#define FD_PATH_MAX (PATH_MAX + sizeof("/dev/fd/2147483647/"))

/* How a program found by a descriptor is called: by the path that would lead there. */
static char *path_by_fd(int dfd, const char *path)
{
	char *name = kmalloc(FD_PATH_MAX, GFP_KERNEL);

	if (name)
		snprintf(name, FD_PATH_MAX, *path ? "/dev/fd/%d/%s" : "/dev/fd/%d", dfd, path);
	return name;
}

static int execve_by_fd(int dfd, const char *path, unsigned int flags,
			const struct string_list *argv, const struct string_list *envp)
{
	struct file *file = open_exec_at(dfd, path, flags);
	char *name;
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (dfd == AT_FDCWD || *path == '/')
		return do_execve(file, path, argv, envp);
	name = path_by_fd(dfd, path);
	if (!name) {
		fput(file);
		return -ENOMEM;
	}
	err = do_execve(file, name, argv, envp);
	kfree(name);
	return err;
}

long sys_execve(const char __user *user_path, const char __user *const __user *argv,
		const char __user *const __user *envp)
{
	struct string_list args = { .user = argv }, env = { .user = envp };
	char *path = getname(user_path);
	int err;

	if (IS_ERR(path))
		return PTR_ERR(path);
	err = execve_path(path, &args, &env);
	putname(path);
	return err;
}

long sys_execveat(int dfd, const char __user *user_path, const char __user *const __user *argv,
		  const char __user *const __user *envp, int flags)
{
	struct string_list args = { .user = argv }, env = { .user = envp };
	char *path = flags & AT_EMPTY_PATH ? getname_empty(user_path) : getname(user_path);
	int err;

	if (IS_ERR(path))
		return PTR_ERR(path);
	err = execve_by_fd(dfd, path, flags, &args, &env);
	putname(path);
	return err;
}
