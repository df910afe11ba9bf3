#include "config.h"
#include "errors.h"

G_DEFINE_QUARK(hangu - error - quark, hangu_error)

int
error_exit_status(const GError *error)
{
    if (error != NULL && error->domain == HANGU_ERROR && error->code >= 64 && error->code <= 78)
        return error->code;
    return HANGU_ERROR_INTERNAL;
}
