/* html_family - what rules and inline style make of an element, in each reading of the page. */
#include "config.h"
#include "html_scan.h"
#include <string.h>

#define WHITE 0xFFFFFF
#define CSS_MAX (512 * 1024)

/* --- the element among others -------------------------------------------- */

/* Names that are not there are not copied. */
static void
copy_node(HtmlNode *to, const HtmlNode *from)
{
    memcpy(to, from, G_STRUCT_OFFSET(HtmlNode, classes) + from->names * sizeof from->classes[0]);
}

/* Rules ask what was not asked before: of what is open already only the tags are known, unless the page just begins. */
static void
forget_names(Html *html)
{
    HtmlNode *nodes = html->nodes;
    memset(&nodes[0], 0, sizeof nodes[0]);
    nodes[0].uncounted = TRUE;
    for (guint i = 1; i <= html->stack.depth; i++) {
        gboolean known = html_in_prologue(html) && i <= HTML_PROLOGUE;
        if (known)
            copy_node(&nodes[i], &html->prologue[i - 1]);
        else
            nodes[i].names = nodes[i].id.fold = 0;
        nodes[i].tag = html->stack.items[i - 1].hash;
        nodes[i].late = !known;
        nodes[i].crowded |= !known;
        nodes[i].uncounted = TRUE;
        nodes[i].nth = nodes[i].children = 0;
        nodes[i].elders = 0;
        nodes[i].bits = known ? html_node_bits(&nodes[i]) : ~G_GUINT64_CONSTANT(0);
        nodes[i].above = nodes[i - 1].above | nodes[i - 1].bits;
    }
    nodes[html->stack.depth + 1].tag = 0;
    nodes[html->stack.depth + 1].bits = 0;
}

static void
make_nodes(Html *html)
{
    html->nodes = g_new0(HtmlNode, HTML_DEPTH + 3);
    html->before = g_new0(HtmlNode, HTML_DEPTH + 3);
    forget_names(html);
}

static HtmlFamily
place_node(Html *html)
{
    guint depth = html->stack.depth + 1;
    if (html->nodes == NULL)
        make_nodes(html);
    HtmlNode *node = &html->nodes[depth], *parent = &html->nodes[depth - 1];
    copy_node(&html->before[depth], node);
    parent->elders |= node->bits; /* of the elder sibling; the parent's first child has none */
    copy_node(node, &html->tag.node);
    parent->children++;
    node->nth = parent->uncounted ? 0 : parent->children;
    node->bits = html_node_bits(node);
    node->above = parent->above | parent->bits;
    html->nodes[depth + 1].tag = 0;
    html->nodes[depth + 1].bits = 0;
    return (HtmlFamily){html->nodes, html->before, depth, TRUE};
}

void
html_family_enter(Html *html)
{
    HtmlFamily family = {&html->tag.node, NULL, 0, FALSE};
    html->tag.matches.count = 0;
    if (html_in_prologue(html) && html->stack.depth < HTML_PROLOGUE)
        copy_node(&html->prologue[html->stack.depth], &html->tag.node);
    if (!html->rules || html->stack.over > 0 || html->stack.depth == HTML_DEPTH)
        return;
    if (html->sheet->deep)
        family = place_node(html);
    html_sheet_match(html->sheet, &family, &html->tag.matches);
    html->over |= html->sheet->full;
}

/* --- looks --------------------------------------------------------------- */

static void
add_rows(const Html *html, guint reading, gboolean firm, HtmlSaid *said)
{
    const HtmlMatches *matches = &html->tag.matches;
    for (guint i = 0; i < matches->count; i++) {
        const HtmlRow *row = &html->sheet->rows[matches->rows[i].row];
        if ((matches->rows[i].readings >> reading & 1) == 0)
            continue;
        html_said_add(said, firm ? &row->firm : &row->plain);
        if (reading > 0 && !firm)
            said->hides |= row->maybe;
    }
}

/* The look that follows from what is said. */
static HtmlLook
look_of(const Html *html, guint reading, const HtmlLook *outside, const HtmlSaid *said)
{
    const HtmlTag *tag = &html->tag;
    HtmlLook look;
    look.ink = said->ink != COLOUR_UNSET ? said->ink : outside->ink;
    look.paper = said->paper != COLOUR_UNSET && said->paper != COLOUR_TRANSPARENT ? said->paper : outside->paper;
    look.hides = (guint8)(outside->hides & ~HIDE_COLOUR & ~(said->shows & HIDE_RETURNS));
    if (html->fonts) /* font-size:0 on a frame to drop its gaps, the real size by a rule */
        look.hides &= (guint8)~HIDE_SIZE;
    look.hides |= reading == 0 ? (guint8)(said->hides & HIDE_SURE) : html_facts_hide(said->hides);
    if ((tag->hidden && (said->shows & HIDE_DISPLAY) == 0) ||
        (tag->element != NULL && tag->element->flags & ELEMENT_ASIDE))
        look.hides |= HIDE_DISPLAY;
    if (look.ink == COLOUR_TRANSPARENT || html_colours_alike(look.ink, look.paper) ||
        (look.paper == COLOUR_UNSET && (reading > 0 || !html->background) && html_colours_alike(look.ink, WHITE)))
        look.hides |= HIDE_COLOUR;
    return look;
}

