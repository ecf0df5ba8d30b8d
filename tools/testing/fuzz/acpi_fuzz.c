/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The input is physical memory from address 0 on, with an RSDP somewhere.  Checksums of tables are
 * made good before the walk, or no damaged table would come through; each is then given to every
 * parser, whatever its name is.
 */
#include <oshit/acpi.h>
#include <oshit/string.h>

#include "fuzz.h"

#define MEMORY_MAX 4096
#define NR_CALLS   4096 /* of map(): an RSDT of zeros may name one table many times */

static u8 memory[MEMORY_MAX];
static size_t memory_size;
static unsigned int nr_calls;

static void fix_checksum(u8 *bytes, size_t len, size_t where)
{
	u8 sum = 0;

	bytes[where] = 0;
	for (size_t i = 0; i < len; i++)
		sum += bytes[i];
	bytes[where] = (u8)-sum;
}

/* A copy of its own for each mapping would find more, but the walk keeps several. */
static const void *map_memory(struct acpi_walk *walk, phys_addr_t addr, size_t len)
{
	(void)walk;
	if (addr > memory_size || len > memory_size - addr || ++nr_calls > NR_CALLS)
		return NULL;
	if (len > ACPI_HEADER_LEN)
		fix_checksum(memory + addr, len, 9);
	return memory + addr;
}

static void parse_all(const struct acpi_table *table)
{
	struct acpi_madt_entry entry;
	struct acpi_madt madt;
	struct acpi_fadt fadt;
	struct acpi_hpet hpet;
	struct acpi_ecam ecam;
	size_t pos = 0, last = 0;
	u8 a = 0, b = 0;

	acpi_parse_fadt(table, &fadt);
	acpi_parse_hpet(table, &hpet);
	acpi_parse_madt(table, &madt);
	if (!acpi_parse_s5(table, &a, &b))
		FUZZ_ASSERT(a < 8 && b < 8);
	for (; acpi_madt_next(table, &pos, &entry) == 1; last = pos)
		FUZZ_ASSERT(pos > last && pos <= table->len);
	for (pos = 0; acpi_mcfg_next(table, &pos, &ecam) == 1;)
		FUZZ_ASSERT(pos <= table->len && ecam.first_bus <= ecam.last_bus);
}

static void found_table(struct acpi_walk *walk, phys_addr_t addr, const struct acpi_table *table)
{
	(void)walk;
	FUZZ_ASSERT(addr + table->len <= memory_size);
	FUZZ_ASSERT(strlen(table->signature) <= 4 && strlen(table->oem_table) <= 8);
	parse_all(table);
}

static void bad_table(struct acpi_walk *walk, phys_addr_t addr, const char *why)
{
	(void)walk;
	(void)addr;
	FUZZ_ASSERT(*why);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct acpi_walk walk = { map_memory, found_table, bad_table };
	struct acpi_table whole = { .data = data, .len = size };
	struct acpi_rsdp rsdp;
	const void *place;

	if (size > MEMORY_MAX)
		return 0;
	parse_all(&whole); /* at the very end of its memory: a byte too far is noticed */
	memcpy(memory, data, size);
	memory_size = size;
	nr_calls = 0;
	for (size_t i = 0; i + ACPI_RSDP_LEN <= size; i += 16) {
		if (memcmp(memory + i, "RSD PTR ", 8))
			continue;
		fix_checksum(memory + i, ACPI_RSDP_V1_LEN, 8);
		fix_checksum(memory + i, ACPI_RSDP_LEN, 32);
	}
	place = acpi_scan_rsdp(memory, size);
	if (place && !acpi_parse_rsdp(place, size - (size_t)((const u8 *)place - memory), &rsdp))
		acpi_walk_tables(&walk, &rsdp);
	return 0;
}
