/* Any text, any anchor: marking_read must stay inside the text and say sane things. */
#include "config.h"
#include "marking.h"
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4 || size > 1 << 16)
        return 0;
    g_autofree char *text = g_utf8_make_valid((const char *)data + 2, (gssize)size - 2);
    gsize length = strlen(text);

    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c != U'绝' && c != U'机' && c != U'秘' && c != U'内')
            continue;
        const char *end = g_utf8_next_char(p);
        for (int i = 0; i < data[0] % 5 && *end != '\0'; i++)
            end = g_utf8_next_char(end);
        MarkReading reading;
        Level level = c == U'绝'   ? LEVEL_TOP_SECRET
                      : c == U'机' ? LEVEL_HIGHLY_SECRET
                      : c == U'秘' ? LEVEL_SECRET
                                   : LEVEL_WORK_SECRET;
        if (!marking_read(text, length, (gsize)(p - text), (gsize)(end - text), level, (MarkingPlace)(data[1] % 3),
                          &reading))
            continue;
        g_assert(reading.mark.from < reading.mark.to && reading.mark.to <= length);
        g_assert(g_utf8_validate(reading.mark.condition, -1, NULL));
        g_assert((reading.forms == 0) == (reading.mark.form == MARK_FORM_NONE));
        (void)mark_term_days(&reading.mark);
    }
    return 0;
}
