/* fold - runs the table over a text: both views and both offset maps in one pass. */
#include "config.h"
#define FOLD_TABLE_DEFINE
#include "fold_private.h"

/* Changes with every change of the code that changes a view. */
#define SQUEEZE_VERSION "2"

/* Room for `more` bytes, and slack. */
static void
out_reserve(FoldOut *out, gsize more)
{
    gsize need = out->length + more + FOLD_SLACK;
    if (need <= out->capacity)
        return;
    out->capacity = MAX(need, out->capacity + out->capacity / 2);
    out->text = g_realloc(out->text, out->capacity);
    out->source = g_realloc_n(out->source, out->capacity, sizeof *out->source);
}

/* --- one character, any kind ------------------------------------------------------------------------------------- */

static void
put(Fold *fold, guint32 bytes, guint size, FoldClass class, guint32 source, gsize next)
{
    fold_out_put(&fold->folded, bytes, size, source);
    fold_squeeze_put(fold, bytes, size, class, source, next);
}

static guint32
bytes_pack(const guint8 *text, guint size)
{
    guint32 bytes = 0;
    for (guint i = 0; i < size; i++)
        bytes |= (guint32)text[i] << (8 * i);
    return bytes;
}

/* The syllable that a vowel or final makes with what stands before it, or 0. */
static guint32
jamo_compose(guint32 before, guint32 jamo)
{
    if (before >= 0x1100 && before <= 0x1112 && jamo <= 0x1175)
        return 0xAC00 + ((before - 0x1100) * 21 + (jamo - 0x1161)) * 28;
    if (before >= 0xAC00 && before <= 0xD7A3 && (before - 0xAC00) % 28 == 0 && jamo >= 0x11A8)
        return before + (jamo - 0x11A7);
    return 0;
}

static void
jamo_put(Fold *fold, guint32 jamo, guint32 source, gsize next)
{
    FoldOut *folded = &fold->folded, *squeezed = &fold->squeezed;
    guint8 bytes[8] = {0};
    guint32 whole = 0;
    gboolean touching = fold->squeeze.last == FOLD_OTHER && !fold->squeeze.white && fold->squeeze.light == 0;
    if (touching && folded->length >= 3 && squeezed->length >= 3)
        whole = jamo_compose(g_utf8_get_char_validated(folded->text + folded->length - 3, 3), jamo);
    g_unichar_to_utf8(whole != 0 ? whole : jamo, (char *)bytes);
    if (whole == 0) {
        put(fold, bytes_pack(bytes, 3), 3, FOLD_OTHER, source, next);
        return;
    }
    memcpy(folded->text + folded->length - 3, bytes, 3);
    memcpy(squeezed->text + squeezed->length - 3, bytes, 3);
}

/* Each character of a multi-character folding has a plain entry of its own, or is a jamo. */
static void
text_put(Fold *fold, const char *text, guint32 source, gsize next)
{
    const guint8 *bytes = (const guint8 *)text;
    gsize length = strlen(text), left = fold->reversing ? source : fold->length - source;
    guint size;
    out_reserve(&fold->folded, length + left);
    out_reserve(&fold->squeezed, length + left);
    for (gsize at = 0; at < length; at += size) {
        guint32 entry = fold_entry_of(fold_character_at(bytes, length, at, &size));
        if ((entry & FOLD_SLOW) && FOLD_KIND(entry) == FOLD_JAMO)
            jamo_put(fold, FOLD_ARGUMENT(entry), source, next);
        else
            put(fold, bytes_pack(bytes + at, size), size, FOLD_CLASS(entry), source, next);
    }
}

static void
run_close(Fold *fold, gsize to)
{
    FoldRun run = {fold->run_start, to, 0, 0};
    if (fold->run_open && run.to > run.from)
        g_array_append_val(fold->runs, run);
    fold->run_open = FALSE;
}