static HtmlLook
look_in(const Html *html, guint reading, const HtmlLook *outside)
{
    const HtmlTag *tag = &html->tag;
    HtmlSaid said = {.ink = tag->ink, .paper = tag->paper};
    if (tag->matches.count > 0)
        add_rows(html, reading, FALSE, &said);
    if (tag->styled)
        html_said_add(&said, &tag->style.plain);
    if (tag->matches.count > 0)
        add_rows(html, reading, TRUE, &said);
    if (tag->styled)
        html_said_add(&said, &tag->style.firm);
    if (reading > 0 && tag->styled)
        said.hides |= tag->style.maybe;
    return look_of(html, reading, outside, &said);
}

/* The other readings, from bit 0, that may see the element otherwise than the first. */
static guint
doubtful_readings(const Html *html, const HtmlLook *look)
{
    const guint all = HTML_OTHERS >> 1;
    const HtmlTag *tag = &html->tag;
    const HtmlMatches *matches = &tag->matches;
    guint32 facts = tag->styled ? tag->style.plain.hides | tag->style.firm.hides | tag->style.maybe : 0;
    guint readings = 0;
    for (guint i = 0; i < matches->count; i++) {
        const HtmlRow *row = &html->sheet->rows[matches->rows[i].row];
        facts |= row->plain.hides | row->firm.hides | row->maybe;
        readings |= matches->rows[i].readings & HTML_FIRST ? ~(guint)matches->rows[i].readings >> 1
                                                           : matches->rows[i].readings >> 1;
        if (row->maybe != 0)
            return all;
    }
    if ((tag->styled && tag->style.maybe != 0) ||
        ((facts & ~(guint32)HIDE_SURE) != 0 && (html_facts_hide(facts) & ~HIDE_SURE) != 0))
        return all;
    if (html->background && look->paper == COLOUR_UNSET && html_colours_alike(look->ink, WHITE))
        return all;
    return readings & all;
}

/* What ::before and ::after say, in the readings that show the element. */
static void
find_words(const Html *html, HtmlOpen *open, HtmlFork *fork)
{
    const HtmlMatches *matches = &html->tag.matches;
    guint shown = (open->look.hides == 0 ? ~0u : 0) ^ open->differs;
    fork->before_readings = fork->after_readings = 0;
    for (guint i = 0; i < matches->count; i++) {
        const HtmlRow *row = &html->sheet->rows[matches->rows[i].row];
        guint8 readings = (guint8)(shown & (guint)(matches->rows[i].readings & html->sheet->readings) >> 1);
        if (row->words_length == 0 || readings == 0 || open->title)
            continue;
        open->worded = TRUE;
        if (row->place == CONTENT_BEFORE) {
            fork->before = html->sheet->words + row->words;
            fork->before_length = row->words_length;
            fork->before_readings = readings;
        } else {
            fork->after = html->sheet->words + row->words;
            fork->after_length = row->words_length;
            fork->after_readings = readings;
        }
    }
}

static gboolean
same_look(const HtmlLook *a, const HtmlLook *b)
{
    return a->hides == b->hides && a->ink == b->ink && a->paper == b->paper;
}

void
html_look(Html *html, HtmlOpen *open, HtmlFork *fork)
{
    const HtmlOpen *outside = html_stack_top(&html->stack);
    const HtmlFork *around = outside->forked != 0 ? html->stack.forks + html->stack.depth - 1 : NULL;
    const HtmlTag *tag = &html->tag;
    gboolean plain = tag->matches.count == 0;
    guint readings;
    if (plain && !tag->styled && !tag->hidden && (outside->look.hides & HIDE_SIZE) == 0 && tag->ink == COLOUR_UNSET &&
        tag->paper == COLOUR_UNSET && (tag->element == NULL || (tag->element->flags & ELEMENT_ASIDE) == 0)) {
        open->look = outside->look;
        open->forked = outside->forked;
        open->differs = outside->differs;
        if (outside->forked)
            memcpy(fork->looks, around->looks, sizeof fork->looks);
        return;
    }
    open->look = look_in(html, 0, &outside->look);
    readings = outside->forked | doubtful_readings(html, &open->look);
    if (readings == 0 && plain)
        return;
    readings &= (html->rules ? html->sheet->readings : 1u << 1) >> 1;
    for (guint reading = 1; readings >> (reading - 1) != 0; reading++) {
        guint8 bit = (guint8)(1u << (reading - 1));
        HtmlLook *look = &fork->looks[reading - 1];
        if ((readings & bit) == 0)
            continue;
        *look = look_in(html, reading, outside->forked & bit ? &around->looks[reading - 1] : &outside->look);
        if (!same_look(look, &open->look))
            open->forked |= bit;
        if ((look->hides != 0) != (open->look.hides != 0))
            open->differs |= bit;
    }
    if (!plain)
        find_words(html, open, fork);
}

/* --- sheets -------------------------------------------------------------- */

void
html_family_style(Html *html, const char *css, gsize length)
{
    guint before = html->sheet != NULL ? html->sheet->count : 0;
    if (html->again)
        return;
    if (html->sheet == NULL)
        html->sheet = html_sheet_new(&html->variables);
    html_sheet_read(html->sheet, css, length, html->raw_media);
    html->background |= html->sheet->background;
    html->fonts |= html->sheet->fonts;
    html->rules = html->sheet->used;
    html->over |= html->sheet->full;
    if (html->nodes != NULL && html->sheet->count > before)
        forget_names(html);
    if (html->is_late || !html->rules || !html->out.streams[OUT_BODY].written || html->sheet->count == before)
        return;
    html->is_late = TRUE;
    html->late = before;
}
