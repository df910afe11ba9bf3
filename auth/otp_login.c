/* hangu-otp-login. A short life: read the question, look the hash up, try it, ask hangu-authd, become the answer. */
#include "config.h"
#include "otp_login.h"
#include "authd_client.h"
#include "clock.h"
#include "crypto.h"
#include "errors.h"
#include "language.h"
#include "one_time.h"
#include "password_hash.h"
#include "process.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUESTION_FD 3
#define QUESTION_MAX 512 /* bytes, by the interface */
#define FILE_MAX (32 * 1024 * 1024)
#define ASK_US (10 * G_TIME_SPAN_SECOND)

typedef struct {
    char text[QUESTION_MAX + 1];
    const char *account, *password;
} Question;

/* --- the fixed password and the code -------------------------------------------------------------------------- */

static gboolean
ends_in_code(const char *password, gsize length)
{
    return length > ONE_TIME_DIGITS && strspn(password + length - ONE_TIME_DIGITS, "0123456789") == ONE_TIME_DIGITS;
}

static gboolean
try_part(const PasswordHash *hash, const char *password, gsize length)
{
    char part[QUESTION_MAX + 1];
    memcpy(part, password, length);
    part[length] = '\0';
    gboolean fits = password_hash_try(hash, part);
    crypto_wipe(part, sizeof part);
    return fits;
}

static OtpLogin
ask_code(const char *code, OtpLoginAsk ask, gpointer user, GError **error)
{
    gboolean pass = FALSE;
    if (!ask(code, user, &pass, error))
        return OTP_LOGIN_TROUBLE;
    return pass ? OTP_LOGIN_IN : OTP_LOGIN_REFUSED;
}

OtpLogin
otp_login_judge(const char *stored, const char *password, OtpLoginAsk ask, gpointer user, GError **error)
{
    gsize length = strlen(password);
    g_autoptr(PasswordHash) hash = password_hash_parse(stored);
    if (length == 0 || length > QUESTION_MAX || !password_hash_is_triable(hash))
        return OTP_LOGIN_REFUSED;
    if (ends_in_code(password, length) && try_part(hash, password, length - ONE_TIME_DIGITS))
        return ask_code(password + length - ONE_TIME_DIGITS, ask, user, error);
    return password_hash_try(hash, password) ? ask_code("", ask, user, error) : OTP_LOGIN_REFUSED;
}

/* --- the passwd-file ------------------------------------------------------------------------------------------ */

char *
otp_login_find(const char *text, gsize length, const char *account, GError **error)
{
    gsize name = strlen(account);
    char *found = NULL;
    for (const char *line = text, *end = text + length; line < end;) {
        const char *stop = memchr(line, '\n', (gsize)(end - line));
        stop = stop != NULL ? stop : end;
        gboolean same = (gsize)(stop - line) > name && memcmp(line, account, name) == 0 && line[name] == ':';
        if (same && found != NULL) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "an account is there twice");
            g_free(found);
            return NULL;
        }
        if (same) {
            const char *from = line + name + 1, *colon = memchr(from, ':', (gsize)(stop - from));
            found = g_strndup(from, (gsize)((colon != NULL ? colon : stop) - from));
        }
        line = stop + 1;
    }
    return found;
}

static char *
stored_of(const char *path, const char *account, GError **error)
{
    struct stat facts;
    g_autoptr(GError) raw = NULL;
    g_autofree char *text = NULL;
    gsize length = 0;
    if (stat(path, &facts) == 0 && (!S_ISREG(facts.st_mode) || facts.st_size > FILE_MAX))
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s is no file, or too large", path);
    else if (!g_file_get_contents(path, &text, &length, &raw))
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "%s", raw->message);
    else
        return otp_login_find(text, length, account, error);
    return NULL;
}

/* --- the question --------------------------------------------------------------------------------------------- */

