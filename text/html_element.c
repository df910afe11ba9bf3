/* html_element - table of elements, stack of open elements. */
#include "config.h"
#include "html_element.h"
#include <string.h>

enum {
    G_P = 1 << 0,
    G_ITEM = 1 << 1,
    G_TERM = 1 << 2,
    G_CELL = 1 << 3,
    G_ROW = 1 << 4,
    G_SECTION = 1 << 5,
    G_OPTION = 1 << 6,
    G_TABLE = 1 << 7,
    G_LIST = 1 << 8,
    G_SELECT = 1 << 9,
    G_BLOCK = 1 << 10,
    G_TITLE = 1 << 11,
};
#define ANY 0xFFFF
#define BLOCK ELEMENT_BLOCK, G_BLOCK, G_P | G_TITLE, (guint16)(ANY & ~(G_P | G_TITLE))
#define LIST ELEMENT_BLOCK, G_LIST, G_P | G_TITLE, (guint16)(ANY & ~(G_P | G_TITLE))
#define SECTION ELEMENT_ROW, G_SECTION, G_CELL | G_ROW | G_SECTION, G_TABLE
#define CELL ELEMENT_CELL, G_CELL, G_CELL, G_TABLE
#define VOID ELEMENT_VOID, 0, 0, 0

static HtmlElement elements[] = {
    {"p", ELEMENT_BLOCK, G_P, G_P | G_TITLE, (guint16)(ANY & ~(G_P | G_TITLE))},
    {"div", BLOCK},
    {"h1", BLOCK},
    {"h2", BLOCK},
    {"h3", BLOCK},
    {"h4", BLOCK},
    {"h5", BLOCK},
    {"h6", BLOCK},
    {"address", BLOCK},
    {"article", BLOCK},
    {"aside", BLOCK},
    {"blockquote", ELEMENT_CITED | BLOCK},
    {"body", BLOCK},
    {"center", BLOCK},
    {"caption", BLOCK},
    {"details", BLOCK},
    {"dialog", BLOCK},
    {"fieldset", BLOCK},
    {"figcaption", BLOCK},
    {"figure", BLOCK},
    {"footer", BLOCK},
    {"form", BLOCK},
    {"frame", BLOCK},
    {"frameset", BLOCK},
    {"head", BLOCK},
    {"header", BLOCK},
    {"hgroup", BLOCK},
    {"html", BLOCK},
    {"legend", BLOCK},
    {"main", BLOCK},
    {"marquee", BLOCK},
    {"nav", BLOCK},
    {"noframes", BLOCK},
    {"noscript", BLOCK},
    {"section", BLOCK},
    {"summary", BLOCK},
    {"ul", LIST},
    {"ol", LIST},
    {"dl", LIST},
    {"menu", LIST},
    {"dir", LIST},
    {"li", ELEMENT_BLOCK, G_ITEM, G_ITEM | G_P, G_LIST | G_TABLE | G_CELL},
    {"dt", ELEMENT_BLOCK, G_TERM, G_TERM | G_P, G_LIST | G_TABLE | G_CELL},
    {"dd", ELEMENT_BLOCK, G_TERM, G_TERM | G_P, G_LIST | G_TABLE | G_CELL},
    {"select", ELEMENT_BLOCK, G_SELECT, 0, 0},
    {"optgroup", ELEMENT_BLOCK, G_OPTION, G_OPTION, G_SELECT},
    {"option", ELEMENT_BLOCK, G_OPTION, G_OPTION, G_SELECT},
    {"pre", ELEMENT_BLOCK | ELEMENT_KEEP, G_BLOCK, G_P, (guint16)(ANY & ~G_P)},
    {"listing", ELEMENT_BLOCK | ELEMENT_KEEP, G_BLOCK, G_P, (guint16)(ANY & ~G_P)},
    {"xmp", ELEMENT_BLOCK | ELEMENT_KEEP, G_BLOCK, G_P, (guint16)(ANY & ~G_P)},
    {"plaintext", ELEMENT_BLOCK | ELEMENT_KEEP, G_BLOCK, G_P, (guint16)(ANY & ~G_P)},
    {"textarea", ELEMENT_BLOCK | ELEMENT_KEEP, 0, 0, 0},
    {"table", ELEMENT_ROW | ELEMENT_TABLE, G_TABLE, G_TITLE, (guint16)(ANY & ~G_TITLE)},
    {"thead", SECTION},
    {"tbody", SECTION},
    {"tfoot", SECTION},
    {"tr", ELEMENT_ROW | ELEMENT_TABLE_ROW, G_ROW, G_CELL | G_ROW, G_TABLE},
    {"td", CELL},
    {"th", CELL},
    {"title", ELEMENT_TITLE, G_TITLE, 0, 0},
    {"script", ELEMENT_RAW, 0, 0, 0},
    {"style", ELEMENT_RAW, 0, 0, 0},
    {"template", ELEMENT_ASIDE, G_BLOCK, 0, 0},
    {"rt", ELEMENT_ASIDE, 0, 0, 0},
    {"rp", ELEMENT_ASIDE, 0, 0, 0},
    {"q", ELEMENT_QUOTE, 0, 0, 0},
    {"br", ELEMENT_BREAK | ELEMENT_VOID, 0, 0, 0},
    {"hr", ELEMENT_BLOCK | ELEMENT_VOID, G_BLOCK, G_P, (guint16)(ANY & ~G_P)},
    {"input", ELEMENT_INPUT | ELEMENT_VOID, 0, 0, 0},
    {"area", VOID},
    {"base", VOID},
    {"basefont", VOID},
    {"bgsound", VOID},
    {"col", VOID},
    {"embed", VOID},
    {"img", VOID},
    {"keygen", VOID},
    {"link", VOID},
    {"meta", VOID},
    {"param", VOID},
    {"source", VOID},
    {"track", VOID},
    {"wbr", VOID},
};

