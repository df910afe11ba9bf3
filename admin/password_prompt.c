/* The terminal gives lines without echo and without signals, so that nothing leaves it in that state. */
#include "config.h"
#include "password_prompt.h"
#include "crypto.h"
#include "errors.h"
#include "password_hash.h"
#include <glib/gi18n.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CANCEL '\x03'

void
password_prompt_free(char *password)
{
    if (password != NULL)
        crypto_wipe(password, PASSWORD_MAX + 2);
    g_free(password);
}

static char *
refuse(char *password, int code, const char *text, GError **error)
{
    password_prompt_free(password);
    g_set_error_literal(error, HANGU_ERROR, code, text);
    return NULL;
}

/* One line without its end, byte by byte: stdio would keep a copy. */
static char *
read_line(GError **error)
{
    char *password = g_malloc0(PASSWORD_MAX + 2);
    gsize length = 0;
    char c;
    while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n') {
        if (c == CANCEL)
            return refuse(password, HANGU_ERROR_USAGE, _("cancelled"), error);
        if (length == PASSWORD_MAX || c == '\0')
            return refuse(password, HANGU_ERROR_DATA, _("the password is too long, or is no text"), error);
        password[length++] = c;
    }
    if (length > 0 && password[length - 1] == '\r')
        password[length - 1] = '\0';
    return password;
}

static char *
ask(const char *question, GError **error)
{
    struct termios was, quiet;
    if (tcgetattr(STDIN_FILENO, &was) != 0)
        return refuse(NULL, HANGU_ERROR_USAGE, _("there is no terminal to ask on; give the password with --stdin"),
                      error);
    quiet = was;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    g_printerr("%s", question);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    char *password = read_line(error);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
    g_printerr("\n");
    return password;
}

char *
password_prompt(gboolean from_stdin, GError **error)
{
    if (from_stdin)
        return read_line(error);
    char *first = ask(_("New password: "), error);
    char *second = first != NULL ? ask(_("Once more: "), error) : NULL;
    const gboolean same = second != NULL && strcmp(first, second) == 0;
    if (second != NULL && !same)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, _("the two are not the same"));
    password_prompt_free(second);
    if (same)
        return first;
    password_prompt_free(first);
    return NULL;
}
