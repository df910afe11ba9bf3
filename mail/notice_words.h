/* notice_words - the words of notices, in Chinese and English: what happened, why, what to do. {date}, {to}, {until},
 * {problem} and {advice} stand for what the notice knows; {to} only where the letter tells of one. */
#pragma once
#include "notice.h"

typedef struct {
    const char *zh, *en;
} NoticeText;

typedef struct {
    const char *word; /* of the kind */
    NoticeText subject, text;
} NoticeWords;

const NoticeWords *notice_words(NoticeKind kind);
/* Of one bit; NULL: no such problem. */
const NoticeText *notice_problem(guint problem);
const NoticeText *notice_advice(guint problem);
