/* bench_inspect [-n ROUNDS] FILE...: microseconds of CPU that the corridor takes for a letter, from parse to decide, in
 * one process and without SMTP; peak memory of the process before the first letter and after each. */
#include "config.h"
#include "clock.h"
#include "collect.h"
#include "inspect.h"
#include "mime.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

static Settings *settings;

static gint64
cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* Peak resident memory in KB; resets the mark. */
static gint64
peak_memory(void)
{
    g_autofree char *status = NULL;
    const char *line = NULL;
    if (g_file_get_contents("/proc/self/status", &status, NULL, NULL))
        line = strstr(status, "VmHWM:");
    FILE *reset = fopen("/proc/self/clear_refs", "w");
    if (reset != NULL) {
        fputs("5", reset);
        fclose(reset);
    }
    return line == NULL ? 0 : g_ascii_strtoll(line + 6, NULL, 10);
}

static Message *
open_letter(const char *file)
{
    g_autoptr(GError) error = NULL;
    Message *message = collect_file(file, settings, &error);
    if (message == NULL)
        g_error("%s", error->message);
    message->envelope.direction_given = TRUE;
    message->envelope.direction = DIRECTION_OUT;
    message->envelope.received_us = clock_wall_us();
    return message;
}

static void
measure(Inspector *inspector, const char *file, guint rounds)
{
    gint64 parsing = 0, all = 0;
    const char *verdict = "";
    guint parts = 0, findings = 0;
    for (guint i = 0; i <= rounds; i++) { /* the first is for warming up */
        g_autoptr(Message) only_parsed = open_letter(file);
        g_autoptr(Message) message = open_letter(file);
        gint64 start = cpu_us();
        if (!mime_parse(only_parsed, settings, NULL))
            g_error("%s: cannot be parsed", file);
        gint64 parsed = cpu_us();
        if (!inspector_run(inspector, message, -1, NULL))
            g_error("%s: no verdict", file);
        if (i > 0) {
            parsing += parsed - start;
            all += cpu_us() - parsed;
        }
        verdict = verdict_word(message->decision.verdict);
        parts = message->parts->len;
        findings = message->findings->len;
    }
    printf("%-40s %9.1f us, of it parse %8.1f; %u parts, %u findings, %s; peak %ld KB\n", file, (double)all / rounds,
           (double)parsing / rounds, parts, findings, verdict, (long)peak_memory());
}

int
main(int argc, char **argv)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *packs = g_build_filename(top != NULL ? top : ".", "rules/packs", NULL);
    g_autofree char *file = g_build_filename(top != NULL ? top : ".", "contrib/policy.yaml", NULL);
    g_autoptr(Problems) problems = problems_new();
    guint rounds = 200;
    settings = settings_new_default();
    g_autoptr(Ruleset) rules = ruleset_load(packs, NULL, NULL, problems);
    g_autoptr(Policy) policy = policy_load(file, problems);
    if (rules == NULL || policy == NULL)
        g_error("rules or policy do not load; set top_srcdir");
    g_autoptr(Inspector) inspector = inspector_new(settings, rules, policy);
    printf("idle: peak %ld KB\n", (long)peak_memory());
    for (int i = 1; i < argc; i++) {
        if (i > 1 && strcmp(argv[i - 1], "-n") == 0)
            continue;
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            rounds = (guint)CLAMP(g_ascii_strtoll(argv[i + 1], NULL, 10), 1, 1000000);
        else
            measure(inspector, argv[i], rounds);
    }
    settings_free(settings);
    return 0;
}
