/* exact - loads a list and looks for its entries: every window of a length that the list has, by a rolling hash; two
 * small filters (how entries begin, and a Bloom filter) keep nearly all of them from the table. */
#include "config.h"
#include "exact.h"
#include "errors.h"
#include "exact_private.h"
#include "fold.h"
#include <glib/gi18n.h>
#include <string.h>

#define BLOOM_BITS 16 /* for each entry; with three probes 1 in 200 windows passes for nothing */
#define STRETCH 1024  /* characters that are looked at together */
#define GAP_MAX 3     /* characters of a gap */
#define FILE_MAX \
    ((gsize)EXACT_CLEAR_SIZE + sizeof(ExactHead) + EXACT_HEADS / 8 + EXACT_ENTRIES * sizeof(ExactEntry) + 16)

struct ExactList {
    ExactHead head;
    guint8 *heads;
    ExactEntry *entries;
    guint8 *bloom;
    guint64 bloom_mask;
    guint32 *slots; /* 1 + the index of the first entry whose hash has this beginning */
    guint slot_bits;
    guint longest;
    guint64 powers[EXACT_LENGTH + 1];
    char *digest;
};

/* --- characters and hashes -------------------------------------------------------------------------------------- */

ExactKind
exact_kind(gunichar c)
{
    static const guint8 ASCII[0x80] = {
        ['0' ... '9'] = EXACT_LATIN, ['A' ... 'Z'] = EXACT_LATIN, ['a' ... 'z'] = EXACT_LATIN, [','] = EXACT_BREAK,
        [';'] = EXACT_BREAK,         ['!'] = EXACT_BREAK,         ['?'] = EXACT_BREAK,
    };
    if (c < 0x80)
        return (ExactKind)ASCII[c];
    if (c >= 0x4E00 && c <= 0x9FFF)
        return EXACT_HAN;
    if (c == 0x3002 || c == 0x3001 || c == 0x2026 || c == 0x2605) /* 。 、 … ★ */
        return EXACT_BREAK;
    if (!g_unichar_isalnum(c))
        return EXACT_GAP;
    return g_unichar_iswide(c) ? EXACT_HAN : EXACT_LATIN;
}

void
exact_mac(const ExactHead *head, const char *word, gsize length, guint8 out[EXACT_MAC_SIZE])
{
    guint8 mac[CRYPTO_DIGEST_SIZE];
    crypto_hmac(head->mac_key, sizeof head->mac_key, word, length, mac);
    memcpy(out, mac, EXACT_MAC_SIZE);
}

void
exact_seal_key(const guint8 key[CRYPTO_KEY_SIZE], const guint8 salt[EXACT_SALT_SIZE], guint8 out[CRYPTO_KEY_SIZE])
{
    guint8 label[EXACT_MAGIC_SIZE + EXACT_SALT_SIZE];
    memcpy(label, EXACT_MAGIC, EXACT_MAGIC_SIZE);
    memcpy(label + EXACT_MAGIC_SIZE, salt, EXACT_SALT_SIZE);
    crypto_hmac(key, CRYPTO_KEY_SIZE, label, sizeof label, out);
}

void
exact_key_id(const guint8 key[CRYPTO_KEY_SIZE], guint8 out[EXACT_KEY_ID_SIZE])
{
    static const char LABEL[] = "hangu list key id";
    guint8 mac[CRYPTO_DIGEST_SIZE];
    crypto_hmac(key, CRYPTO_KEY_SIZE, LABEL, sizeof LABEL, mac);
    memcpy(out, mac, EXACT_KEY_ID_SIZE);
}

const char *
exact_key_path(void)
{
    const char *from_environment = g_getenv("HANGU_LIST_KEY");
    return from_environment != NULL && from_environment[0] != '\0' ? from_environment : SYSCONFDIR "/list.key";
}

/* --- loading ---------------------------------------------------------------------------------------------------- */

static gboolean
fail(GError **error, HanguError code, const char *path, const char *text)
{
    g_set_error(error, HANGU_ERROR, (gint)code, "%s: %s", path, text);
    return FALSE;
}

/* The second probe, from the hash; the third is both together. */
static inline guint64
bloom_second(guint64 hash)
{
    return hash >> 29 | hash << 35;
}

static inline gboolean
bloom_has(const ExactList *list, guint64 hash)
{
    guint64 a = hash & list->bloom_mask, b = bloom_second(hash) & list->bloom_mask, c = (a + b) & list->bloom_mask;
    return (list->bloom[a / 8] >> a % 8 & list->bloom[b / 8] >> b % 8 & list->bloom[c / 8] >> c % 8 & 1) != 0;
}

