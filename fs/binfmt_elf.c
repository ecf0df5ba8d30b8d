/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loading of ELF programs.
 *
 * lib/elf.c reads and checks the headers; here the segments become areas, and the stack gets what
 * the ABI says a program finds there:
 *
 *	strings (fs/exec.c)
 *	16 random bytes, the platform's name
 *	auxiliary vector, ends with AT_NULL
 *	environment pointers, 0
 *	argument pointers, 0
 *	argc				<- RSP, a multiple of 16
 *
 * A program of fixed addresses is mapped there; one that can be anywhere goes to two thirds of the
 * address space, or, if it is an interpreter or has none (then it may be one), among the mappings.
 * A segment's file part is a private mapping, pages come by faults; what memory has beyond the file
 * is zeros: the rest of the last page by hand, then anonymous.
 *
 * Sources: System V ABI, AMD64 supplement 3.4; the values of Linux where that is silent.
 */
#include <asm/ptrace.h>
#include <linux/auxvec.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/personality.h>
#include <oshit/cred.h>
#include <oshit/elf.h>
#include <oshit/entry.h>
#include <oshit/err.h>
#include <oshit/exec.h>
#include <oshit/exec_stack.h>
#include <oshit/fs.h>
#include <oshit/math.h>
#include <oshit/mm_exec.h>
#include <oshit/random.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#define PIE_BASE	 (USER_END / 3 * 2 & PAGE_MASK)
#define MMAP_RANDOM_BITS 28 /* pages, as Linux on x86-64 */
#define BRK_RANDOM_PAGES 0x2000UL /* 32 MiB */
#define PLATFORM	 "x86_64"
#define NR_RANDOM_BYTES	 16

struct elf_load { /* one file: the program or its interpreter */
	struct file *file;
	struct elf_file header;
	struct elf_program program;
	Elf64_Phdr *segments;
	unsigned long bias; /* added to the file's addresses */
};

/* --- reading --- */

static int read_exactly(struct file *file, void *to, size_t len, loff_t pos)
{
	long nr = kernel_read(file, to, len, pos);

	if (nr < 0)
		return (int)nr;
	return (size_t)nr == len ? 0 : -ENOEXEC;
}

static int read_headers(struct elf_load *load, const void *head, size_t size)
{
	size_t bytes;
	int err = elf_parse_header(&load->header, head, size);

	if (err)
		return err;
	bytes = load->header.nr_headers * sizeof(Elf64_Phdr);
	load->segments = kmalloc(bytes, GFP_KERNEL);
	if (!load->segments)
		return -ENOMEM;
	err = read_exactly(load->file, load->segments, bytes, load->header.headers_offset);
	return err ?: elf_parse_program(&load->program, &load->header, load->segments, USER_END);
}

/* Opens the interpreter that the program names, if it does. */
static int open_interp(struct exec *exec, const struct elf_load *program, struct elf_load *interp)
{
	u32 size = program->program.interp_size;
	u8 head[sizeof(Elf64_Ehdr)];
	char *path;
	int err;

	if (!size)
		return 0;
	path = kmalloc(size, GFP_KERNEL);
	if (!path)
		return -ENOMEM;
	err = read_exactly(program->file, path, size, program->program.interp_offset);
	if (!err && path[size - 1])
		err = -ENOEXEC;
	if (!err) {
		struct file *file = open_exec(path);

		if (IS_ERR(file))
			err = PTR_ERR(file);
		else
			interp->file = file;
	}
	kfree(path);
	if (err)
		return err;
	if (inode_permission(file_inode(interp->file), MAY_READ))
		exec->unreadable = true;
	err = read_exactly(interp->file, head, sizeof(head), 0)
		      ?: read_headers(interp, head, sizeof(head));
	return err == -ENOEXEC ? -ELIBBAD : err;
}

/* --- mapping --- */

static unsigned long prot_of(const Elf64_Phdr *segment)
{
	return (segment->p_flags & PF_R ? PROT_READ : 0) |
	       (segment->p_flags & PF_W ? PROT_WRITE : 0) |
	       (segment->p_flags & PF_X ? PROT_EXEC : 0);
}

