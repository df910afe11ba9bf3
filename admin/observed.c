/* Counting for `hangu report observe`. */
#include "config.h"
#include "observed.h"
#include <string.h>

#define OTHER "(other)"
#define NO_ROW "-"

static void
free_count(gpointer data)
{
    ObservedCount *count = data;
    g_free(count->name);
    g_free(count);
}

void
observed_init(Observed *observed)
{
    *observed = (Observed){0};
    observed->rows = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_count);
    observed->departments = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_count);
    observed->causes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_count);
    observed->submitted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void
observed_clear(Observed *observed)
{
    g_clear_pointer(&observed->rows, g_hash_table_unref);
    g_clear_pointer(&observed->departments, g_hash_table_unref);
    g_clear_pointer(&observed->causes, g_hash_table_unref);
    g_clear_pointer(&observed->submitted, g_hash_table_unref);
    g_free(observed->first_time);
    g_free(observed->last_time);
}

static const char *
text_of(const json_t *record, const char *field)
{
    const char *text = json_string_value(json_object_get(record, field));
    return text != NULL ? text : "";
}

static ObservedCount *
find_count(GHashTable *counts, const char *name)
{
    ObservedCount *count = g_hash_table_lookup(counts, name);
    if (count == NULL && g_hash_table_size(counts) >= OBSERVED_KEYS) {
        name = OTHER;
        count = g_hash_table_lookup(counts, name);
    }
    if (count == NULL) {
        count = g_new0(ObservedCount, 1);
        count->name = g_strdup(name);
        g_hash_table_insert(counts, count->name, count);
    }
    return count;
}

static void
add_verdict(ObservedCount *count, const char *verdict)
{
    count->letters++;
    count->rejected += strcmp(verdict, "reject") == 0;
    count->held += strcmp(verdict, "hold") == 0;
    count->tempfailed += strcmp(verdict, "tempfail") == 0;
}

/* Whose letter it is: of ours, not of the outside. */
static char *
department_of(const json_t *record)
{
    const char *account = text_of(record, "account");
    const char *address = strchr(account, '@') != NULL ? account : text_of(record, "sender");
    if (strcmp(text_of(record, "direction"), "in") == 0) {
        const char *recipient = json_string_value(json_array_get(json_object_get(record, "recipients"), 0));
        address = recipient != NULL ? recipient : "";
    }
    const char *at = strrchr(address, '@');
    if (at != NULL)
        return g_utf8_strdown(at + 1, -1);
    return g_strdup(*address != '\0' ? address : "<>");
}

/* Each rule once a letter. Rules that only watch stop nothing, mentions neither. */
static void
add_rules(Observed *observed, const json_t *record, const char *verdict)
{
    const json_t *findings = json_object_get(record, "findings");
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (gsize i = 0; i < json_array_size(findings); i++) {
        const json_t *finding = json_array_get(findings, i);
        const char *rule = text_of(finding, "rule");
        gboolean idle = json_is_true(json_object_get(finding, "observe")) ||
                        strcmp(text_of(finding, "class"), "mention") == 0 ||
                        strcmp(text_of(finding, "class"), "none") == 0;
        if (!idle && g_hash_table_add(seen, (gpointer)rule))
            add_verdict(find_count(observed->causes, rule), verdict);
    }
}

static void
add_causes(Observed *observed, const json_t *record, const char *verdict)
{
    const char *coverage = text_of(record, "coverage"), *why = text_of(record, "why");
    add_rules(observed, record, verdict);
    if (strcmp(coverage, "partial") == 0 || strcmp(coverage, "unreadable") == 0) {
        g_autofree char *cause = g_strdup_printf("%s: %s", coverage, *why != '\0' ? why : "-");
        add_verdict(find_count(observed->causes, cause), verdict);
    }
    if (json_is_true(json_object_get(json_object_get(record, "forward"), "auto")))
        add_verdict(find_count(observed->causes, "auto-forward"), verdict);
}

static void
add_failure(Observed *observed, const json_t *record)
{
    g_autofree char *cause = g_strdup_printf("failure: %s", text_of(record, "failure"));
    observed->failed++;
    add_verdict(find_count(observed->causes, cause), "tempfail");
}