static void
bloom_make(ExactList *list)
{
    guint64 bits = 1024;
    while (bits < (guint64)list->head.count * BLOOM_BITS)
        bits *= 2;
    list->bloom_mask = bits - 1;
    list->bloom = g_malloc0(bits / 8);
    for (guint i = 0; i < list->head.count; i++) {
        guint64 hash = list->entries[i].hash, a = hash & list->bloom_mask, b = bloom_second(hash) & list->bloom_mask;
        guint64 places[] = {a, b, (a + b) & list->bloom_mask};
        for (guint k = 0; k < G_N_ELEMENTS(places); k++)
            list->bloom[places[k] / 8] |= (guint8)(1u << places[k] % 8);
    }
}

static void
slots_make(ExactList *list)
{
    for (list->slot_bits = 4; list->slot_bits < 20 && 1u << list->slot_bits < list->head.count; list->slot_bits++)
        ;
    list->slots = g_new0(guint32, 1u << list->slot_bits);
    for (guint i = list->head.count; i-- > 0;)
        list->slots[list->entries[i].hash >> (64 - list->slot_bits)] = i + 1;
}

/* `content` is what was sealed: ours, but made by another version perhaps. */
static gboolean
content_take(ExactList *list, const guint8 *content, gsize size, const char *path, GError **error)
{
    if (size < sizeof list->head)
        return fail(error, HANGU_ERROR_DATA, path, _("the list is too short"));
    memcpy(&list->head, content, sizeof list->head);
    gsize entries_size = (gsize)list->head.count * sizeof(ExactEntry);
    if (list->head.count == 0 || list->head.count > EXACT_ENTRIES ||
        list->head.fold[sizeof list->head.fold - 1] != '\0' ||
        size != sizeof list->head + EXACT_HEADS / 8 + entries_size)
        return fail(error, HANGU_ERROR_DATA, path, _("the list was made by another version; make it again"));
    list->heads = g_memdup2(content + sizeof list->head, EXACT_HEADS / 8);
    list->entries = g_memdup2(content + sizeof list->head + EXACT_HEADS / 8, entries_size);
    for (guint n = 1; n <= EXACT_LENGTH; n++)
        if ((list->head.lengths[0] | list->head.lengths[1]) >> n & 1)
            list->longest = n;
    list->powers[0] = 1;
    for (guint n = 1; n <= EXACT_LENGTH; n++)
        list->powers[n] = list->powers[n - 1] * list->head.base;
    bloom_make(list);
    slots_make(list);
    return TRUE;
}

static gboolean
file_open(ExactList *list, const guint8 *file, gsize size, const char *path, const char *key_path, GError **error)
{
    guint8 key[CRYPTO_KEY_SIZE], seal_key[CRYPTO_KEY_SIZE], id[EXACT_KEY_ID_SIZE];
    if (size < EXACT_CLEAR_SIZE + CRYPTO_TAG_SIZE || size > FILE_MAX ||
        memcmp(file, EXACT_MAGIC, EXACT_MAGIC_SIZE) != 0)
        return fail(error, HANGU_ERROR_DATA, path,
                    _("this is no list of `hangu rules hash-list`, or of another version"));
    if (!g_file_test(key_path, G_FILE_TEST_EXISTS))
        return fail(
            error, HANGU_ERROR_NO_INPUT, key_path,
            _("the key of the exact-data lists is not there: copy it to this place, or name it with HANGU_LIST_KEY"));
    if (!crypto_key_load(key_path, key, error))
        return FALSE;
    exact_key_id(key, id);
    exact_seal_key(key, file + EXACT_MAGIC_SIZE + EXACT_KEY_ID_SIZE, seal_key);
    crypto_wipe(key, sizeof key);
    if (!crypto_equal(id, file + EXACT_MAGIC_SIZE, sizeof id))
        return fail(error, HANGU_ERROR_DATA, path, _("the list was made with another key"));
    gsize sealed = size - EXACT_CLEAR_SIZE;
    g_autofree guint8 *content = g_malloc(sealed);
    g_autoptr(CryptoBox) box = crypto_box_new(seal_key);
    gboolean whole = crypto_box_open(box, 0, file + EXACT_CLEAR_SIZE, sealed, content);
    crypto_wipe(seal_key, sizeof seal_key);
    if (!whole)
        return fail(error, HANGU_ERROR_DATA, path, _("the list is damaged or was changed"));
    return content_take(list, content, sealed - CRYPTO_TAG_SIZE, path, error);
}

