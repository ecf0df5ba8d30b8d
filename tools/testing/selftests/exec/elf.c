/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Malformed ELF files: ENOEXEC where nothing was begun, a signal for the new program where it was,
 * and never harm for anybody else.  A fixed list whose results are known, and random damage, which
 * runs only on a machine of its own: a damaged program may do anything that a program can do.
 */
#include "image.h"

static char path[PATH_MAX + 16];

static long run_image(struct test *t, const struct image *image, size_t size)
{
	long got;

	write_program(t, path, image, size);
	got = try_exec(t, path);
	unlink(path);
	return got;
}

static void begin(struct test *t, struct image *image)
{
	snprintf(path, sizeof(path), "%s/program", scratch_folder(t));
	image_init(image);
}

static void small_program_runs(struct test *t)
{
	struct image image;

	begin(t, &image);
	EXPECT_RET(t, run_image(t, &image, sizeof(image)), RAN_WITH(42));
}

struct damage {
	const char *name;
	void (*fn)(struct image *image);
	long want;
};

#define DAMAGE(name, statement)               \
	static void name(struct image *image) \
	{                                     \
		statement;                    \
	}

/* clang-format off */
DAMAGE(magic, image->header.e_ident[3] = 'f')
DAMAGE(class_32, image->header.e_ident[EI_CLASS] = ELFCLASS32)
DAMAGE(type_relocatable, image->header.e_type = ET_REL)
DAMAGE(type_core, image->header.e_type = ET_CORE)
DAMAGE(machine_arm, image->header.e_machine = EM_AARCH64)
DAMAGE(no_segments, image->header.e_phnum = 0)
DAMAGE(small_entries, image->header.e_phentsize = sizeof(Elf64_Phdr) - 1)
DAMAGE(large_entries, image->header.e_phentsize = sizeof(Elf64_Phdr) + 8)
DAMAGE(too_many_segments, image->header.e_phnum = 0xffff)
DAMAGE(segments_beyond_the_file, image->header.e_phoff = 1 << 20)
DAMAGE(segments_at_a_negative_offset, image->header.e_phoff = -1UL)
DAMAGE(segments_across_the_end, image->header.e_phoff = sizeof(*image) - 60)
DAMAGE(no_loadable_segment, image->segments[0].p_type = PT_NOTE)
DAMAGE(more_in_the_file_than_in_memory, image->segments[0].p_memsz = 16)
DAMAGE(in_the_kernel, image->segments[0].p_vaddr = 0xffffffff80000000UL)
DAMAGE(beyond_user_space, image->segments[0].p_vaddr = 0x7ffffffff000UL)
DAMAGE(non_canonical, image->segments[0].p_vaddr = 0x0a00000000000000UL)
DAMAGE(huge_in_memory, image->segments[0].p_memsz = 1UL << 47)
DAMAGE(wrapping_in_memory, image->segments[0].p_memsz = -1UL)
DAMAGE(huge_in_the_file, image->segments[0].p_filesz = image->segments[0].p_memsz = 1UL << 50)
DAMAGE(unaligned_offset, image->segments[0].p_offset = 1)
DAMAGE(not_executable, image->segments[0].p_flags = PF_R)
DAMAGE(no_rights, image->segments[0].p_flags = 0)
DAMAGE(entry_at_zero, image->header.e_entry = 0)
DAMAGE(entry_unmapped, image->header.e_entry = 0x20000000)
DAMAGE(entry_in_the_kernel, image->header.e_entry = 0xffffffff80200000UL)
DAMAGE(entry_non_canonical, image->header.e_entry = 0x0a00000000000000UL)
DAMAGE(no_sections, (image->header.e_shnum = 0xffff, image->header.e_shoff = -8UL))
DAMAGE(unknown_flags, image->header.e_flags = 0xffffffff)
DAMAGE(unknown_segment, image->segments[1].p_type = 0x12345678)
DAMAGE(wrong_version, image->header.e_version = 77)
/* clang-format on */

static void overlap(struct image *image)
{
	image->segments[1] = image->segments[0];
}

static void bss_only(struct image *image)
{
	image->segments[1] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_vaddr = IMAGE_BASE + 0x10000,
		.p_memsz = 0x5000,
		.p_align = PAGE,
	};
}

static void interpreter(struct image *image, const char *name, size_t size)
{
	strcpy(image->more, name);
	image->segments[1] = (Elf64_Phdr){
		.p_type = PT_INTERP,
		.p_offset = offsetof(struct image, more),
		.p_filesz = size,
	};
}

static void missing_interpreter(struct image *image)
{
	interpreter(image, "/no/such/interpreter", sizeof("/no/such/interpreter"));
}

static void interpreter_without_end(struct image *image)
{
	interpreter(image, "/no/such/interpreter", 8);
}

