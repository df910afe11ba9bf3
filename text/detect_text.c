/* detect_text - whether bytes are text, and what kind of text. */
#include "config.h"
#include "detect_text.h"
#include <string.h>

static gboolean
has_at(const guint8 *bytes, gsize length, gsize at, const char *magic, gsize size)
{
    return length >= at + size && memcmp(bytes + at, magic, size) == 0;
}

gsize
detect_mark(const guint8 *bytes, gsize length)
{
    if (has_at(bytes, length, 0, "\xEF\xBB\xBF", 3))
        return 3;
    if (has_at(bytes, length, 0, "\0\0\xFE\xFF", 4) || has_at(bytes, length, 0, "\xFF\xFE\0\0", 4))
        return 4;
    return has_at(bytes, length, 0, "\xFE\xFF", 2) || has_at(bytes, length, 0, "\xFF\xFE", 2) ? 2 : 0;
}

/* Whether nearly all units of `size` bytes, most significant at `high`, are characters that Chinese or Latin text is
 * made of. */
static gboolean
is_wide(const guint8 *bytes, gsize length, gsize size, gboolean big_endian)
{
    gsize units = length / size, good = 0, spaces = 0;
    for (gsize i = 0; i < units; i++) {
        const guint8 *unit = bytes + i * size;
        guint8 high = size == 2 ? unit[big_endian ? 0 : 1] : unit[big_endian ? 2 : 1];
        guint8 low = unit[big_endian ? size - 1 : 0];
        if (size == 4 && (unit[big_endian ? 0 : 3] != 0 || unit[big_endian ? 1 : 2] > 2))
            continue;
        good += (high == 0 && (low >= ' ' || low == '\n' || low == '\r' || low == '\t')) ||
                (high >= 0x4E && high <= 0x9F) || high == 0x20 || high == 0x26 || high == 0x30 || high == 0xFF;
        spaces += high == 0 && low < 0x80;
    }
    /* Two bytes of anything are a Han character now and then: without one ASCII character it takes nearly all. */
    return units > 0 && good * 100 >= units * (spaces > 0 ? 90 : 98);
}

/* Control characters that no text has. */
static const guint8 ODD[256] = {
    [0x00] = 1, 1, 1, 1, 1, 1, 1, 1, [0x10] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, [0x1C] = 1, 1, 1, 1, [0x7F] = 1,
};

gboolean
detect_is_text(const guint8 *bytes, gsize length)
{
    gsize odd = 0;
    length = MIN(length, DETECT_BYTES);
    if (detect_mark(bytes, length) > 0)
        return TRUE;
    for (gsize i = 0; i < length; i++)
        odd += ODD[bytes[i]];
    if (odd * 100 <= length)
        return TRUE;
    return is_wide(bytes, length, 2, FALSE) || is_wide(bytes, length, 2, TRUE) || is_wide(bytes, length, 4, FALSE) ||
           is_wide(bytes, length, 4, TRUE);
}

/* The text as single bytes without byte order mark and NULs: UTF-16 and UTF-32 become what ASCII is in them. */
static GString *
narrow(const guint8 *bytes, gsize length)
{
    gsize skip = detect_mark(bytes, length);
    GString *text = g_string_sized_new(length);
    while (skip < length) {
        const guint8 *zero = memchr(bytes + skip, 0, length - skip);
        gsize end = zero != NULL ? (gsize)(zero - bytes) : length;
        g_string_append_len(text, (const char *)bytes + skip, (gssize)(end - skip));
        skip = end + 1;
    }
    return text;
}

static gboolean
begins(const char *text, const char *word)
{
    return g_ascii_tolower(*text) == g_ascii_tolower(*word) && g_ascii_strncasecmp(text, word, strlen(word)) == 0;
}

/* Past white space, comments and declarations, so that what stands first can be seen. */
static const char *
skip_prologue(const char *text)
{
    for (;;) {
        const char *close = NULL;
        while (g_ascii_isspace(*text))
            text++;
        if (begins(text, "<!--"))
            close = strstr(text + 4, "-->");
        else if (begins(text, "<?xml"))
            close = strchr(text, '>');
        if (close == NULL)
            return text;
        text = close + (*close == '-' ? 3 : 1);
    }
}

