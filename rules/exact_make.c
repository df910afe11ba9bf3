/* exact_make - entries to a sealed list. */
#include "config.h"
#include "errors.h"
#include "exact.h"
#include "exact_private.h"
#include "fold.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

struct ExactWriter {
    Fold *fold;
    GHashTable *words; /* char *: characters without gaps */
};

ExactWriter *
exact_writer_new(void)
{
    ExactWriter *writer = g_new0(ExactWriter, 1);
    writer->fold = fold_new();
    writer->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return writer;
}

void
exact_writer_free(ExactWriter *writer)
{
    if (writer == NULL)
        return;
    fold_free(writer->fold);
    g_hash_table_unref(writer->words);
    g_free(writer);
}

guint
exact_writer_count(const ExactWriter *writer)
{
    return g_hash_table_size(writer->words);
}

ExactAdded
exact_writer_add(ExactWriter *writer, const char *entry)
{
    g_autoptr(GString) word = g_string_new(NULL);
    g_autofree char *trimmed = g_strstrip(g_strdup(entry));
    guint length = 0, weight = 0;
    if (!g_utf8_validate(trimmed, -1, NULL))
        return EXACT_BROKEN;
    if (strlen(trimmed) > EXACT_LENGTH * 16)
        return EXACT_LONG;
    fold_run(writer->fold, trimmed, strlen(trimmed));
    for (const char *at = fold_folded(writer->fold)->text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        ExactKind kind = exact_kind(c);
        if (kind == EXACT_BREAK)
            return EXACT_BROKEN;
        if (kind == EXACT_GAP)
            continue;
        g_string_append_unichar(word, c);
        length++;
        weight += kind == EXACT_HAN ? 2 : 1;
    }
    if (weight < EXACT_WEIGHT || length < 2)
        return EXACT_SHORT;
    if (length > EXACT_LENGTH)
        return EXACT_LONG;
    if (g_hash_table_contains(writer->words, word->str))
        return EXACT_DOUBLE;
    if (exact_writer_count(writer) >= EXACT_ENTRIES)
        return EXACT_FULL;
    g_hash_table_add(writer->words, g_strdup(word->str));
    return EXACT_ADDED;
}

static int
entry_compare(const void *a, const void *b)
{
    const ExactEntry *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return memcmp(left->mac, right->mac, EXACT_MAC_SIZE);
}

static ExactEntry
entry_of(ExactHead *head, guint8 *heads, const char *word)
{
    ExactEntry entry = {0};
    gunichar first = g_utf8_get_char(word), second = g_utf8_get_char(g_utf8_next_char(word));
    guint64 rolled = 0;
    guint length = 0;
    for (const char *at = word; *at != '\0'; at = g_utf8_next_char(at), length++)
        rolled = exact_roll(rolled, head->base, g_utf8_get_char(at));
    entry.hash = exact_mix(rolled, head->salt, length);
    exact_mac(head, word, strlen(word), entry.mac);
    head->lengths[exact_kind(first) == EXACT_HAN] |= (guint64)1 << length;
    guint32 bit = exact_head_bit(head->salt, first, second);
    heads[bit / 8] |= (guint8)(1u << bit % 8);
    return entry;
}

/* Head, heads and entries, as they are sealed. */
static GByteArray *
content_make(const ExactWriter *writer)
{
    ExactHead head = {.count = exact_writer_count(writer)};
    GByteArray *content = g_byte_array_new();
    g_autofree guint8 *heads = g_malloc0(EXACT_HEADS / 8);
    g_autoptr(GArray) entries = g_array_sized_new(FALSE, TRUE, sizeof(ExactEntry), head.count);
    GHashTableIter iter;
    gpointer word;
    crypto_random(&head.base, sizeof head.base);
    crypto_random(&head.salt, sizeof head.salt);
    crypto_random(head.mac_key, sizeof head.mac_key);
    head.base |= 1;
    g_strlcpy(head.fold, fold_digest(), sizeof head.fold);
    g_hash_table_iter_init(&iter, writer->words);
    while (g_hash_table_iter_next(&iter, &word, NULL)) {
        ExactEntry entry = entry_of(&head, heads, word);
        g_array_append_val(entries, entry);
    }
    g_array_sort(entries, entry_compare);
    g_byte_array_append(content, (const guint8 *)&head, sizeof head);
    g_byte_array_append(content, heads, EXACT_HEADS / 8);
    g_byte_array_append(content, (const guint8 *)entries->data, (guint)(entries->len * sizeof(ExactEntry)));
    return content;
}

gboolean
exact_writer_write(const ExactWriter *writer, const char *path, const char *key_path, GError **error)
{
    guint8 key[CRYPTO_KEY_SIZE], seal_key[CRYPTO_KEY_SIZE], id[EXACT_KEY_ID_SIZE], salt[EXACT_SALT_SIZE];
    if (exact_writer_count(writer) == 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%s: there is no entry to write"), path);
        return FALSE;
    }
    if (!crypto_key_load(key_path != NULL ? key_path : exact_key_path(), key, error))
        return FALSE;
    crypto_random(salt, sizeof salt);
    exact_seal_key(key, salt, seal_key);
    exact_key_id(key, id);
    g_autoptr(GByteArray) content = content_make(writer);
    gsize size = EXACT_CLEAR_SIZE + content->len + CRYPTO_TAG_SIZE;
    g_autofree guint8 *file = g_malloc(size);
    memcpy(file, EXACT_MAGIC, EXACT_MAGIC_SIZE);
    memcpy(file + EXACT_MAGIC_SIZE, id, sizeof id);
    memcpy(file + EXACT_MAGIC_SIZE + sizeof id, salt, sizeof salt);
    g_autoptr(CryptoBox) box = crypto_box_new(seal_key);
    crypto_box_seal(box, 0, content->data, content->len, file + EXACT_CLEAR_SIZE);
    crypto_wipe(key, sizeof key);
    crypto_wipe(seal_key, sizeof seal_key);
    crypto_wipe(content->data, content->len);
    g_autoptr(GError) why = NULL;
    if (g_file_set_contents_full(path, (const char *)file, (gssize)size,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0640, &why))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot write %s: %s", path, why->message);
    return FALSE;
}