ExactList *
exact_load(const char *path, const char *key_path, GError **error)
{
    g_autofree char *file = NULL;
    g_autoptr(GError) why = NULL;
    gsize size;
    if (!g_file_get_contents(path, &file, &size, &why)) {
        fail(error,
             g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_ACCES) ? HANGU_ERROR_PERMISSION : HANGU_ERROR_NO_INPUT,
             path, why->message);
        return NULL;
    }
    g_autoptr(GBytes) bytes = g_bytes_new_take(g_steal_pointer(&file), size);
    return exact_load_bytes(path, bytes, key_path, error);
}

ExactList *
exact_load_bytes(const char *path, GBytes *bytes, const char *key_path, GError **error)
{
    g_autoptr(ExactList) list = g_new0(ExactList, 1);
    gsize size;
    const char *file = g_bytes_get_data(bytes, &size);
    if (file == NULL)
        file = "";
    list->digest = crypto_sha256_text(file, size);
    if (!file_open(list, (const guint8 *)file, size, path, key_path != NULL ? key_path : exact_key_path(), error))
        return NULL;
    return g_steal_pointer(&list);
}

void
exact_free(ExactList *list)
{
    if (list == NULL)
        return;
    crypto_wipe(&list->head, sizeof list->head);
    g_free(list->heads);
    g_free(list->entries);
    g_free(list->bloom);
    g_free(list->slots);
    g_free(list->digest);
    g_free(list);
}

guint
exact_count(const ExactList *list)
{
    return list->head.count;
}

const char *
exact_digest(const ExactList *list)
{
    return list->digest;
}

gboolean
exact_is_stale(const ExactList *list)
{
    return strcmp(list->head.fold, fold_digest()) != 0;
}

/* --- finding ---------------------------------------------------------------------------------------------------- */

/* A character of a word. */
typedef struct {
    guint64 rolled; /* of all before it */
    gunichar c;
    guint32 from;   /* in the text */
    guint32 spaced; /* gaps between letters or digits, up to it */
    guint8 size, kind;
    guint8 gap; /* something stands before it */
} Letter;

/* Characters of words in a row, with nothing between them that ends a phrase. */
typedef struct {
    guint count;
    Letter letters[STRETCH + 1]; /* of the last only `rolled` and `spaced` count */
} Stretch;

typedef struct {
    const ExactList *list;
    ExactSink sink;
    gpointer user;
    Stretch stretch;
    guint next; /* where the next entry may begin: behind the last that was told */
} Finder;

static gboolean
table_has(const ExactList *list, guint64 hash, const Letter *letters, guint length)
{
    gunichar characters[EXACT_LENGTH];
    guint index = list->slots[hash >> (64 - list->slot_bits)];
    guint8 mac[EXACT_MAC_SIZE];
    if (index-- == 0)
        return FALSE;
    while (index < list->head.count && list->entries[index].hash < hash)
        index++;
    if (index == list->head.count || list->entries[index].hash != hash)
        return FALSE;
    for (guint i = 0; i < length; i++)
        characters[i] = letters[i].c;
    g_autofree char *word = g_ucs4_to_utf8(characters, (glong)length, NULL, NULL, NULL);
    if (word == NULL)
        return FALSE;
    exact_mac(&list->head, word, strlen(word), mac);
    for (; index < list->head.count && list->entries[index].hash == hash; index++)
        if (crypto_equal(mac, list->entries[index].mac, sizeof mac))
            return TRUE;
    return FALSE;
}

/* Nothing of its word stands before `at`. */
static inline gboolean
is_border(const Stretch *s, guint at)
{
    return at == 0 || at >= s->count || s->letters[at].kind != EXACT_LATIN || s->letters[at].gap ||
           s->letters[at - 1].kind != EXACT_LATIN;
}