static const char *
markup_type(const char *text)
{
    static const char *const html[] = {
        "<!doctype html", "<html", "<head", "<body", "<meta",   "<title", "<script", "<style",
        "<table",         "<div",  "<p>",   "<p ",   "<br",     "<a ",    "<font",   "<span",
        "<img",           "<h1",   "<h2",   "<h3",   "<center", "<b>",    "<ul",     "<ol",
        "<iframe",        "<form", "<!--",  "<link", "<base"};
    gboolean xml;
    while (g_ascii_isspace(*text))
        text++;
    xml = begins(text, "<?xml");
    text = skip_prologue(text);
    if (xml && (begins(text, "<uof:UOF") || begins(text, "<UOF")))
        return "application/vnd.uof";
    if (begins(text, "<svg") || (begins(text, "<!doctype svg")))
        return "image/svg+xml";
    for (guint i = 0; i < G_N_ELEMENTS(html); i++)
        if (begins(text, html[i]))
            return "text/html";
    return xml ? "application/xml" : NULL;
}

/* Whether the text begins with header lines of a letter: three that letters have, or two of which one only they have;
 * or is an entity of MIME (RFC 2045, 2.4), as signed mail holds: all header lines of its own, Content-Type first. */
static gboolean
is_letter(const char *text)
{
    static const char *const fields[] = {"received:",     "return-path:",  "message-id:",
                                         "mime-version:", "delivered-to:", "dkim-signature:",
                                         "from:",         "to:",           "subject:",
                                         "date:",         "cc:",           "sender:",
                                         "reply-to:",     "content-type:", "content-transfer-encoding:",
                                         "x-mailer:"};
    guint known = 0, sure = 0;
    gboolean entity = begins(text, "content-type:") && memchr(text, '/', strcspn(text, "\r\n;")) != NULL;
    if (strncmp(text, "From ", 5) == 0 && (text = strchr(text, '\n')) != NULL)
        text++;
    for (guint line = 0; text != NULL && line < 64 && *text != '\n' && *text != '\r' && *text != '\0'; line++) {
        const char *end = strchr(text, '\n');
        gboolean found = FALSE;
        for (guint i = 0; i < G_N_ELEMENTS(fields) && !found; i++) {
            found = begins(text, fields[i]);
            known += found;
            sure += found && i < 6;
        }
        if (!found && *text != ' ' && *text != '\t') {
            gsize name = strcspn(text, ": \t\r\n");
            if (name == 0 || text[name] != ':')
                break;
        }
        text = end != NULL ? end + 1 : NULL;
    }
    gboolean ended = text != NULL && (*text == '\n' || *text == '\r');
    return known >= 3 || (known >= 2 && sure >= 1) || (entity && ended);
}

/* Programs pass over blanks and marks before it. */
static gboolean
is_late_rtf(const char *text)
{
    while (g_ascii_isspace(*text))
        text++;
    return strncmp(text, "{\\rtf", 5) == 0;
}

Detected
detect_text_kind(const guint8 *bytes, gsize length)
{
    g_autoptr(GString) text = narrow(bytes, length);
    if (is_late_rtf(text->str))
        return (Detected){DETECT_BINARY, "application/rtf", TRUE};
    const char *markup = markup_type(text->str);
    if (markup != NULL) /* version 1 of UOF is XML that has a reader */
        return (Detected){strcmp(markup, "application/vnd.uof") == 0 ? DETECT_BINARY : DETECT_HTML, markup, TRUE};
    if (is_letter(text->str))
        return (Detected){DETECT_MESSAGE, "message/rfc822", TRUE};
    if (begins(text->str, "BEGIN:VCALENDAR"))
        return (Detected){DETECT_TEXT, "text/calendar", TRUE};
    if (begins(text->str, "BEGIN:VCARD"))
        return (Detected){DETECT_TEXT, "text/vcard", TRUE};
    return (Detected){DETECT_TEXT, "text/plain", TRUE};
}
