/* One-time passwords. liboath does the arithmetic; what may be accepted once more is decided here. */
#include "config.h"
#include "one_time.h"
#include "crypto.h"
#include <liboath/oath.h>
#include <string.h>

static const char *const kind_words[] = {[ONE_TIME_TOTP] = "totp", [ONE_TIME_HOTP] = "hotp"};

static void
must(int result, const char *what)
{
    if (result != OATH_OK)
        g_error("liboath: %s failed: %s", what, oath_strerror(result));
}

static void
start_library(void)
{
    static gsize started;
    if (g_once_init_enter(&started)) {
        must(oath_init(), "oath_init");
        g_once_init_leave(&started, 1);
    }
}

void
one_time_make(OneTime *one_time, OneTimeKind kind)
{
    *one_time = (OneTime){.kind = kind};
    crypto_random(one_time->secret, sizeof one_time->secret);
}

void
one_time_clear(OneTime *one_time)
{
    crypto_wipe(one_time, sizeof *one_time);
}

const char *
one_time_kind_word(OneTimeKind kind)
{
    return kind_words[kind];
}

gboolean
one_time_kind_from_word(const char *word, OneTimeKind *kind_out)
{
    for (guint i = 0; i < G_N_ELEMENTS(kind_words); i++)
        if (g_strcmp0(word, kind_words[i]) == 0) {
            *kind_out = (OneTimeKind)i;
            return TRUE;
        }
    return FALSE;
}

/* --- to be typed or scanned ----------------------------------------------------------------------------------- */

void
one_time_text_free(char *text)
{
    if (text != NULL)
        crypto_wipe(text, strlen(text));
    g_free(text);
}

char *
one_time_secret_text(const OneTime *one_time)
{
    char *made = NULL;
    size_t length = 0;
    must(oath_base32_encode((const char *)one_time->secret, sizeof one_time->secret, &made, &length), "base 32");
    char *text = g_strndup(made, length);
    crypto_wipe(made, length);
    free(made); /* of liboath, by malloc() */
    return text;
}

char *
one_time_uri(const OneTime *one_time, const char *issuer, const char *account)
{
    g_autofree char *by = g_uri_escape_string(issuer, NULL, FALSE);
    g_autofree char *who = g_uri_escape_string(account, "@", FALSE);
    char *secret = one_time_secret_text(one_time);
    char *uri =
        one_time->kind == ONE_TIME_TOTP
            ? g_strdup_printf("otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d", by, who,
                              secret, by, ONE_TIME_DIGITS, ONE_TIME_STEP)
            : g_strdup_printf(
                  "otpauth://hotp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&counter=%" G_GUINT64_FORMAT, by,
                  who, secret, by, ONE_TIME_DIGITS, one_time->next);
    one_time_text_free(secret);
    return uri;
}

/* --- codes ---------------------------------------------------------------------------------------------------- */

static gboolean
is_code(const char *code)
{
    return strlen(code) == ONE_TIME_DIGITS && strspn(code, "0123456789") == ONE_TIME_DIGITS;
}

/* liboath's own comparison ends at the first difference. */
static int
compare(void *handle, const char *made)
{
    return strlen(made) == ONE_TIME_DIGITS && crypto_equal(made, handle, ONE_TIME_DIGITS) ? 0 : 1;
}

/* The first counter from `from` on, of `count`, that gives the code; FALSE if none does. */
static gboolean
find_counter(const OneTime *one_time, const char *code, guint64 from, guint64 count, guint64 *found_out)
{
    start_library();
    if (count == 0)
        return FALSE;
    int offset = oath_hotp_validate_callback((const char *)one_time->secret, sizeof one_time->secret, from, count - 1,
                                             ONE_TIME_DIGITS, compare, (void *)code);
    *found_out = from + (guint64)MAX(offset, 0);
    return offset >= 0;
}

static OneTimeResult
check_range(OneTime *one_time, const char *code, guint64 from, guint64 count)
{
    guint64 found, first = MAX(from, one_time->next), end = from + count;
    if (!is_code(code))
        return ONE_TIME_WRONG;
    /* what was never accepted comes first: an old code may by chance be that of a new step as well */
    if (first < end && find_counter(one_time, code, first, end - first, &found)) {
        one_time->next = found + 1;
        return ONE_TIME_GOOD;
    }
    return from < one_time->next && find_counter(one_time, code, from, MIN(one_time->next, end) - from, &found)
               ? ONE_TIME_USED
               : ONE_TIME_WRONG;
}

/* TOTP is HOTP with the step as counter (RFC 6238, 4.2). */
OneTimeResult
one_time_check(OneTime *one_time, const char *code, gint64 now_us)
{
    if (one_time->kind == ONE_TIME_HOTP) {
        guint64 from = one_time->next - MIN(one_time->next, ONE_TIME_AHEAD);
        return check_range(one_time, code, from, one_time->next + ONE_TIME_AHEAD - from);
    }
    guint64 step = (guint64)MAX(now_us, 0) / G_USEC_PER_SEC / ONE_TIME_STEP;
    guint64 from = step - MIN(step, ONE_TIME_DRIFT);
    return check_range(one_time, code, from, step + ONE_TIME_DRIFT + 1 - from);
}

OneTimeResult
one_time_resync(OneTime *one_time, const char *first, const char *second)
{
    guint64 from = one_time->next, end = from + ONE_TIME_FAR_AHEAD, found;
    if (one_time->kind != ONE_TIME_HOTP || !is_code(first) || !is_code(second))
        return ONE_TIME_WRONG;
    while (from < end && find_counter(one_time, first, from, end - from, &found)) {
        guint64 after;
        if (find_counter(one_time, second, found + 1, 1, &after)) {
            one_time->next = after + 1;
            return ONE_TIME_GOOD;
        }
        from = found + 1;
    }
    return ONE_TIME_WRONG;
}
