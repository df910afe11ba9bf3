/* The tables of the register. What is released here is never changed: a new step is added. */
#include "config.h"
#include "accounts.h"
#include "campaigns.h"
#include "sweeps.h"

static const char *const migrations[] = {
    "CREATE TABLE units (name TEXT PRIMARY KEY, abbreviation TEXT) STRICT;"
    "CREATE TABLE unit_domains (domain TEXT PRIMARY KEY,"
    "  unit TEXT NOT NULL REFERENCES units (name) ON UPDATE CASCADE) STRICT;"
    "CREATE TABLE departments (unit TEXT NOT NULL REFERENCES units (name) ON UPDATE CASCADE, name TEXT NOT NULL,"
    "  PRIMARY KEY (unit, name)) STRICT;"
    "CREATE TABLE officers (unit TEXT NOT NULL REFERENCES units (name) ON UPDATE CASCADE, department TEXT,"
    "  role TEXT NOT NULL CHECK (role IN ('handler', 'reviewer', 'approver', 'deputy', 'leader')),"
    "  address TEXT NOT NULL, name TEXT,"
    "  FOREIGN KEY (unit, department) REFERENCES departments (unit, name) ON UPDATE CASCADE) STRICT;"
    "CREATE UNIQUE INDEX officers_once ON officers (unit, ifnull(department, ''), role, address);"
    "CREATE TABLE accounts (number INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE,"
    "  kind TEXT NOT NULL CHECK (kind IN ('person', 'unit', 'service', 'administrator')),"
    "  unit TEXT REFERENCES units (name) ON UPDATE CASCADE, department TEXT, owner TEXT, keeper TEXT, purpose TEXT,"
    "  tier TEXT NOT NULL CHECK (tier IN ('base', 'strict', 'high', 'otp')), group_name TEXT, role TEXT,"
    "  commitment TEXT, training TEXT, note TEXT,"
    "  state TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'open', 'suspended', 'closed')),"
    "  requested_by TEXT, requested TEXT, approver TEXT, approved TEXT, deadline TEXT, source TEXT, new_password TEXT,"
    "  left_on TEXT, watched_until TEXT, changed TEXT,"
    "  local_part TEXT GENERATED ALWAYS AS (substr(address, 1, instr(address, '@') - 1)) STORED,"
    "  CHECK (state IN ('requested', 'closed', 'suspended') OR approver IS NOT NULL OR kind = 'administrator'),"
    "  FOREIGN KEY (unit, department) REFERENCES departments (unit, name) ON UPDATE CASCADE) STRICT;"
    "CREATE INDEX accounts_local_part ON accounts (local_part);"
    "CREATE INDEX accounts_department ON accounts (unit, department);"
    "CREATE TABLE aliases (alias TEXT PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts (number)) STRICT;"
    "CREATE INDEX aliases_account ON aliases (account);"
    "CREATE TABLE networks (account INTEGER NOT NULL REFERENCES accounts (number), network TEXT NOT NULL,"
    "  PRIMARY KEY (account, network)) STRICT;"
    "CREATE TABLE delegates (account INTEGER NOT NULL REFERENCES accounts (number),"
    "  delegate INTEGER NOT NULL REFERENCES accounts (number), approver TEXT NOT NULL, since TEXT NOT NULL,"
    "  until TEXT NOT NULL, PRIMARY KEY (account, delegate)) STRICT;"
    "CREATE INDEX delegates_delegate ON delegates (delegate);"
    "CREATE TABLE exceptions (account INTEGER NOT NULL REFERENCES accounts (number), problem TEXT NOT NULL,"
    "  approver TEXT NOT NULL, reason TEXT NOT NULL, until TEXT NOT NULL, PRIMARY KEY (account, problem)) STRICT;"
    "CREATE TABLE stages (group_name TEXT PRIMARY KEY,"
    "  stage TEXT NOT NULL CHECK (stage IN ('observe', 'warn', 'enforce')), set_by TEXT NOT NULL, since TEXT NOT NULL)"
    "  STRICT;"
    "CREATE TABLE history (number INTEGER PRIMARY KEY, account INTEGER REFERENCES accounts (number), subject TEXT,"
    "  time TEXT NOT NULL, actor TEXT NOT NULL, by TEXT NOT NULL, verb TEXT NOT NULL, changes TEXT) STRICT;"
    "CREATE INDEX history_account ON history (account);",
    "CREATE TABLE intents (number INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, actor TEXT NOT NULL,"
    "  verb TEXT NOT NULL, subjects TEXT NOT NULL) STRICT;",
    "CREATE TABLE new_exceptions (account INTEGER NOT NULL REFERENCES accounts (number), problem TEXT NOT NULL,"
    "  destination TEXT NOT NULL DEFAULT '', approver TEXT NOT NULL, reason TEXT NOT NULL, until TEXT NOT NULL,"
    "  PRIMARY KEY (account, problem, destination)) STRICT;"
    "INSERT INTO new_exceptions (account, problem, approver, reason, until)"
    "  SELECT account, problem, approver, reason, until FROM exceptions;"
    "DROP TABLE exceptions;"
    "ALTER TABLE new_exceptions RENAME TO exceptions;",
    NULL,
};

Database *
accounts_open(const char *path, GError **error)
{
    g_autoptr(Database) database = database_open(path, error);
    if (database == NULL || !database_migrate(database, "accounts", migrations, error) ||
        !campaigns_migrate(database, error) || !sweeps_migrate(database, error))
        return NULL;
    return g_steal_pointer(&database);
}
