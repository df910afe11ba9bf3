/* Members are looked at one by one: what was seen of a password since the last sweep counts at once. */
#include "config.h"
#include "campaign_show.h"
#include "auth_policy.h"
#include "campaign_state.h"
#include "clock.h"
#include "verbs_login.h"
#include <string.h>

/* What is known of one member now. */
typedef struct {
    char *address, *unit, *department, *deadline, *told, *changed, *exempt_until, *exempt_by;
    gint64 wave;
    MemberState state;
} Seen;

static void
seen_free(gpointer data)
{
    Seen *seen = data;
    char *const texts[] = {seen->address, seen->unit,    seen->department,   seen->deadline,
                           seen->told,    seen->changed, seen->exempt_until, seen->exempt_by};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(seen);
}

typedef struct {
    VerbCall *call;
    Passwords *passwords;
    const char *now;
    GPtrArray *all; /* Seen */
} Looking;

static gboolean
look_at(const CampaignMember *member, gpointer user, GError **error)
{
    const Looking *looking = user;
    g_auto(AccountFacts) facts = {0};
    g_auto(PasswordState) password = {0};
    if (!accounts_facts(looking->call->database, member->address, NULL, looking->now, &facts, error))
        return FALSE;
    gboolean known = passwords_state(looking->passwords, member->address, &password) && password.since_us > 0;
    const CampaignSight sight = {&facts, known ? &password : NULL, looking->call->now_us};
    Seen *seen = g_new0(Seen, 1);
    seen->state = campaign_member_state(member, &sight);
    seen->address = g_strdup(member->address);
    seen->unit = g_strdup(member->unit);
    seen->department = g_strdup(member->department);
    seen->deadline = g_strdup(member->deadline);
    seen->told = g_strdup(member->told);
    seen->changed = member->changed != NULL         ? g_strdup(member->changed)
                    : seen->state == MEMBER_CHANGED ? clock_format(password.since_us)
                                                    : NULL;
    seen->exempt_until = g_strdup(member->exempt_until);
    seen->exempt_by = g_strdup(member->exempt_by);
    seen->wave = member->wave;
    g_ptr_array_add(looking->all, seen);
    return TRUE;
}

static json_t *
states_json(const guint *counts)
{
    json_t *states = json_object();
    for (guint i = 0; i < MEMBER_STATES; i++)
        json_object_set_new(states, campaign_state_word((MemberState)i), json_integer(counts[i]));
    return states;
}

static json_t *
head(const Campaign *campaign, const GPtrArray *all)
{
    guint counts[MEMBER_STATES] = {0};
    gint64 waves = 0;
    for (guint i = 0; i < all->len; i++) {
        const Seen *seen = g_ptr_array_index(all, i);
        counts[seen->state]++;
        waves = MAX(waves, seen->wave);
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:I, s:i, s:o}", "campaign",
                     campaign->name, "reason", campaign->reason, "from", campaign->begins, "until", campaign->ends,
                     "selection", campaign->selection, "uncovered", campaign->uncovered, "started", campaign->started,
                     "by", campaign->started_by, "approver", campaign->approver, "stopped", campaign->stopped,
                     "stopped_by", campaign->stopped_by, "stop_reason", campaign->stop_reason, "waves",
                     (json_int_t)waves, "members", (int)all->len, "states", states_json(counts));
}

/* Members come by wave, unit and department: what is equal stands together. */
static gboolean
same_part(const Seen *one, const Seen *other)
{
    return one->wave == other->wave && g_str_equal(one->unit, other->unit) &&
           g_str_equal(one->department, other->department);
}

static gboolean
answer_parts(VerbCall *call, const GPtrArray *all, GError **error)
{
    for (guint i = 0, end; i < all->len; i = end) {
        const Seen *first = g_ptr_array_index(all, i);
        guint counts[MEMBER_STATES] = {0};
        for (end = i; end < all->len && same_part(first, g_ptr_array_index(all, end)); end++)
            counts[((const Seen *)g_ptr_array_index(all, end))->state]++;
        if (!verb_answer(call,
                         json_pack("{s:I, s:s, s:s, s:s, s:i, s:o}", "wave", (json_int_t)first->wave, "unit",
                                   first->unit, "department", first->department, "deadline", first->deadline, "members",
                                   (int)(end - i), "states", states_json(counts)),
                         error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
answer_members(VerbCall *call, const GPtrArray *all, GError **error)
{
    for (guint i = 0; i < all->len; i++) {
        const Seen *seen = g_ptr_array_index(all, i);
        if (!verb_answer(call,
                         json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s?, s:s?, s:s?, s:s?}", "account", seen->address,
                                   "unit", seen->unit, "department", seen->department, "wave", (json_int_t)seen->wave,
                                   "deadline", seen->deadline, "state", campaign_state_word(seen->state), "told",
                                   seen->told, "changed", seen->changed, "excepted_until", seen->exempt_until,
                                   "excepted_by", seen->exempt_by),
                         error))
            return FALSE;
    }
    return TRUE;
}

gboolean
campaign_answer(VerbCall *call, const Campaign *campaign, gboolean parts, gboolean members, GError **error)
{
    if (!verbs_login_need(error))
        return FALSE;
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(seen_free);
    g_autofree char *now = clock_format(call->now_us);
    Looking looking = {call, auth_policy_passwords(verbs_login_policy()), now, all};
    return campaigns_members(call->database, campaign->number, look_at, &looking, error) &&
           verb_answer(call, head(campaign, all), error) && (!parts || answer_parts(call, all, error)) &&
           (!members || answer_members(call, all, error));
}
