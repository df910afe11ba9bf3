/* Any bytes as a request of Dovecot's: never a crash; what is taken is bounded and printable. */
#include "config.h"
#include <stdint.h>
#include "policy_request.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
hold(const char *text, gsize most)
{
    g_assert(text != NULL && strlen(text) <= most && g_utf8_validate(text, -1, NULL));
    for (; *text != '\0'; text++)
        g_assert((guchar)*text >= 0x20 && *text != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int command = POLICY_ALLOW; command <= POLICY_REPORT; command++) {
        g_auto(PolicyRequest) request = {0};
        g_autoptr(GError) error = NULL;
        if (!policy_request_read((PolicyCommand)command, (const char *)data, size, &request, &error)) {
            g_assert(error != NULL);
            continue;
        }
        hold(request.login, POLICY_LOGIN_MAX);
        hold(request.remote, POLICY_BODY_MAX);
        hold(request.protocol, POLICY_BODY_MAX);
        hold(request.session, POLICY_BODY_MAX);
        hold(request.mech, POLICY_BODY_MAX);
        g_assert(request.hash_length <= POLICY_HASH_MAX);
        g_assert(size <= POLICY_BODY_MAX && (command == POLICY_REPORT || *request.login != '\0'));
    }
    return 0;
}
