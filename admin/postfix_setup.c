/* Runs postconf and takes its lines apart. */
#include "config.h"
#include "postfix_setup.h"
#include "postfix.h"
#include <string.h>

/* What ways_out.c looks at. */
static const char *const asked[] = {
    "queue_directory",       "smtpd_milters",
    "non_smtpd_milters",     "default_transport",
    "relay_transport",       "sender_dependent_default_transport_maps",
    "milter_default_action", "milter_macro_daemon_name",
    "content_filter",        "receive_override_options",
    "message_size_limit",    "smtpd_proxy_filter",
};

static void
service_free(gpointer data)
{
    PostfixService *service = data;
    g_free(service->name);
    g_free(service->type);
    g_free(service->command);
    g_hash_table_unref(service->overrides);
    g_free(service);
}

static GHashTable *
new_values(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* "name = value": puts both; FALSE if it is no such line. */
static gboolean
split_value(const char *line, char **name_out, char **value_out)
{
    const char *equals = strstr(line, " =");
    if (equals == NULL)
        return FALSE;
    *name_out = g_strndup(line, (gsize)(equals - line));
    *value_out = g_strstrip(g_strdup(equals + 2));
    return TRUE;
}

static void
parse_parameters(const char *text, GHashTable *parameters)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        char *name, *value;
        if (split_value(*line, &name, &value))
            g_hash_table_insert(parameters, name, value);
    }
}

/* service type private unprivileged chroot wakeup processes command ... */
static void
parse_services(const char *text, GPtrArray *services)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_autoptr(GPtrArray) words = g_ptr_array_new();
        g_auto(GStrv) pieces = g_strsplit_set(*line, " \t", -1);
        for (char **piece = pieces; *piece != NULL; piece++)
            if (**piece != '\0')
                g_ptr_array_add(words, *piece);
        if (words->len < 8)
            continue;
        PostfixService *service = g_new0(PostfixService, 1);
        service->name = g_strdup(words->pdata[0]);
        service->type = g_strdup(words->pdata[1]);
        service->command = g_strdup(words->pdata[7]);
        service->overrides = new_values();
        g_ptr_array_add(services, service);
    }
}

/* "name/type/parameter = value" */
static void
parse_override(const char *line, GPtrArray *services)
{
    char *path, *value;
    if (!split_value(line, &path, &value))
        return;
    for (guint i = 0; i < services->len; i++) {
        const PostfixService *service = g_ptr_array_index(services, i);
        g_autofree char *prefix = g_strdup_printf("%s/%s/", service->name, service->type);
        if (g_str_has_prefix(path, prefix))
            g_hash_table_insert(service->overrides, g_strdup(path + strlen(prefix)), g_strdup(value));
    }
    g_free(path);
    g_free(value);
}

void
postfix_setup_parse(const char *parameters, const char *services, const char *overrides, PostfixSetup *setup_out)
{
    setup_out->parameters = new_values();
    setup_out->services = g_ptr_array_new_with_free_func(service_free);
    parse_parameters(parameters, setup_out->parameters);
    parse_services(services, setup_out->services);
    g_auto(GStrv) lines = g_strsplit(overrides, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        parse_override(*line, setup_out->services);
}

gboolean
postfix_setup_read(const char *directory, PostfixSetup *setup_out, GError **error)
{
    const char *parameter_arguments[G_N_ELEMENTS(asked) + 2] = {"-x"};
    static const char *const service_arguments[] = {"-M", NULL};
    static const char *const override_arguments[] = {"-x", "-P", NULL};
    for (gsize i = 0; i < G_N_ELEMENTS(asked); i++)
        parameter_arguments[i + 1] = asked[i];
    g_autofree char *parameters = postfix_run(directory, "postconf", parameter_arguments, error);
    g_autofree char *services =
        parameters != NULL ? postfix_run(directory, "postconf", service_arguments, error) : NULL;
    g_autofree char *overrides =
        services != NULL ? postfix_run(directory, "postconf", override_arguments, error) : NULL;
    if (overrides == NULL)
        return FALSE;
    postfix_setup_parse(parameters, services, overrides, setup_out);
    return TRUE;
}

void
postfix_setup_clear(PostfixSetup *setup)
{
    g_clear_pointer(&setup->parameters, g_hash_table_unref);
    g_clear_pointer(&setup->services, g_ptr_array_unref);
}

const char *
postfix_value(const PostfixSetup *setup, const PostfixService *service, const char *name)
{
    const char *value = service != NULL ? g_hash_table_lookup(service->overrides, name) : NULL;
    if (value == NULL)
        value = g_hash_table_lookup(setup->parameters, name);
    return value != NULL ? value : "";
}