#define SLOTS 512 /* a power of two, well above the number of elements */
static guint8 slots[SLOTS];

static void
fill_slots(void)
{
    G_STATIC_ASSERT(G_N_ELEMENTS(elements) < 255);
    for (guint i = 0; i < G_N_ELEMENTS(elements); i++) {
        guint32 hash = html_hash(elements[i].name, strlen(elements[i].name)), slot = hash % SLOTS;
        elements[i].hash = hash;
        while (slots[slot] != 0)
            slot = (slot + 1) % SLOTS;
        slots[slot] = (guint8)(i + 1);
    }
}

const HtmlElement *
html_element_find(guint32 hash)
{
    static gsize ready;
    if (g_once_init_enter(&ready)) {
        fill_slots();
        g_once_init_leave(&ready, 1);
    }
    for (guint32 slot = hash % SLOTS; slots[slot] != 0; slot = (slot + 1) % SLOTS)
        if (elements[slots[slot] - 1].hash == hash)
            return &elements[slots[slot] - 1];
    return NULL;
}

const HtmlOpen html_outside = {.look = {COLOUR_UNSET, COLOUR_UNSET, 0}};

/* What the text to come is under. */
static void
look_take(const HtmlStack *stack, HtmlOut *out)
{
    out->differs = html_stack_top(stack)->differs;
    out->cited = html_stack_top(stack)->cited;
}

static void
pop(HtmlStack *stack, HtmlOut *out)
{
    const HtmlOpen *top = &stack->items[stack->depth - 1];
    HtmlWhich which = html_stack_which(stack);
    if (top->worded) {
        const HtmlFork *fork = &stack->forks[stack->depth - 1];
        html_out_aside(out, fork->after_readings, fork->after, fork->after_length);
    }
    if (top->flags & ELEMENT_REVERSED)
        html_out_text(out, which, "\xE2\x80\xAC", 3); /* U+202C */
    if (top->flags & ELEMENT_QUOTE)
        html_out_text(out, which, "\xE2\x80\x9D", 3);
    if (top->flags & (ELEMENT_BLOCK | ELEMENT_ROW))
        html_out_gap(out, which, top->flags & ELEMENT_ROW ? GAP_ROW : GAP_LINE);
    if (top->flags & (ELEMENT_TABLE | ELEMENT_CELL))
        html_out_table(out, top->flags & ELEMENT_TABLE ? TABLE_CLOSE : TABLE_CELL_END, 0, 0);
    if (top->flags & ELEMENT_TITLE)
        html_out_flush(out, OUT_TITLE);
    stack->counts[top->hash & 255]--;
    stack->depth--;
    look_take(stack, out);
}

static void
pop_to(HtmlStack *stack, HtmlOut *out, guint depth)
{
    if (stack->over > 0)
        look_take(stack, out);
    stack->over = 0;
    while (stack->depth > depth)
        pop(stack, out);
}

void
html_stack_imply(HtmlStack *stack, HtmlOut *out, const HtmlElement *element)
{
    guint last = stack->depth;
    if (element == NULL || element->closes == 0 || stack->over > 0)
        return;
    for (guint i = stack->depth; i > 0 && (stack->items[i - 1].group & element->walls) == 0; i--)
        if (stack->items[i - 1].group & element->closes)
            last = i - 1;
    pop_to(stack, out, last);
}

void
html_stack_push(HtmlStack *stack, HtmlOut *out, const HtmlOpen *open)
{
    if (stack->depth == HTML_DEPTH) {
        stack->over++;
        out->differs = 0;
        return;
    }
    stack->items[stack->depth++] = *open;
    stack->counts[open->hash & 255]++;
    look_take(stack, out);
}

void
html_stack_close(HtmlStack *stack, HtmlOut *out, guint32 hash)
{
    if (stack->over > 0) {
        stack->over--;
        if (stack->over > 0)
            out->differs = 0;
        else
            look_take(stack, out);
        return;
    }
    if (stack->counts[hash & 255] == 0)
        return;
    for (guint i = stack->depth; i > 0; i--) {
        if (stack->items[i - 1].hash == hash) {
            pop_to(stack, out, i - 1);
            return;
        }
    }
}
