/* campaign_state - how far one member of a campaign is. */
#pragma once
#include "accounts.h"
#include "campaigns.h"
#include "passwords.h"

typedef enum {
    MEMBER_CHANGED,  /* hangu-authd has seen another password since the campaign was started */
    MEMBER_EXCEPTED, /* by the campaign, or from expired passwords altogether */
    MEMBER_CLOSED,   /* the account is not open any more */
    MEMBER_UNKNOWN,  /* never logged in, not checkable, or first seen since the start: there is nothing to compare */
    MEMBER_REFUSED,  /* its day is over, and its group is at enforce */
    MEMBER_OVERDUE,  /* its day is over */
    MEMBER_WARNED,   /* was written to */
    MEMBER_WAITING,
} MemberState;
#define MEMBER_STATES (MEMBER_WAITING + 1)
const char *campaign_state_word(MemberState state); /* "changed" ...; lends */

typedef struct {
    const AccountFacts *facts;
    const PasswordState *password; /* NULL: nothing is known of it */
    gint64 now_us;
} CampaignSight;
MemberState campaign_member_state(const CampaignMember *member, const CampaignSight *sight);