/* Bidi controls come out as nothing; an override is remembered with what it holds. */
static void
control_note(Fold *fold, FoldKind kind, gsize from, gsize next)
{
    if (kind == FOLD_RLO && !fold->run_open) {
        fold->run_open = TRUE;
        fold->run_start = next;
        fold->depth = 0;
    } else if (kind != FOLD_POP) {
        fold->depth++;
    } else if (fold->depth > 0) {
        fold->depth--;
    } else {
        run_close(fold, from);
    }
}

static void
slow_put(Fold *fold, guint32 entry, gsize from, gsize next)
{
    const guint8 *text = fold->text;
    switch (FOLD_KIND(entry)) {
    case FOLD_DROP:
        break;
    case FOLD_COPY:
        put(fold, bytes_pack(text + from, (guint)(next - from)), (guint)(next - from), FOLD_CLASS(entry), (guint32)from,
            next);
        break;
    case FOLD_TEXT:
        text_put(fold, FOLD_TEXTS[FOLD_ARGUMENT(entry)], (guint32)from, next);
        break;
    case FOLD_RETURN:
        run_close(fold, from);
        if (next >= fold->length || text[next] != '\n')
            put(fold, '\n', 1, FOLD_WHITE, (guint32)from, next);
        break;
    case FOLD_JAMO:
        jamo_put(fold, FOLD_ARGUMENT(entry), (guint32)from, next);
        break;
    case FOLD_RLO:
    case FOLD_PUSH:
    case FOLD_POP:
        control_note(fold, FOLD_KIND(entry), from, next);
        break;
    }
}

static void
character_put(Fold *fold, gsize from, guint size, guint32 c)
{
    guint32 entry = fold_entry_of(c);
    if (entry & FOLD_SLOW)
        slow_put(fold, entry, from, from + size);
    else
        put(fold, entry & 0xffffff, FOLD_LENGTH(entry), FOLD_CLASS(entry), (guint32)from, from + size);
    if (fold->run_open && (entry & 0xff) == '\n' && !(entry & FOLD_SLOW))
        run_close(fold, from);
}

/* --- whole texts ------------------------------------------------------------------------------------------------- */

/* The runs that an override turned round, as a reader sees them. */
static void
runs_append(Fold *fold)
{
    fold->reversing = TRUE;
    for (guint i = 0; i < fold->runs->len; i++) {
        FoldRun run = g_array_index(fold->runs, FoldRun, i);
        g_array_index(fold->runs, FoldRun, i).folded = fold->folded.length;
        g_array_index(fold->runs, FoldRun, i).squeezed = fold->squeezed.length;
        out_reserve(&fold->folded, run.to + 1);
        out_reserve(&fold->squeezed, run.to + 1);
        fold_out_put(&fold->folded, '\n', 1, (guint32)run.from);
        fold_out_put(&fold->squeezed, '\n', 1, (guint32)run.from);
        fold_squeeze_begin(fold);
        for (gsize at = run.to; at > run.from;) {
            guint size;
            gsize next = at;
            for (at--; at > run.from && (fold->text[at] & 0xC0) == 0x80 && next - at < 4; at--)
                ;
            guint32 c = fold_character_at(fold->text, next, at, &size);
            guint32 entry = fold_entry_of(c);
            if (!(entry & FOLD_SLOW) || FOLD_KIND(entry) < FOLD_RLO)
                character_put(fold, at, (guint)(next - at), c);
        }
        fold_squeeze_end(fold);
    }
}

static void
view_finish(const Fold *fold, FoldOut *out, FoldView *view)
{
    out->text[out->length] = '\0';
    out->source[out->length] = (guint32)fold->length;
    *view = (FoldView){out->text, out->length, out->source};
}

