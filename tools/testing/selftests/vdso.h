/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vDSO as a C library reads it: found by AT_SYSINFO_EHDR, its symbols by the dynamic section.
 * Which of the two hash tables there are is a kernel's choice, that of Linux 6.15 has one.
 */
#ifndef SELFTEST_VDSO_H
#define SELFTEST_VDSO_H

#include <elf.h>

#include "selftest.h"

struct vdso {
	const char *base; /* of the ELF header */
	unsigned long size; /* of its segment */
	const Elf64_Sym *symbols;
	const char *strings;
	const Elf64_Half *versions;
	const Elf64_Verdef *version_defs;
	const Elf64_Word *hash; /* NULL: none */
	const Elf64_Word *gnu_hash; /* NULL: none */
};

/* Reads the tables; false: there is none. */
static inline bool vdso_open(struct vdso *vdso)
{
	const Elf64_Ehdr *header = (const void *)getauxval(AT_SYSINFO_EHDR);
	const Elf64_Phdr *segment;
	const Elf64_Dyn *dynamic = NULL;

	*vdso = (struct vdso){ .base = (const char *)header };
	if (!header)
		return false;
	segment = (const void *)(vdso->base + header->e_phoff);
	for (int i = 0; i < header->e_phnum; i++) {
		if (segment[i].p_type == PT_LOAD)
			vdso->size = segment[i].p_memsz;
		if (segment[i].p_type == PT_DYNAMIC)
			dynamic = (const void *)(vdso->base + segment[i].p_offset);
	}
	for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
		const void *at = vdso->base + dynamic->d_un.d_ptr;

		switch (dynamic->d_tag) {
		case DT_SYMTAB:
			vdso->symbols = at;
			break;
		case DT_STRTAB:
			vdso->strings = at;
			break;
		case DT_VERSYM:
			vdso->versions = at;
			break;
		case DT_VERDEF:
			vdso->version_defs = at;
			break;
		case DT_HASH:
			vdso->hash = at;
			break;
		case DT_GNU_HASH:
			vdso->gnu_hash = at;
			break;
		default:
			break;
		}
	}
	return vdso->symbols && vdso->strings;
}

/* The hash of System V and of GNU: the ELF specification, and the linkers' agreement. */
static inline unsigned int vdso_hash(const char *name)
{
	unsigned int hash = 0;

	for (; *name; name++) {
		hash = (hash << 4) + (unsigned char)*name;
		hash ^= hash >> 24 & 0xf0;
	}
	return hash & 0x0fffffff;
}

static inline unsigned int vdso_gnu_hash(const char *name)
{
	unsigned int hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

static inline bool vdso_symbol_is(const struct vdso *vdso, unsigned int index, const char *name)
{
	const Elf64_Sym *symbol = &vdso->symbols[index];

	return symbol->st_shndx != SHN_UNDEF &&
	       strcmp(vdso->strings + symbol->st_name, name) == 0;
}

/* Index of the symbol by one table or the other; 0: not found. */
static inline unsigned int vdso_find_by_hash(const struct vdso *vdso, const char *name)
{
	const Elf64_Word *buckets = vdso->hash + 2, *chains = buckets + vdso->hash[0];
	unsigned int index = buckets[vdso_hash(name) % vdso->hash[0]];

	while (index && !vdso_symbol_is(vdso, index, name))
		index = chains[index];
	return index;
}

static inline unsigned int vdso_find_by_gnu_hash(const struct vdso *vdso, const char *name)
{
	unsigned int nr_buckets = vdso->gnu_hash[0], first = vdso->gnu_hash[1];
	unsigned int hash = vdso_gnu_hash(name), index;
	const Elf64_Word *buckets = vdso->gnu_hash + 4 + 2 * vdso->gnu_hash[2];
	const Elf64_Word *chains = buckets + nr_buckets;

	for (index = buckets[hash % nr_buckets]; index; index++) {
		if ((chains[index - first] | 1) == (hash | 1) && vdso_symbol_is(vdso, index, name))
			return index;
		if (chains[index - first] & 1)
			break;
	}
	return 0;
}

static inline unsigned int vdso_find(const struct vdso *vdso, const char *name)
{
	return vdso->hash ? vdso_find_by_hash(vdso, name) : vdso_find_by_gnu_hash(vdso, name);
}

/* Its address; NULL: there is none of this name. */
static inline void *vdso_function(const char *name)
{
	struct vdso vdso;
	unsigned int index = vdso_open(&vdso) ? vdso_find(&vdso, name) : 0;

	return index ? (void *)(vdso.base + vdso.symbols[index].st_value) : NULL;
}

#endif
