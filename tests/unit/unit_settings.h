/* unit_settings - settings of an invented unit, for tests of direction and forwarding. */
#pragma once
#include "settings.h"

/* Local: unit.example and what is below it; 10.0.0.0/8 submits without authentication. */
static inline Settings *
unit_settings(void)
{
    Settings *settings = settings_new_default();
    if (settings->local_domains == NULL)
        settings->local_domains = g_ptr_array_new_with_free_func(g_free);
    if (settings->local_networks == NULL)
        settings->local_networks = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_set_size(settings->local_networks, 0);
    g_ptr_array_add(settings->local_domains, g_strdup(".unit.example"));
    g_ptr_array_add(settings->local_networks, g_strdup("10.0.0.0/8"));
    return settings;
}
