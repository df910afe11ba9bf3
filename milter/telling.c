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

/* Whose forward was stopped is told by a letter only if a script in his mailbox made it: to an alias or a .forward file
 * the notice would follow the very way outside. Officers are told of each. */
static void
tell_forward(const Letter *letter, const Outcome *outcome)
{
    const Settings *settings = letter->snapshot->settings;
    const GPtrArray *recipients = letter->envelope.recipients;
    if (letter->automatic && *letter->envelope.sender == '\0')
        return; /* a notice of ours may be among these: its own forward would make the next one */
    g_autoptr(GHashTable) values = g_hash_table_new(g_str_hash, g_str_equal);
    Notice notice = {
        .kind = NOTICE_FORWARD_STOPPED, .recipient = letter->owner, .record_id = outcome->id, .values = values};
    if (letter->owner != NULL)
        g_hash_table_insert(values, (gpointer) "account", letter->owner);
    if (recipients->len > 0)
        g_hash_table_insert(values, (gpointer) "to", g_ptr_array_index(recipients, 0));
    if (letter->redirected)
        notices_tell(letter->gate->notices, settings, &notice);
    notice.kind = NOTICE_OFFICER_FORWARD;
    notices_tell_officers(letter->gate->notices, settings, &notice, NULL);
}

void
telling_outcome(const Letter *letter, const Outcome *outcome)
{
    const Settings *settings = letter->snapshot->settings;
    gboolean judged = outcome->failure == FAILURE_NONE;
    AccountEffect effect = judged ? outcome->done.account_effect : ACCOUNT_EFFECT_NONE;
    if (settings->mode == MODE_OBSERVE || letter->gate->notices == NULL)
        return;
    if (judged && outcome->done.forward && outcome->carried_out && outcome->answer != VERDICT_ACCEPT) {
        tell_forward(letter, outcome);
        return;
    }
    g_autofree char *mailbox = own_mailbox(letter);
    gboolean refused = effect == ACCOUNT_EFFECT_DECIDED && outcome->answer == VERDICT_REJECT;
    gboolean warned = effect == ACCOUNT_EFFECT_WARNED && outcome->answer == VERDICT_ACCEPT;
    if (letter->envelope.account != NULL && (refused || warned))
        tell_account(letter, outcome, mailbox, refused);
    /* A stranger may write any sender: only who submits is told, and whose letter is on its way out. */
    gboolean inside = judged ? outcome->done.direction != DIRECTION_IN : letter->submission;
    gboolean stopped = judged && outcome->answer == VERDICT_REJECT && !refused;
    if ((outcome->answer != VERDICT_HOLD && !stopped) || mailbox == NULL || !inside)
        return;
    const Notice notice = {
        .kind = stopped ? NOTICE_STOPPED : NOTICE_HELD, .recipient = mailbox, .record_id = outcome->id};
    notices_tell(letter->gate->notices, settings, &notice);
}
