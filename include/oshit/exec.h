/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running a program: what the loaders of formats share.  A struct exec is one execve() under way.
 */
#ifndef OSHIT_EXEC_H
#define OSHIT_EXEC_H

#include <oshit/types.h>

struct cred;
struct file;
struct mm_struct;

#define EXEC_HEAD_SIZE	 256 /* first bytes of the file, by which formats know theirs; as Linux */
#define EXEC_MAX_DEPTH	 5 /* scripts that name scripts */
#define MAX_ARG_STRLEN	 (32 * PAGE_SIZE) /* bytes of one argument with its 0, as in Linux */

struct exec { /* private to the task that executes */
	struct file *file; /* what is to be run; scripts put their interpreter here */
	const char *path; /* of the first file: AT_EXECFN, and the name of the task */
	const char *interp_path; /* how the present file was found */
	char interp[EXEC_HEAD_SIZE]; /* that, if a script named it */
	u8 head[EXEC_HEAD_SIZE]; /* of @file; 0 behind its end */
	struct mm_struct *mm; /* the new address space; the task's from exec_commit() on */
	unsigned long pos; /* user address down to which strings are written */
	unsigned long limit; /* and may be written */
	unsigned long path_addr; /* user address of @path */
	int argc, envc;
	struct cred *cred; /* that the task will have */
	unsigned int per_clear; /* of the personality: @cred has the ids of the file */
	bool unreadable; /* the caller may not read the interpreter of the program */
	bool secure; /* privileges were gained: AT_SECURE */
	bool committed; /* no way back: errors kill */
};

/* Puts a string in front of what is there already. 0, -E2BIG, -ENOMEM. */
int exec_push_string(struct exec *exec, const char *text);
/* Takes the first argument away. 0 or -EFAULT. */
int exec_drop_first_arg(struct exec *exec);
/* Another file takes the place of exec->file, whose reference is dropped; reads its head. */
int exec_set_file(struct exec *exec, struct file *file);

/* The same for an interpreter, whose path is copied. */
int exec_set_interp(struct exec *exec, struct file *file, const char *path);

/**
 * exec_commit() - give the task its new address space; from here on there is no way back
 * Other threads are ended, close-on-exec files closed, signal handlers reset.
 * Return: 0; -EAGAIN: the process is ending.
 */
int exec_commit(struct exec *exec);

/* Formats: 0 when the task's registers are set; -ENOEXEC: not mine; -EAGAIN of load_script(): the
 * file has changed, look again. */
int load_elf(struct exec *exec);
int load_script(struct exec *exec);

/* For the kernel: process 1's program. Strings are the kernel's. 0 or -errno. */
int kernel_execve(const char *path, const char *const *argv, const char *const *envp);

#endif
