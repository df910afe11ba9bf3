/* lint-when - `when` that holds for no letter, or asks for nothing: groups that nobody is in, senders that are excepted
 * again, hours and days that are none or all, recipients outside where the direction says inside. */
#include "config.h"
#include "lint-parts.h"
#include "verdict.h"
#include <glib/gi18n.h>
#include <string.h>

#define DAY_MINUTES 1440
#define NOBODY "hangu-lint" /* a user or label that no list names */

typedef struct {
    Lint *lint;
    const LintEntry *entry;
    const YamlNode *when;
} Asked;

static void
note_never(const Asked *asked, const YamlNode *node, char *what, const char *advice)
{
    lint_add(asked->lint, asked->entry, yaml_line(node), yaml_column(node), "never-holds", what, advice);
}

static void
note_idle(const Asked *asked, const YamlNode *node, char *what)
{
    lint_add(asked->lint, asked->entry, yaml_line(node), yaml_column(node), "asks-nothing", what,
             _("leave the line out"));
}

/* The texts of a key: one, or a list. */
static guint
texts_count(const YamlNode *node)
{
    return node == NULL ? 0 : yaml_kind(node) == YAML_LIST ? yaml_length(node) : 1;
}

static const char *
texts_get(const YamlNode *node, guint index)
{
    const char *text = yaml_scalar(yaml_kind(node) == YAML_LIST ? yaml_item(node, index) : node, NULL);
    return text != NULL ? text : "";
}

static gboolean
texts_have(const YamlNode *node, const char *wanted)
{
    for (guint i = 0; i < texts_count(node); i++)
        if (strcmp(texts_get(node, i), wanted) == 0)
            return TRUE;
    return FALSE;
}

/* --- addresses ------------------------------------------------------------------------------------------------ */

static gboolean
is_group(const char *item)
{
    return strpbrk(item, ".@") == NULL;
}

/* Members of the group in all packs; char *, lent by their files. */
static void
group_members(const Lint *lint, const char *name, GPtrArray *members)
{
    for (guint i = 0; i < lint->roots->len; i++) {
        const YamlNode *groups = yaml_get(g_ptr_array_index(lint->roots, i), "groups");
        const YamlNode *group = groups != NULL && yaml_kind(groups) == YAML_MAP ? yaml_get(groups, name) : NULL;
        for (guint k = 0; k < texts_count(group); k++)
            g_ptr_array_add(members, (gpointer)texts_get(group, k));
    }
}

/* All items of the key, with the members of groups in place of their names. Gives. */
static GPtrArray *
items_of(const Asked *asked, const YamlNode *node)
{
    GPtrArray *items = g_ptr_array_new();
    for (guint i = 0; i < texts_count(node); i++) {
        const char *item = texts_get(node, i);
        if (is_group(item))
            group_members(asked->lint, item, items);
        else
            g_ptr_array_add(items, (gpointer)item);
    }
    return items;
}

static void
groups_check(const Asked *asked)
{
    static const char *const keys[] = {"senders", "except_senders", "recipients", "except_recipients"};
    for (gsize k = 0; k < G_N_ELEMENTS(keys); k++) {
        const YamlNode *node = yaml_get(asked->when, keys[k]);
        g_autoptr(GPtrArray) all = items_of(asked, node);
        gboolean wanted = !g_str_has_prefix(keys[k], "except");
        for (guint i = 0; i < texts_count(node); i++) {
            const char *item = texts_get(node, i);
            g_autoptr(GPtrArray) members = g_ptr_array_new();
            if (!is_group(item))
                continue;
            group_members(asked->lint, item, members);
            if (members->len > 0)
                continue;
            if (wanted && all->len == 0)
                note_never(asked, node, g_strdup_printf(_("%s: nobody is in the group \"%s\""), keys[k], item),
                           _("put somebody into the group (groups:), or leave the line out"));
            else
                note_idle(asked, node, g_strdup_printf(_("%s: nobody is in the group \"%s\""), keys[k], item));
        }
    }
}

/* Whether everybody whom the item names is in the set: asked with names that no list has, one for each kind. */
static gboolean
set_covers(const AddressSet *set, const char *item)
{
    const char *at = strrchr(item, '@');
    g_autofree char *whole = at == NULL      ? g_strconcat(NOBODY "@", item + (*item == '.'), NULL)
                             : at == item    ? g_strconcat(NOBODY, item, NULL)
                             : at[1] == '\0' ? g_strconcat(item, NOBODY ".invalid", NULL)
                                             : g_strdup(item);
    g_autofree char *below = *item == '.' ? g_strconcat(NOBODY "@" NOBODY, item, NULL) : NULL;
    return address_set_has(set, whole) && (below == NULL || address_set_has(set, below));
}

static void
senders_check(const Asked *asked)
{
    const YamlNode *node = yaml_get(asked->when, "except_senders");
    g_autoptr(GPtrArray) senders = items_of(asked, yaml_get(asked->when, "senders"));
    g_autoptr(GPtrArray) excepted = items_of(asked, node);
    AddressSet *set = address_set_new();
    guint covered = 0;
    for (guint i = 0; i < excepted->len; i++)
        address_set_add(set, g_ptr_array_index(excepted, i));
    for (guint i = 0; i < senders->len; i++)
        covered += set_covers(set, g_ptr_array_index(senders, i));
    address_set_free(set);
    if (senders->len > 0 && covered == senders->len)
        note_never(asked, node, g_strdup(_("every one of the senders is among except_senders, too")),
                   _("take them out of one of the two lists"));
}

