/* SPDX-License-Identifier: GPL-2.0-only */
/* The ELF parser on good files, on each way to be bad, and on the numbers that nearly overflow. */
#include <linux/errno.h>

#include <oshit/elf.h>
#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/test.h>

#define LIMIT 0x7ffffffff000ul

static Elf64_Ehdr good_header(void)
{
	Elf64_Ehdr header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_entry = 0x1234,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
	};

	return header;
}

/* Text at 0x400000 with the headers, data behind it with 0x300 bytes in the file of 0x2000. */
static const Elf64_Phdr good_segments[] = {
	{ .p_type = PT_LOAD,
	  .p_flags = PF_R | PF_X,
	  .p_offset = 0,
	  .p_vaddr = 0x400000,
	  .p_filesz = 0x1800,
	  .p_memsz = 0x1800,
	  .p_align = 0x1000 },
	{ .p_type = PT_LOAD,
	  .p_flags = PF_R | PF_W,
	  .p_offset = 0x1800,
	  .p_vaddr = 0x402800,
	  .p_filesz = 0x300,
	  .p_memsz = 0x2000,
	  .p_align = 0x200000 },
};

static const struct elf_file good_file = {
	.type = ET_EXEC,
	.nr_headers = ARRAY_SIZE(good_segments),
	.headers_offset = sizeof(Elf64_Ehdr),
};

static void header_says_where_the_program_headers_are(struct test *t)
{
	Elf64_Ehdr header = good_header();
	struct elf_file file;

	ASSERT_OK(t, elf_parse_header(&file, &header, sizeof(header)));
	EXPECT_EQ(t, file.type, ET_DYN);
	EXPECT_EQ(t, file.nr_headers, 2);
	EXPECT_EQ(t, file.entry, 0x1234ul);
	EXPECT_EQ(t, file.headers_offset, sizeof(Elf64_Ehdr));
}

static void each_wrong_field_is_refused(struct test *t)
{
	static const struct {
		size_t offset, size;
		u16 value;
	} wrong[] = {
		{ 0, 1, 0x7e },
		{ EI_DATA, 1, ELFDATA2MSB },
		{ offsetof(Elf64_Ehdr, e_type), 2, ET_REL },
		{ offsetof(Elf64_Ehdr, e_type), 2, ET_CORE },
		{ offsetof(Elf64_Ehdr, e_machine), 2, EM_386 },
		{ offsetof(Elf64_Ehdr, e_phentsize), 2, 32 },
		{ offsetof(Elf64_Ehdr, e_phoff) + 6, 2, 0x8000 },
		{ offsetof(Elf64_Ehdr, e_phnum), 2, 0 },
		{ offsetof(Elf64_Ehdr, e_phnum), 2, 1171 }, /* 1170 fill 64 KiB */
	};
	struct elf_file file;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		Elf64_Ehdr header = good_header();

		memcpy((u8 *)&header + wrong[i].offset, &wrong[i].value, wrong[i].size);
		EXPECT_EQ(t, elf_parse_header(&file, &header, sizeof(header)), -ENOEXEC);
	}
}

static void short_file_is_refused(struct test *t)
{
	Elf64_Ehdr header = good_header();
	struct elf_file file;

	for (size_t size = 0; size < sizeof(header); size++)
		EXPECT_EQ(t, elf_parse_header(&file, &header, size), -ENOEXEC);
}

static void segments_give_the_layout(struct test *t)
{
	struct elf_program program;

	ASSERT_OK(t, elf_parse_program(&program, &good_file, good_segments, LIMIT));
	EXPECT_EQ(t, program.low, 0x400000ul);
	EXPECT_EQ(t, program.high, 0x405000ul);
	EXPECT_EQ(t, program.align, 0x200000ul);
	EXPECT_EQ(t, program.headers_addr, 0x400040ul);
	EXPECT_EQ(t, program.code_start, 0x400000ul);
	EXPECT_EQ(t, program.code_end, 0x401800ul);
	EXPECT_EQ(t, program.data_start, 0x402800ul);
	EXPECT_EQ(t, program.data_end, 0x402b00ul);
	EXPECT_EQ(t, program.brk, 0x404800ul);
	EXPECT_EQ(t, program.interp_size, 0u);
	EXPECT_FALSE(t, program.stack_is_executable);
}