/* Zeros behind the file's part, in memory that is the program's by now. */
static int clear_rest(const Elf64_Phdr *segment, unsigned long file_end, unsigned long end)
{
	unsigned long page_end = ALIGN_UP(file_end, PAGE_SIZE);

	if (file_end % PAGE_SIZE && segment->p_flags & PF_W && segment->p_filesz &&
	    clear_user((void __user *)file_end, page_end - file_end))
		return -EFAULT;
	end = ALIGN_UP(end, PAGE_SIZE);
	if (!segment->p_filesz)
		page_end = ALIGN_DOWN(file_end, PAGE_SIZE);
	return end > page_end ? exec_map_anonymous(page_end, end - page_end, prot_of(segment)) : 0;
}

static int map_segment(const struct elf_load *load, const Elf64_Phdr *segment)
{
	unsigned long start = load->bias + segment->p_vaddr;
	unsigned long offset = start % PAGE_SIZE;
	int err = 0;

	if (segment->p_filesz)
		err = exec_map_file(load->file, start - offset, segment->p_filesz + offset,
				    prot_of(segment), segment->p_offset - offset);
	if (err || segment->p_memsz == segment->p_filesz)
		return err;
	return clear_rest(segment, start + segment->p_filesz, start + segment->p_memsz);
}

static int map_segments(const struct elf_load *load)
{
	int err = 0;

	for (unsigned int i = 0; i < load->header.nr_headers && !err; i++)
		if (load->segments[i].p_type == PT_LOAD && load->segments[i].p_memsz)
			err = map_segment(load, &load->segments[i]);
	return err;
}

static bool is_random(void)
{
	return !(current->user->personality & ADDR_NO_RANDOMIZE);
}

static unsigned long random_pages(unsigned long nr)
{
	return is_random() ? random_u64() % nr << PAGE_SHIFT : 0;
}

/* Decides where a program that can be anywhere goes, as a whole. */
static int choose_place(struct elf_load *load, bool is_program)
{
	unsigned long size = load->program.high - load->program.low, place;

	if (load->header.type == ET_EXEC)
		return 0;
	if (is_program)
		place = ALIGN_DOWN(PIE_BASE + random_pages(1UL << MMAP_RANDOM_BITS),
				   load->program.align);
	else
		place = exec_find_place(size, load->program.align);
	if (!place || place > USER_END - size)
		return -ENOMEM;
	load->bias = place - load->program.low;
	return 0;
}

static int map_program(struct elf_load *program, struct elf_load *interp)
{
	int err = choose_place(program, interp->file != NULL) ?: map_segments(program);

	if (!err && interp->file)
		err = choose_place(interp, false) ?: map_segments(interp);
	return err;
}

static void set_layout(struct mm_struct *mm, const struct elf_load *load)
{
	const struct elf_program *program = &load->program;

	mm->start_code = load->bias + program->code_start;
	mm->end_code = load->bias + program->code_end;
	mm->start_data = load->bias + program->data_start;
	mm->end_data = load->bias + program->data_end;
	mm->brk = mm->start_brk =
		ALIGN_UP(load->bias + program->brk, PAGE_SIZE) + random_pages(BRK_RANDOM_PAGES);
}

/* --- the stack --- */

struct aux_vector {
	unsigned long pairs[MAX_AUX][2];
	unsigned int nr;
};

static void add_aux(struct aux_vector *aux, unsigned long type, unsigned long value)
{
	aux->pairs[aux->nr][0] = type;
	aux->pairs[aux->nr++][1] = value;
}

static void fill_aux(struct aux_vector *aux, const struct exec *exec,
		     const struct elf_load *program, const struct elf_load *interp)
{
	const struct cred *cred = current->cred;
	unsigned long vdso = vdso_address(current->user->mm);

	if (vdso)
		add_aux(aux, AT_SYSINFO_EHDR, vdso);
	add_aux(aux, AT_HWCAP, arch_hwcap());
	add_aux(aux, AT_PAGESZ, PAGE_SIZE);
	add_aux(aux, AT_CLKTCK, USER_HZ);
	add_aux(aux, AT_PHDR,
		program->program.headers_addr ? program->bias + program->program.headers_addr : 0);
	add_aux(aux, AT_PHENT, sizeof(Elf64_Phdr));
	add_aux(aux, AT_PHNUM, program->header.nr_headers);
	add_aux(aux, AT_BASE, interp->file ? interp->bias + interp->program.low : 0);
	add_aux(aux, AT_FLAGS, 0);
	add_aux(aux, AT_ENTRY, program->bias + program->header.entry);
	add_aux(aux, AT_UID, cred->uid);
	add_aux(aux, AT_EUID, cred->euid);
	add_aux(aux, AT_GID, cred->gid);
	add_aux(aux, AT_EGID, cred->egid);
	add_aux(aux, AT_SECURE, exec->secure);
	add_aux(aux, AT_EXECFN, exec->path_addr);
}

