/* doc - the file information block tells where everything is ([MS-DOC] 2.5); numbers of sections are those of
 * [MS-DOC]. */
#include "config.h"
#include "doc.h"
#include "art.h"
#include "decode.h"
#include "doc_text.h"
#include "story.h"

#define BLOCK_SIZE 0x9A /* up to the pairs of positions and lengths */
#define PIECES_MAX 500000
#define FONTS_MAX 2000
#define HEADERS 6 /* of a section: 2.3.3 */

enum { /* numbers of pairs: 2.5.6 FibRgFcLcb97 */
       PAIR_STYLES = 1,
       PAIR_HEADERS = 11,
       PAIR_LETTERS = 12,
       PAIR_PARAGRAPHS = 13,
       PAIR_FONTS = 15,
       PAIR_BOOKMARKS = 21,
       PAIR_PIECES = 33,
       PAIR_DRAWINGS = 50,
};
enum { /* flags of 2.5.2 FibBase */
       FLAG_ENCRYPTED = 0x0100,
       FLAG_TABLE_1 = 0x0200,
};

typedef struct {
    DocText text;
    Bytes table;
    guint version;
    gboolean old; /* Word 6 or 95 */
    gboolean damaged;
} Doc;

/* The stories in the order of their character positions: where their length stands, which place they are. */
static const struct {
    gsize at, old_at;
    PlaceKind place;
} STORIES[] = {
    {0x4C, 0x34, PLACE_BODY},        {0x50, 0x38, PLACE_NOTE},
    {0x54, 0x3C, PLACE_PAGE_HEADER}, {0x58, 0x40, PLACE_ATTRIBUTE}, /* macros of Word 6 */
    {0x5C, 0x44, PLACE_ANNOTATION},  {0x60, 0x48, PLACE_NOTE},
    {0x64, 0x4C, PLACE_TEXT_BOX},    {0x68, 0x50, PLACE_PAGE_HEADER}, /* text boxes in headers */
};

static Bytes
pair(const Doc *doc, guint number)
{
    static const struct {
        guint number;
        gsize at;
    } old[] = {{PAIR_HEADERS, 0xB0}, {PAIR_PIECES, 0x160}};
    Bytes word = doc->text.word;
    gsize at = BLOCK_SIZE + (gsize)number * 8;
    if (doc->old) {
        at = 0;
        for (gsize i = 0; i < G_N_ELEMENTS(old); i++)
            at = old[i].number == number ? old[i].at : at;
        if (at == 0)
            return (Bytes){NULL, 0};
    } else if (number >= bytes_16(word, BLOCK_SIZE - 2))
        return (Bytes){NULL, 0};
    return bytes_part(doc->table, bytes_32(word, at), bytes_32(word, at + 4));
}

/* --- the piece table: 2.8.35 PlcPcd, 2.9.38 Clx ----------------------------------------------------------------- */

static void
add_piece(Doc *doc, guint32 from, guint32 to, Bytes descriptor, const GPtrArray *lists)
{
    guint32 where = bytes_32(descriptor, 2);
    guint prm = bytes_16(descriptor, 6);
    DocPiece piece = {.from = from, .to = to, .at = where & 0x3FFFFFFF, .wide = (where & 0x40000000) == 0};
    if (doc->old)
        piece.wide = FALSE;
    else if (!piece.wide)
        piece.at /= 2;
    if ((prm & 1) != 0 && prm >> 1 < lists->len)
        piece.looks = *(const Bytes *)g_ptr_array_index(lists, prm >> 1);
    if (!bytes_hold(doc->text.word, piece.at, (gsize)(to - from) * (piece.wide ? 2 : 1)))
        doc->damaged = TRUE; /* what there is of it is read */
    g_array_append_val(doc->text.pieces, piece);
}

static void
read_piece_table(Doc *doc, Bytes table, const GPtrArray *lists)
{
    gsize count = table.length < 16 ? 0 : (table.length - 4) / 12;
    if (count > PIECES_MAX) {
        doc->damaged = TRUE;
        count = PIECES_MAX;
    }
    for (gsize i = 0; i < count; i++) {
        guint32 from = bytes_32(table, i * 4), to = bytes_32(table, i * 4 + 4);
        if (from < to && to <= 0x7FFFFFFF)
            add_piece(doc, from, to, bytes_part(table, (count + 1) * 4 + i * 8, 8), lists);
        else if (from != to)
            doc->damaged = TRUE;
    }
}

