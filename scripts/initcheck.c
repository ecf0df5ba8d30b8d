/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * initcheck - no pointer from what stays to what is freed after boot
 *
 *	initcheck OBJECT...
 *
 * Reads the relocations of all objects.  One in a section that stays, against a symbol in a
 * section named .init.*, would be a jump or an access into freed pages; each is printed, and the
 * exit status is 1.  Allowed are:
 *
 *	.init.* boot_params .head*	freed themselves, or run before anything is freed
 *	.ref.*				code that is known to run, or look, only before that
 *	.debug* .eh_frame* .note* __*	not memory of the kernel, or tables sorted by address
 *
 * Data that no symbol names is the compiler's: jump tables, and images of initialised local
 * structs. Only one function uses it, and an .init function may. (The price: such an image in a
 * function that stays is not looked into.)
 *
 * ELF64, little endian, as made by the compiler: malformed objects are not expected.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NR_BUCKETS 4096

struct object {
	const char *file;
	const char *image;
	const Elf64_Shdr *sections;
	unsigned int nr_sections;
	const char *section_names;
	const Elf64_Sym *symbols;
	unsigned int nr_symbols;
	const char *symbol_names;
};

struct init_symbol {
	struct init_symbol *next;
	const char *name;
};

static struct init_symbol *init_symbols[NR_BUCKETS];

static _Noreturn void die(const char *file, const char *what)
{
	fprintf(stderr, "initcheck: %s: %s\n", file, what);
	exit(1);
}

static struct init_symbol **bucket_of(const char *name)
{
	unsigned int hash = 5381;

	while (*name)
		hash = hash * 33 + (unsigned char)*name++;
	return &init_symbols[hash % NR_BUCKETS];
}

static bool is_init_symbol(const char *name)
{
	const struct init_symbol *s = *bucket_of(name);

	while (s && strcmp(s->name, name))
		s = s->next;
	return s;
}

static bool starts_with(const char *s, const char *start)
{
	return !strncmp(s, start, strlen(start));
}

static bool is_init_section(const char *name)
{
	return starts_with(name, ".init.");
}

static bool may_refer_to_init(const char *section)
{
	static const char *const allowed[] = {
		".init.", "boot_params", ".head", ".ref.", ".debug", ".eh_frame", ".note", "__",
	};

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		if (starts_with(section, allowed[i]))
			return true;
	}
	return false;
}

static const char *section_name(const struct object *o, unsigned int index)
{
	return o->section_names + o->sections[index].sh_name;
}

static void open_object(struct object *o, const char *file)
{
	int fd = open(file, O_RDONLY);
	const Elf64_Ehdr *header;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || st.st_size < (off_t)sizeof(*header))
		die(file, "cannot read");
	o->file = file;
	o->image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (o->image == MAP_FAILED)
		die(file, "cannot map");
	close(fd);
	header = (const void *)o->image;
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_type != ET_REL)
		die(file, "not an object file");
	o->sections = (const void *)(o->image + header->e_shoff);
	o->nr_sections = header->e_shnum;
	o->section_names = o->image + o->sections[header->e_shstrndx].sh_offset;
}

static void find_symbols(struct object *o)
{
	for (unsigned int i = 1; i < o->nr_sections; i++) {
		const Elf64_Shdr *s = &o->sections[i];

		if (s->sh_type != SHT_SYMTAB)
			continue;
		o->symbols = (const void *)(o->image + s->sh_offset);
		o->nr_symbols = s->sh_size / sizeof(Elf64_Sym);
		o->symbol_names = o->image + o->sections[s->sh_link].sh_offset;
	}
}

static bool symbol_is_defined_here(const Elf64_Sym *sym)
{
	return sym->st_shndx != SHN_UNDEF && sym->st_shndx < SHN_LORESERVE;
}

static void note_init_globals(const struct object *o)
{
	for (unsigned int i = 1; i < o->nr_symbols; i++) {
		const Elf64_Sym *sym = &o->symbols[i];
		struct init_symbol **bucket, *new;

		if (ELF64_ST_BIND(sym->st_info) == STB_LOCAL || !symbol_is_defined_here(sym) ||
		    !is_init_section(section_name(o, sym->st_shndx)))
			continue;
		new = malloc(sizeof(*new));
		if (!new)
			die(o->file, "out of memory");
		new->name = o->symbol_names + sym->st_name;
		bucket = bucket_of(new->name);
		new->next = *bucket;
		*bucket = new;
	}
}

/* The function or object that covers @offset of section @index; NULL: none. */
static const char *symbol_at(const struct object *o, unsigned int index, Elf64_Addr offset)
{
	for (unsigned int i = 1; i < o->nr_symbols; i++) {
		const Elf64_Sym *sym = &o->symbols[i];

		if (sym->st_shndx == index && sym->st_value <= offset &&
		    offset < sym->st_value + sym->st_size)
			return o->symbol_names + sym->st_name;
	}
	return NULL;
}

static bool is_compilers_data(const struct object *o, unsigned int section, Elf64_Addr offset)
{
	return !(o->sections[section].sh_flags & SHF_EXECINSTR) && !symbol_at(o, section, offset);
}

static unsigned int check_relocation(const struct object *o, unsigned int from,
				     const Elf64_Rela *rela)
{
	const Elf64_Sym *sym = &o->symbols[ELF64_R_SYM(rela->r_info)];
	const char *name = o->symbol_names + sym->st_name;
	bool defined = symbol_is_defined_here(sym);
	const char *where;

	if (defined ? !is_init_section(section_name(o, sym->st_shndx)) : !is_init_symbol(name))
		return 0;
	if (is_compilers_data(o, from, rela->r_offset))
		return 0;
	if (defined && ELF64_ST_TYPE(sym->st_info) == STT_SECTION)
		name = symbol_at(o, sym->st_shndx, rela->r_addend);
	where = symbol_at(o, from, rela->r_offset);
	fprintf(stderr, "%s: error: %s in %s refers to %s, which is freed after boot\n", o->file,
		where ? where : "code", section_name(o, from), name ? name : ".init code or data");
	return 1;
}

static unsigned int check_object(const struct object *o)
{
	unsigned int bad = 0;

	for (unsigned int i = 1; i < o->nr_sections; i++) {
		const Elf64_Shdr *s = &o->sections[i];
		const Elf64_Rela *rela = (const void *)(o->image + s->sh_offset);

		if (s->sh_type != SHT_RELA || may_refer_to_init(section_name(o, s->sh_info)))
			continue;
		for (size_t j = 0; j < s->sh_size / sizeof(*rela); j++)
			bad += check_relocation(o, s->sh_info, &rela[j]);
	}
	return bad;
}

int main(int argc, char **argv)
{
	struct object *objects = calloc((size_t)argc, sizeof(*objects));
	unsigned int bad = 0;

	if (!objects)
		die("objects", "out of memory");
	for (int i = 1; i < argc; i++) {
		open_object(&objects[i], argv[i]);
		find_symbols(&objects[i]);
		note_init_globals(&objects[i]);
	}
	for (int i = 1; i < argc; i++)
		bad += check_object(&objects[i]);
	return bad ? 1 : 0;
}
