/* The fields of an account and what may stand in them. */
#include "config.h"
#include "accounts.h"
#include "clock.h"
#include "errors.h"
#include "record.h"
#include <string.h>

#define DOMAIN_MAX 253

static const AccountFieldRow rows[ACCOUNT_FIELDS] = {
    [ACCOUNT_ADDRESS] = {"address", ACCOUNT_MAILBOX, NULL, TRUE},
    [ACCOUNT_KIND] = {"kind", ACCOUNT_WORD, "person|unit|service|administrator", TRUE},
    [ACCOUNT_UNIT] = {"unit", ACCOUNT_TEXT, NULL, TRUE},
    [ACCOUNT_DEPARTMENT] = {"department", ACCOUNT_TEXT, NULL, TRUE},
    [ACCOUNT_OWNER] = {"owner", ACCOUNT_TEXT, NULL, TRUE},
    [ACCOUNT_KEEPER] = {"keeper", ACCOUNT_TEXT, NULL, TRUE},
    [ACCOUNT_PURPOSE] = {"purpose", ACCOUNT_TEXT, NULL, TRUE},
    [ACCOUNT_TIER] = {"tier", ACCOUNT_WORD, "base|strict|high|otp", TRUE},
    [ACCOUNT_GROUP] = {"group", ACCOUNT_TEXT, NULL, TRUE},
    [ACCOUNT_ROLE] = {"role", ACCOUNT_WORD, "core|important|ordinary", TRUE},
    [ACCOUNT_COMMITMENT] = {"commitment", ACCOUNT_DATE, NULL, TRUE},
    [ACCOUNT_TRAINING] = {"training", ACCOUNT_DATE, NULL, TRUE},
    [ACCOUNT_NOTE] = {"note", ACCOUNT_TEXT, NULL, TRUE},
    [ACCOUNT_STATE] = {"state", ACCOUNT_WORD, "requested|approved|open|suspended|closed", FALSE},
    [ACCOUNT_REQUESTED_BY] = {"requested_by", ACCOUNT_TEXT, NULL, FALSE},
    [ACCOUNT_REQUESTED] = {"requested", ACCOUNT_TIME, NULL, FALSE},
    [ACCOUNT_APPROVER] = {"approver", ACCOUNT_TEXT, NULL, FALSE},
    [ACCOUNT_APPROVED] = {"approved", ACCOUNT_DATE, NULL, FALSE},
    [ACCOUNT_DEADLINE] = {"deadline", ACCOUNT_TIME, NULL, FALSE},
    [ACCOUNT_SOURCE] = {"source", ACCOUNT_WORD, "add|import|discover", FALSE},
    [ACCOUNT_NEW_PASSWORD] = {"new_password", ACCOUNT_TIME, NULL, FALSE},
    [ACCOUNT_LEFT] = {"left", ACCOUNT_DATE, NULL, FALSE},
    [ACCOUNT_WATCHED_UNTIL] = {"watched_until", ACCOUNT_DATE, NULL, FALSE},
    [ACCOUNT_CHANGED] = {"changed", ACCOUNT_TIME, NULL, FALSE},
};

const AccountFieldRow *
account_field(AccountField field)
{
    return &rows[field];
}

AccountField
account_field_from_name(const char *name)
{
    guint i = 0;
    while (i < ACCOUNT_FIELDS && g_strcmp0(rows[i].name, name) != 0)
        i++;
    return (AccountField)i;
}

/* --- values -------------------------------------------------------------------------------------------------- */

static gboolean
is_clean_text(const char *text)
{
    if (strlen(text) > RECORD_TEXT_MAX || !g_utf8_validate(text, -1, NULL))
        return FALSE;
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at))
        if (g_unichar_iscntrl(g_utf8_get_char(at)))
            return FALSE;
    return TRUE;
}

static gboolean
is_local_part(const char *text, gsize length)
{
    if (length == 0 || length > 64)
        return FALSE;
    for (gsize i = 0; i < length; i++)
        if (g_ascii_isspace(text[i]) || g_ascii_iscntrl(text[i]) || strchr("<>()[],;:\\\"@", text[i]) != NULL)
            return FALSE;
    return TRUE;
}

/* The domain as A-labels in lower case, or NULL. */
static char *
read_domain(const char *text)
{
    g_autofree char *ascii = g_hostname_to_ascii(text);
    if (ascii == NULL || *ascii == '\0' || strlen(ascii) > DOMAIN_MAX || *ascii == '.' || strstr(ascii, "..") != NULL)
        return NULL;
    g_autofree char *lower = g_ascii_strdown(ascii, -1);
    return strspn(lower, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(lower) ? g_steal_pointer(&lower) : NULL;
}

char *
accounts_address(const char *text, gboolean whole_domain, GError **error)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    const char *at = strrchr(trimmed, '@');
    gsize local = at != NULL ? (gsize)(at - trimmed) : strlen(trimmed);
    gboolean good =
        is_clean_text(trimmed) && (is_local_part(trimmed, local) || (whole_domain && at != NULL && local == 0));
    g_autofree char *domain = good && at != NULL ? read_domain(at + 1) : NULL;
    if (!good || (at != NULL && domain == NULL)) {
        g_autofree char *shown = record_text(trimmed);
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "\"%s\" is no mail address", shown);
        return NULL;
    }
    g_autofree char *first = g_strndup(trimmed, local);
    g_autofree char *lower = g_utf8_strdown(first, -1);
    return domain != NULL ? g_strconcat(lower, "@", domain, NULL) : g_steal_pointer(&lower);
}

static gboolean
is_one_of(const char *words, const char *value)
{
    g_auto(GStrv) list = g_strsplit(words, "|", -1);
    return g_strv_contains((const char *const *)list, value);
}

