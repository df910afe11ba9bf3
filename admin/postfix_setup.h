/* postfix_setup - a Postfix configuration as postconf(1) tells it: main.cf, the services of master.cf and what they
 * override. Nothing is read behind postconf's back, nothing is changed. */
#pragma once
#include <glib.h>

typedef struct {
    char *name, *type, *command; /* "127.0.0.1:10027", "inet", "smtpd" */
    GHashTable *overrides;       /* -o: char * to char * */
} PostfixService;

typedef struct {
    GHashTable *parameters; /* char * to char *, of main.cf with defaults, $names expanded */
    GPtrArray *services;    /* PostfixService */
} PostfixSetup;

/* directory NULL: postconf's own. FALSE with error AWAY: there is no postconf, or no
 * configuration. */
gboolean postfix_setup_read(const char *directory, PostfixSetup *setup_out, GError **error);
/* The same from the three outputs of postconf: NAME..., -M, -P. Lines that are none are passed over. */
void postfix_setup_parse(const char *parameters, const char *services, const char *overrides, PostfixSetup *setup_out);
void postfix_setup_clear(PostfixSetup *setup);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PostfixSetup, postfix_setup_clear)

/* The value in force for a service: its own, else main.cf's; "" if unknown. service NULL: main.cf's. Lends. */
const char *postfix_value(const PostfixSetup *setup, const PostfixService *service, const char *name);
