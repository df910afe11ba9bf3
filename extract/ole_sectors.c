/* ole_sectors - the allocation table is held whole: four bytes for each sector that the file can have. */
#include "config.h"
#include "ole_sectors.h"
#include "bytes.h"
#include <string.h>

#define HEADER_SIZE 512
#define HEADER_TABLES 109 /* sectors of the allocation table told in the header */
#define HEADER_FIRST_TABLE 76
#define ENTRY_SIZE 128
#define FREE_SECTOR 0xFFFFFFFF
#define LAST_SECTOR 0xFFFFFFFA /* greater ones are no sectors */

typedef struct {
    Source *source;
    guint shift;
    guint32 sectors; /* that the file can have, a cut one too */
    guint32 *next;   /* the allocation table */
    guint32 known;   /* entries of it */
    guint8 *buffer;  /* a sector */
} Look;

static gint64
sector_at(const Look *look, guint32 sector)
{
    return ((gint64)sector + 1) << look->shift;
}

static gboolean
load(Look *look, guint32 sector)
{
    return sector < look->sectors &&
           source_read_all(look->source, sector_at(look, sector), look->buffer, (gsize)1 << look->shift);
}

/* One sector of the allocation table. FALSE: it cannot be had. */
static gboolean
add_table(Look *look, guint32 sector)
{
    guint32 each = (1U << look->shift) / 4;
    if (look->known >= look->sectors)
        return TRUE; /* tells of sectors behind the end */
    if (!load(look, sector))
        return FALSE;
    for (guint32 i = 0; i < each && look->known < look->sectors; i++)
        look->next[look->known++] = bytes_u32(look->buffer + (gsize)i * 4);
    return TRUE;
}

static gboolean
read_tables(Look *look, const guint8 *header)
{
    guint32 more = bytes_u32(header + 68), each = (1U << look->shift) / 4 - 1;
    g_autofree guint8 *list = g_malloc((gsize)1 << look->shift);
    for (guint i = 0; i < HEADER_TABLES; i++) {
        guint32 sector = bytes_u32(header + HEADER_FIRST_TABLE + (gsize)i * 4);
        if (sector != FREE_SECTOR && !add_table(look, sector))
            return FALSE;
    }
    for (guint32 turns = 0; more < LAST_SECTOR && turns < look->sectors; turns++) {
        if (!load(look, more))
            return FALSE;
        memcpy(list, look->buffer, (gsize)1 << look->shift);
        for (guint32 i = 0; i < each; i++) {
            guint32 sector = bytes_u32(list + (gsize)i * 4);
            if (sector != FREE_SECTOR && !add_table(look, sector))
                return FALSE;
        }
        more = bytes_u32(list + (gsize)each * 4);
    }
    return look->known > 0;
}

/* The directory as one block of bytes. FALSE: its chain has a loop or leads nowhere. */
static gboolean
read_directory(Look *look, guint32 first, GByteArray *directory)
{
    guint32 turns = 0;
    for (guint32 sector = first; sector < LAST_SECTOR; sector = look->next[sector]) {
        if (turns++ >= look->known || sector >= look->known || !load(look, sector))
            return FALSE;
        g_byte_array_append(directory, look->buffer, 1U << look->shift);
    }
    return directory->len > 0;
}

typedef struct {
    guint32 entry, depth;
} Step;

/* Follows left, right and child of every entry; gives the entries seen, 0 if one is met twice or lies too deep. */
static guint
walk(const GByteArray *directory, guint deepest)
{
    guint32 count = directory->len / ENTRY_SIZE, seen = 0;
    g_autofree guint8 *met = g_malloc0(count);
    g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(Step));
    Step step = {0, 1};
    g_array_append_val(steps, step);
    while (steps->len > 0) {
        step = g_array_index(steps, Step, steps->len - 1);
        g_array_set_size(steps, steps->len - 1);
        if (step.entry >= LAST_SECTOR)
            continue;
        if (step.entry >= count || met[step.entry] || step.depth > deepest)
            return 0;
        met[step.entry] = 1;
        seen++;
        const guint8 *entry = directory->data + (gsize)step.entry * ENTRY_SIZE;
        for (guint i = 0; i < 3; i++) {
            Step below = {bytes_u32(entry + 68 + (gsize)i * 4), step.depth + 1};
            g_array_append_val(steps, below);
        }
    }
    return seen;
}

static guint
entries_in_use(const GByteArray *directory)
{
    guint used = 0;
    for (guint at = 0; at + ENTRY_SIZE <= directory->len; at += ENTRY_SIZE)
        used += directory->data[at + 66] != 0;
    return used;
}

static gint64
end_of(const Look *look)
{
    guint32 last = look->known;
    while (last > 0 && look->next[last - 1] == FREE_SECTOR)
        last--;
    return MIN(sector_at(look, last), source_length(look->source));
}

gboolean
ole_sectors_look(Source *source, guint deepest, OleSectors *out)
{
    guint8 header[HEADER_SIZE];
    if (source_length(source) < HEADER_SIZE || !source_read_all(source, 0, header, sizeof header) ||
        memcmp(header, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) != 0)
        return FALSE;
    guint shift = bytes_u16(header + 30);
    if (shift < 7 || shift > 16)
        return FALSE;
    gint64 sectors = (source_length(source) >> shift) + 1;
    if (sectors > G_MAXINT32)
        return FALSE;
    g_autofree guint32 *next = g_malloc((gsize)sectors * sizeof *next);
    g_autofree guint8 *buffer = g_malloc((gsize)1 << shift);
    g_autoptr(GByteArray) directory = g_byte_array_new();
    Look look = {source, shift, (guint32)sectors, next, 0, buffer};
    if (!read_tables(&look, header) || !read_directory(&look, bytes_u32(header + 48), directory) ||
        walk(directory, deepest) == 0)
        return FALSE;
    *out = (OleSectors){entries_in_use(directory), end_of(&look)};
    return TRUE;
}
