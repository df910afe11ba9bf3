/* otp_login - hangu-otp-login: Dovecot's question "may this password in?" where the password ends in a one-time code.
 *
 * The checkpassword interface (cr.yp.to/checkpwd/interface.html, with Dovecot 2.3's exit codes): name, password and
 * time stand on descriptor 3, each with a NUL, 512 bytes at most; who may in has the program of the last arguments run
 * in his stead. What is not written by Dovecot as a question with a password is refused. Nothing logs a name's
 * password, its hash or a code. */
#pragma once
#include <glib.h>

typedef enum {
    OTP_LOGIN_IN = 0,
    OTP_LOGIN_REFUSED = 1, /* wrong password, wrong code */
    OTP_LOGIN_UNKNOWN = 3, /* the file does not have the account */
    OTP_LOGIN_TROUBLE = 111,
} OtpLogin;

/* What is typed after the fixed password is the last ONE_TIME_DIGITS digits. `code` is "" if there are none. FALSE with
 * error: nobody knows, which is no. */
typedef gboolean (*OtpLoginAsk)(const char *code, gpointer user, gboolean *pass_out, GError **error);
/* Tries the fixed password first: who does not know it uses up no code. */
OtpLogin otp_login_judge(const char *stored, const char *password, OtpLoginAsk ask, gpointer user, GError **error);

/* What is stored for the account in a passwd-file's text of `length` bytes; NULL: nothing. DATA if it is there twice.
 * Gives. */
char *otp_login_find(const char *text, gsize length, const char *account, GError **error);

int otp_login_main(int argc, char **argv);