static int parse_changed(const Elf64_Phdr *second)
{
	Elf64_Phdr segments[ARRAY_SIZE(good_segments)] = { good_segments[0], *second };
	struct elf_program program;

	return elf_parse_program(&program, &good_file, segments, LIMIT);
}

static void segments_that_overflow_are_refused(struct test *t)
{
	Elf64_Phdr segment = good_segments[1];

	segment.p_filesz = segment.p_memsz + 1;
	EXPECT_EQ(t, parse_changed(&segment), -EINVAL);
	segment = good_segments[1];
	segment.p_memsz = ~0ul;
	EXPECT_EQ(t, parse_changed(&segment), -EINVAL);
	segment = good_segments[1];
	segment.p_vaddr = LIMIT - 0x1800;
	EXPECT_EQ(t, parse_changed(&segment), -EINVAL);
	segment.p_vaddr = 0xffffffff80000800;
	EXPECT_EQ(t, parse_changed(&segment), -EINVAL);
	segment = good_segments[1];
	segment.p_offset = ~0ul - 0x7ff;
	EXPECT_EQ(t, parse_changed(&segment), -EINVAL);
	segment.p_offset = 0x7ffffffffffff800;
	segment.p_filesz = 0x1800;
	EXPECT_EQ(t, parse_changed(&segment), -EINVAL);
}

static void offset_and_address_must_agree_within_a_page(struct test *t)
{
	Elf64_Phdr segment = good_segments[1];

	segment.p_offset++;
	EXPECT_EQ(t, parse_changed(&segment), -EINVAL);
}

static void segment_up_to_the_limit_is_accepted(struct test *t)
{
	Elf64_Phdr segment = good_segments[1];

	segment.p_vaddr = LIMIT - 0x800;
	segment.p_memsz = 0x800;
	EXPECT_OK(t, parse_changed(&segment));
}

static void program_without_segments_is_refused(struct test *t)
{
	static const Elf64_Phdr nothing[2] = { { .p_type = PT_NOTE }, { .p_type = PT_LOAD } };
	struct elf_program program;

	EXPECT_EQ(t, elf_parse_program(&program, &good_file, nothing, LIMIT), -ENOEXEC);
}

static void interpreter_has_a_length_that_a_path_can_have(struct test *t)
{
	static const struct {
		u64 size;
		int result;
	} paths[] = { { 0, -ENOEXEC },
		      { 1, -ENOEXEC },
		      { 2, 0 },
		      { ELF_MAX_INTERP, 0 },
		      { ELF_MAX_INTERP + 1, -ENOEXEC },
		      { ~0ul, -ENOEXEC } };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		Elf64_Phdr interp = { .p_type = PT_INTERP, .p_filesz = paths[i].size };

		EXPECT_EQ(t, parse_changed(&interp), paths[i].result);
	}
}

static void stack_is_executable_only_if_asked(struct test *t)
{
	Elf64_Phdr segments[] = { good_segments[0], { .p_type = PT_GNU_STACK, .p_flags = PF_X } };
	struct elf_program program;

	ASSERT_OK(t, elf_parse_program(&program, &good_file, segments, LIMIT));
	EXPECT_TRUE(t, program.stack_is_executable);
	segments[1].p_flags = PF_R | PF_W;
	ASSERT_OK(t, elf_parse_program(&program, &good_file, segments, LIMIT));
	EXPECT_FALSE(t, program.stack_is_executable);
}

static const struct test_case elf_cases[] = {
	TEST_CASE(header_says_where_the_program_headers_are),
	TEST_CASE(each_wrong_field_is_refused),
	TEST_CASE(short_file_is_refused),
	TEST_CASE(segments_give_the_layout),
	TEST_CASE(segments_that_overflow_are_refused),
	TEST_CASE(offset_and_address_must_agree_within_a_page),
	TEST_CASE(segment_up_to_the_limit_is_accepted),
	TEST_CASE(program_without_segments_is_refused),
	TEST_CASE(interpreter_has_a_length_that_a_path_can_have),
	TEST_CASE(stack_is_executable_only_if_asked),
};
TEST_SUITE(elf, elf_cases);
