/* One row per filter: its option, the field it looks at, how it compares. */
#include "config.h"
#include "ledger_query.h"
#include "address.h"
#include "clock.h"
#include "errors.h"
#include "record.h"
#include "settings.h"
#include "verdict.h"
#include <glib/gi18n.h>
#include <string.h>

#define ADDRESS_DELIMITERS "+"

typedef enum {
    HOW_EXACT,
    HOW_ADDRESS, /* without regard to case; "@domain"; "*" and "?" */
    HOW_GLOB,    /* "*" and "?" */
    HOW_ID,      /* as read on the telephone: O is 0, I and L are 1 */
    HOW_LEVEL,   /* "secret" or its Chinese word */
} How;

typedef struct {
    const char *option, *help, *argument;
    How how;
    const char *field, *other; /* a text, or a list of texts, or of objects: */
    const char *inner, *other_inner;
    const char *words; /* allowed, for the error; NULL: any */
} Filter;

static const Filter filters[] = {
    {"sender", N_("sender: address, @domain, or with * and ?; '' is the null sender"), N_("ADDRESS"), HOW_ADDRESS,
     "sender"},
    {"recipient", N_("one of the recipients"), N_("ADDRESS"), HOW_ADDRESS, "recipients"},
    {"account", N_("account that was logged in"), N_("NAME"), HOW_ADDRESS, "account"},
    {"unit", N_("unit"), N_("NAME"), HOW_EXACT, "unit"},
    {"rule", N_("a rule that found something"), N_("RULE"), HOW_GLOB, "findings", NULL, "rule"},
    {"policy", N_("row of the policy"), N_("ROW"), HOW_GLOB, "policy"},
    {"level", N_("level: secret, highly-secret ... or its Chinese word"), N_("LEVEL"), HOW_LEVEL, "level", NULL, NULL,
     NULL, "none, sensitive, trade, work-secret, secret, highly-secret, top-secret"},
    {"verdict", N_("accept, hold, reject or tempfail"), N_("WORD"), HOW_EXACT, "verdict", NULL, NULL, NULL,
     "accept, hold, reject, tempfail"},
    {"queue-id", N_("queue id of Postfix"), N_("ID"), HOW_EXACT, "queue_id", "new_queue_id"},
    {"id", N_("record id, as in the SMTP reply"), N_("ID"), HOW_ID, "id"},
    {"kind", N_("letter, release, drop, papers, start, stop, reload, repair or rotate"), N_("WORD"), HOW_EXACT, "kind",
     NULL, NULL, NULL, "letter, release, drop, papers, start, stop, reload, repair, rotate"},
    {"message-id", N_("Message-ID of the letter"), N_("ID"), HOW_ADDRESS, "message_id"},
    {"digest", N_("keyed digest of a part's content or name"), N_("DIGEST"), HOW_EXACT, "parts", NULL, "digest",
     "name_digest"},
};
G_STATIC_ASSERT(G_N_ELEMENTS(filters) == QUERY_FILTERS);

/* --- options ------------------------------------------------------------------------------------------------- */

void
ledger_query_add_place(GOptionContext *context, LedgerQuery *query)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &query->config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"directory", 'd', 0, G_OPTION_ARG_FILENAME, &query->directory, N_("ledger; without it that of the settings"),
         N_("DIR")},
        {NULL},
    };
    g_option_context_add_main_entries(context, entries, PACKAGE);
}

void
ledger_query_add_time(GOptionContext *context, LedgerQuery *query)
{
    const GOptionEntry entries[] = {
        {"since", 0, 0, G_OPTION_ARG_STRING, &query->since,
         N_("from then on: 2026-11-22, 2026-11-22T09:00:00+08:00, today, or 90m, 12h, 7d ago"), N_("TIME")},
        {"until", 0, 0, G_OPTION_ARG_STRING, &query->until, N_("before then; a date includes that day"), N_("TIME")},
        {NULL},
    };
    g_option_context_add_main_entries(context, entries, PACKAGE);
}

void
ledger_query_add_filters(GOptionContext *context, LedgerQuery *query)
{
    for (gsize i = 0; i < QUERY_FILTERS; i++) {
        const GOptionEntry entries[] = {
            {filters[i].option, 0, 0, G_OPTION_ARG_STRING, &query->filters[i], filters[i].help, filters[i].argument},
            {NULL},
        };
        g_option_context_add_main_entries(context, entries, PACKAGE);
    }
}

/* --- times --------------------------------------------------------------------------------------------------- */

static gint64
start_of_today(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(clock_wall_us() / G_USEC_PER_SEC);
    g_autofree char *date = g_date_time_format(now, "%Y-%m-%d");
    gint64 when = 0;
    clock_parse(date, &when, NULL);
    return when;
}

