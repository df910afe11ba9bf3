/* when - conditions on the facts of a letter. */
#include "config.h"
#include "when.h"
#include <glib/gi18n.h>
#include <string.h>

#define WHEN(name) G_STRUCT_OFFSET(When, name)
#define DAY_MINUTES (24 * 60)
#define ALIKE_MIN 5 /* letters of a user name */

/* Items that are names of groups, and the others. */
typedef struct {
    GPtrArray *groups; /* const AddressSet *, lent; NULL: not asked for */
    AddressSet *own;
} AddressList;

typedef struct {
    guint16 from, to; /* minutes of the day; from >= to goes over midnight */
} Hours;

struct When {
    GPtrArray *direction_names, *sender_items, *except_sender_items, *recipient_items, *except_recipient_items,
        *reply_items, *day_names, *hour_texts;
    gboolean to_self;
    /* not in the file */
    guint directions, days; /* bits; 0: all. Days: 1 << 1 is Monday */
    AddressList senders, except_senders, recipients, except_recipients, replies;
    GArray *hours; /* Hours */
    GTimeZone *zone;
};

static const YamlRow ROWS[] = {
    {"direction", YAML_ROW_TEXTS, WHEN(direction_names), .help_zh = "方向：out、local、in。",
     .help_en = "out, local, in."},
    {"senders", YAML_ROW_TEXTS, WHEN(sender_items), .help_zh = "发件人在其中。",
     .help_en = "The sender is one of these."},
    {"except_senders", YAML_ROW_TEXTS, WHEN(except_sender_items), .help_zh = "发件人不在其中。",
     .help_en = "The sender is none of these."},
    {"recipients", YAML_ROW_TEXTS, WHEN(recipient_items), .help_zh = "有收件人在其中。",
     .help_en = "Some recipient is one of these."},
    {"except_recipients", YAML_ROW_TEXTS, WHEN(except_recipient_items), .help_zh = "有收件人不在其中。",
     .help_en = "Some recipient is none of these."},
    {"to_self", YAML_ROW_BOOL, WHEN(to_self), "no",
     .help_zh = "收件人是发件人本人在外域的邮箱：同名、近似或显示姓名相同。",
     .help_en = "Some recipient at another domain is the sender himself: the same user name, one alike, or the same "
                "display name."},
    {"reply_to", YAML_ROW_TEXTS, WHEN(reply_items), .help_zh = "回复地址（Reply-To）在其中。",
     .help_en = "Replies are to go to one of these (Reply-To)."},
    {"days", YAML_ROW_TEXTS, WHEN(day_names), .help_zh = "星期：mon 至 sun。", .help_en = "Days: mon to sun."},
    {"hours", YAML_ROW_TEXTS, WHEN(hour_texts), .help_zh = "时段：18:00-08:00。", .help_en = "Hours: 18:00-08:00."},
    {NULL},
};

/* --- reading -------------------------------------------------------------------------------- */

static void
list_read(AddressList *list, const GPtrArray *items, const YamlNode *node, const Groups *groups, const char *key,
          Problems *problems)
{
    if (items == NULL || items->len == 0)
        return;
    list->groups = g_ptr_array_new();
    list->own = address_set_new();
    for (guint i = 0; i < items->len; i++) {
        const char *item = g_ptr_array_index(items, i);
        const AddressSet *group = groups_find(groups, item);
        if (group != NULL)
            g_ptr_array_add(list->groups, (gpointer)group);
        else if (strpbrk(item, ".@") == NULL)
            yaml_problem(node, problems, key, _("there is no group \"%s\" (a domain has a dot or an @ before it)"),
                         item);
        else if (!address_set_add(list->own, item))
            yaml_problem(node, problems, key, _("\"%s\" is no address, domain or group"), item);
    }
}

static void
list_clear(AddressList *list)
{
    g_clear_pointer(&list->groups, g_ptr_array_unref);
    g_clear_pointer(&list->own, address_set_free);
}

