/* policy_private - the policy as it lies in memory; shared by reading and deciding. */
#pragma once
#include "policy.h"

#define POLICY_DIRECTIONS (DIRECTION_IN + 1)
#define POLICY_REPLY_DEFAULT "550 5.7.1 Refused by the mail policy of this unit"

typedef enum { ROW_MODE_INHERIT, ROW_MODE_OBSERVE, ROW_MODE_ENFORCE } RowMode;
typedef enum { ANSWER_ANY, ANSWER_NO, ANSWER_YES } Answer; /* what a yes-or-no condition asks for */
typedef enum { AUTH_FAILED, AUTH_MISSING, AUTH_DMARC_REJECT } AuthState;

/* Bits of several words: 1 << value. 0: not asked. The first block is read by rows. */
typedef struct {
    GPtrArray *class_words, *confidence_words, *coverage_words, *why_words, *auth_words;
    GPtrArray *account_words, *rules;
    GPtrArray *senders, *recipients;
    int exam, registered, malformed, executable, auto_forward, null_sender;

    guint classes, confidences, coverages, whys, auths, account_problems;
} PolicyWhen;

typedef struct {
    int verdict, mode;
    GPtrArray *action_words;
    char *reply;

    gboolean present;
    guint actions;
} PolicyColumn;

typedef struct {
    char *id;
    char *title_zh, *title_en;
    guint line; /* where it stands */
    int mode;
    YamlNode *when_node, *columns_node[POLICY_DIRECTIONS], *title_node; /* while reading */
    PolicyWhen when;
    PolicyColumn columns[POLICY_DIRECTIONS];
} PolicyRow;

struct Policy {
    gint64 version;
    GPtrArray *exempt; /* char *: address patterns */
    YamlNode *rows_node;
    GPtrArray *rows; /* PolicyRow */
    char *digest;
};

/* "user@domain", "user@" (any domain), "@domain" or "domain", ".domain" (with all below). */
gboolean policy_address_matches(const char *pattern, const char *address);
