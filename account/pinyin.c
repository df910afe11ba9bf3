/* One character at a time: its readings do not hang on its neighbours, but all of them are tried. */
#include "config.h"
#include "pinyin.h"
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

/* Second readings that stand in names of places, units and people. */
static const struct {
    const char *han, *readings;
} others[] = {
    {"重", "chong"}, {"长", "zhang"}, {"会", "kuai"},  {"都", "dou"},   {"行", "hang"}, {"厦", "xia"},  {"调", "diao"},
    {"校", "jiao"},  {"处", "chu"},   {"藏", "zang"},  {"乐", "yue"},   {"单", "shan"}, {"区", "ou"},   {"解", "xie"},
    {"仇", "qiu"},   {"朴", "piao"},  {"查", "zha"},   {"曾", "ceng"},  {"盖", "ge"},   {"尉", "yu"},   {"参", "shen"},
    {"番", "pan"},   {"蚌", "beng"},  {"六", "lu"},    {"莘", "xin"},   {"便", "pian"}, {"车", "ju"},   {"石", "dan"},
    {"尺", "che"},   {"大", "dai"},   {"传", "zhuan"}, {"数", "shuo"},  {"率", "lv"},   {"覃", "qin"},  {"翟", "di"},
    {"宿", "xiu"},   {"丁", "zheng"}, {"阿", "e"},     {"种", "chong"}, {"隽", "jun"},  {"那", "na"},   {"员", "yun"},
    {"繁", "po"},    {"贾", "gu"},    {"干", "qian"},  {"沈", "chen"},  {"系", "ji"},   {"券", "xuan"}, {"降", "jiang"},
};

static GMutex guard; /* a transliterator is no matter of several threads */
static UTransliterator *usual, *surnames;
static GHashTable *known; /* character to its readings (GPtrArray), for ever; ICU takes 20 us for each */

static UTransliterator *
open_one(const char *name)
{
    UChar id[64];
    UErrorCode status = U_ZERO_ERROR;
    u_uastrcpy(id, name);
    return utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
}

/* Letters of one reading as ICU writes it ("lǚ"): tones off, ü as v. "" if it is no Latin word. */
static char *
plain(const char *reading)
{
    g_autofree char *apart = g_utf8_normalize(reading, -1, G_NORMALIZE_NFD);
    GString *letters = g_string_new(NULL);
    for (const char *at = apart; at != NULL && *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == 0x308 && letters->len > 0 && letters->str[letters->len - 1] == 'u')
            letters->str[letters->len - 1] = 'v';
        else if (c < 0x80 && g_ascii_isalpha((char)c))
            g_string_append_c(letters, g_ascii_tolower((char)c));
    }
    return g_string_free(letters, FALSE);
}

static char *
transliterate(UTransliterator *way, gunichar c)
{
    UChar buffer[64];
    char out[128];
    int32_t length = 0, limit, written = 0;
    UErrorCode status = U_ZERO_ERROR;
    if (way == NULL)
        return g_strdup("");
    U16_APPEND_UNSAFE(buffer, length, (UChar32)c);
    limit = length;
    buffer[length] = 0;
    utrans_transUChars(way, buffer, &length, G_N_ELEMENTS(buffer), 0, &limit, &status);
    u_strToUTF8(out, sizeof out, &written, buffer, length, &status);
    return U_SUCCESS(status) && written < (int32_t)sizeof out ? plain(out) : g_strdup("");
}

static void
add_reading(GPtrArray *readings, const char *reading)
{
    if (*reading != '\0' && !g_ptr_array_find_with_equal_func(readings, reading, g_str_equal, NULL))
        g_ptr_array_add(readings, g_strdup(reading));
}

/* 吕 is lv on keyboards, lu and lyu on papers. */
static void
add_with_umlaut(GPtrArray *readings, const char *reading)
{
    add_reading(readings, reading);
    if (strchr(reading, 'v') == NULL)
        return;
    g_auto(GStrv) parts = g_strsplit(reading, "v", 2);
    g_autofree char *with_u = g_strjoinv("u", parts);
    g_autofree char *with_yu = g_strjoinv("yu", parts);
    add_reading(readings, with_u);
    add_reading(readings, with_yu);
}

