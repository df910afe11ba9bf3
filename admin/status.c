/* Judging and showing; finding out is cmd_status.c. */
#include "config.h"
#include "status.h"
#include "ledger_query.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

static void trouble(Status *status, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
trouble(Status *status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(status->troubles, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static json_int_t
number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static const char *
text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "-";
}

static void
judge_gate(Status *status)
{
    if (status->gate == NULL) {
        trouble(status, _("hangu-milter does not answer: %s"), status->gate_error);
        return;
    }
    const json_t *inspectors = json_object_get(status->gate, "inspectors");
    const json_t *reload = json_object_get(status->gate, "reload");
    json_int_t there = number(inspectors, "idle") + number(inspectors, "busy");
    if (there < number(inspectors, "wanted"))
        trouble(status, _("%d of %d inspectors are there"), (int)there, (int)number(inspectors, "wanted"));
    if (json_object_get(reload, "time") != NULL && !json_is_true(json_object_get(reload, "good")) &&
        !json_is_true(json_object_get(reload, "loading")))
        trouble(status, _("the last reload failed, the settings and rules before it are in force: %s"),
                text(reload, "text"));
    if (json_object_get(reload, "warning") != NULL)
        trouble(status, _("settings and rules are in force, but: %s"), text(reload, "warning"));
    const json_t *extract = json_object_get(status->gate, "extract");
    if (!json_is_true(json_object_get(extract, "alive")))
        trouble(status, _("no document or archive is read: %s"), text(extract, "error"));
    if (json_is_true(json_object_get(status->gate, "stopping")))
        trouble(status, _("hangu-milter is being stopped"));
}

void
status_judge(Status *status)
{
    judge_gate(status);
    if (status->ledger == NULL)
        trouble(status, _("hangu-ledger does not answer, so no letter passes: %s"), status->ledger_error);
    if (status->authd_error != NULL)
        trouble(status, _("hangu-authd does not answer, so nothing is known of accounts: %s"), status->authd_error);
    if (g_strcmp0(json_string_value(json_object_get(status->authd, "dovecot")), "wrong") == 0)
        trouble(status, _("Dovecot's settings are wrong: %s"), text(status->authd, "dovecot_why"));
    if (json_is_true(json_object_get(status->authd, "ledger_away")))
        trouble(status, _("hangu-authd cannot reach the ledger: %d events wait, %d are lost"),
                (int)number(status->authd, "events_waiting"), (int)number(status->authd, "events_lost"));
    if (status->today == NULL)
        trouble(status, _("the ledger cannot be read: %s"), status->today_error);
    if (status->ways != NULL && status->ways->len > 0)
        trouble(status, ngettext("%u way of mail needs attention", "%u ways of mail need attention", status->ways->len),
                status->ways->len);
}

static json_t *
texts_json(const GPtrArray *texts)
{
    json_t *list = json_array();
    for (guint i = 0; i < texts->len; i++)
        json_array_append_new(list, json_string(g_ptr_array_index(texts, i)));
    return list;
}

static json_t *
ways_json(const GPtrArray *ways)
{
    if (ways == NULL)
        return json_null();
    json_t *list = json_array();
    for (guint i = 0; i < ways->len; i++) {
        const WayOut *way = g_ptr_array_index(ways, i);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "id", way->id, "where", way->where, "what",
                                              way->what, "advice", way->advice));
    }
    return list;
}

json_t *
status_json(const Status *status)
{
    return json_pack("{s:i, s:b, s:o, s:O?, s:s?, s:O?, s:s?, s:O?, s:s?, s:O?, s:s?, s:o, s:s?}", "v", 1, "ok",
                     status->troubles->len == 0, "troubles", texts_json(status->troubles), "gate", status->gate,
                     "gate_error", status->gate_error, "ledger", status->ledger, "ledger_error", status->ledger_error,
                     "authd", status->authd, "authd_error", status->authd_error, "today", status->today, "today_error",
                     status->today_error, "unguarded", ways_json(status->ways), "unguarded_error", status->ways_error);
}

