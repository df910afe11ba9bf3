/* marking-kind - the kind of a character: one long table. */
#include "config.h"
#include "marking-window.h"

/* What is neither ASCII nor Han. Folding makes one ★ of all stars; the others are for text that was not folded. */
static CharKind
kind_of_symbol(gunichar c)
{
    switch (c) {
    case U'★':
    case U'☆':
    case U'⭐':
    case U'✩':
    case U'✪':
    case U'✫':
    case U'✬':
    case U'✭':
    case U'✮':
    case U'✯':
    case U'✰':
    case U'⋆':
    case U'✱':
    case U'✲':
    case U'✳':
    case U'✶':
    case U'⍟':
    case U'🌟':
        return CHAR_STAR;
    case U'·':
    case U'•':
    case U'・':
    case U'‧':
    case U'∙':
    case U'⋅':
    case U'▲':
    case U'△':
    case U'◆':
    case U'◇':
    case U'※':
    case U'‥':
    case U'–':
    case U'—':
    case U'―':
    case U'−':
    case U'～':
    case U'∕':
    case U'│':
    case U'｜':
    case U'¦':
    case U'．':
        return CHAR_SEPARATOR;
    case U'（':
    case U'［':
    case U'【':
    case U'〔':
    case U'｛':
    case U'〖':
    case U'〈':
    case U'﹝':
    case U'「':
    case U'『':
        return CHAR_OPEN;
    case U'）':
    case U'］':
    case U'】':
    case U'〕':
    case U'｝':
    case U'〗':
    case U'〉':
    case U'﹞':
    case U'」':
    case U'』':
        return CHAR_CLOSE;
    case U'“':
    case U'”':
    case U'‘':
    case U'’':
    case U'＂':
    case U'＇':
    case U'〝':
    case U'〞':
    case U'«':
    case U'»':
        return CHAR_QUOTE;
    case U'、':
    case U'，':
    case U'；':
    case U'。':
    case U'！':
    case U'？':
        return CHAR_POINT;
    case U'：':
    case U'︰':
        return CHAR_COLON;
    case U'□':
    case U'☐':
    case U'▢':
    case U'○':
    case U'◯':
    case U'❑':
    case U'❒':
    case U'❏':
    case U'◻':
    case 0xF0A8:
    case 0xF06F:
    case 0xF0A3:
        return CHAR_BOX_EMPTY;
    case U'☑':
    case U'✓':
    case U'✔':
    case U'√':
    case U'■':
    case U'▣':
    case U'☒':
    case U'●':
    case U'◉':
    case U'🗹':
    case U'🗸':
    case U'✅':
    case 0xF0FE:
    case 0xF052:
        return CHAR_BOX_TICKED;
    case 0x00A0:
    case 0x3000:
        return CHAR_SPACE;
    case 0x0085:
    case 0x2028:
    case 0x2029:
        return CHAR_LINE;
    default:
        return g_unichar_isalpha(c) ? CHAR_LETTER : CHAR_OTHER;
    }
}

static CharKind
kind_of_ascii(gunichar c)
{
    if (g_ascii_isdigit((char)c))
        return CHAR_DIGIT;
    if (g_ascii_isalpha((char)c))
        return CHAR_LETTER;
    switch (c) {
    case ' ':
    case '\t':
        return CHAR_SPACE;
    case '\n':
    case '\r':
    case '\v':
    case '\f':
        return CHAR_LINE;
    case '(':
    case '[':
    case '{':
        return CHAR_OPEN;
    case ')':
    case ']':
    case '}':
        return CHAR_CLOSE;
    case '"':
    case '\'':
        return CHAR_QUOTE;
    case ',':
    case ';':
    case '!':
    case '?':
        return CHAR_POINT;
    case ':':
        return CHAR_COLON;
    case '.':
    case '_':
    case '-':
    case '~':
    case '/':
    case '|':
        return CHAR_SEPARATOR;
    default:
        return CHAR_OTHER;
    }
}

static gboolean
is_han(gunichar c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c == 0x3005 || c == 0x3007 ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x323AF);
}

CharKind
window_kind_of(gunichar c)
{
    if (c < 0x80)
        return kind_of_ascii(c);
    if (is_han(c))
        return CHAR_HAN;
    return kind_of_symbol(c);
}