static unsigned long push_bytes(unsigned long *pos, const void *bytes, size_t len)
{
	*pos -= len;
	return copy_to_user((void __user *)*pos, bytes, len) ? 0 : *pos;
}

static size_t string_size(const struct exec_stack *stack __maybe_unused, unsigned long addr)
{
	return strnlen_user((char __user *)addr, MAX_ARG_STRLEN);
}

static int put_word(const struct exec_stack *stack __maybe_unused, unsigned long addr,
		    unsigned long word)
{
	return put_user(word, (unsigned long __user *)addr);
}

static int write_stack(const struct exec *exec, const struct aux_vector *aux, unsigned long *sp)
{
	const struct mm_struct *mm = current->user->mm;
	struct exec_stack stack = {
		.arg_start = mm->arg_start,
		.env_start = mm->env_start,
		.argc = exec->argc,
		.envc = exec->envc,
		.aux = aux->pairs,
		.nr_aux = aux->nr,
		.sp = *sp,
		.string_size = string_size,
		.put_word = put_word,
	};
	int err = exec_stack_write(&stack);

	*sp = stack.sp;
	return err;
}

static int set_up_stack(const struct exec *exec, const struct elf_load *program,
			const struct elf_load *interp, unsigned long *sp)
{
	struct aux_vector aux = { .nr = 0 };
	u8 random[NR_RANDOM_BYTES];
	unsigned long addr;

	*sp = ALIGN_DOWN(exec->pos, 16);
	if (is_random())
		*sp -= random_u64() % 8192 & ~15UL;
	addr = push_bytes(sp, PLATFORM, sizeof(PLATFORM));
	if (!addr)
		return -EFAULT;
	fill_aux(&aux, exec, program, interp);
	add_aux(&aux, AT_PLATFORM, addr);
	random_bytes(random, sizeof(random));
	*sp = ALIGN_DOWN(*sp, 16);
	addr = push_bytes(sp, random, sizeof(random));
	if (!addr)
		return -EFAULT;
	add_aux(&aux, AT_RANDOM, addr);
	add_aux(&aux, AT_NULL, 0);
	memcpy(current->user->mm->auxv, aux.pairs, aux.nr * sizeof(aux.pairs[0]));
	return write_stack(exec, &aux, sp);
}

/* --- all of it --- */

static int load_checked(struct exec *exec, struct elf_load *program, struct elf_load *interp)
{
	const struct elf_load *first = interp->file ? interp : program;
	unsigned long sp;
	int err = exec_commit(exec);

	if (err)
		return err;
	exec_place_mappings(MMAP_RANDOM_BITS);
	if (program->program.stack_is_executable)
		err = exec_make_stack_executable();
	err = err ?: map_program(program, interp);
	err = err ?: vdso_map(current->user->mm, is_random() ? random_u64() : 0);
	if (err)
		return err;
	set_layout(current->user->mm, program);
	err = set_up_stack(exec, program, interp, &sp);
	if (err)
		return err;
	arch_start_program(task_pt_regs(current), first->bias + first->header.entry, sp);
	return 0;
}

static void end_load(struct elf_load *load)
{
	kfree(load->segments);
}

int load_elf(struct exec *exec)
{
	struct elf_load program = { .file = exec->file }, interp = { 0 };
	int err = read_headers(&program, exec->head, sizeof(exec->head));

	err = err ?: open_interp(exec, &program, &interp);
	err = err ?: load_checked(exec, &program, &interp);
	end_load(&program);
	end_load(&interp);
	if (interp.file)
		fput(interp.file);
	return err;
}
