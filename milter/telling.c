/* From outcome to notices. */
#include "config.h"
#include "telling.h"
#include "address.h"

static guint
first_bit(guint problems)
{
    return problems & (~problems + 1);
}

/* Whose mailbox is told: the account's own, else the envelope's sender. NULL: nobody's. */
static char *
own_mailbox(const Letter *letter)
{
    const Envelope *envelope = &letter->envelope;
    if (letter->automatic || *envelope->sender == '\0')
        return NULL;
    if (envelope->account != NULL && envelope->account->own != NULL && envelope->account->source == SUBMITTER_KNOWN)
        return g_strdup(envelope->account->own);
    return address_base(envelope->sender, letter->snapshot->settings->recipient_delimiter);
}

static void
tell_account(const Letter *letter, const Outcome *outcome, const char *mailbox, gboolean refused)
{
    const Submitter *facts = letter->envelope.account;
    const Settings *settings = letter->snapshot->settings;
    Notices *notices = letter->gate->notices;
    g_autoptr(GHashTable) values = g_hash_table_new(g_str_hash, g_str_equal);
    guint problems = facts->problems | (outcome->done.account_problems & SUBMITTER_SENDER_NOT_OWNED);
    const char *account = letter->envelope.auth_user != NULL ? letter->envelope.auth_user : letter->envelope.client_ip;
    Notice notice = {.kind = refused ? NOTICE_REFUSED : NOTICE_WARNED,
                     .problem = first_bit(problems),
                     .recipient = mailbox,
                     .record_id = outcome->id,
                     .values = values};
    if (account != NULL)
        g_hash_table_insert(values, (gpointer) "account", (gpointer)account);
    /* An address that nobody proved to be the client's own is nobody's to be written to. */
    if (mailbox != NULL && facts->source == SUBMITTER_KNOWN)
        notices_tell(notices, settings, &notice);
    notice.kind = refused ? NOTICE_OFFICER_REFUSED : NOTICE_OFFICER_WARNED;
    notices_tell_officers(notices, settings, &notice, facts->officers);
}

void
telling_outcome(const Letter *letter, const Outcome *outcome)
{
    const Settings *settings = letter->snapshot->settings;
    gboolean judged = outcome->failure == FAILURE_NONE;
    AccountEffect effect = judged ? outcome->done.account_effect : ACCOUNT_EFFECT_NONE;
    if (settings->mode == MODE_OBSERVE || letter->gate->notices == NULL)
        return;
    g_autofree char *mailbox = own_mailbox(letter);
    gboolean refused = effect == ACCOUNT_EFFECT_DECIDED && outcome->answer == VERDICT_REJECT;
    gboolean warned = effect == ACCOUNT_EFFECT_WARNED && outcome->answer == VERDICT_ACCEPT;
    if (letter->envelope.account != NULL && (refused || warned))
        tell_account(letter, outcome, mailbox, refused);
    /* A stranger may write any sender: only who submits is told, and whose letter is on its way out. */
    gboolean inside = judged ? outcome->done.direction != DIRECTION_IN : letter->submission;
    if (outcome->answer != VERDICT_HOLD || mailbox == NULL || !inside)
        return;
    const Notice held = {.kind = NOTICE_HELD, .recipient = mailbox, .record_id = outcome->id};
    notices_tell(letter->gate->notices, settings, &held);
}
