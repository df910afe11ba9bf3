/* One kept connection for all calls of a command: an import makes thousands. */
#include "config.h"
#include "account_desk.h"
#include "clock.h"
#include "errors.h"
#include "language.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_US (30 * G_USEC_PER_SEC)
/* Of one batch; a frame holds 192 KiB (frame.h), a batch VERB_BATCH_MAX calls (auth/verbs.h). */
#define BATCH_BYTES (128 * 1024)
#define BATCH_CALLS 500

void
account_desk_clear(AccountDesk *desk)
{
    g_free(desk->config);
    g_free(desk->by);
    g_free(desk->socket);
    authd_client_free(desk->client);
    settings_free(desk->settings);
}

void
account_desk_add_options(GOptionContext *context, AccountDesk *desk, gboolean changes)
{
    const GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &desk->config, N_("settings file"), N_("FILE")},
        {"socket", 0, 0, G_OPTION_ARG_FILENAME, &desk->socket, N_("socket of hangu-authd, instead of the settings'"),
         N_("PATH")},
        {"by", 0, 0, G_OPTION_ARG_STRING, &desk->by,
         N_("person this is done for: name or address; else the user of the system"), N_("PERSON")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &desk->json, N_("one JSON object per line"), NULL},
        {NULL},
    };
    const GOptionEntry changing[] = {
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &desk->dry_run, N_("says what would be done, and does nothing"), NULL},
        {NULL},
    };
    g_option_context_add_main_entries(context, entries, PACKAGE);
    if (changes)
        g_option_context_add_main_entries(context, changing, PACKAGE);
}

gboolean
account_desk_open(AccountDesk *desk, GError **error)
{
    g_autoptr(Problems) problems = problems_new();
    desk->settings = settings_load(desk->config, problems);
    if (desk->settings == NULL) {
        problems_to_error(problems, error);
        return FALSE;
    }
    desk->client = authd_client_new(desk->socket != NULL ? desk->socket : desk->settings->accounts_socket);
    return TRUE;
}

/* --- the call ------------------------------------------------------------------------------------------------ */

typedef struct {
    AccountRow row;
    gpointer user;
} Taking;

static gboolean
take_row(const json_t *row, gpointer user)
{
    const Taking *taking = user;
    if (json_object_size(row) > 0) /* the frame that ends an answer may be empty */
        taking->row(row, taking->user);
    return TRUE;
}

gboolean
account_desk_call(const AccountDesk *desk, json_t *request, AccountRow row, gpointer user, GError **error)
{
    json_auto_t *owned = request;
    Taking taking = {row, user};
    if (owned == NULL || (desk->by != NULL && json_object_set_new(owned, "by", json_string(desk->by)) != 0)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, _("a text on the command line is not UTF-8"));
        return FALSE;
    }
    if (desk->dry_run)
        json_object_set_new(owned, "dry_run", json_true());
    return authd_call(desk->client, owned, clock_monotonic_us() + PATIENCE_US, take_row, &taking, error);
}

static void
collect(const json_t *row, gpointer user)
{
    json_array_append(user, (json_t *)row);
}

json_t *
account_desk_ask(const AccountDesk *desk, json_t *request, GError **error)
{
    json_t *rows = json_array();
    if (account_desk_call(desk, request, collect, rows, error))
        return rows;
    json_decref(rows);
    return NULL;
}

/* --- batches ------------------------------------------------------------------------------------------------- */

/* How many of the calls from `at` on go into one batch. */
static guint
batch_size(const json_t *calls, guint at)
{
    gsize bytes = 0;
    guint count = 0;
    for (; count < BATCH_CALLS && at + count < json_array_size(calls); count++) {
        char *text = json_dumps(json_array_get(calls, at + count), JSON_COMPACT);
        bytes += text != NULL ? strlen(text) + 1 : 0;
        free(text);
        if (bytes > BATCH_BYTES && count > 0)
            break;
    }
    return count;
}

typedef struct {
    guint first;
    AccountRow row;
    gpointer user;
} Numbered;

static void
number_row(const json_t *row, gpointer user)
{
    const Numbered *numbered = user;
    json_t *call = json_object_get(row, "call");
    if (json_is_integer(call))
        json_integer_set(call, json_integer_value(call) + numbered->first);
    numbered->row(row, numbered->user);
}

static void
show_progress(const char *what, guint done, guint all)
{
    if (all <= BATCH_CALLS || !isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r%s: %u/%u%s", what, done, all, done == all ? "\n" : "");
    fflush(stderr);
}

gboolean
account_desk_batch(const AccountDesk *desk, const json_t *calls, gboolean try, const char *what, AccountRow row,
                   gpointer user, guint *done_out, GError **error)
{
    guint all = (guint)json_array_size(calls);
    for (*done_out = 0; *done_out < all; show_progress(what, *done_out, all)) {
        guint count = batch_size(calls, *done_out);
        Numbered numbered = {*done_out, row, user};
        json_t *some = json_array();
        for (guint i = 0; i < count; i++)
            json_array_append(some, json_array_get(calls, *done_out + i));
        json_t *request = json_pack("{s:s, s:o}", "verb", "batch", "calls", some);
        if (try)
            json_object_update_new(request, json_pack("{s:b, s:b}", "dry_run", TRUE, "brief", TRUE));
        if (!account_desk_call(desk, request, number_row, &numbered, error))
            return FALSE;
        *done_out += count;
    }
    return TRUE;
}

/* --- words --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *word, *chinese;
} words[] = {
    {"person", "个人"},
    {"unit", "单位"},
    {"service", "服务"},
    {"administrator", "管理员"},
    {"alias", "别名"},
    {"requested", "已申请"},
    {"approved", "已批准"},
    {"open", "已开通"},
    {"suspended", "已停用"},
    {"closed", "已注销"},
    {"base", "基本"},
    {"strict", "严格"},
    {"high", "高"},
    {"otp", "一次性口令"},
    {"core", "核心"},
    {"important", "重要"},
    {"ordinary", "一般"},
    {"observe", "试运行"},
    {"warn", "警告"},
    {"enforce", "强制"},
    {"handler", "经办人"},
    {"reviewer", "复核人"},
    {"approver", "批准人"},
    {"deputy", "副职"},
    {"leader", "领导"},
    {"password-weak", "密码过弱"},
    {"password-expired", "密码过期"},
    {"unregistered", "未登记"},
    {"locked", "已锁定"},
};

const char *
account_word(const char *word)
{
    if (language_is_chinese())
        for (guint i = 0; i < G_N_ELEMENTS(words); i++)
            if (g_str_equal(words[i].word, word))
                return words[i].chinese;
    return word;
}

const char *
account_text(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text != NULL ? text : "";
}

char *
account_texts(const json_t *array)
{
    GString *text = g_string_new(NULL);
    gsize i;
    json_t *one;
    json_array_foreach(array, i, one)
    {
        const char *word = json_is_object(one) ? account_text(one, "address") : json_string_value(one);
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", word != NULL ? account_word(word) : "");
    }
    return g_string_free(text, FALSE);
}
