/* From outcome to the calls of libmilter. */
#include "config.h"
#include "answer.h"
#include "log.h"
#include <string.h>

/* libmilter's prototypes know no const. */
static const char *
get_symbol(SMFICTX *context, const char *name)
{
    return smfi_getsymval(context, (char *)name);
}

static int
set_symbols(SMFICTX *context, int stage, const char *names)
{
    return smfi_setsymlist(context, stage, (char *)names);
}

static int
set_text(SMFICTX *context, const char *code, const char *enhanced, const char *text)
{
    return smfi_setreply(context, (char *)code, (char *)enhanced, (char *)text);
}

static int
insert_header(SMFICTX *context, int at, const char *name, const char *value)
{
    return smfi_insheader(context, at, (char *)name, (char *)value);
}

static int
change_header(SMFICTX *context, const char *name, int index, const char *value)
{
    return smfi_chgheader(context, (char *)name, index, (char *)value);
}

static int
quarantine(SMFICTX *context, const char *reason)
{
    return smfi_quarantine(context, (char *)reason);
}

const MilterCalls milter_calls = {
    .get_private = smfi_getpriv,
    .set_private = smfi_setpriv,
    .get_symbol = get_symbol,
    .set_symbols = set_symbols,
    .set_reply = set_text,
    .insert_header = insert_header,
    .change_header = change_header,
    .quarantine = quarantine,
    .progress = smfi_progress,
};

/* libmilter formats the text: a lone percent sign would eat what follows. */
static char *
double_percent(const char *text)
{
    g_auto(GStrv) pieces = g_strsplit(text, "%", -1);
    return g_strjoinv("%%", pieces);
}

/* reply: "550 5.7.1 text". */
static gboolean
set_reply(const MilterCalls *calls, SMFICTX *context, const char *reply)
{
    g_auto(GStrv) words = g_strsplit(reply, " ", 3);
    if (g_strv_length(words) != 3)
        return FALSE;
    g_autofree char *text = double_percent(words[2]);
    return calls->set_reply(context, words[0], words[1], text) == MI_SUCCESS;
}

/* From the last to the first: an index counts the occurrences that are still there. */
static gboolean
remove_forged(const MilterCalls *calls, SMFICTX *context, GHashTable *forged)
{
    GHashTableIter iter;
    gpointer name, count;
    g_hash_table_iter_init(&iter, forged);
    while (g_hash_table_iter_next(&iter, &name, &count))
        for (int index = GPOINTER_TO_INT(count); index > 0; index--)
            if (calls->change_header(context, name, index, NULL) != MI_SUCCESS)
                return FALSE;
    return TRUE;
}

/* Outward nothing but the opaque id; inward what was found, for the mail programs of the house. */
static gboolean
add_header(const MilterCalls *calls, SMFICTX *context, const Outcome *outcome)
{
    const JobDone *done = &outcome->done;
    if (outcome->failure != FAILURE_NONE || done->direction == DIRECTION_OUT)
        return calls->insert_header(context, 0, "X-Hangu-Id", outcome->id) == MI_SUCCESS;
    g_autofree char *value = g_strdup_printf("verdict=%s; class=%s; level=%s; id=%s", verdict_word(outcome->answer),
                                             class_word(done->class), level_word(done->level), outcome->id);
    return calls->insert_header(context, 0, "X-Hangu-Result", value) == MI_SUCCESS;
}

static gboolean
hold(const MilterCalls *calls, SMFICTX *context, const Outcome *outcome)
{
    g_autofree char *reason = g_strdup_printf("hangu %s", outcome->id);
    return calls->quarantine(context, reason) == MI_SUCCESS;
}

static gboolean
change_letter(const MilterCalls *calls, SMFICTX *context, const Outcome *outcome, GHashTable *forged)
{
    if (outcome->answer == VERDICT_HOLD && !hold(calls, context, outcome))
        return FALSE;
    if (outcome->unchanged)
        return TRUE;
    return (forged == NULL || remove_forged(calls, context, forged)) && add_header(calls, context, outcome);
}

sfsistat
answer_send(const MilterCalls *calls, SMFICTX *context, Outcome *outcome, GHashTable *forged)
{
    switch (outcome->answer) {
    case VERDICT_REJECT:
        if (!set_reply(calls, context, outcome->reply))
            log_error("%s: the mail server did not take the reply; it gives one of its own", outcome->id);
        return SMFIS_REJECT;
    case VERDICT_ACCEPT:
    case VERDICT_HOLD:
        if (change_letter(calls, context, outcome, forged))
            return SMFIS_CONTINUE;
        log_error("%s: the mail server did not take the changes of the letter; it is put off", outcome->id);
        outcome->answer = VERDICT_TEMPFAIL;
        return SMFIS_TEMPFAIL;
    case VERDICT_DISCARD:
        return SMFIS_DISCARD;
    case VERDICT_TEMPFAIL:
        break;
    }
    if (outcome->reply == NULL || !set_reply(calls, context, outcome->reply))
        log_error("%s: the mail server did not take the reply; it gives one of its own", outcome->id);
    return SMFIS_TEMPFAIL;
}

sfsistat
answer_defer(const MilterCalls *calls, SMFICTX *context, const char *enhanced, const char *text)
{
    /* At connect libmilter may take no text: Postfix has its own. */
    calls->set_reply(context, "451", enhanced, text);
    return SMFIS_TEMPFAIL;
}
