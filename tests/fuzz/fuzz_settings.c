/* Any bytes as hangu.yaml: never a crash, and a file is either read or has problems. */
#include "config.h"
#include <stdint.h>
#include "settings.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Settings settings;
    memset(&settings, 0, sizeof settings);
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(YamlFile) file = yaml_load_bytes("fuzz", (const char *)data, size, problems);
    if (file == NULL) {
        g_assert(problems_count(problems) > 0);
        return 0;
    }
    yaml_read_rows(yaml_root(file), settings_rows(), "", &settings, problems);
    g_autofree char *text = problems_to_text(problems);
    g_assert(g_utf8_validate(text, -1, NULL));
    if (problems_count(problems) == 0) { /* what was read can be written and read again */
        g_autofree char *formatted = yaml_format(settings_rows(), &settings);
        g_autoptr(YamlFile) again = yaml_load_bytes("again", formatted, strlen(formatted), problems);
        g_assert(again != NULL);
        yaml_read_rows(yaml_root(again), settings_rows(), "", &settings, problems);
        g_assert(problems_count(problems) == 0);
    }
    yaml_clear_rows(settings_rows(), &settings);
    return 0;
}
