/* One pass over the records. */
#include "config.h"
#include "login_report.h"
#include <string.h>

#define SETS_MAX 256 /* networks and mechanisms of one account that are told apart */

static void
count_free(gpointer data)
{
    LoginCount *count = data;
    g_free(count->account);
    g_free(count->department);
    g_clear_pointer(&count->networks, g_hash_table_unref);
    g_clear_pointer(&count->mechanisms, g_hash_table_unref);
    g_free(count);
}

static LoginCount *
count_new(const char *account, const char *department, gboolean sets)
{
    LoginCount *count = g_new0(LoginCount, 1);
    count->account = g_strdup(account);
    count->department = g_strdup(department);
    count->networks = sets ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) : NULL;
    count->mechanisms = sets ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) : NULL;
    return count;
}

void
login_report_init(LoginReport *report)
{
    memset(report, 0, sizeof *report);
    report->accounts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, count_free);
}

void
login_report_clear(LoginReport *report)
{
    g_clear_pointer(&report->accounts, g_hash_table_unref);
}

static const char *
text_of(const json_t *record, const char *name)
{
    const char *text = json_string_value(json_object_get(record, name));
    return text != NULL ? text : "";
}

static void
put(GHashTable *set, char *text)
{
    if (*text == '\0' || g_hash_table_size(set) >= SETS_MAX)
        g_free(text);
    else
        g_hash_table_add(set, text);
}

/* The first three numbers of an IPv4 address, the first three groups of an IPv6 one as it was written. */
static char *
network_of(const char *address)
{
    const char sign = strchr(address, ':') != NULL ? ':' : '.';
    const char *at = address;
    for (guint i = 0; i < 3 && at != NULL; i++) {
        at = strchr(at, sign);
        at = at != NULL ? at + 1 : NULL;
    }
    return at != NULL ? g_strndup(address, (gsize)(at - address) - 1) : g_strdup(address);
}

static LoginCount *
count_of(LoginReport *report, const json_t *record)
{
    const char *account = text_of(record, "account"), *department = text_of(record, "department");
    LoginCount *count = g_hash_table_lookup(report->accounts, account);
    if (count == NULL) {
        count = count_new(account, department, TRUE);
        g_hash_table_insert(report->accounts, count->account, count);
    }
    if (*department != '\0' && strcmp(count->department, department) != 0) {
        g_free(count->department);
        count->department = g_strdup(department); /* where the account is now */
    }
    return count;
}

static void
add_good(LoginCount *count, const json_t *record, guint64 times)
{
    count->good += times;
    put(count->networks, network_of(text_of(record, "client_ip")));
    put(count->mechanisms, g_strdup(text_of(record, "auth_type")));
    g_strlcpy(count->last_good, text_of(record, "time"), sizeof count->last_good);
}

void
login_report_add(LoginReport *report, const json_t *record)
{
    const char *kind = text_of(record, "kind"), *event = text_of(record, "event");
    const gboolean login = strcmp(kind, "login") == 0;
    const json_int_t several = json_integer_value(json_object_get(record, "count"));
    const guint64 times = several > 0 ? (guint64)several : 1;
    if (!login && strcmp(kind, "password") != 0)
        return;
    report->records++;
    if (*report->first == '\0')
        g_strlcpy(report->first, text_of(record, "time"), sizeof report->first);
    g_strlcpy(report->last, text_of(record, "time"), sizeof report->last);
    if (strcmp(text_of(record, "reason"), "queue-full") == 0) {
        report->lost += times;
        return;
    }
    LoginCount *count = count_of(report, record);
    count->alerts += json_is_true(json_object_get(record, "alert")) ? 1 : 0;
    if (login && strcmp(event, "ok") == 0)
        add_good(count, record, times);
    const struct {
        const char *event;
        guint64 *number;
    } numbers[] = {{"failed", &count->failed}, {"refused", &count->refused},   {"observed", &count->observed},
                   {"locked", &count->locked}, {"unlocked", &count->unlocked}, {"changed", &count->changed}};
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (strcmp(event, numbers[i].event) == 0)
            *numbers[i].number += times;
}

static int
compare(gconstpointer a, gconstpointer b)
{
    const LoginCount *one = *(LoginCount *const *)a, *other = *(LoginCount *const *)b;
    int order = strcmp(one->department, other->department);
    return order != 0 ? order : strcmp(one->account, other->account);
}

GPtrArray *
login_report_sorted(const LoginReport *report)
{
    GPtrArray *sorted = g_ptr_array_new();
    GHashTableIter at;
    gpointer count;
    g_hash_table_iter_init(&at, report->accounts);
    while (g_hash_table_iter_next(&at, NULL, &count))
        g_ptr_array_add(sorted, count);
    g_ptr_array_sort(sorted, compare);
    return sorted;
}

GPtrArray *
login_report_departments(const LoginReport *report)
{
    GPtrArray *departments = g_ptr_array_new_with_free_func(count_free);
    g_autoptr(GPtrArray) sorted = login_report_sorted(report);
    LoginCount *sum = NULL;
    for (guint i = 0; i < sorted->len; i++) {
        const LoginCount *one = g_ptr_array_index(sorted, i);
        if (sum == NULL || strcmp(sum->department, one->department) != 0) {
            sum = count_new("", one->department, FALSE);
            g_ptr_array_add(departments, sum);
        }
        sum->good += one->good;
        sum->failed += one->failed;
        sum->refused += one->refused;
        sum->observed += one->observed;
        sum->locked += one->locked;
        sum->unlocked += one->unlocked;
        sum->changed += one->changed;
        sum->alerts += one->alerts;
    }
    return departments;
}

json_t *
login_count_json(const LoginCount *count)
{
    json_t *mechanisms = json_array();
    g_autoptr(GList) words = count->mechanisms != NULL ? g_hash_table_get_keys(count->mechanisms) : NULL;
    words = g_list_sort(words, (GCompareFunc)strcmp);
    for (const GList *word = words; word != NULL; word = word->next)
        json_array_append_new(mechanisms, json_string(word->data));
    return json_pack("{s:i, s:s?, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:o, s:s?}", "v", 1, "account",
                     *count->account != '\0' ? count->account : NULL, "department", count->department, "ok",
                     (json_int_t)count->good, "failed", (json_int_t)count->failed, "refused",
                     (json_int_t)count->refused, "observed", (json_int_t)count->observed, "locked",
                     (json_int_t)count->locked, "unlocked", (json_int_t)count->unlocked, "changed",
                     (json_int_t)count->changed, "alerts", (json_int_t)count->alerts, "networks",
                     count->networks != NULL ? (int)g_hash_table_size(count->networks) : 0, "mechanisms", mechanisms,
                     "last_ok", *count->last_good != '\0' ? count->last_good : NULL);
}
