/* fake_authd - a hangu-authd in a thread: answers questions about accounts as told. */
#pragma once
#include <glib.h>

typedef enum {
    FAKE_AUTHD_GOOD,
    FAKE_AUTHD_HANGS,    /* takes the question and never answers */
    FAKE_AUTHD_HANGS_UP, /* closes the connection instead of answering */
    FAKE_AUTHD_ODD,      /* answers with a frame of another type */
} FakeAuthdKind;

typedef struct FakeAuthd FakeAuthd;
FakeAuthd *fake_authd_start(void);
void fake_authd_stop(FakeAuthd *authd);
const char *fake_authd_path(const FakeAuthd *authd);
/* Lists of words with commas between; NULL: empty. */
void fake_authd_say(FakeAuthd *authd, FakeAuthdKind kind, const char *stage, const char *own, const char *problems,
                    const char *addresses, const char *officers);
/* "account|mechanism|client|tls|sender" of the last question; gives. */
char *fake_authd_asked(FakeAuthd *authd);
guint fake_authd_connections(FakeAuthd *authd); /* taken so far */
