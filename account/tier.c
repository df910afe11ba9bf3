/* The table of strength tiers. */
#include "config.h"
#include "tier.h"

static const TierRow rows[TIERS] = {
    [TIER_BASE] = {"base", 8, CLASS_LETTER | CLASS_DIGIT, 90, 5, 30},
    [TIER_STRICT] = {"strict", 8, CLASS_LETTER | CLASS_DIGIT | CLASS_SPECIAL, 30, 12, 0},
    [TIER_HIGH] = {"high", 10, CLASS_LETTER | CLASS_DIGIT | CLASS_SPECIAL, 7, 24, 0},
    [TIER_OTP] = {"otp", 8, CLASS_LETTER | CLASS_DIGIT | CLASS_SPECIAL, 0, 12, 0},
};

const TierRow *
tier_row(Tier tier)
{
    return &rows[tier < TIERS ? tier : TIER_HIGH];
}

Tier
tier_from_word(const char *word)
{
    for (guint i = 0; i < TIERS; i++)
        if (g_strcmp0(word, rows[i].word) == 0)
            return (Tier)i;
    return TIERS;
}