void
fold_run(Fold *fold, const char *text, gsize length)
{
    g_return_if_fail(length <= G_MAXUINT32);
    fold->text = (const guint8 *)text;
    fold->length = length;
    fold->folded.length = fold->squeezed.length = 0;
    fold->run_open = fold->reversing = FALSE;
    g_array_set_size(fold->runs, 0);
    out_reserve(&fold->folded, length);
    out_reserve(&fold->squeezed, length);
    fold_squeeze_begin(fold);
    for (gsize at = 0; at < length;) {
        guint size;
        guint32 c = fold_character_at(fold->text, length, at, &size);
        character_put(fold, at, size, c);
        at += size;
        if (!fold->squeeze.white && fold->squeeze.light == 0 && !fold->run_open)
            at = fold_fast_run(fold, at);
    }
    fold_squeeze_end(fold);
    run_close(fold, length);
    runs_append(fold);
    view_finish(fold, &fold->folded, &fold->folded_view);
    view_finish(fold, &fold->squeezed, &fold->squeezed_view);
}

Fold *
fold_new(void)
{
    Fold *fold = g_new0(Fold, 1);
    fold->runs = g_array_new(FALSE, FALSE, sizeof(FoldRun));
    fold_run(fold, "", 0);
    return fold;
}

void
fold_free(Fold *fold)
{
    if (fold == NULL)
        return;
    g_free(fold->folded.text);
    g_free(fold->folded.source);
    g_free(fold->squeezed.text);
    g_free(fold->squeezed.source);
    g_array_unref(fold->runs);
    g_free(fold);
}

const FoldView *
fold_folded(const Fold *fold)
{
    return &fold->folded_view;
}

const FoldView *
fold_squeezed(const Fold *fold)
{
    return &fold->squeezed_view;
}

void
fold_source_range(const FoldView *view, const char *text, gsize from, gsize to, gsize *source_from, gsize *source_to)
{
    guint32 first = view->source[from], last = first;
    for (gsize i = from; i < to; i++) {
        first = MIN(first, view->source[i]);
        last = MAX(last, view->source[i]);
    }
    *source_from = first;
    *source_to = last;
    if (from < to)
        *source_to = MIN((gsize)(g_utf8_next_char(text + last) - text), view->source[view->length]);
}

/* The first of folded bytes low..high-1 that came from `source`; their offsets rise, or fall in a run turned round. */
static gsize
source_find(const FoldView *view, gsize low, gsize high, guint32 source, gboolean falling)
{
    while (low < high) {
        gsize middle = low + (high - low) / 2;
        gboolean before = falling ? view->source[middle] > source : view->source[middle] < source;
        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

gsize
fold_to_folded(const Fold *fold, gsize squeezed)
{
    const FoldView *folded = &fold->folded_view;
    guint32 source = fold->squeezed_view.source[squeezed];
    gsize end = folded->length;
    if (squeezed >= fold->squeezed_view.length)
        return end;
    for (guint i = fold->runs->len; i-- > 0;) {
        const FoldRun *run = &g_array_index(fold->runs, FoldRun, i);
        if (squeezed == run->squeezed)
            return run->folded; /* the line end before it */
        if (squeezed > run->squeezed)
            return source_find(folded, run->folded + 1, end, source, TRUE);
        end = run->folded;
    }
    return source_find(folded, 0, end, source, FALSE);
}

char *
fold_word(const char *text)
{
    g_autoptr(Fold) fold = fold_new();
    fold_run(fold, text, strlen(text));
    return g_strdup(fold->folded_view.text);
}

char *
fold_word_squeezed(const char *text)
{
    g_autoptr(Fold) fold = fold_new();
    fold_run(fold, text, strlen(text));
    return g_strdup(fold->squeezed_view.text);
}

const char *
fold_digest(void)
{
    static char *digest;
    if (g_once_init_enter(&digest)) {
        g_autofree char *hex =
            g_compute_checksum_for_string(G_CHECKSUM_SHA256, "fold " SQUEEZE_VERSION " " FOLD_TABLE_DIGEST, -1);
        g_once_init_leave(&digest, g_strconcat("sha256:", hex, NULL));
    }
    return digest;
}
