/* The table of frame types. Job frames have their types beside their meaning, in milter/job.h. */
#include "config.h"
#include "wire.h"

typedef struct {
    guint32 type;
    const char *string;
} WireType;

static const WireType types[] = {
    {WIRE_LEDGER_APPEND, "(ts)"},
    {WIRE_LEDGER_DONE, "(tts)"},
    {WIRE_LEDGER_FAILED, "(tus)"},
    {WIRE_LEDGER_STATUS, ""},
    {WIRE_LEDGER_STATUS_IS, "(s)"},
    {WIRE_LEDGER_BATCH, "(tas)"},
    {WIRE_LEDGER_BATCH_DONE, "(ta(us))"},
    {WIRE_LOADER_INSPECTOR, "(tit)"},
    {WIRE_LOADER_READY, "(tsssssu)"},
    {WIRE_LOADER_FAILED, "(tss)"},
    {WIRE_KEEPER_LOAD, "(t)"},
    {WIRE_KEEPER_RETIRE, "(t)"},
    {WIRE_CONTROL_STATUS, ""},
    {WIRE_CONTROL_STATUS_IS, "(s)"},
    {WIRE_CONTROL_RELOAD, ""},
    {WIRE_CONTROL_DONE, "(us)"},
    {WIRE_CONTROL_RELEASE, "(sssas)"},
    {WIRE_CONTROL_NOTICE, "(sssa{ss})"},
    {WIRE_ACCOUNT_ASK, "(sssss)"},
    {WIRE_ACCOUNT_FACTS, "(ssasasasas)"},
    {WIRE_ACCOUNT_CALL, "(s)"},
    {WIRE_ACCOUNT_RESULT, "(ubs)"},
};

const char *
wire_type_string(guint32 type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (types[i].type == type)
            return types[i].string;
    return NULL;
}
