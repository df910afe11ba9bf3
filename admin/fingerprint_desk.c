/* fingerprint_desk - the register is changed as a whole: read, changed, written beside, renamed; then the gate reloads.
 */
#include "config.h"
#include "fingerprint_desk.h"
#include "errors.h"
#include "gate_client.h"
#include "process.h"
#include <glib/gi18n.h>
#include <unistd.h>

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

gboolean
desk_save(Desk *desk, int *gate_out, GError **error)
{
    g_autoptr(GError) gate = NULL;
    papers_settle(desk->papers);
    if (!papers_save(desk->papers, desk->settings->papers_file, &desk->key, error))
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