/* "90m", "12h", "7d"; FALSE if it is none. */
static gboolean
parse_ago(const char *text, gint64 *when_out)
{
    static const struct {
        char unit;
        gint64 us;
    } units[] = {{'m', G_TIME_SPAN_MINUTE}, {'h', G_TIME_SPAN_HOUR}, {'d', G_TIME_SPAN_DAY}};
    gsize length = strlen(text);
    guint64 many;
    if (length < 2)
        return FALSE;
    g_autofree char *digits = g_strndup(text, length - 1);
    if (!g_ascii_string_to_unsigned(digits, 10, 0, 100000, &many, NULL))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
        if (text[length - 1] == units[i].unit) {
            *when_out = clock_wall_us() - (gint64)many * units[i].us;
            return TRUE;
        }
    return FALSE;
}

/* A date as an end includes that day. */
static gboolean
parse_time(const char *text, gboolean end, gint64 *when_out, GError **error)
{
    gboolean today = strcmp(text, "today") == 0;
    if (!today && parse_ago(text, when_out))
        return TRUE;
    if (today)
        *when_out = start_of_today();
    else if (!clock_parse(text, when_out, error))
        return FALSE;
    if (end && (today || strlen(text) == strlen("2026-11-22"))) {
        g_autoptr(GDateTime) day = g_date_time_new_from_unix_local(*when_out / G_USEC_PER_SEC);
        g_autoptr(GDateTime) next = g_date_time_add_days(day, 1);
        *when_out = g_date_time_to_unix(next) * G_USEC_PER_SEC;
    }
    return TRUE;
}

static gboolean
prepare_times(LedgerQuery *query, GError **error)
{
    gint64 until_us = 0;
    if (query->since != NULL) {
        if (!parse_time(query->since, FALSE, &query->since_us, error))
            return FALSE;
        g_autofree char *time = clock_format(query->since_us);
        g_strlcpy(query->since_time, time, sizeof query->since_time);
    }
    if (query->until != NULL) {
        if (!parse_time(query->until, TRUE, &until_us, error))
            return FALSE;
        g_autofree char *time = clock_format(until_us);
        g_strlcpy(query->until_time, time, sizeof query->until_time);
    }
    if (query->since == NULL || query->until == NULL || query->since_us < until_us)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, _("--since %s is not before --until %s"), query->since,
                query->until);
    return FALSE;
}

char *
ledger_query_local_time(const char *time)
{
    gint64 when;
    if (time == NULL || !clock_parse(time, &when, NULL))
        return g_strdup(time != NULL ? time : "-");
    g_autoptr(GDateTime) local = g_date_time_new_from_unix_local(when / G_USEC_PER_SEC);
    return g_date_time_format(local, "%Y-%m-%d %H:%M:%S%:z");
}

/* --- filters ------------------------------------------------------------------------------------------------- */

/* O is read for 0, I and L for 1, lower case for upper. */
static char *
plain_id(const char *text)
{
    char *id = g_ascii_strup(text, -1);
    for (char *c = id; *c != '\0'; c++)
        *c = *c == 'O' ? '0' : *c == 'I' || *c == 'L' ? '1' : *c;
    return id;
}

static char *
level_of(const char *text)
{
    for (Level level = LEVEL_NONE; level <= LEVEL_TOP_SECRET; level++)
        if (strcmp(text, level_word(level)) == 0 || strcmp(text, level_word_zh(level)) == 0)
            return g_strdup(level_word(level));
    return g_strdup(text);
}

static char *
comparable(How how, const char *text)
{
    if (how == HOW_ID)
        return plain_id(text);
    if (how == HOW_ADDRESS) {
        g_autofree char *stored = record_text(text);
        return g_utf8_casefold(stored, -1);
    }
    return how == HOW_EXACT ? record_text(text) : how == HOW_LEVEL ? level_of(text) : g_strdup(text);
}

static gboolean
is_word_of(const char *word, const char *words)
{
    g_auto(GStrv) known = g_strsplit(words, ", ", -1);
    return g_strv_contains((const char *const *)known, word);
}

/* A text that must be there as it is, as it stands in the line: with quotes and escapes. */
static char *
needle_of(const Filter *filter, const char *wanted)
{
    if (filter->how == HOW_ADDRESS || (filter->how == HOW_GLOB && strpbrk(wanted, "*?") != NULL))
        return NULL;
    json_t *text = json_string(wanted);
    char *needle = json_dumps(text, JSON_ENCODE_ANY);
    json_decref(text);
    return needle;
}