/* --- direction -------------------------------------------------------------------------------------------------- */

/* One is the other, or lies below it. */
static gboolean
domains_meet(const char *a, const char *b)
{
    g_autofree char *left = g_ascii_strdown(a, -1), *right = g_ascii_strdown(b, -1);
    gsize x = strlen(left), y = strlen(right);
    const char *longer = x >= y ? left : right, *shorter = x >= y ? right : left;
    gsize rest = MAX(x, y) - MIN(x, y);
    return strcmp(longer + rest, shorter) == 0 && (rest == 0 || longer[rest - 1] == '.');
}

static gboolean
may_be_inside(const char *item, const GPtrArray *local_domains)
{
    const char *at = strrchr(item, '@'), *domain = at != NULL ? at + 1 : item;
    domain += *domain == '.';
    for (guint i = 0; *domain != '\0' && i < local_domains->len; i++) {
        const char *local = g_ptr_array_index(local_domains, i);
        if (domains_meet(domain, local + strspn(local, "@.")))
            return TRUE;
    }
    return *domain == '\0'; /* user@ */
}

/* Mail that is not out has no recipient outside. */
static void
direction_check(const Asked *asked)
{
    const YamlNode *direction = yaml_get(asked->when, "direction"), *node = yaml_get(asked->when, "recipients");
    const GPtrArray *local_domains = asked->lint->local_domains;
    guint all = 0;
    for (Direction one = DIRECTION_OUT; one <= DIRECTION_IN; one++)
        all += texts_have(direction, direction_word(one));
    if (all == DIRECTION_IN + 1)
        note_idle(asked, direction, g_strdup(_("direction: names all there are")));
    if (direction == NULL || texts_have(direction, "out") || local_domains == NULL || local_domains->len == 0)
        return;
    g_autoptr(GPtrArray) recipients = items_of(asked, node);
    for (guint i = 0; i < recipients->len; i++)
        if (may_be_inside(g_ptr_array_index(recipients, i), local_domains))
            return;
    if (recipients->len > 0)
        note_never(asked, node,
                   g_strdup(_("recipients: all of them are outside, and the direction is one of mail that stays or "
                              "comes inside")),
                   _("add out to the direction, or name recipients within mail.local_domains"));
}

/* --- time ------------------------------------------------------------------------------------------------------ */

/* The text was checked when the rule was loaded. */
static void
hours_mark(const char *text, guint8 minutes[DAY_MINUTES], gboolean *over_midnight)
{
    guint from = (guint)g_ascii_strtoull(text, NULL, 10) * 60 + (guint)g_ascii_strtoull(text + 3, NULL, 10);
    guint to = (guint)g_ascii_strtoull(text + 6, NULL, 10) * 60 + (guint)g_ascii_strtoull(text + 9, NULL, 10);
    gboolean over = from > to;
    for (guint minute = 0; minute < DAY_MINUTES; minute++)
        minutes[minute] |= over ? minute >= from || minute < to : minute >= from && minute < to;
    *over_midnight |= over && from < DAY_MINUTES && to > 0;
}

static void
times_check(const Asked *asked)
{
    const YamlNode *hours = yaml_get(asked->when, "hours"), *days = yaml_get(asked->when, "days");
    guint8 minutes[DAY_MINUTES] = {0};
    gboolean over_midnight = FALSE;
    guint marked = 0, named = 0;
    for (guint i = 0; i < texts_count(hours); i++)
        if (strlen(texts_get(hours, i)) == strlen("18:00-08:00"))
            hours_mark(texts_get(hours, i), minutes, &over_midnight);
    for (guint minute = 0; minute < DAY_MINUTES; minute++)
        marked += minutes[minute];
    static const char *const week[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (gsize i = 0; i < G_N_ELEMENTS(week); i++)
        named += texts_have(days, week[i]);
    if (hours != NULL && marked == 0)
        note_never(asked, hours, g_strdup(_("hours: no minute of the day is within them")),
                   _("hours go from the first to before the last: 00:00-08:00"));
    if (hours != NULL && marked == DAY_MINUTES)
        note_idle(asked, hours, g_strdup(_("hours: they are the whole day")));
    if (named == G_N_ELEMENTS(week))
        note_idle(asked, days, g_strdup(_("days: they are the whole week")));
    if (over_midnight && named > 0 && named < G_N_ELEMENTS(week))
        lint_add(asked->lint, asked->entry, yaml_line(hours), yaml_column(hours), "over-midnight",
                 g_strdup(_("hours go over midnight, and days are of the letter: the morning hours are those of the "
                            "named days, not of the days after")),
                 _("make two rules of it, or name the days whose mornings are meant as well"));
}

void
lint_when(Lint *lint)
{
    for (guint i = 0; i < lint->entries->len; i++) {
        const LintEntry *entry = g_ptr_array_index(lint->entries, i);
        const YamlNode *when = entry->cue || entry->off ? NULL : yaml_get(entry->node, "when");
        if (when == NULL || yaml_kind(when) != YAML_MAP)
            continue;
        const Asked asked = {lint, entry, when};
        groups_check(&asked);
        senders_check(&asked);
        direction_check(&asked);
        times_check(&asked);
    }
}