/* The longest entry that begins at `at`: its length, or 0. */
static guint
entry_at(const Finder *finder, guint at, guint64 *value_out)
{
    const ExactList *list = finder->list;
    const Stretch *s = &finder->stretch;
    const Letter *first = &s->letters[at];
    guint64 lengths = list->head.lengths[first->kind == EXACT_HAN];
    guint left = MIN(s->count - at, EXACT_LENGTH);
    lengths &= ((guint64)2 << left) - 1;
    while (lengths != 0) {
        guint length = 63 - (guint)__builtin_clzll(lengths);
        lengths &= ~((guint64)1 << length);
        guint64 hash = exact_mix(first[length].rolled - first->rolled * list->powers[length], list->head.salt, length);
        if (!bloom_has(list, hash))
            continue;
        if (length < EXACT_SPACED && first[length - 1].spaced != first->spaced)
            continue;
        if (is_border(s, at + length) && table_has(list, hash, first, length)) {
            *value_out = hash;
            return length;
        }
    }
    return 0;
}

/* Looks for entries that begin before `end`. */
static void
stretch_search(Finder *finder, guint end)
{
    const ExactList *list = finder->list;
    const Stretch *s = &finder->stretch;
    const Letter *letters = s->letters;
    guint at = finder->next;
    while (at < end && at + 1 < s->count) {
        guint64 value;
        guint length = 0;
        if (is_border(s, at)) {
            guint32 bit = exact_head_bit(list->head.salt, letters[at].c, letters[at + 1].c);
            if (list->heads[bit / 8] >> bit % 8 & 1)
                length = entry_at(finder, at, &value);
        }
        if (length > 0) {
            const Letter *last = &letters[at + length - 1];
            finder->sink(letters[at].from, last->from + last->size, value, finder->user);
        }
        at += MAX(length, 1);
    }
    finder->next = at;
}

/* Keeps the last characters, of which an entry may still begin (and the one before, for its border). */
static void
stretch_shift(Finder *finder)
{
    Stretch *s = &finder->stretch;
    guint drop = s->count - finder->list->longest - 1;
    stretch_search(finder, drop + 1);
    s->count -= drop;
    memmove(s->letters, s->letters + drop, (s->count + 1) * sizeof s->letters[0]);
    finder->next -= drop;
}

static void
stretch_end(Finder *finder)
{
    Stretch *s = &finder->stretch;
    stretch_search(finder, s->count);
    s->letters[0] = s->letters[s->count];
    s->count = 0;
    finder->next = 0;
}

static inline void
stretch_add(Finder *finder, gunichar c, ExactKind kind, gsize from, gsize to, guint gap)
{
    Stretch *s = &finder->stretch;
    gboolean latin = s->count > 0 && kind == EXACT_LATIN && s->letters[s->count - 1].kind == EXACT_LATIN;
    if (gap > (latin ? 1 : GAP_MAX))
        stretch_end(finder);
    if (s->count == STRETCH)
        stretch_shift(finder);
    Letter *letter = &s->letters[s->count++];
    letter->c = c;
    letter->from = (guint32)from;
    letter->size = (guint8)(to - from);
    letter->kind = (guint8)kind;
    letter->gap = gap > 0;
    letter->spaced += latin && gap > 0;
    letter[1].rolled = exact_roll(letter->rolled, finder->list->head.base, c);
    letter[1].spaced = letter->spaced;
}

/* Over 0x10FFFF if the bytes are no UTF-8. */
static inline gunichar
character_at(const char *text, gsize length, gsize at, gsize *next_out)
{
    const guint8 *p = (const guint8 *)text + at;
    *next_out = at + 1;
    if (p[0] < 0x80)
        return p[0];
    if (p[0] >= 0xE1 && p[0] < 0xED && length - at >= 3 && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80) {
        *next_out = at + 3;
        return (gunichar)(p[0] & 0x0F) << 12 | (gunichar)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    }
    gunichar c = g_utf8_get_char_validated(text + at, (gssize)(length - at));
    if (c < 0x110000)
        *next_out = at + (gsize)g_unichar_to_utf8(c, NULL);
    return c;
}

void
exact_find(const ExactList *list, const char *text, gsize length, ExactSink sink, gpointer user)
{
    g_autofree Finder *finder = g_new0(Finder, 1);
    guint gap = 0;
    finder->list = list;
    finder->sink = sink;
    finder->user = user;
    for (gsize at = 0, next; at < length; at = next) {
        gunichar c = character_at(text, length, at, &next);
        ExactKind kind = c < 0x110000 ? exact_kind(c) : EXACT_BREAK;
        if (kind == EXACT_BREAK)
            stretch_end(finder);
        if (kind == EXACT_LATIN || kind == EXACT_HAN)
            stretch_add(finder, c, kind, at, next, gap);
        gap = kind == EXACT_GAP ? gap + 1 : 0;
    }
    stretch_end(finder);
}
