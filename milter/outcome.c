/* From verdict or failure to answer. */
#include "config.h"
#include "outcome.h"

typedef enum {
    BY_SETTING, /* on_failure */
    DEFER,      /* 4xx whatever on_failure says, except accept while observing */
    HOLD,
    REFUSE,
} Remedy;

typedef struct {
    const char *word;
    Remedy remedy;
    const char *reply;
} FailureRow;

#define TROUBLE "451 4.3.0 The mail gateway could not inspect this message, please try again later"

static const FailureRow failure_rows[] = {
    [FAILURE_NONE] = {"none", BY_SETTING, TROUBLE},
    [FAILURE_INSPECTOR_DIED] = {"inspector-died", BY_SETTING, TROUBLE},
    [FAILURE_INSPECTOR_HUNG] = {"inspector-hung", BY_SETTING, TROUBLE},
    [FAILURE_INSPECTOR_LIED] = {"inspector-lied", BY_SETTING, TROUBLE},
    [FAILURE_NO_INSPECTOR] = {"no-inspector", BY_SETTING, TROUBLE},
    [FAILURE_INSPECTION] = {"inspection-failed", BY_SETTING, TROUBLE},
    [FAILURE_DEADLY] = {"ends-inspectors", HOLD, TROUBLE},
    [FAILURE_TOO_LARGE] = {"too-large", REFUSE, "552 5.3.4 Message too large for the mail gateway"},
    [FAILURE_DISK_FULL] = {"disk-full", DEFER,
                           "452 4.3.1 The mail gateway is out of disk space, please try again later"},
    [FAILURE_ENVELOPE] = {"envelope-too-large", BY_SETTING,
                          "452 4.5.3 Too many recipients in one message, please send it to fewer at a time"},
    [FAILURE_ACCOUNT] = {"no-account-facts", BY_SETTING, TROUBLE},
    [FAILURE_HEADERS] = {"forged-headers", REFUSE, "550 5.6.0 Too many header fields that belong to the mail gateway"},
    [FAILURE_STOPPING] = {"stopping", DEFER, "451 4.3.2 The mail gateway is being stopped, please try again later"},
    [FAILURE_SEQUENCE] = {"out-of-sequence", DEFER, TROUBLE},
    [FAILURE_RECORD] = {"record-refused", BY_SETTING, TROUBLE},
    [FAILURE_LEDGER] = {"no-record", DEFER,
                        "451 4.3.0 The mail gateway could not record this message, please try again later"},
};

const char *
failure_word(Failure failure)
{
    return failure_rows[failure].word;
}

void
outcome_clear(Outcome *outcome)
{
    job_done_clear(&outcome->done);
    g_free(outcome->reply);
    g_free(outcome->id);
    g_free(outcome->released);
    *outcome = (Outcome){0};
}

static Verdict
answer_by_setting(const Settings *settings)
{
    switch ((OnFailure)settings->on_failure) {
    case ON_FAILURE_HOLD:
        return VERDICT_HOLD; /* while observing as well: no verdict is not a verdict */
    case ON_FAILURE_ACCEPT:
        return settings->mode == MODE_OBSERVE ? VERDICT_ACCEPT : VERDICT_TEMPFAIL;
    case ON_FAILURE_TEMPFAIL:
        break;
    }
    return VERDICT_TEMPFAIL;
}

static Verdict
answer_to_failure(Failure failure, const Settings *settings)
{
    gboolean observes = settings->mode == MODE_OBSERVE;
    switch (failure_rows[failure].remedy) {
    case HOLD:
        return observes ? VERDICT_ACCEPT : VERDICT_HOLD;
    case REFUSE:
        return observes ? VERDICT_ACCEPT : VERDICT_REJECT;
    case DEFER:
        return observes && settings->on_failure == ON_FAILURE_ACCEPT ? VERDICT_ACCEPT : VERDICT_TEMPFAIL;
    case BY_SETTING:
        break;
    }
    return answer_by_setting(settings);
}

/* The id lets the sender's telephone call be traced; it comes last, where mail programs do not cut it off. */
static char *
reply_with_id(const char *reply, const char *id)
{
    return g_strdup_printf("%s (record %s)", reply, id);
}

void
outcome_decide(Outcome *outcome, const Settings *settings, gboolean never_5xx)
{
    gboolean failed = outcome->failure != FAILURE_NONE;
    gboolean observes = settings->mode == MODE_OBSERVE;
    outcome->unchanged = observes;
    if (failed) {
        outcome->mode = observes ? MODE_OBSERVE : MODE_ENFORCE;
        outcome->answer = answer_to_failure(outcome->failure, settings);
        outcome->carried_out = outcome->answer != VERDICT_ACCEPT;
    } else {
        outcome->mode = observes ? MODE_OBSERVE : outcome->done.mode;
        outcome->carried_out = outcome->mode == MODE_ENFORCE;
        outcome->answer = outcome->carried_out ? outcome->done.verdict : VERDICT_ACCEPT;
        never_5xx = never_5xx || outcome->done.egress;
    }
    /* A 5xx there would make Postfix send the header to an outsider as a bounce. */
    if (outcome->answer == VERDICT_REJECT && never_5xx)
        outcome->answer = !failed && outcome->done.forward && settings->forward_stopped == FORWARD_STOPPED_DISCARD
                              ? VERDICT_DISCARD
                              : VERDICT_HOLD;
    if (outcome->released != NULL && outcome->answer == VERDICT_HOLD)
        outcome->answer = VERDICT_ACCEPT;
    g_clear_pointer(&outcome->reply, g_free);
    if (outcome->answer == VERDICT_REJECT || outcome->answer == VERDICT_TEMPFAIL)
        outcome->reply =
            reply_with_id(failed ? failure_rows[outcome->failure].reply : outcome->done.reply, outcome->id);
}