static gboolean
prepare_filter(LedgerQuery *query, gsize i, GError **error)
{
    const Filter *filter = &filters[i];
    const char *typed = query->filters[i];
    if (typed == NULL)
        return TRUE;
    char *wanted = comparable(filter->how, typed);
    query->wanted[i] = wanted;
    query->needles[i] = needle_of(filter, wanted);
    if (filter->words != NULL && !is_word_of(wanted, filter->words)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, _("--%s %s: must be one of %s"), filter->option, typed,
                    filter->words);
        return FALSE;
    }
    gboolean wild = strpbrk(wanted, "*?") != NULL;
    if (filter->how == HOW_ADDRESS && !wild && wanted[0] == '@') {
        g_autofree char *suffix = g_strconcat("*", wanted, NULL);
        query->patterns[i] = g_pattern_spec_new(suffix);
    } else if (wild && (filter->how == HOW_ADDRESS || filter->how == HOW_GLOB)) {
        query->patterns[i] = g_pattern_spec_new(wanted);
    }
    return TRUE;
}

static gboolean
text_matches(const LedgerQuery *query, gsize i, const json_t *value)
{
    const char *text = json_string_value(value);
    if (text == NULL)
        return FALSE;
    g_autofree char *folded = filters[i].how == HOW_ADDRESS ? g_utf8_casefold(text, -1) : NULL;
    const char *have = folded != NULL ? folded : text;
    if (query->patterns[i] != NULL)
        return g_pattern_spec_match_string(query->patterns[i], have);
    if (strcmp(have, query->wanted[i]) == 0 || filters[i].how != HOW_ADDRESS)
        return strcmp(have, query->wanted[i]) == 0;
    g_autofree char *base = address_base(text, ADDRESS_DELIMITERS); /* the same mailbox behind a tag, SRS or BATV */
    return strcmp(base, query->wanted[i]) == 0;
}

static gboolean
item_matches(const LedgerQuery *query, gsize i, const json_t *item)
{
    const Filter *filter = &filters[i];
    if (filter->inner == NULL)
        return text_matches(query, i, item);
    return text_matches(query, i, json_object_get(item, filter->inner)) ||
           (filter->other_inner != NULL && text_matches(query, i, json_object_get(item, filter->other_inner)));
}

static gboolean
field_matches(const LedgerQuery *query, gsize i, const json_t *value)
{
    if (!json_is_array(value))
        return item_matches(query, i, value);
    for (gsize k = 0; k < json_array_size(value); k++)
        if (item_matches(query, i, json_array_get(value, k)))
            return TRUE;
    return FALSE;
}

gboolean
ledger_query_may_match(const LedgerQuery *query, const char *bytes, gsize length)
{
    for (gsize i = 0; i < QUERY_FILTERS; i++)
        if (query->needles[i] != NULL && memmem(bytes, length, query->needles[i], strlen(query->needles[i])) == NULL)
            return FALSE;
    return TRUE;
}

gboolean
ledger_query_in_time(const LedgerQuery *query, const json_t *record)
{
    const char *time = json_string_value(json_object_get(record, "time"));
    return time != NULL && (query->since_time[0] == '\0' || strcmp(time, query->since_time) >= 0) &&
           (query->until_time[0] == '\0' || strcmp(time, query->until_time) < 0);
}

gboolean
ledger_query_matches(const LedgerQuery *query, const json_t *record)
{
    if (!ledger_query_in_time(query, record))
        return FALSE;
    for (gsize i = 0; i < QUERY_FILTERS; i++) {
        const Filter *filter = &filters[i];
        if (query->wanted[i] == NULL || field_matches(query, i, json_object_get(record, filter->field)))
            continue;
        if (filter->other == NULL || !field_matches(query, i, json_object_get(record, filter->other)))
            return FALSE;
    }
    return TRUE;
}

/* --- all together -------------------------------------------------------------------------------------------- */

static gboolean
prepare_directory(LedgerQuery *query, GError **error)
{
    if (query->directory != NULL)
        return TRUE;
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(Settings) settings = settings_load(query->config, problems);
    if (problems_to_error(problems, error))
        return FALSE;
    query->directory = g_strdup(settings->ledger_dir);
    return TRUE;
}

gboolean
ledger_query_prepare(LedgerQuery *query, GError **error)
{
    for (gsize i = 0; i < QUERY_FILTERS; i++)
        if (!prepare_filter(query, i, error))
            return FALSE;
    return prepare_times(query, error) && prepare_directory(query, error);
}

void
ledger_query_clear(LedgerQuery *query)
{
    for (gsize i = 0; i < QUERY_FILTERS; i++) {
        g_free(query->filters[i]);
        g_free(query->wanted[i]);
        g_free(query->needles[i]);
        g_clear_pointer(&query->patterns[i], g_pattern_spec_free);
    }
    g_free(query->config);
    g_free(query->directory);
    g_free(query->since);
    g_free(query->until);
}
