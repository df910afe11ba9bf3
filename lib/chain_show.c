/* Prints what chain_verify() found. */
#include "config.h"
#include "chain_show.h"
#include <glib/gi18n.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define PROGRESS_MIN (64 * 1000 * 1000) /* a shorter ledger is done before anybody wonders */

json_t *
chain_show_json(const char *directory, const ChainHead *noted, const ChainReport *report)
{
    g_autofree char *head = chain_head_format(&report->head);
    g_autofree char *wanted = noted != NULL ? chain_head_format(noted) : NULL;
    json_t *object = json_pack("{s:i, s:s, s:s, s:I, s:s, s:s?, s:s?, s:s?, s:s?, s:s?}", "v", 1, "directory",
                               directory, "state", chain_state_word(report->state), "lines", (json_int_t)report->lines,
                               "head", head, "noted", wanted, "file", report->file, "text", report->text, "first_time",
                               report->first_time, "last_time", report->last_time);
    json_object_set_new(object, "line", report->file != NULL ? json_integer((json_int_t)report->line) : json_null());
    return object;
}

static const char *
state_heading(ChainState state)
{
    switch (state) {
    case CHAIN_GOOD:
        return _("whole and unchanged");
    case CHAIN_CHANGED:
        return _("TAMPERED: a line was changed");
    case CHAIN_REMOVED:
        return _("TAMPERED: lines were removed");
    case CHAIN_REORDERED:
        return _("TAMPERED: lines were reordered");
    case CHAIN_INSERTED:
        return _("TAMPERED: a line was inserted");
    case CHAIN_TORN:
        return _("unfinished: the last line is torn");
    case CHAIN_CUT:
        return _("TAMPERED: the end was cut off");
    case CHAIN_REBUILT:
        return _("TAMPERED: not the chain that was noted");
    case CHAIN_MISSING_FILE:
        return _("TAMPERED: a file is missing");
    }
    return "?";
}

char *
chain_show_text(const char *directory, const ChainHead *noted, const ChainReport *report)
{
    GString *text = g_string_new(NULL);
    g_autofree char *head = chain_head_format(&report->head);
    g_string_append_printf(text, "%s: %s\n", directory, state_heading(report->state));
    if (report->state != CHAIN_GOOD && report->line > 0)
        g_string_append_printf(text, "  %s:%" PRIu64 ": %s\n", report->file, report->line, report->text);
    else if (report->state != CHAIN_GOOD)
        g_string_append_printf(text, "  %s: %s\n", report->file, report->text);
    if (report->lines == 0)
        g_string_append_printf(text, "  %s\n", report->state == CHAIN_GOOD ? _("no records") : _("no good records"));
    else
        g_string_append_printf(text,
                               report->state == CHAIN_GOOD ? _("  %" PRIu64 " records, %s to %s\n")
                                                           : _("  %" PRIu64 " good records before, %s to %s\n"),
                               report->lines, report->first_time, report->last_time);
    g_string_append_printf(text, report->state == CHAIN_GOOD ? _("  head %s\n") : _("  last good head %s\n"), head);
    if (report->state != CHAIN_GOOD)
        return g_string_free(text, FALSE);
    if (noted != NULL && noted->seq > 0)
        g_string_append_printf(text, _("  the noted record %" PRIu64 " stands in it unchanged\n"), noted->seq);
    else
        g_string_append(text, _("  no noted head was given: a cut end or a chain computed anew would not show.\n"
                                "  Write this head down outside this machine and give it next time with --head.\n"));
    return g_string_free(text, FALSE);
}

static void
show_progress(guint64 bytes, guint64 total, gpointer user)
{
    if (total < PROGRESS_MIN)
        return;
    fprintf(stderr, "\r%3u %%  %" PRIu64 " / %" PRIu64 " MB ", (guint)(bytes * 100 / total), bytes / 1000000,
            total / 1000000);
    if (bytes >= total)
        fputs("\r\033[K", stderr);
    fflush(stderr);
}

int
chain_show_verify(const char *directory, const char *head, gboolean json, gboolean quiet, GError **error)
{
    g_auto(ChainReport) report = {0};
    ChainHead noted = {0};
    if (head != NULL && !chain_head_parse(head, &noted, error))
        return -1;
    const ChainHead *given = head != NULL ? &noted : NULL;
    if (!chain_verify(directory, given, !quiet && isatty(STDERR_FILENO) ? show_progress : NULL, NULL, &report, error))
        return -1;
    if (json) {
        json_t *object = chain_show_json(directory, given, &report);
        g_autofree char *line = json_dumps(object, JSON_COMPACT);
        json_decref(object);
        puts(line);
    } else if (!quiet) {
        g_autofree char *text = chain_show_text(directory, given, &report);
        fputs(text, stdout);
    }
    return report.state == CHAIN_GOOD ? 0 : 1;
}
