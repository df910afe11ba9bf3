/* fingerprint_desk - the register is changed as a whole: read, changed, recorded, written beside, renamed; then the
 * gate reloads. The record comes first: a register that nobody recorded must not come into force, and one that was
 * recorded and did not come shows by its digest, in the next record and in those of letters. */
#include "config.h"
#include "fingerprint_desk.h"
#include "clock.h"
#include "errors.h"
#include "fingerprint_record.h"
#include "gate_client.h"
#include "ledger.h"
#include "process.h"
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#define LEDGER_WAIT_US (10 * G_USEC_PER_SEC)

void
desk_clear(Desk *desk)
{
    g_free(desk->config);
    g_free(desk->key_file);
    settings_free(desk->settings);
    papers_free(desk->papers);
    if (desk->lock >= 0)
        close(desk->lock);
    crypto_wipe(&desk->key, sizeof desk->key);
}

void
desk_add_options(GOptionContext *context, Desk *desk)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &desk->config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"key", 'k', 0, G_OPTION_ARG_FILENAME, &desk->key_file,
         N_("key file that gate and officers share; without it the one beside the register"), N_("FILE")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &desk->json, N_("one JSON object per line"), NULL},
        {NULL},
    };
    g_option_context_add_main_entries(context, entries, PACKAGE);
}

gboolean
desk_prepare(Desk *desk, gboolean make, GError **error)
{
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(GError) wrong = NULL;
    desk->settings = settings_load(desk->config, problems);
    if (desk->settings == NULL)
        return !problems_to_error(problems, error) && FALSE;
    g_autofree char *beside = papers_key_path(desk->settings->papers_file);
    const char *path = desk->key_file != NULL ? desk->key_file : beside;
    /* A register whose key is lost must not get another: nothing in it would be found again. */
    gboolean may = make && desk->key_file == NULL && !g_file_test(desk->settings->papers_file, G_FILE_TEST_EXISTS);
    if (may && !papers_key_make(path, error))
        return FALSE;
    if (papers_key_read(path, &desk->key, &wrong))
        return TRUE;
    if (g_error_matches(wrong, HANGU_ERROR, HANGU_ERROR_NO_INPUT))
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT,
                    _("there is no key %s: make one on the gate with `hangu fingerprint key`, bring it here by a safe "
                      "way, and name it with --key"),
                    path);
    else
        g_propagate_error(error, g_steal_pointer(&wrong));
    return FALSE;
}

gboolean
desk_open(Desk *desk, gboolean change, GError **error)
{
    const char *path = desk->settings->papers_file;
    g_autoptr(GError) wrong = NULL;
    if (change) {
        g_autofree char *lock = g_strconcat(path, ".lock", NULL);
        desk->lock = process_lock(lock, error);
        if (desk->lock < 0)
            return FALSE;
    }
    desk->papers = papers_load(path, &desk->key, &wrong);
    if (desk->papers != NULL)
        return TRUE;
    if (!g_error_matches(wrong, HANGU_ERROR, HANGU_ERROR_NO_INPUT)) {
        g_propagate_error(error, g_steal_pointer(&wrong));
        return FALSE;
    }
    desk->papers = papers_new(&desk->key);
    return TRUE;
}

GArray *
desk_numbers_from(const Desk *desk, guint first)
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
    for (guint i = first; i < papers_count(desk->papers); i++)
        g_array_append_val(numbers, papers_get(desk->papers, i)->number);
    return numbers;
}

static gboolean
record(const Desk *desk, const FingerprintChange *change, gboolean undone, GError **error)
{
    json_auto_t *record = fingerprint_record(desk->settings, change, undone);
    g_autoptr(LedgerClient) client = ledger_client_new(desk->settings->ledger_socket);
    if (ledger_append(client, record, clock_monotonic_us() + LEDGER_WAIT_US, NULL, NULL, NULL, error))
        return TRUE;
    g_prefix_error(error, _("the change cannot be recorded, and the register is as it was: "));
    return FALSE;
}

/* The change that was recorded did not come about: the ledger is told so, if it can still be told. */
static void
take_back(const Desk *desk, const FingerprintChange *change)
{
    g_autoptr(GError) error = NULL;
    if (!record(desk, change, TRUE, &error))
        g_printerr("hangu fingerprint: %s\n", error->message);
}

static gboolean
change_register(const Desk *desk, FingerprintChange *change, GError **error)
{
    g_autoptr(GByteArray) bytes = papers_to_bytes(desk->papers, &desk->key);
    g_autofree char *before = g_strdup(papers_digest(desk->papers));
    g_autofree char *after = crypto_sha256_text(bytes->data, bytes->len);
    change->before = before;
    change->after = after;
    if (strcmp(before, after) == 0)
        return TRUE;
    if (!record(desk, change, FALSE, error))
        return FALSE;
    if (papers_save(bytes, desk->settings->papers_file, error))
        return TRUE;
    take_back(desk, change);
    return FALSE;
}

static int
rising(gconstpointer a, gconstpointer b)
{
    const guint32 *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

gboolean
desk_save(Desk *desk, const char *change, const char *officer, GArray *numbers, int *gate_out, GError **error)
{
    g_autoptr(GError) gate = NULL;
    papers_settle(desk->papers);
    g_array_sort(numbers, rising);
    FingerprintChange made = {change,
                              (const guint32 *)(const void *)numbers->data,
                              numbers->len,
                              officer,
                              NULL,
                              NULL,
                              papers_count(desk->papers)};
    if (!change_register(desk, &made, error))
        return FALSE;
    *gate_out = 0;
    if (gate_client_reload(desk->settings->control_socket, &gate))
        return TRUE;
    *gate_out = g_error_matches(gate, HANGU_ERROR, HANGU_ERROR_AWAY) ? 1 : 2;
    if (*gate_out == 2)
        g_printerr("hangu fingerprint: %s\n", gate->message);
    return TRUE;
}

const char *
desk_gate_text(int gate)
{
    static const char *const texts[] = {
        N_("The gate uses the register as it is now."),
        N_("hangu-milter does not run here; it takes the register when it starts."),
        N_("The gate goes on with the register it had; correct what it says, then: systemctl reload hangu-milter"),
    };
    return _(texts[CLAMP(gate, 0, 2)]);
}