static gboolean
minutes_parse(const char *text, guint16 *minutes_out, const char **end_out)
{
    guint values[2] = {0, 0};

    for (guint i = 0; i < 2; i++) {
        if (!g_ascii_isdigit(text[0]) || !g_ascii_isdigit(text[1]) || (i == 0 && text[2] != ':'))
            return FALSE;
        values[i] = (guint)(text[0] - '0') * 10 + (guint)(text[1] - '0');
        text += i == 0 ? 3 : 2;
    }
    *minutes_out = (guint16)(values[0] * 60 + values[1]);
    *end_out = text;
    return values[1] < 60 && *minutes_out <= DAY_MINUTES;
}

static void
hours_read(When *when, const YamlNode *node, const char *key, Problems *problems)
{
    when->hours = g_array_new(FALSE, FALSE, sizeof(Hours));
    for (guint i = 0; when->hour_texts != NULL && i < when->hour_texts->len; i++) {
        const char *text = g_ptr_array_index(when->hour_texts, i), *rest;
        Hours hours;
        if (minutes_parse(text, &hours.from, &rest) && *rest == '-' && minutes_parse(rest + 1, &hours.to, &rest) &&
            *rest == '\0' && hours.from != hours.to)
            g_array_append_val(when->hours, hours);
        else
            yaml_problem(node, problems, key, _("\"%s\": hours are like 18:00-08:00"), text);
    }
}

static void
days_read(When *when, const YamlNode *node, const char *key, Problems *problems)
{
    static const char *const words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

    for (guint i = 0; when->day_names != NULL && i < when->day_names->len; i++) {
        const char *name = g_ptr_array_index(when->day_names, i);
        guint day = 0;
        while (day < G_N_ELEMENTS(words) && strcmp(words[day], name) != 0)
            day++;
        if (day == G_N_ELEMENTS(words))
            yaml_problem(node, problems, key, _("\"%s\": days are mon, tue, wed, thu, fri, sat, sun"), name);
        else
            when->days |= 1u << (day + G_DATE_MONDAY);
    }
}

static void
directions_read(When *when, const YamlNode *node, const char *key, Problems *problems)
{
    Direction direction;

    for (guint i = 0; when->direction_names != NULL && i < when->direction_names->len; i++) {
        const char *name = g_ptr_array_index(when->direction_names, i);
        if (direction_parse(name, &direction))
            when->directions |= 1u << direction;
        else
            yaml_problem(node, problems, key, _("\"%s\": a direction is out, local or in"), name);
    }
}

When *
when_read(const YamlNode *node, const char *zone, const Groups *groups, const char *key, Problems *problems)
{
    if (yaml_kind(node) != YAML_MAP || yaml_length(node) == 0) {
        yaml_problem(node, problems, key, _("when must be a map like {direction: out}"));
        return NULL;
    }
    When *when = g_new0(When, 1);
    yaml_read_rows(node, ROWS, key, when, problems);
    for (guint i = 0; i < yaml_length(node); i++)
        if (yaml_kind(yaml_value(node, i)) == YAML_LIST && yaml_length(yaml_value(node, i)) == 0)
            yaml_problem(yaml_value(node, i), problems, key,
                         _("%s: an empty list holds for no letter; leave the line out"), yaml_key(node, i));
    directions_read(when, yaml_get(node, "direction"), key, problems);
    days_read(when, yaml_get(node, "days"), key, problems);
    hours_read(when, yaml_get(node, "hours"), key, problems);
    list_read(&when->senders, when->sender_items, yaml_get(node, "senders"), groups, key, problems);
    list_read(&when->except_senders, when->except_sender_items, yaml_get(node, "except_senders"), groups, key,
              problems);
    list_read(&when->recipients, when->recipient_items, yaml_get(node, "recipients"), groups, key, problems);
    list_read(&when->except_recipients, when->except_recipient_items, yaml_get(node, "except_recipients"), groups, key,
              problems);
    list_read(&when->replies, when->reply_items, yaml_get(node, "reply_to"), groups, key, problems);
    when->zone = g_time_zone_new_identifier(zone);
    return when;
}

