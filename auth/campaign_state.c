/* The state of a member: what was seen goes before what was written. */
#include "config.h"
#include "campaign_state.h"
#include "clock.h"

const char *
campaign_state_word(MemberState state)
{
    static const char *const words[MEMBER_STATES] = {"changed", "excepted", "closed", "unknown",
                                                     "refused", "overdue",  "warned", "waiting"};
    return words[state];
}

static gint64
time_of(const char *text)
{
    gint64 when = 0;
    return text != NULL && clock_parse(text, &when, NULL) ? when : 0;
}

/* The first password that was ever seen is no change. */
static gboolean
has_changed(const CampaignMember *member, const PasswordState *password)
{
    return password != NULL && password->since_us > time_of(member->started) &&
           password->since_us != password->first_seen_us;
}

MemberState
campaign_member_state(const CampaignMember *member, const CampaignSight *sight)
{
    const PasswordState *password = sight->password;
    if (member->changed != NULL || has_changed(member, password))
        return MEMBER_CHANGED;
    if (time_of(member->exempt_until) > sight->now_us || (sight->facts->exempt & PROBLEM_PASSWORD_EXPIRED) != 0)
        return MEMBER_EXCEPTED;
    if (g_strcmp0(member->state, "open") != 0)
        return MEMBER_CLOSED;
    if (password == NULL || password->since_us == 0 || password->since_us > time_of(member->started))
        return MEMBER_UNKNOWN;
    if (time_of(member->over) <= sight->now_us)
        return g_strcmp0(sight->facts->stage, "enforce") == 0 ? MEMBER_REFUSED : MEMBER_OVERDUE;
    return member->told != NULL ? MEMBER_WARNED : MEMBER_WAITING;
}
