/* marking - the grammar of Chinese secrecy marks (requirements.md B.1, M1-M6; GB/T 9704-2012 7.2.2; Secrecy Law 2024
 * art. 22).
 *
 * A mark is parsed, not grepped: given an anchor (a level word) in folded text, the parser reads the neighbourhood and
 * gives a structure and what it saw around it. No judgement here. Reads at most MARKING_REACH characters to either
 * side of the anchor, so the cost of one reading is bounded. */
#pragma once
#include "verdict.h"
#include <glib.h>

#define MARKING_REACH 120 /* characters to either side of an anchor */

typedef enum {
    MARK_FORM_NONE,
    MARK_FORM_STAR,      /* M1 机密★10年, 机密★ */
    MARK_FORM_ALONE,     /* M2 level alone on a line */
    MARK_FORM_FIELD,     /* M3 密级:机密 */
    MARK_FORM_TICKED,    /* M4 ☑机密 */
    MARK_FORM_BRACKETED, /* M5 (机密) at paragraph start, Subject, file name */
    MARK_FORM_SENTENCE,  /* M6 本文件属机密级国家秘密 */
    MARK_FORM_WORD,      /* an expression of a rule, without the grammar */
} MarkForm;

typedef enum {
    TERM_NONE,
    TERM_YEARS,
    TERM_MONTHS,
    TERM_DAYS,
    TERM_LONG /* 长期 永久 */,
    TERM_DATE,
    TERM_EVENT
} TermUnit;

typedef struct {
    MarkForm form; /* the strongest that holds */
    Level level;
    gboolean star; /* exactly one star, or a separator that stands for it */
    guint star_count;
    TermUnit term_unit;
    guint term_number;        /* years, months, days */
    char term[48];            /* normalised: "10年", "6个月", "长期", "2027-12-31"; "" if none or an event */
    char condition[64];       /* the event text, e.g. "会议开始前"; "" if none */
    gboolean term_over_limit; /* longer than 30/20/10 years (still a mark) */
    gboolean exam;            /* the event is an examination's (F5): 启用前, 考试结束前, 启封前 */
    gboolean voided;          /* 已解密 or 密级变更 beside it (F14) */
    gsize from, to;           /* bytes: of the text given to marking_read; in a Finding of the source text */
} Mark;

/* Where the text stands: decides what "alone" and "bracketed" ask for, and in a scan what a letter may have been: ★ is
 * hardly ever read from a picture, and digits seldom all. */
typedef enum { MARKING_TEXT, MARKING_SUBJECT, MARKING_NAME, MARKING_SCAN } MarkingPlace;

/* What was seen around a mark. Bits. */
typedef enum {
    TRAIT_ALONE = 1 << 0,        /* on its line only the mark, brackets, urgency, copy number, handling words */
    TRAIT_LEFT_EDGE = 1 << 1,    /* begins its line */
    TRAIT_RIGHT_EDGE = 1 << 2,   /* ends its line */
    TRAIT_QUOTED = 1 << 3,       /* a quotation mark touches it: “机密★5年” */
    TRAIT_EXAMPLE = 1 << 4,      /* 如 例如 形式为 应标注 just before it, 字样 just after */
    TRAIT_TITLED = 1 << 5,       /* inside 《》 */
    TRAIT_LISTED = 1 << 6,       /* ENUM: another level beside it */
    TRAIT_OPTION = 1 << 7,       /* A. B. C. before it */
    TRAIT_GLUED_BEFORE = 1 << 8, /* a Han character touches it */
    TRAIT_GLUED_AFTER = 1 << 9,
    TRAIT_DECORATED = 1 << 10, /* a star before it, or two and more after it */
    TRAIT_BOX_EMPTY = 1 << 11, /* its box is not ticked */
    TRAIT_URGENT = 1 << 12,    /* 特急 加急 on the same line */
    TRAIT_COPY_NUMBER = 1 << 13,
    TRAIT_HANDLING = 1 << 14,  /* 指人专办 and the like on the same line */
    TRAIT_VERTICAL = 1 << 15,  /* one character a line */
    TRAIT_SPACED = 1 << 16,    /* separators between its characters */
    TRAIT_NEGATED = 1 << 17,   /* 不属于, 是否为, 未定为 */
    TRAIT_CHANGED = 1 << 18,   /* 密级变更, 解密日期 */
    TRAIT_TERM_BARE = 1 << 19, /* a term without a star: 机密10年 */
    TRAIT_PREFIX = 1 << 20, /* Subject or name: the word cut off by punctuation, without brackets: 机密_方案.pdf */
    TRAIT_STAR_DOUBTFUL = 1 << 21, /* what stands for the star is any odd character (OCR) */
    TRAIT_FIELD_BREAK = 1 << 22,   /* the label stands on the line before, or above in its column */
    TRAIT_APART = 1 << 23,         /* at an edge of its line, wide space between it and the rest: 机密      第3期 */
    TRAIT_CELL = 1 << 24,          /* alone in a cell of a row: 标识 | 工作秘密 | 知悉范围 */
} MarkTrait;

typedef struct {
    Mark mark;                /* from and to in the given text */
    guint forms;              /* 1 << MarkForm for each form that holds; 0: only a word */
    guint traits;             /* MarkTrait bits */
    gsize line_from, line_to; /* the line the mark begins on, as far as the reach goes */
} MarkReading;

/* Reads the neighbourhood of the anchor text[from, to) (folded text; the anchor may hold separators between its
 * characters). FALSE if the anchor is no word of its own (计算机密码) or its characters do not belong together;
 * reading_out is then undefined. `level` is the anchor's. */
gboolean marking_read(const char *text, gsize length, gsize from, gsize to, Level level, MarkingPlace place,
                      MarkReading *reading_out);

/* Longest term of two marks, as days for comparison; long, dates, events and none count as the level's maximum. */
guint mark_term_days(const Mark *mark);