/* Mail that leaves is inspected when it is submitted and once more at egress: one letter, two records. */
static gboolean
is_second_look(Observed *observed, const json_t *record)
{
    const char *id = text_of(record, "message_id");
    if (*id == '\0')
        return FALSE;
    if (strcmp(text_of(record, "listener"), "egress") == 0)
        return g_hash_table_contains(observed->submitted, id);
    if (g_hash_table_size(observed->submitted) >= OBSERVED_LETTERS)
        g_hash_table_remove_all(observed->submitted);
    g_hash_table_add(observed->submitted, g_strdup(id));
    return FALSE;
}

void
observed_add(Observed *observed, const json_t *record)
{
    const char *verdict = text_of(record, "verdict");
    if (strcmp(text_of(record, "kind"), "letter") != 0 || is_second_look(observed, record))
        return;
    if (observed->first_time == NULL)
        observed->first_time = g_strdup(text_of(record, "time"));
    g_free(observed->last_time);
    observed->last_time = g_strdup(text_of(record, "time"));
    if (*verdict == '\0') {
        add_failure(observed, record);
        return;
    }
    const char *row = text_of(record, "policy");
    if (json_is_true(json_object_get(record, "carried_out"))) {
        observed->carried_out++;
        verdict = text_of(record, "observed"); /* a row that still observes is stricter */
        row = text_of(record, "observed_policy");
        if (*verdict == '\0')
            return;
    }
    g_autofree char *department = department_of(record);
    observed->letters++;
    add_verdict(&observed->all, verdict);
    add_verdict(find_count(observed->rows, *row != '\0' ? row : NO_ROW), verdict);
    add_verdict(find_count(observed->departments, department), verdict);
    if (strcmp(verdict, "accept") != 0)
        add_causes(observed, record, verdict);
}

guint64
observed_stopped(const ObservedCount *count)
{
    return count->rejected + count->held + count->tempfailed;
}

static gint
compare_counts(gconstpointer a, gconstpointer b)
{
    const ObservedCount *first = *(ObservedCount *const *)a, *second = *(ObservedCount *const *)b;
    guint64 stopped = observed_stopped(first), other = observed_stopped(second);
    if (stopped != other)
        return stopped > other ? -1 : 1;
    if (first->letters != second->letters)
        return first->letters > second->letters ? -1 : 1;
    return strcmp(first->name, second->name);
}

GPtrArray *
observed_sorted(GHashTable *counts)
{
    GPtrArray *sorted = g_ptr_array_new();
    GHashTableIter each;
    gpointer count;
    g_hash_table_iter_init(&each, counts);
    while (g_hash_table_iter_next(&each, NULL, &count))
        g_ptr_array_add(sorted, count);
    g_ptr_array_sort(sorted, compare_counts);
    return sorted;
}

static json_t *
count_json(const ObservedCount *count)
{
    return json_pack("{s:s?, s:I, s:I, s:I, s:I}", "name", count->name, "letters", (json_int_t)count->letters, "reject",
                     (json_int_t)count->rejected, "hold", (json_int_t)count->held, "tempfail",
                     (json_int_t)count->tempfailed);
}

static json_t *
counts_json(GHashTable *counts)
{
    json_t *list = json_array();
    g_autoptr(GPtrArray) sorted = observed_sorted(counts);
    for (guint i = 0; i < sorted->len; i++)
        json_array_append_new(list, count_json(g_ptr_array_index(sorted, i)));
    return list;
}

json_t *
observed_json(const Observed *observed)
{
    json_t *would = count_json(&observed->all);
    json_object_del(would, "name");
    return json_pack("{s:i, s:s?, s:s?, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "v", 1, "first_time", observed->first_time,
                     "last_time", observed->last_time, "letters", (json_int_t)observed->letters, "carried_out",
                     (json_int_t)observed->carried_out, "failed", (json_int_t)observed->failed, "would", would, "rows",
                     counts_json(observed->rows), "departments", counts_json(observed->departments), "causes",
                     counts_json(observed->causes));
}
