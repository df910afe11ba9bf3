/* settings_check - is a single value of hangu.yaml sound? The check functions of its rows (yaml.h): FALSE and
 * a sentence (gives) if not. They look at the words only, never at this machine. */
#pragma once
#include <glib.h>

gboolean check_name(const char *value, char **why_out);           /* 1 to 64 visible characters */
gboolean check_token(const char *value, char **why_out);          /* printable ASCII without blanks */
gboolean check_group(const char *value, char **why_out);          /* a system group, or "" */
gboolean check_domain(const char *value, char **why_out);         /* unit.example, .unit.example, 单位.example */
gboolean check_network(const char *value, char **why_out);        /* 192.0.2.0/24, 2001:db8::/32, 192.0.2.1 */
gboolean check_socket(const char *value, char **why_out);         /* unix:/path, inet:port@host, inet6:port@host */
gboolean check_absolute(const char *value, char **why_out);       /* of a path among TEXTS */
gboolean check_socket_path(const char *value, char **why_out);    /* fits sockaddr_un */
gboolean check_server(const char *value, char **why_out);         /* 127.0.0.1:25, mail.unit.example:25, [::1]:25 */
gboolean check_mailbox(const char *value, char **why_out);        /* local@domain, ASCII */
gboolean check_separators(const char *value, char **why_out);     /* up to 8 of + - = # and the like, or "" */
gboolean check_listen(const char *value, char **why_out);         /* 127.0.0.1:4001, [::1]:4001: loopback only; or "" */
gboolean check_time_of_day(const char *value, char **why_out);    /* 07:30 */
gboolean check_days(const char *value, char **why_out);           /* 1 to 365 */
gboolean check_hours(const char *value, char **why_out);          /* 06:00-23:00, or "" */
gboolean check_ldap(const char *value, char **why_out);           /* ldapi:///, ldaps://HOST, ldap://HOST */
gboolean check_account_filter(const char *value, char **why_out); /* (mail=%u) */
gboolean check_select(const char *value, char **why_out);         /* SELECT ... ? */
gboolean check_update(const char *value, char **why_out);         /* UPDATE ... ? ... ? */
gboolean check_loopback_url(const char *value, char **why_out);   /* http://127.0.0.1:8080/..., https://... */
gboolean check_door(const char *value, char **why_out);           /* as check_listen(), or unix:/path */
