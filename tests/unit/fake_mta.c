#include "config.h"
#include "fake_mta.h"
#include <string.h>

static FakeMta *
mta_of(SMFICTX *context)
{
    return (FakeMta *)(gpointer)context;
}

static void *
get_private(SMFICTX *context)
{
    return mta_of(context)->private_data;
}

static int
set_private(SMFICTX *context, void *data)
{
    mta_of(context)->private_data = data;
    return MI_SUCCESS;
}

static const char *
get_symbol(SMFICTX *context, const char *name)
{
    return g_hash_table_lookup(mta_of(context)->symbols, name);
}

static int
set_symbols(SMFICTX *context, int stage, const char *names)
{
    return *names != '\0' ? MI_SUCCESS : MI_FAILURE;
}

static int say(SMFICTX *context, const char *format, ...) G_GNUC_PRINTF(2, 3);

static int
say(SMFICTX *context, const char *format, ...)
{
    va_list arguments;
    if (mta_of(context)->refuses)
        return MI_FAILURE;
    va_start(arguments, format);
    g_string_append_vprintf(mta_of(context)->told, format, arguments);
    va_end(arguments);
    return MI_SUCCESS;
}

static int
set_reply(SMFICTX *context, const char *code, const char *enhanced, const char *text)
{
    return say(context, "reply %s %s %s\n", code, enhanced, text);
}

static int
insert_header(SMFICTX *context, int at, const char *name, const char *value)
{
    return say(context, "insert %d %s: %s\n", at, name, value);
}

static int
change_header(SMFICTX *context, const char *name, int index, const char *value)
{
    return say(context, "change %s %d %s\n", name, index, value != NULL ? value : "(none)");
}

static int
quarantine(SMFICTX *context, const char *reason)
{
    return say(context, "quarantine %s\n", reason);
}

static int
progress(SMFICTX *context)
{
    mta_of(context)->progress++;
    return MI_SUCCESS;
}

const MilterCalls fake_mta_calls = {get_private,   set_private,   get_symbol, set_symbols, set_reply,
                                    insert_header, change_header, quarantine, progress};

FakeMta *
fake_mta_new(void)
{
    FakeMta *mta = g_new0(FakeMta, 1);
    mta->symbols = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    mta->told = g_string_new(NULL);
    return mta;
}

void
fake_mta_free(FakeMta *mta)
{
    g_hash_table_unref(mta->symbols);
    g_string_free(mta->told, TRUE);
    g_free(mta);
}

SMFICTX *
fake_mta_context(FakeMta *mta)
{
    return (SMFICTX *)(gpointer)mta;
}
