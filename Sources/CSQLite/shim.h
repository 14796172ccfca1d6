#pragma once
#include <sqlite3.h>

// Functions with a variable number of arguments cannot be called from Swift.

/// Turns the memory statistics off, for which every allocation takes a lock that all connections share. Effective only
/// before the first connection is opened.
static inline int sheaf_sqlite_disable_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

/// Gives a connection `count` slots of `size` bytes for its small allocations.
static inline int sheaf_sqlite_set_lookaside(sqlite3 *connection, int size, int count) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_LOOKASIDE, (void *)0, size, count);
}