/* "2026-11-22", "2026/11/22", "2026年11月22日". NULL if it is none. */
static char *
read_date(const char *value)
{
    g_autoptr(GString) plain = g_string_new(value);
    g_string_replace(plain, "年", "-", 0);
    g_string_replace(plain, "月", "-", 0);
    g_string_replace(plain, "日", "", 0);
    g_string_replace(plain, "/", "-", 0);
    g_string_replace(plain, ".", "-", 0);
    g_auto(GStrv) parts = g_strsplit(plain->str, "-", 4);
    guint64 number[3];
    static const guint64 least[3] = {1950, 1, 1}, most[3] = {2200, 12, 31};
    if (g_strv_length(parts) != 3)
        return NULL;
    for (guint i = 0; i < 3; i++)
        if (!g_ascii_string_to_unsigned(g_strstrip(parts[i]), 10, least[i], most[i], &number[i], NULL))
            return NULL;
    if (!g_date_valid_dmy((GDateDay)number[2], (GDateMonth)number[1], (GDateYear)number[0]))
        return NULL;
    return g_strdup_printf("%04u-%02u-%02u", (guint)number[0], (guint)number[1], (guint)number[2]);
}

static char *
read_mailbox(const char *value, GError **error)
{
    g_autofree char *address = accounts_address(value, FALSE, error);
    if (address != NULL && strchr(address, '@') == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "\"%s\" is no mail address: \"@\" and a domain are missing",
                    address);
        return NULL;
    }
    return g_steal_pointer(&address);
}

static char *
read_time(const char *value, GError **error)
{
    gint64 when_us;
    return clock_parse(value, &when_us, error) ? clock_format(when_us) : NULL;
}

char *
account_field_read(AccountField field, const char *value, GError **error)
{
    const AccountFieldRow *row = &rows[field];
    g_autofree char *text = g_strstrip(g_strdup(value));
    g_autofree char *shown = record_text(text);
    if (!is_clean_text(text)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    "%s: \"%s\" is no text of at most %d bytes of UTF-8 without control characters", row->name, shown,
                    RECORD_TEXT_MAX);
        return NULL;
    }
    if (row->type == ACCOUNT_MAILBOX)
        return read_mailbox(text, error);
    if (row->type == ACCOUNT_TIME)
        return read_time(text, error);
    if (row->type == ACCOUNT_WORD && !is_one_of(row->words, text)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s: \"%s\" is none of %s", row->name, shown, row->words);
        return NULL;
    }
    char *date = row->type == ACCOUNT_DATE ? read_date(text) : NULL;
    if (row->type == ACCOUNT_DATE && date == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s: \"%s\" is no date like 2026-11-22", row->name, shown);
    return row->type == ACCOUNT_DATE ? date : g_steal_pointer(&text);
}

/* --- the record ---------------------------------------------------------------------------------------------- */

Account *
account_new(void)
{
    return g_new0(Account, 1);
}

void
account_free(Account *account)
{
    if (account == NULL)
        return;
    for (guint i = 0; i < ACCOUNT_FIELDS; i++)
        g_free(account->field[i]);
    g_free(account);
}

void
account_set(Account *account, AccountField field, const char *value)
{
    char *copy = value != NULL && *value != '\0' ? g_strdup(value) : NULL;
    g_free(account->field[field]);
    account->field[field] = copy;
}

Account *
account_copy(const Account *account)
{
    Account *copy = account_new();
    copy->number = account->number;
    for (guint i = 0; i < ACCOUNT_FIELDS; i++)
        account_set(copy, (AccountField)i, account->field[i]);
    return copy;
}

const char *
account_get(const Account *account, AccountField field)
{
    return account->field[field] != NULL ? account->field[field] : "";
}

gboolean
account_is(const Account *account, AccountField field, const char *value)
{
    return g_str_equal(account_get(account, field), value);
}

json_t *
account_json(const Account *account)
{
    json_t *object = json_object();
    for (guint i = 0; i < ACCOUNT_FIELDS; i++)
        json_object_set_new(object, rows[i].name,
                            account->field[i] != NULL ? json_string(account->field[i]) : json_null());
    return object;
}

/* --- states -------------------------------------------------------------------------------------------------- */

static const struct {
    const char *from, *to;
} moves[] = {
    {"requested", "approved"},  {"requested", "closed"}, {"approved", "open"},    {"approved", "closed"},
    {"open", "suspended"},      {"suspended", "open"},   {"suspended", "closed"}, {"open", "closed"},
    {"requested", "suspended"}, /* one that is in use while its approval is made up */
};

gboolean
accounts_move(Account *account, const char *state, GError **error)
{
    const char *from = account_get(account, ACCOUNT_STATE);
    g_autoptr(GString) possible = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(moves); i++) {
        if (!g_str_equal(moves[i].from, from))
            continue;
        if (!g_str_equal(moves[i].to, state)) {
            g_string_append_printf(possible, "%s%s", possible->len > 0 ? ", " : "", moves[i].to);
            continue;
        }
        gboolean approved =
            account->field[ACCOUNT_APPROVER] != NULL || account_is(account, ACCOUNT_KIND, "administrator");
        if (g_str_equal(state, "open") && !approved) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                        "%s has no leader's approval and cannot be opened; first: hangu account approve",
                        account_get(account, ACCOUNT_ADDRESS));
            return FALSE;
        }
        account_set(account, ACCOUNT_STATE, state);
        return TRUE;
    }
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION, "%s is %s and cannot become %s; it can become: %s",
                account_get(account, ACCOUNT_ADDRESS), from, state, possible->len > 0 ? possible->str : "nothing");
    return FALSE;
}
