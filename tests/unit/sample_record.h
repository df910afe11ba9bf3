/* sample_record - a whole letter record for tests, as text so that a row can be seen. */
#pragma once
#include <glib.h>
#include <jansson.h>

#define SAMPLE_HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SAMPLE_DIGEST "sha256:" SAMPLE_HEX

/* With seq 1, prev zeros and a time, so that it passes record_check. Gives a reference. */
static inline json_t *
sample_letter(void)
{
    static const char text[] =
        "{\"v\":1,\"seq\":1,\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\","
        "\"time\":\"2026-11-22T01:02:03.456Z\",\"kind\":\"letter\",\"unit\":\"\u529e\u516c\u5385\","
        "\"program\":\"hangu-milter 0.1.0\",\"id\":\"0123456789AB\",\"queue_id\":\"4ABC1\",\"listener\":\"submission\","
        "\"direction\":\"out\",\"mode\":\"observe\",\"sender\":\"wang@plan.unit.example\","
        "\"recipients\":[\"a@outside.example\",\"b@outside.example\"],\"account\":\"wang\",\"client_ip\":\"10.1.2.3\","
        "\"helo\":\"pc7\",\"message_id\":\"x1@unit.example\",\"size\":2048,\"verdict\":\"reject\","
        "\"carried_out\":false,\"answer\":\"accept\",\"reply\":\"550 5.7.1 refused\",\"class\":\"state\","
        "\"level\":\"highly-secret\",\"term\":\"10\u5e74\",\"rank\":5,\"confidence\":\"confirmed\","
        "\"coverage\":\"complete\",\"policy\":\"out-state\",\"actions\":[\"alert\"],"
        "\"findings\":[{\"rule\":\"cn-state-mark\",\"class\":\"state\",\"level\":\"highly-secret\",\"score\":145,"
        "\"confidence\":\"confirmed\",\"part\":\"2\",\"place\":\"body\",\"line\":1,\"form\":\"star\","
        "\"term\":\"10\u5e74\",\"reasons\":[\"level+star+period\",\"first-lines\"]}],"
        "\"parts\":[{\"number\":\"0\",\"type\":\"multipart/mixed\",\"coverage\":\"complete\"},"
        "{\"number\":\"2\",\"type\":\"application/zip\",\"coverage\":\"unreadable\",\"why\":\"encrypted\","
        "\"name_digest\":\"hmac-" SAMPLE_DIGEST "\",\"digest\":\"hmac-" SAMPLE_DIGEST "\"}],"
        "\"forward\":{\"auto\":false,\"evidence\":[]},\"oddities\":[\"nul\"],\"ruleset\":\"" SAMPLE_DIGEST "\","
        "\"policy_digest\":\"" SAMPLE_DIGEST "\",\"settings_digest\":\"" SAMPLE_DIGEST "\",\"elapsed_us\":3100}";
    json_t *record = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    g_assert(record != NULL);
    return record;
}