void
when_free(When *when)
{
    if (when == NULL)
        return;
    yaml_clear_rows(ROWS, when);
    list_clear(&when->senders);
    list_clear(&when->except_senders);
    list_clear(&when->recipients);
    list_clear(&when->except_recipients);
    list_clear(&when->replies);
    g_clear_pointer(&when->hours, g_array_unref);
    g_clear_pointer(&when->zone, g_time_zone_unref);
    g_free(when);
}

gboolean
when_has_zone(const char *zone)
{
    g_autoptr(GTimeZone) found = g_time_zone_new_identifier(zone);

    return found != NULL;
}

/* --- asking --------------------------------------------------------------------------------- */

static gboolean
list_has(const AddressList *list, const char *address)
{
    if (address == NULL)
        return FALSE;
    for (guint i = 0; i < list->groups->len; i++)
        if (address_set_has(g_ptr_array_index(list->groups, i), address))
            return TRUE;
    return address_set_has(list->own, address);
}

static const char *
recipient_at(const LetterFacts *facts, guint index, gboolean base)
{
    const GPtrArray *list = base ? facts->recipient_bases : facts->recipients;

    return list != NULL ? g_ptr_array_index(list, index) : NULL;
}

/* Whether some recipient is in the list; or, with `wanted` FALSE, whether some is not. */
static gboolean
some_recipient(const AddressList *list, const LetterFacts *facts, gboolean wanted)
{
    for (guint i = 0; facts->recipients != NULL && i < facts->recipients->len; i++) {
        gboolean listed = list_has(list, recipient_at(facts, i, FALSE)) || list_has(list, recipient_at(facts, i, TRUE));
        if (listed == wanted)
            return TRUE;
    }
    return FALSE;
}

static gboolean
sender_listed(const AddressList *list, const LetterFacts *facts)
{
    return list_has(list, facts->sender) || list_has(list, facts->sender_base);
}

/* zhang@unit.example to zhang@mail.example. */
static gboolean
is_own(const char *sender, const char *recipient)
{
    const char *at = strrchr(sender, '@'), *other = strrchr(recipient, '@');

    if (at == NULL || other == NULL || g_ascii_strcasecmp(at, other) == 0)
        return FALSE;
    g_autofree char *left = g_utf8_casefold(sender, at - sender);
    g_autofree char *right = g_utf8_casefold(recipient, other - recipient);
    return strcmp(left, right) == 0;
}

/* The Latin letters of a local part. */
static char *
letters_of(const char *address)
{
    GString *letters = g_string_new(NULL);
    gsize length = strcspn(address, "@");
    for (gsize i = 0; i < length; i++)
        if (g_ascii_isalpha(address[i]))
            g_string_append_c(letters, g_ascii_tolower(address[i]));
    return g_string_free(letters, FALSE);
}

/* li.qing@unit.example to liqing1985@mail.example: the same letters, and enough of them to be somebody's. */
static gboolean
is_alike(const char *sender, const char *recipient)
{
    const char *at = strrchr(sender, '@'), *other = strrchr(recipient, '@');
    if (at == NULL || other == NULL || g_ascii_strcasecmp(at, other) == 0)
        return FALSE;
    g_autofree char *left = letters_of(sender), *right = letters_of(recipient);
    return strlen(left) >= ALIKE_MIN && strcmp(left, right) == 0;
}

static gboolean
has_own_name(const LetterFacts *facts, const char *sender, guint index)
{
    const char *recipient = recipient_at(facts, index, FALSE), *at = strrchr(sender, '@');
    const char *other = strrchr(recipient, '@');
    return at != NULL && other != NULL && g_ascii_strcasecmp(at, other) != 0 && facts->own != NULL &&
           g_ptr_array_find_with_equal_func((GPtrArray *)facts->own, recipient, g_str_equal, NULL);
}