static void interpreter_of_one_byte(struct image *image)
{
	interpreter(image, "", 1);
}

static void interpreter_too_long(struct image *image)
{
	interpreter(image, "/x", 5000);
}

static void interpreter_beyond_the_file(struct image *image)
{
	interpreter(image, "/x", 3);
	image->segments[1].p_offset = 1 << 20;
}

static const struct damage damages[] = {
	{ "magic", magic, -ENOEXEC },
	{ "type relocatable", type_relocatable, -ENOEXEC },
	{ "type core", type_core, -ENOEXEC },
	{ "machine", machine_arm, -ENOEXEC },
	{ "no segments", no_segments, -ENOEXEC },
	{ "small entries", small_entries, -ENOEXEC },
	{ "large entries", large_entries, -ENOEXEC },
	{ "too many segments", too_many_segments, -ENOEXEC },
	{ "segments at a negative offset", segments_at_a_negative_offset, -ENOEXEC },
	{ "missing interpreter", missing_interpreter, -ENOENT },
	{ "interpreter without end", interpreter_without_end, -ENOEXEC },
	{ "interpreter of one byte", interpreter_of_one_byte, -ENOEXEC },
	{ "interpreter too long", interpreter_too_long, -ENOEXEC },
	{ "not executable", not_executable, KILLED_BY(SIGSEGV) },
	{ "no rights", no_rights, KILLED_BY(SIGSEGV) },
	{ "entry at zero", entry_at_zero, KILLED_BY(SIGSEGV) },
	{ "entry unmapped", entry_unmapped, KILLED_BY(SIGSEGV) },
	{ "entry in the kernel", entry_in_the_kernel, KILLED_BY(SIGSEGV) },
	{ "entry non-canonical", entry_non_canonical, KILLED_BY(SIGSEGV) },
	{ "class", class_32, RAN_WITH(42) }, /* Linux looks at machine and type alone */
	{ "no sections", no_sections, RAN_WITH(42) },
	{ "unknown flags", unknown_flags, RAN_WITH(42) },
	{ "unknown segment", unknown_segment, RAN_WITH(42) },
	{ "wrong version", wrong_version, RAN_WITH(42) },
	{ "bss only", bss_only, RAN_WITH(42) },
};

static void known_damage_gives_known_results(struct test *t)
{
	struct image image;

	snprintf(path, sizeof(path), "%s/program", scratch_folder(t));
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		image_init(&image);
		damages[i].fn(&image);
		EXPECT_RET_ROW(t, damages[i].name, run_image(t, &image, sizeof(image)),
			       damages[i].want);
	}
}

/* Past the point of no return or before it: kernels differ, but the program must not run. */
static const struct damage fatal[] = {
	{ "segments beyond the file", segments_beyond_the_file, 0 },
	{ "segments across the end", segments_across_the_end, 0 },
	{ "no loadable segment", no_loadable_segment, 0 },
	{ "more in the file than in memory", more_in_the_file_than_in_memory, 0 },
	{ "in the kernel", in_the_kernel, 0 },
	{ "beyond user space", beyond_user_space, 0 },
	{ "non-canonical", non_canonical, 0 },
	{ "huge in memory", huge_in_memory, 0 },
	{ "wrapping in memory", wrapping_in_memory, 0 },
	{ "huge in the file", huge_in_the_file, 0 },
	{ "unaligned offset", unaligned_offset, 0 },
	{ "interpreter beyond the file", interpreter_beyond_the_file, 0 },
};

static void fatal_damage_is_an_error_or_a_signal(struct test *t)
{
	struct image image;

	snprintf(path, sizeof(path), "%s/program", scratch_folder(t));
	for (size_t i = 0; i < ARRAY_SIZE(fatal); i++) {
		long got;

		image_init(&image);
		fatal[i].fn(&image);
		got = run_image(t, &image, sizeof(image));
		EXPECT_RET_ROW(t, fatal[i].name, got < 0 || WIFSIGNALED((int)(got >> 16)), true);
	}
}

static void overlapping_segments_do_no_harm(struct test *t)
{
	struct image image;

	begin(t, &image);
	overlap(&image);
	run_image(t, &image, sizeof(image));
	image_init(&image);
	EXPECT_RET(t, run_image(t, &image, sizeof(image)), RAN_WITH(42));
}

static void cut_files_do_no_harm(struct test *t)
{
	struct image image;

	begin(t, &image);
	EXPECT_RET(t, run_image(t, &image, 0), -ENOEXEC);
	EXPECT_RET(t, run_image(t, &image, 3), -ENOEXEC);
	EXPECT_RET(t, run_image(t, &image, sizeof(Elf64_Ehdr) - 1), -ENOEXEC);
	for (size_t size = 0; size < sizeof(image); size += 7) {
		long got = run_image(t, &image, size);

		EXPECT_TRUE(t, got < 0 || got == RAN_WITH(42) || WIFSIGNALED((int)(got >> 16)));
	}
}

