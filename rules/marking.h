/* marking - the grammar of Chinese secrecy marks (requirements.md B.1, M1-M6; GB/T 9704-2012 7.2.2; Secrecy Law 2024
 * art. 22).
 *
 * A mark is parsed, not grepped: given an anchor (a level word) in folded text, the parser reads the neighbourhood and
 * gives a structure. No judgement here. */
#pragma once
#include "verdict.h"
#include <glib.h>

typedef enum {
    MARK_FORM_NONE,
    MARK_FORM_STAR,      /* M1 机密★10年, 机密★ */
    MARK_FORM_ALONE,     /* M2 level alone on a line */
    MARK_FORM_FIELD,     /* M3 密级:机密 */
    MARK_FORM_TICKED,    /* M4 ☑机密 */
    MARK_FORM_BRACKETED, /* M5 (机密) at paragraph start, Subject, file name */
    MARK_FORM_SENTENCE,  /* M6 本文件属机密级国家秘密 */
    MARK_FORM_WORD,      /* work-secret, internal or trade word (F18-F21) */
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
    MarkForm form;
    Level level;
    gboolean star; /* exactly one star, or a separator that stands for it */
    guint star_count;
    TermUnit term_unit;
    guint term_number;        /* years, months, days */
    char term[48];            /* normalised: "10年", "6个月", "长期", "2027-12-31"; "" if none or an event */
    char condition[64];       /* the event text, e.g. "会议开始前"; "" if none */
    gboolean term_over_limit; /* longer than 30/20/10 years (still a mark) */
    gboolean voided;          /* 已解密 or 密级变更 beside it (F14) */
    gsize from, to;           /* bytes of the source text */
} Mark;

/* Longest term of two marks, as days for comparison; long and events count as the level's maximum. */
guint mark_term_days(const Mark *mark);