/* Under the guard. */
static GPtrArray *
find_readings(gunichar c)
{
    GPtrArray *readings = g_ptr_array_new_with_free_func(g_free);
    char text[8] = {0};
    g_unichar_to_utf8(c, text);
    g_autofree char *first = transliterate(usual, c);
    g_autofree char *second = transliterate(surnames, c);
    add_with_umlaut(readings, first);
    add_with_umlaut(readings, second);
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        if (g_str_equal(others[i].han, text))
            add_with_umlaut(readings, others[i].readings);
    return readings;
}

static GPtrArray *
readings_of(gunichar c)
{
    g_mutex_lock(&guard);
    if (known == NULL) {
        usual = open_one("Han-Latin");
        surnames = open_one("Han-Latin/Names");
        known = g_hash_table_new(g_direct_hash, g_direct_equal);
    }
    GPtrArray *readings = g_hash_table_lookup(known, GUINT_TO_POINTER(c));
    if (readings == NULL) {
        readings = find_readings(c);
        g_hash_table_insert(known, GUINT_TO_POINTER(c), readings);
    }
    g_ptr_array_ref(readings); /* never changed again: shared between threads */
    g_mutex_unlock(&guard);
    return readings;
}

static gboolean
is_han(gunichar c)
{
    return u_hasBinaryProperty((UChar32)c, UCHAR_UNIFIED_IDEOGRAPH) != 0;
}

gboolean
pinyin_has_han(const char *text)
{
    for (; *text != '\0'; text = g_utf8_next_char(text))
        if (is_han(g_utf8_get_char(text)))
            return TRUE;
    return FALSE;
}

GPtrArray *
pinyin_syllables(const char *text)
{
    GPtrArray *syllables = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    g_autofree char *wide = g_utf8_normalize(text, -1, G_NORMALIZE_NFKC);
    for (const char *at = wide; at != NULL && *at != '\0' && syllables->len < PINYIN_TEXT_MAX;
         at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        GPtrArray *readings = NULL;
        if (is_han(c)) {
            readings = readings_of(c);
        } else if (c < 0x80 && g_ascii_isalnum((char)c)) {
            readings = g_ptr_array_new_with_free_func(g_free);
            g_ptr_array_add(readings, g_strdup((char[]){g_ascii_tolower((char)c), '\0'}));
        }
        if (readings != NULL && readings->len > 0)
            g_ptr_array_add(syllables, readings);
        else if (readings != NULL)
            g_ptr_array_unref(readings);
    }
    return syllables;
}

/* Each form so far with each reading behind it; when that would be too many, with the usual one only. */
static GPtrArray *
lengthen(const GPtrArray *forms, const GPtrArray *readings, PinyinForm form)
{
    GPtrArray *longer = g_ptr_array_new_with_free_func(g_free);
    guint used = forms->len * readings->len <= PINYIN_FORMS_MAX ? readings->len : 1;
    for (guint r = 0; r < used; r++)
        for (guint i = 0; i < forms->len; i++) {
            const char *reading = g_ptr_array_index(readings, r);
            g_autofree char *end = g_strndup(reading, form == PINYIN_INITIALS ? 1 : strlen(reading));
            g_autofree char *one = g_strconcat(g_ptr_array_index(forms, i), end, NULL);
            add_reading(longer, one);
        }
    return longer;
}

GPtrArray *
pinyin_forms(const char *text, PinyinForm form)
{
    g_autoptr(GPtrArray) syllables = pinyin_syllables(text);
    GPtrArray *forms = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(forms, g_strdup(""));
    /* A text without Han is its own abbreviation: SWJ stays swj. */
    PinyinForm used = pinyin_has_han(text) ? form : PINYIN_FULL;
    for (guint i = 0; i < syllables->len; i++) {
        GPtrArray *longer = lengthen(forms, g_ptr_array_index(syllables, i), used);
        g_ptr_array_unref(forms);
        forms = longer;
    }
    if (syllables->len == 0)
        g_ptr_array_set_size(forms, 0);
    return forms;
}

char *
pinyin_text(const char *text)
{
    g_autoptr(GPtrArray) syllables = pinyin_syllables(text);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < syllables->len; i++) {
        const GPtrArray *readings = g_ptr_array_index(syllables, i);
        g_string_append_printf(out, "%s%s", i > 0 ? " " : "", (const char *)g_ptr_array_index(readings, 0));
    }
    return g_string_free(out, FALSE);
}
