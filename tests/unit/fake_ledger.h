/* fake_ledger - a ledger in a thread that remembers what it is given, or refuses it. */
#pragma once
#include <glib.h>
#include <jansson.h>

typedef enum { FAKE_LEDGER_GOOD, FAKE_LEDGER_REFUSES_IO, FAKE_LEDGER_REFUSES_REPORTS } FakeLedgerKind;
typedef struct FakeLedger FakeLedger;
FakeLedger *fake_ledger_start(void);
void fake_ledger_stop(FakeLedger *ledger);
const char *fake_ledger_path(const FakeLedger *ledger);
void fake_ledger_behave(FakeLedger *ledger, FakeLedgerKind kind);
/* What was taken; lent; fails the test if there is none. */
json_t *fake_ledger_record(FakeLedger *ledger, guint index);
guint fake_ledger_count(FakeLedger *ledger);
