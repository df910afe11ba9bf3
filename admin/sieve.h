/* sieve - Sieve scripts as a tree (RFC 5228 section 8), and where they send mail on (redirect, RFC 5228 section 4.2;
 * :copy, RFC 3894; variables, RFC 5229; include, RFC 6609).
 *
 * The grammar alone is known, no list of commands: scripts for any extension can be read. Bounded: SIEVE_SCRIPT_MAX
 * bytes, SIEVE_DEPTH_MAX blocks and tests inside each other, SIEVE_INCLUDES_MAX scripts read for one. */
#pragma once
#include <glib.h>

#define SIEVE_SCRIPT_MAX (1024 * 1024)
#define SIEVE_DEPTH_MAX 64
#define SIEVE_INCLUDES_MAX 50

typedef enum { SIEVE_STRINGS, SIEVE_NUMBER, SIEVE_TAG } SieveKind;
typedef struct {
    SieveKind kind;
    GPtrArray *strings; /* char *; of STRINGS: a string is a list of one */
    char *tag;          /* without the colon, lower case */
} SieveArgument;

typedef struct SieveNode { /* a command, or a test */
    char *name;            /* lower case */
    guint line;
    GPtrArray *arguments; /* SieveArgument */
    GPtrArray *tests;     /* SieveNode */
    GPtrArray *block;     /* SieveNode; NULL: none */
} SieveNode;

/* Commands of a script; frees its items. NULL with error (HANGU_ERROR_DATA): "line N: ...". */
GPtrArray *sieve_parse(const char *text, gsize length, GError **error);
/* Whether a command or test has the tag. */
gboolean sieve_has_tag(const SieveNode *node, const char *tag);

typedef struct {
    const char *script; /* name of the script it stands in */
    guint line;
    const char *address; /* NULL: made of what the letter says, not known before */
    gboolean copy;       /* a copy stays in the mailbox */
    gboolean sometimes;  /* under a condition */
} SieveRedirect;
typedef void (*SieveEach)(const SieveRedirect *redirect, gpointer user);
/* The text of an included script and the name to tell of it, both given; NULL: there is none (told as a redirect is,
 * by `problem`). */
typedef char *(*SieveInclude)(const char *name, gboolean global, char **shown_out, gpointer user);
typedef void (*SieveProblem)(const char *script, const char *text, gpointer user);

/* Every redirect of a script that can be reached: not below a test that is always false (what is switched off), nor
 * behind stop. Variables are followed as far as they are constant, with all values that they may have. */
void sieve_redirects(const char *script, const char *text, gsize length, SieveInclude include, SieveEach each,
                     SieveProblem problem, gpointer user);
