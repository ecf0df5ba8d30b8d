/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sqlite-insert FILE COUNT: a new database; says a byte, waits for one, inserts COUNT rows, each in
 * a transaction of its own (a journal made, written, synced and removed), and says a byte again.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static sqlite3 *db;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "sqlite-insert: %s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

static void insert(unsigned long count)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, "INSERT INTO pairs VALUES (?1, 'number ' || ?1)", -1, &statement,
			       NULL))
		fail("prepare");
	for (unsigned long i = 0; i < count; i++) {
		sqlite3_bind_int64(statement, 1, (sqlite3_int64)i);
		if (sqlite3_step(statement) != SQLITE_DONE)
			fail("insert");
		sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
}

int main(int argc, char **argv)
{
	char byte = 0;

	if (argc != 3)
		return 2;
	unlink(argv[1]);
	if (sqlite3_open(argv[1], &db) ||
	    sqlite3_exec(db, "CREATE TABLE pairs (number INTEGER, text TEXT)", NULL, NULL, NULL))
		fail(argv[1]);
	if (write(STDOUT_FILENO, &byte, 1) != 1 || read(STDIN_FILENO, &byte, 1) != 1)
		return 1;
	insert(strtoul(argv[2], NULL, 10));
	if (write(STDOUT_FILENO, &byte, 1) != 1)
		return 1;
	sqlite3_close(db);
	unlink(argv[1]);
	return 0;
}