static gboolean
read_question(Question *question)
{
    gsize length = 0;
    for (;;) {
        gssize got = read(QUESTION_FD, question->text + length, sizeof question->text - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        length += (gsize)got;
        if (length > QUESTION_MAX)
            return FALSE;
    }
    close(QUESTION_FD);
    const char *end = question->text + length, *first = memchr(question->text, '\0', length);
    const char *second = first != NULL ? memchr(first + 1, '\0', (gsize)(end - first - 1)) : NULL;
    if (second == NULL)
        return FALSE;
    question->account = question->text;
    question->password = first + 1;
    return *question->account != '\0' && strpbrk(question->account, ":\n") == NULL &&
           g_utf8_validate(question->account, -1, NULL);
}

/* --- hangu-authd ---------------------------------------------------------------------------------------------- */

typedef struct {
    const char *socket, *account;
} Asking;

static gboolean
take_answer(const json_t *row, gpointer user)
{
    *(gboolean *)user = json_is_true(json_object_get(row, "pass"));
    return FALSE;
}

static gboolean
ask_authd(const char *code, gpointer user, gboolean *pass_out, GError **error)
{
    const Asking *asking = user;
    g_autoptr(AuthdClient) client = authd_client_new(asking->socket);
    const char *client_ip = g_getenv("TCPREMOTEIP"), *service = g_getenv("SERVICE");
    gboolean pass = FALSE;
    json_auto_t *call = json_pack("{s:s, s:s, s:s, s:s*, s:s*}", "verb", "otp-check", "account", asking->account,
                                  "code", code, "client_ip", client_ip, "protocol", service);
    if (call == NULL || !authd_call(client, call, clock_monotonic_us() + ASK_US, take_answer, &pass, error)) {
        if (error != NULL && *error == NULL)
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "what Dovecot says of the client is no text");
        return FALSE;
    }
    *pass_out = pass;
    return TRUE;
}

/* --- running -------------------------------------------------------------------------------------------------- */

static OtpLogin
answer(const char *file, const char *socket, const Question *question)
{
    g_autoptr(GError) error = NULL;
    Asking asking = {socket, question->account};
    g_autofree char *stored = stored_of(file, question->account, &error);
    OtpLogin verdict = error != NULL    ? OTP_LOGIN_TROUBLE
                       : stored == NULL ? OTP_LOGIN_UNKNOWN
                                        : otp_login_judge(stored, question->password, ask_authd, &asking, &error);
    if (verdict == OTP_LOGIN_TROUBLE)
        fprintf(stderr, "hangu-otp-login: nobody is let in: %s\n", error != NULL ? error->message : "unknown");
    return verdict;
}

/* In the stead of this process. Of what Dovecot had said it gets only the user it runs as (ORIG_UID), which Dovecot's
 * own program wants to see unchanged. */
static int
run_reply(char **words)
{
    g_autofree char *user = g_strdup_printf("ORIG_UID=%s", g_getenv("ORIG_UID") != NULL ? g_getenv("ORIG_UID") : "");
    char *environment[] = {user, NULL};
    execve(words[0], words, environment);
    fprintf(stderr, "hangu-otp-login: %s: %s\n", words[0], g_strerror(errno));
    return OTP_LOGIN_TROUBLE;
}

static int
usage(int status)
{
    fputs(_("usage: hangu-otp-login [--socket SOCKET] PASSWD-FILE PROGRAM [WORD...]\n"
            "Called by Dovecot (passdb, driver checkpassword), which adds PROGRAM; see hangu-otp-login(8).\n"),
          status == 0 ? stdout : stderr);
    return status;
}

int
otp_login_main(int argc, char **argv)
{
    Question question = {0};
    const char *socket = RUNDIR "-login/authd.sock";
    int next = 1;
    language_set();
    if (argc == 2 && (g_str_equal(argv[1], "--help") || g_str_equal(argv[1], "-h")))
        return usage(0);
    if (argc == 2 && g_str_equal(argv[1], "--version")) {
        puts("hangu-otp-login " PACKAGE_VERSION);
        return 0;
    }
    process_harden();
    if (argc > 3 && g_str_equal(argv[1], "--socket")) {
        socket = argv[2];
        next = 3;
    }
    if (argc - next < 2 || argv[next][0] == '-')
        return usage(OTP_LOGIN_TROUBLE);
    /* a question without password (AUTHORIZED) asks for what is stored: there is nothing to give */
    OtpLogin verdict = !read_question(&question) || g_getenv("AUTHORIZED") != NULL
                           ? OTP_LOGIN_UNKNOWN
                           : answer(argv[next], socket, &question);
    crypto_wipe(&question, sizeof question);
    return verdict == OTP_LOGIN_IN ? run_reply(argv + next + 1) : (int)verdict;
}