static void
read_pieces(Doc *doc)
{
    Bytes block = pair(doc, PAIR_PIECES);
    g_autoptr(GPtrArray) lists = g_ptr_array_new_with_free_func(g_free);
    gsize at = 0;
    while (bytes_8(block, at) == 1 && bytes_hold(block, at, 3)) { /* sprms that fast saves left */
        Bytes list = bytes_part(block, at + 3, bytes_16(block, at + 1));
        g_ptr_array_add(lists, g_memdup2(&list, sizeof list));
        at += 3 + (gsize)bytes_16(block, at + 1);
    }
    if (bytes_8(block, at) == 2)
        read_piece_table(doc, bytes_part(block, at + 5, bytes_32(block, at + 1)), lists);
    if (doc->text.pieces->len == 0 && bytes_32(doc->text.word, 0x1C) > bytes_32(doc->text.word, 0x18)) {
        /* saved whole, without a table: fcMin to fcMac */
        gsize from = bytes_32(doc->text.word, 0x18), size = bytes_32(doc->text.word, 0x1C) - from;
        DocPiece whole = {.to = (guint32)size, .at = from};
        doc->damaged |= !doc->old;
        g_array_append_val(doc->text.pieces, whole);
    }
}

/* --- stories ---------------------------------------------------------------------------------------------------- */

/* 2.3.3: of each section even header, odd header, even footer, odd footer, header and footer of its first page; before
 * those of the first section six separators of notes. */
static void
tell_headers(Doc *doc, guint32 from, guint32 to)
{
    Bytes starts = pair(doc, PAIR_HEADERS);
    guint32 done = 0;
    for (gsize i = 0; i + 1 < starts.length / 4; i++) {
        guint32 begin = bytes_32(starts, i * 4), end = bytes_32(starts, i * 4 + 4);
        guint which = i % HEADERS;
        gboolean footer = which == 2 || which == 3 || which == 5;
        if (begin > end || end > to - from || begin < done)
            continue;
        gboolean first = i >= HEADERS && i < (gsize)2 * HEADERS && !footer;
        doc_text_tell(&doc->text, from + begin, from + end,
                      i < HEADERS ? PLACE_NOTE : (footer ? PLACE_PAGE_FOOTER : PLACE_PAGE_HEADER), first ? 1 : 0,
                      first);
        done = end;
    }
    if (done < to - from)
        doc_text_tell(&doc->text, from + done, to, PLACE_PAGE_HEADER, 0, FALSE);
}

static void
tell_stories(Doc *doc)
{
    guint64 at = 0;
    guint32 last = 0;
    for (guint i = 0; i < doc->text.pieces->len; i++)
        last = MAX(last, g_array_index(doc->text.pieces, DocPiece, i).to);
    for (gsize i = 0; i < G_N_ELEMENTS(STORIES); i++) {
        guint32 length = bytes_32(doc->text.word, doc->old ? STORIES[i].old_at : STORIES[i].at);
        guint64 end = at + MIN(length, 0x7FFFFFFF);
        doc->damaged |= end > last;
        end = MIN(end, last);
        if (at >= end)
            continue;
        if (i == 2)
            tell_headers(doc, (guint32)at, (guint32)end);
        else
            doc_text_tell(&doc->text, (guint32)at, (guint32)end, STORIES[i].place, i == 0 ? 1 : 0, i == 0);
        at = end;
    }
    if (at < last) /* the paragraph mark that ends all stories, and what else no length tells of */
        doc_text_tell(&doc->text, (guint32)at, last, PLACE_RAW, 0, FALSE);
}

/* --- the rest --------------------------------------------------------------------------------------------------- */

/* 2.9.286 SttbfFfn: 2.9.69 FFN, its name at byte 40. */
static void
read_fonts(Doc *doc)
{
    Bytes block = pair(doc, PAIR_FONTS);
    gsize count = bytes_16(block, 0), at = 4;
    for (gsize i = 0; i < count && i < FONTS_MAX && bytes_hold(block, at, 1); i++) {
        gsize size = (gsize)bytes_8(block, at) + 1;
        Bytes name = bytes_part(block, at + 40, size > 40 ? size - 40 : 0);
        GString *text = g_string_new(NULL);
        for (gsize j = 0; j + 2 <= name.length && bytes_16(name, j) != 0; j += 2)
            g_string_append_unichar(text, bytes_16(name, j));
        g_ptr_array_add(doc->text.fonts, g_string_free(text, FALSE));
        at += size;
    }
}

/* 2.9.278 SttbfBkmk: names that whoever wrote the document gave to places in it. */
static void
tell_bookmarks(const Doc *doc)
{
    Bytes block = pair(doc, PAIR_BOOKMARKS);
    gsize count = bytes_16(block, 0) == 0xFFFF ? bytes_16(block, 2) : 0, at = 6;
    Story story;
    story_begin(&story, doc->text.sink, doc->text.part, "bookmark", 0);
    for (gsize i = 0; i < count && bytes_hold(block, at, 2); i++) {
        gsize size = (gsize)bytes_16(block, at) * 2;
        Bytes name = bytes_part(block, at + 2, size);
        Decoding *decoding = decode_as(name.data, name.length, "UTF-16LE");
        if (!g_str_is_ascii(decoding->text)) /* _Toc, _GoBack, OLE_LINK1 */
            story_say(&story, PLACE_ATTRIBUTE, decoding->text, (gssize)decoding->length);
        story_gap(&story, PLACE_ATTRIBUTE, '\n');
        decoding_free(decoding);
        at += 2 + size;
    }
}