static void line(const char *name, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
line(const char *name, const char *format, ...)
{
    va_list arguments;
    printf("  %s%*s", name, MAX(2, 14 - (int)print_width(name)), "");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

/* A digest as far as a person compares it. */
static const char *
short_digest(const char *digest, char out[24])
{
    g_snprintf(out, 24, "%.19s", digest);
    return out;
}

static void
print_gate(const Status *status)
{
    const json_t *gate = status->gate;
    const json_t *inspectors = json_object_get(gate, "inspectors"), *letters = json_object_get(gate, "letters");
    const json_t *problem = json_object_get(gate, "last_problem");
    char digest[24];
    g_autofree char *started = ledger_query_local_time(text(gate, "started"));
    line(_("gate"), _("hangu-milter %s, process %d, since %s"), text(gate, "version"), (int)number(gate, "pid"),
         started);
    line(_("mode"), _("%s; without a verdict: %s"),
         strcmp(text(gate, "mode"), "enforce") == 0 ? _("enforce") : _("observe (nothing is refused, held or changed)"),
         text(gate, "on_failure"));
    line(_("socket"), "%s", text(gate, "socket"));
    line(_("settings"), "%s  %s", text(gate, "settings"), short_digest(text(gate, "settings_digest"), digest));
    line(_("rules"), _("%s, generation %d"), short_digest(text(gate, "ruleset"), digest),
         (int)number(gate, "generation"));
    line(_("policy"), "%s", short_digest(text(gate, "policy_digest"), digest));
    line(_("inspectors"), _("%d free, %d busy; %d letters waiting; %d died, %d hung, %d gave odd answers"),
         (int)number(inspectors, "idle"), (int)number(inspectors, "busy"), (int)number(inspectors, "waiting"),
         (int)number(inspectors, "deaths"), (int)number(inspectors, "hangs"), (int)number(inspectors, "lies"));
    line(_("slow letters"), _("%d busy with documents, %d of them for long; put off since start: %d"),
         (int)number(inspectors, "documents"), (int)number(inspectors, "long"), (int)number(inspectors, "backs"));
    line(_("documents"), "%s",
         json_is_true(json_object_get(json_object_get(gate, "extract"), "alive")) ? _("readers are ready")
                                                                                  : _("no reader"));
    line(_("sessions"), _("%d of %d; letters in hand: %d"), (int)number(gate, "connections"),
         (int)number(gate, "connections_max"), (int)number(gate, "letters_in_hand"));
    line(_("since start"), _("letters: %d; %.1f ms each, the longest %.1f ms"), (int)number(letters, "total"),
         json_number_value(json_object_get(letters, "mean_ms")),
         json_number_value(json_object_get(letters, "longest_ms")));
    const json_t *notices = json_object_get(gate, "notices");
    line(_("notices"), _("%d sent, %d waiting, %d not sent for too many, %d lost"), (int)number(notices, "sent"),
         (int)number(notices, "waiting"), (int)number(notices, "suppressed"), (int)number(notices, "lost"));
    if (json_is_object(problem)) {
        g_autofree char *when = ledger_query_local_time(text(problem, "time"));
        line(_("last problem"), "%s  %s", when, text(problem, "text"));
    }
}

static void
print_ledger(const Status *status)
{
    if (status->ledger != NULL)
        line(_("ledger"), _("%d lines, process %d, %s"), (int)number(status->ledger, "lines"),
             (int)number(status->ledger, "pid"), status->settings->ledger_dir);
    if (status->today != NULL)
        line(_("today"), _("letters: %d; accept %d, hold %d, reject %d, tempfail %d; without a verdict %d"),
             (int)number(status->today, "total"), (int)number(status->today, "accept"),
             (int)number(status->today, "hold"), (int)number(status->today, "reject"),
             (int)number(status->today, "tempfail"), (int)number(status->today, "no-verdict"));
}

static const char *
dovecot_words(const json_t *authd)
{
    const char *state = text(authd, "dovecot");
    return strcmp(state, "good") == 0    ? _("Dovecot's settings are right")
           : strcmp(state, "wrong") == 0 ? _("Dovecot's settings are wrong")
                                         : _("Dovecot's settings could not be looked at");
}

static void
print_authd(const Status *status)
{
    const json_t *authd = status->authd;
    if (authd == NULL)
        return;
    g_autofree char *started = ledger_query_local_time(text(authd, "started"));
    line(_("accounts"), _("%s, process %d, since %s"), text(authd, "version"), (int)number(authd, "pid"), started);
    line("", _("%s; locked accounts: %d; events waiting for the ledger: %d, lost: %d"), dovecot_words(authd),
         (int)number(authd, "locked"), (int)number(authd, "events_waiting"), (int)number(authd, "events_lost"));
}

static void
print_ways(const Status *status)
{
    if (status->ways == NULL) {
        line(_("Postfix"), _("not looked at: %s"), status->ways_error);
        return;
    }
    if (status->ways->len == 0) {
        line(_("Postfix"), _("every way of mail passes Hangu"));
        return;
    }
    printf("\n%s\n", _("Ways of mail that need attention:"));
    for (guint i = 0; i < status->ways->len; i++) {
        const WayOut *way = g_ptr_array_index(status->ways, i);
        printf("  %s: %s\n      -> %s\n", way->where, way->what, way->advice);
    }
}

void
status_print(const Status *status)
{
    gboolean colour = print_wants_colour(stdout), good = status->troubles->len == 0;
    PrintStyle style = colour ? (good ? PRINT_GOOD : PRINT_BAD) : PRINT_PLAIN;
    printf("%s%s%s\n", print_style_begin(style),
           good ? _("Hangu runs, nothing needs attention.") : _("Hangu needs attention:"), print_style_end(style));
    for (guint i = 0; i < status->troubles->len; i++)
        printf("  * %s\n", (const char *)g_ptr_array_index(status->troubles, i));
    putchar('\n');
    if (status->gate != NULL)
        print_gate(status);
    print_ledger(status);
    print_authd(status);
    print_ways(status);
}

void
status_clear(Status *status)
{
    settings_free(status->settings);
    json_decref(status->gate);
    json_decref(status->ledger);
    json_decref(status->authd);
    json_decref(status->today);
    g_free(status->gate_error);
    g_free(status->ledger_error);
    g_free(status->authd_error);
    g_free(status->today_error);
    g_free(status->ways_error);
    g_free(status->config);
    g_free(status->postfix_config);
    g_clear_pointer(&status->ways, g_ptr_array_unref);
    g_clear_pointer(&status->troubles, g_ptr_array_unref);
}
