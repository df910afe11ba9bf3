/* fake_mta - stands in for libmilter: remembers what the gate tells the mail server. */
#pragma once
#include "answer.h"

typedef struct {
    void *private_data;
    GHashTable *symbols; /* char * to char * */
    GString *told; /* one line per call: "insert 0 Name: value", "change Name 2", "quarantine reason", "reply ..." */
    guint progress;
    gboolean refuses; /* every change fails */
} FakeMta;

extern const MilterCalls fake_mta_calls;
FakeMta *fake_mta_new(void);
void fake_mta_free(FakeMta *mta);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeMta, fake_mta_free)
/* The context to hand to callbacks. */
SMFICTX *fake_mta_context(FakeMta *mta);
