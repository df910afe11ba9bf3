/* Any bytes as a request of webmail's: never a crash; what is taken is bounded, UTF-8 and printable. */
#include "config.h"
#include <stdint.h>
#include "passwd_request.h"
#include "password_hash.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
hold(const char *text, gsize least, gsize most)
{
    g_assert(text != NULL && strlen(text) >= least && strlen(text) <= most && g_utf8_validate(text, -1, NULL));
    for (; *text != '\0'; text++)
        g_assert((guchar)*text >= 0x20 && *text != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_auto(PasswdRequest) request = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *language = g_strndup((const char *)data, size);
    passwd_request_chinese(language);
    if (!passwd_request_read((const char *)data, size, &request, &error)) {
        g_assert(error != NULL);
        return 0;
    }
    hold(request.account, 1, (gsize)PASSWD_ACCOUNT_MAX * 3); /* lower case may be longer */
    hold(request.old_password, 1, PASSWORD_MAX);
    hold(request.new_password, 1, PASSWORD_MAX);
    hold(request.client, 0, 64);
    g_assert(size <= PASSWD_BODY_MAX);
    return 0;
}
