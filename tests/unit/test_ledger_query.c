/* Which records a search finds. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "errors.h"
#include "ledger_query.h"
#include "record.h"
#include "sample_record.h"
#include <locale.h>
#include <string.h>

/* Reads one option line as the commands do. */
static gboolean
prepare(LedgerQuery *query, const char *options, GError **error)
{
    g_autofree char *line = g_strconcat("search --directory /nowhere ", options, NULL);
    g_auto(GStrv) argv = NULL;
    int argc = 0;
    *query = (LedgerQuery){0};
    if (!g_shell_parse_argv(line, &argc, &argv, error))
        return FALSE;
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    ledger_query_add_place(context, query);
    ledger_query_add_time(context, query);
    ledger_query_add_filters(context, query);
    return g_option_context_parse_strv(context, &argv, error) && ledger_query_prepare(query, error);
}

static void
test_ledger_query_matches(void **state)
{
    static const struct {
        const char *options;
        gboolean found;
    } rows[] = {
        {"", TRUE},
        {"--sender wang@plan.unit.example", TRUE},
        {"--sender WANG@Plan.Unit.Example", TRUE},
        {"--sender @plan.unit.example", TRUE},
        {"--sender @unit.example", FALSE},
        {"--sender '*@*.unit.example'", TRUE},
        {"--sender wang", FALSE},
        {"--sender ''", FALSE},
        {"--recipient b@outside.example", TRUE},
        {"--recipient @outside.example", TRUE},
        {"--recipient c@outside.example", FALSE},
        {"--account wang", TRUE},
        {"--account li", FALSE},
        {"--unit \u529e\u516c\u5385", TRUE},
        {"--unit other", FALSE},
        {"--rule cn-state-mark", TRUE},
        {"--rule 'cn-*'", TRUE},
        {"--rule cn-work", FALSE},
        {"--policy out-state", TRUE},
        {"--level highly-secret", TRUE},
        {"--level \u673a\u5bc6", TRUE},
        {"--level secret", FALSE},
        {"--verdict reject", TRUE},
        {"--verdict hold", FALSE},
        {"--queue-id 4ABC1", TRUE},
        {"--queue-id 4ABC2", FALSE},
        {"--id 0123456789AB", TRUE},
        {"--id o1Z3456789ab", FALSE},
        {"--id oL23456789ab", TRUE},
        {"--kind letter", TRUE},
        {"--kind drop", FALSE},
        {"--message-id X1@unit.example", TRUE},
        {"--digest hmac-" SAMPLE_DIGEST, TRUE},
        {"--digest " SAMPLE_DIGEST, FALSE},
        {"--since 2026-11-22T01:02:03Z", TRUE},
        {"--since 2026-11-22T09:02:04+08:00", FALSE},
        {"--until 2026-11-22T01:02:04Z", TRUE},
        {"--until 2026-11-22T01:02:03Z", FALSE},
        {"--since 2026-11-22 --until 2026-11-22", TRUE}, /* the day is included */
        {"--since 2026-11-23", FALSE},
        {"--until 2026-11-21", FALSE},
        {"--since 2h", TRUE},
        {"--since 30m", FALSE},
        {"--since today", TRUE},
        {"--verdict reject --level secret", FALSE},
    };
    json_t *record = sample_letter();
    g_autofree char *line = record_line(record, NULL, NULL);
    clock_set_fake(1795312800 * G_TIME_SPAN_SECOND, -1); /* 2026-11-22T02:00:00Z */
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(LedgerQuery) query;
        g_autoptr(GError) error = NULL;
        if (!prepare(&query, rows[i].options, &error))
            fail_msg("%s: %s", rows[i].options, error->message);
        if (ledger_query_matches(&query, record) != rows[i].found)
            fail_msg("%s: %s", rows[i].options, rows[i].found ? "not found" : "found");
        if (rows[i].found && !ledger_query_may_match(&query, line, strlen(line)))
            fail_msg("%s: passed over", rows[i].options);
    }
    clock_set_fake(-1, -1);
    json_decref(record);
}

static void
test_ledger_query_new_queue_id_and_null_sender(void **state)
{
    json_t *record = json_pack("{s:s, s:s, s:s, s:s}", "time", "2026-11-22T01:02:03.456Z", "queue_id", "1",
                               "new_queue_id", "2", "sender", "");
    static const char *const found[] = {"--queue-id 1", "--queue-id 2", "--sender ''"};
    for (gsize i = 0; i < G_N_ELEMENTS(found); i++) {
        g_auto(LedgerQuery) query;
        assert_true(prepare(&query, found[i], NULL));
        assert_true(ledger_query_matches(&query, record));
    }
    json_decref(record);
}

/* An address from outside is stored as record_put_text spells it; the search spells it the same way. */
static void
test_ledger_query_foreign_bytes(void **state)
{
    json_t *record = json_pack("{s:s, s:s}", "time", "2026-11-22T01:02:03.456Z", "sender", "a\\x5cb@unit.example");
    g_auto(LedgerQuery) query;
    assert_true(prepare(&query, "--sender 'a\\b@unit.example'", NULL));
    assert_true(ledger_query_matches(&query, record));
    json_decref(record);
}

static void
test_ledger_query_prepare_refuses(void **state)
{
    static const char *const rows[] = {
        "--level topsecret",  "--verdict refuse",
        "--kind note",        "--since yesterdayish",
        "--since 5x",         "--since 2026-11-22T09:00:00",
        "--until 2026-13-01", "--since 2026-11-22 --until 2026-11-21",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(LedgerQuery) query;
        g_autoptr(GError) error = NULL;
        if (prepare(&query, rows[i], &error))
            fail_msg("%s was taken", rows[i]);
        assert_int_equal(error->code, HANGU_ERROR_USAGE);
    }
}

int
main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    g_setenv("TZ", "UTC", TRUE);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_query_matches),
        cmocka_unit_test(test_ledger_query_new_queue_id_and_null_sender),
        cmocka_unit_test(test_ledger_query_foreign_bytes),
        cmocka_unit_test(test_ledger_query_prepare_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