static gboolean
is_self(const LetterFacts *facts, guint index)
{
    const char *sender = facts->sender_base != NULL ? facts->sender_base : facts->sender;
    const char *recipient = recipient_at(facts, index, facts->recipient_bases != NULL);

    return is_own(sender, recipient) || is_alike(sender, recipient) || has_own_name(facts, sender, index);
}

static gboolean
goes_to_self(const LetterFacts *facts)
{
    for (guint i = 0; facts->recipients != NULL && i < facts->recipients->len; i++)
        if (is_self(facts, i))
            return TRUE;
    return FALSE;
}

static gboolean
reply_listed(const AddressList *list, const LetterFacts *facts)
{
    for (guint i = 0; facts->reply_to != NULL && i < facts->reply_to->len; i++)
        if (list_has(list, g_ptr_array_index(facts->reply_to, i)))
            return TRUE;
    return FALSE;
}

static gboolean
addresses_hold(const When *when, const LetterFacts *facts)
{
    return (when->senders.own == NULL || sender_listed(&when->senders, facts)) &&
           (when->except_senders.own == NULL || !sender_listed(&when->except_senders, facts)) &&
           (when->recipients.own == NULL || some_recipient(&when->recipients, facts, TRUE)) &&
           (when->except_recipients.own == NULL || some_recipient(&when->except_recipients, facts, FALSE)) &&
           (when->replies.own == NULL || reply_listed(&when->replies, facts)) &&
           (!when->to_self || goes_to_self(facts));
}

static gboolean
time_holds(const When *when, gint64 time_us)
{
    if (when->days == 0 && when->hours->len == 0)
        return TRUE;
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) here = utc != NULL && when->zone != NULL ? g_date_time_to_timezone(utc, when->zone) : NULL;
    if (here == NULL)
        return TRUE; /* no such time: rather look than not */
    guint minute = (guint)(g_date_time_get_hour(here) * 60 + g_date_time_get_minute(here));
    if (when->days != 0 && (when->days & 1u << g_date_time_get_day_of_week(here)) == 0)
        return FALSE;
    for (guint i = 0; i < when->hours->len; i++) {
        const Hours *hours = &g_array_index(when->hours, Hours, i);
        gboolean over = hours->from > hours->to;
        if (over ? minute >= hours->from || minute < hours->to : minute >= hours->from && minute < hours->to)
            return TRUE;
    }
    return when->hours->len == 0;
}

gboolean
when_holds(const When *when, const LetterFacts *facts)
{
    return when == NULL || ((when->directions == 0 || (when->directions & 1u << facts->direction) != 0) &&
                            time_holds(when, facts->time_us) && addresses_hold(when, facts));
}

guint32
when_recipients(const When *when, const LetterFacts *facts)
{
    guint32 mask = 0;

    if (when == NULL || when->recipients.own == NULL || facts->recipients == NULL)
        return 0;
    for (guint i = 0; i < MIN(facts->recipients->len, HISTORY_RECIPIENTS_MAX); i++)
        if ((list_has(&when->recipients, recipient_at(facts, i, FALSE)) ||
             list_has(&when->recipients, recipient_at(facts, i, TRUE))) &&
            (!when->to_self || is_self(facts, i)))
            mask |= 1u << i;
    return mask;
}

char *
when_text(const When *when)
{
    GString *text = g_string_new(NULL);

    for (const YamlRow *row = ROWS; row->key != NULL; row++) {
        const GPtrArray *items = row->type == YAML_ROW_TEXTS ? G_STRUCT_MEMBER(GPtrArray *, when, row->offset) : NULL;
        if (row->type == YAML_ROW_BOOL && G_STRUCT_MEMBER(gboolean, when, row->offset))
            g_string_append_printf(text, "%s%s: yes", text->len > 0 ? "; " : "", row->key);
        if (items == NULL || items->len == 0)
            continue;
        g_string_append_printf(text, "%s%s: ", text->len > 0 ? "; " : "", row->key);
        for (guint i = 0; i < items->len; i++)
            g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", (const char *)g_ptr_array_index(items, i));
    }
    return g_string_free(text, FALSE);
}