static void bss_behind_data_is_zero(struct test *t)
{
	/* cmpb $0, IMAGE_BASE + 0x800: exit 42 if the byte behind the file's end is 0 */
	static const unsigned char code[] = { 0x0f, 0xb6, 0x3c, 0x25, 0x00, 0x08, 0x00, 0x10,
					      0xb8, 231,  0,	0,    0,    0x0f, 0x05 };
	struct image image;
	char file[0x900];

	begin(t, &image);
	image.segments[0].p_flags = PF_R | PF_W | PF_X;
	image.segments[0].p_filesz = 0x800;
	image.segments[0].p_memsz = 0x3000;
	memcpy(image.code, code, sizeof(code));
	memset(file, 0xee, sizeof(file)); /* the file goes on with other bytes */
	memcpy(file, &image, sizeof(image) < 0x800 ? sizeof(image) : 0x800);
	write_program(t, path, file, sizeof(file));
	EXPECT_RET(t, try_exec(t, path), RAN_WITH(0));
	unlink(path);
}

static void stack_flags_decide_about_execution(struct test *t)
{
	/* lea -64(%rsp), %rax; movb $0xc3, (%rax); call *%rax; exit_group(42) */
	static const unsigned char code[] = { 0x48, 0x8d, 0x44, 0x24, 0xc0, 0xc6, 0x00, 0xc3,
					      0xff, 0xd0, 0xbf, 42,   0,    0,	  0,	0xb8,
					      231,  0,	  0,	0,    0x0f, 0x05 };
	struct image image;

	begin(t, &image);
	memcpy(image.more, code, sizeof(code));
	image.header.e_entry = IMAGE_BASE + offsetof(struct image, more);
	image.segments[1] = (Elf64_Phdr){ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W };
	EXPECT_RET(t, run_image(t, &image, sizeof(image)), KILLED_BY(SIGSEGV));
	image.segments[1].p_flags |= PF_X;
	EXPECT_RET(t, run_image(t, &image, sizeof(image)), RAN_WITH(42));
}

static void position_independent_programs_move(struct test *t)
{
	/* lea 0(%rip), %rdi; shr $12, %rdi; exit_group: bits 12 to 19 of where it is */
	static const unsigned char code[] = { 0x48, 0x8d, 0x3d, 0,   0, 0, 0, 0x48, 0xc1,
					      0xef, 12,	  0xb8, 231, 0, 0, 0, 0x0f, 0x05 };
	struct image image;
	long got[5];
	int same = 0;

	begin(t, &image);
	image.header.e_type = ET_DYN;
	image.segments[0].p_vaddr = 0;
	image.header.e_entry = offsetof(struct image, more);
	memcpy(image.more, code, sizeof(code));
	for (size_t i = 0; i < ARRAY_SIZE(got); i++) {
		got[i] = run_image(t, &image, sizeof(image));
		EXPECT_TRUE(t, WIFEXITED((int)(got[i] >> 16)));
		same += i && got[i] == got[0];
	}
	EXPECT_LT(t, same, 4);
}

static void random_damage_does_no_harm(struct test *t)
{
	unsigned int random = 4711;
	struct image image;

	SKIP_UNLESS_GUEST(t);
	snprintf(path, sizeof(path), "%s/program", scratch_folder(t));
	for (int i = 0; i < 2000; i++) {
		image_init(&image);
		for (unsigned int n = next_random(&random) % 4 + 1; n; n--)
			((unsigned char *)&image)[next_random(&random) %
						  offsetof(struct image, code)] =
				(unsigned char)next_random(&random);
		/* A program that neither runs nor dies would be one that waits: code cannot. */
		run_image(t, &image, sizeof(image));
	}
	image_init(&image);
	EXPECT_RET(t, run_image(t, &image, sizeof(image)), RAN_WITH(42));
}

static const struct test_case elf_cases[] = {
	TEST_CASE(small_program_runs),
	TEST_CASE(known_damage_gives_known_results),
	TEST_CASE(fatal_damage_is_an_error_or_a_signal),
	TEST_CASE(overlapping_segments_do_no_harm),
	TEST_CASE(cut_files_do_no_harm),
	TEST_CASE(bss_behind_data_is_zero),
	TEST_CASE(stack_flags_decide_about_execution),
	TEST_CASE(position_independent_programs_move),
	TEST_CASE(random_damage_does_no_harm),
};
TEST_SUITE(elf, elf_cases);
SELFTEST_NO_HELPER