/* Pictures in the text: 2.9.192 PICFAndOfficeArtData, one block after the other. */
static void
tell_inline_pictures(const Doc *doc, Covered *covered)
{
    Bytes data = doc->text.data;
    Art art = {.sink = doc->text.sink, .part = doc->text.part, .start = data.data, .covered = covered};
    gsize at = 0;
    while (bytes_hold(data, at, 68)) {
        gsize size = bytes_32(data, at), header = bytes_16(data, at + 4);
        if (size < 68 || header != 68 || size > data.length - at) {
            at++; /* some programs fill up between blocks */
            continue;
        }
        guint kind = bytes_16(data, at + 6);
        gsize name = kind == 0x66 ? 1 + (gsize)bytes_8(data, at + header) : 0; /* MM_SHAPEFILE */
        Bytes drawing = bytes_part(data, at + header + name, size - header);
        if (kind == 0x64 || kind == 0x66)
            art_read(&art, drawing);
        at += size;
    }
}

/* 2.9.175 OfficeArtContent: the drawing group, then drawings, each behind a byte. */
static void
tell_drawings(const Doc *doc, Covered *covered)
{
    Bytes content = pair(doc, PAIR_DRAWINGS);
    Art art = {
        .sink = doc->text.sink, .part = doc->text.part, .delayed = doc->text.word, .delayed_covered = doc->text.told};
    gsize at = 0;
    while (at < content.length) {
        gsize size = art_read(&art, bytes_part(content, at, content.length));
        at += size > 0 ? size : 1;
    }
}

static gboolean
tell_document(Doc *doc, Ole *ole, guint storage)
{
    g_autoptr(GBytes) data = ole_read(ole, ole_find_stream(ole, storage, "Data"));
    g_autoptr(Covered) data_told = covered_new(), table_told = covered_new();
    doc->text.data = bytes_of(data);
    doc->text.characters = doc->text.word.length * 2;
    doc->text.letters = doc_looks_read(doc->text.word, pair(doc, PAIR_LETTERS), FALSE, doc->text.told);
    doc->text.paragraphs = doc_looks_read(doc->text.word, pair(doc, PAIR_PARAGRAPHS), TRUE, doc->text.told);
    if (!doc->old)
        covered_add(doc->text.told, 0, BLOCK_SIZE + (gsize)bytes_16(doc->text.word, BLOCK_SIZE - 2) * 8);
    doc->text.styles = doc_styles_read(pair(doc, PAIR_STYLES));
    read_fonts(doc);
    read_pieces(doc);
    tell_stories(doc);
    tell_bookmarks(doc);
    tell_drawings(doc, table_told);
    tell_inline_pictures(doc, data_told);
    if (doc->text.characters == 0)
        doc->damaged = TRUE;
    runs_tell(doc->text.word, doc->text.told, doc->text.sink, doc->text.part, "WordDocument");
    if (!doc->old)
        runs_tell(doc->table, table_told, doc->text.sink, doc->text.part, "Table");
    runs_tell(doc->text.data, data_told, doc->text.sink, doc->text.part, "Data");
    return !doc->damaged && doc->text.pieces->len > 0;
}

static const char *
charset_of(guint language)
{
    switch (language) { /* 2.1.1 of [MS-LCID] */
    case 0x0404:
    case 0x0C04:
        return "BIG5-HKSCS";
    default:
        return "GB18030";
    }
}

gboolean
doc_run(Ole *ole, guint storage, Sink *sink, guint part)
{
    g_autoptr(GBytes) word = ole_read(ole, ole_find_stream(ole, storage, "WordDocument"));
    Doc doc = {.text = {.sink = sink, .part = part, .word = bytes_of(word)}};
    guint flags = bytes_16(doc.text.word, 0x0A);
    guint table = ole_find_stream(ole, storage, (flags & FLAG_TABLE_1) != 0 ? "1Table" : "0Table");
    doc.version = bytes_16(doc.text.word, 2);
    doc.old = doc.version < 0x6A; /* before Word 97 */
    if ((flags & FLAG_ENCRYPTED) != 0) {
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
        ole_take(ole, ole_find(ole, storage, "0Table"));
        ole_take(ole, ole_find(ole, storage, "1Table"));
        ole_take(ole, ole_find(ole, storage, "Data"));
        return TRUE;
    }
    g_autoptr(GBytes) block = doc.old ? NULL : ole_read(ole, table);
    doc.table = doc.old ? doc.text.word : bytes_of(block);
    doc.text.charset = doc.old ? charset_of(bytes_16(doc.text.word, 6)) : NULL;
    doc.text.pieces = g_array_new(FALSE, FALSE, sizeof(DocPiece));
    doc.text.fonts = g_ptr_array_new_with_free_func(g_free);
    doc.text.told = covered_new();
    gboolean good = tell_document(&doc, ole, storage);
    g_array_unref(doc.text.pieces);
    g_array_unref(doc.text.letters);
    g_array_unref(doc.text.paragraphs);
    doc_styles_free(doc.text.styles);
    g_ptr_array_unref(doc.text.fonts);
    covered_free(doc.text.told);
    return good;
}
