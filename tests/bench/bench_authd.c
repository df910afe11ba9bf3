/* How fast hangu-authd answers Dovecot: the real program with its ledger, 10,000 accounts in the register, clients that
 * ask as Dovecot does (allow, allow, report over kept connections), each waiting for its answer before it asks again.
 * Twice: one client alone for the time of an answer, eight at once for the most it does. Then the gate's question at
 * MAIL FROM over a kept connection. Then a storm: STORM_RATE different failures a second for STORM_SECONDS, and how
 * long after the last one all of them are in the audit log. The programs are taken from $top_builddir; the directory is
 * made below $TMPDIR: put it on the disk that counts. */
#include "config.h"
#include "accounts.h"
#include "clock.h"
#include "crypto.h"
#include "frame.h"
#include "wire.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ACCOUNTS 10000
#define SECONDS 5
#define CLIENTS 8
#define WRONG_OF 50 /* one of so many logins has a wrong password */
#define QUESTIONS 5000
#define STORM_RATE 5000
#define STORM_SECONDS 10
#define STORM_CLIENTS 125 /* each waits until its failure is on the disk */
#define STORM_PATIENCE_US (60 * G_USEC_PER_SEC)

typedef struct {
    const char *key, *nonce;
    guint16 port;
    guint64 random;
    gint64 end_us;
    GArray *waits; /* gint64 */
    guint failed;
} Client;

static void
must(gboolean good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench_authd: %s\n", what);
    exit(1);
}

static void
fill_register(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Database) database = accounts_open(path, &error);
    must(database != NULL && database_begin(database, &error), "no register");
    for (guint i = 0; i < ACCOUNTS; i++) {
        g_autoptr(Account) account = account_new();
        g_autofree char *address = g_strdup_printf("user%u@unit.example", i);
        account_set(account, ACCOUNT_ADDRESS, address);
        account_set(account, ACCOUNT_KIND, "person");
        account_set(account, ACCOUNT_TIER, "base");
        account_set(account, ACCOUNT_STATE, "open");
        account_set(account, ACCOUNT_APPROVER, "leader@unit.example");
        account_set(account, ACCOUNT_OWNER, "somebody");
        account_set(account, ACCOUNT_REQUESTED, "2026-01-01T00:00:00.000Z");
        account_set(account, ACCOUNT_CHANGED, "2026-01-01T00:00:00.000Z");
        if (!accounts_insert(database, account, &error))
            g_error("%s", error->message);
    }
    must(database_commit(database, &error), "no commit");
}

static guint16
free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(bind(fd, (struct sockaddr *)&address, length) == 0 &&
             getsockname(fd, (struct sockaddr *)&address, &length) == 0,
         "no port");
    close(fd);
    return ntohs(address.sin_port);
}

static pid_t
spawn(const char *directory, const char *name)
{
    const char *build = g_getenv("top_builddir");
    g_autofree char *program = g_build_filename(build != NULL ? build : ".", name, NULL);
    g_autofree char *config = g_build_filename(directory, "hangu.yaml", NULL);
    pid_t pid = fork();
    if (pid == 0) {
        execl(program, program, "--config", config, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static int
dial(guint16 port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static char *
load_hex(const char *directory, const char *name)
{
    guint8 key[CRYPTO_KEY_SIZE];
    g_autofree char *path = g_build_filename(directory, "state", "authd", name, NULL);
    must(crypto_key_read(path, key, NULL), "no secret");
    return crypto_hex(key, sizeof key);
}

/* --- a client ------------------------------------------------------------------------------------------------- */

static gboolean
ask(const Client *client, int fd, const char *command, const char *body)
{
    char answer[4096];
    gsize got = 0;
    g_autofree char *request =
        g_strdup_printf("POST /?command=%s HTTP/1.1\r\nHost: a\r\nX-Hangu-Key: %s\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        command, client->key, strlen(body), body);
    gsize length = strlen(request);
    if (write(fd, request, length) != (ssize_t)length)
        return FALSE;
    for (;;) {
        ssize_t more = read(fd, answer + got, sizeof answer - 1 - got);
        if (more <= 0)
            return FALSE;
        got += (gsize)more;
        answer[got] = '\0';
        const char *end = strstr(answer, "\r\n\r\n"), *said = strstr(answer, "Content-Length: ");
        if (end != NULL && said != NULL &&
            got >= (gsize)(end + 4 - answer) + (gsize)g_ascii_strtoull(said + 16, NULL, 10))
            return strncmp(answer, "HTTP/1.1 200", 12) == 0;
    }
}

static void
timed(Client *client, int fd, const char *command, const char *body)
{
    gint64 begin = g_get_monotonic_time();
    client->failed += !ask(client, fd, command, body);
    gint64 wait = g_get_monotonic_time() - begin;
    g_array_append_val(client->waits, wait);
}

static void
log_in(Client *client, int fd)
{
    guint8 digest[CRYPTO_DIGEST_SIZE];
    client->random = client->random * 6364136223846793005ULL + 1442695040888963407ULL;
    guint number = (guint)(client->random >> 33) % ACCOUNTS;
    gboolean wrong = (client->random >> 20) % WRONG_OF == 0;
    g_autofree char *login = g_strdup_printf("user%u@unit.example", number);
    g_autoptr(GString) text = g_string_new(client->nonce);
    g_string_append_len(text, login, (gssize)strlen(login) + 1);
    g_string_append_printf(text, "%s-Kx7%u", wrong ? "wrong" : "right", number);
    crypto_sha256(text->str, text->len, digest);
    g_autofree char *hex = crypto_hex(digest, sizeof digest);
    g_autofree char *facts =
        g_strdup_printf("\"login\":\"%s\",\"mech\":\"PLAIN\",\"protocol\":\"imap\",\"pwhash\":\"%s\","
                        "\"remote\":\"10.%u.%u.7\",\"session\":\"x\",\"tls\":true",
                        login, hex, number / 200 % 200, number % 200);
    g_autofree char *allow = g_strdup_printf("{%s}", facts);
    g_autofree char *report =
        g_strdup_printf("{%s,\"success\":%s,\"policy_reject\":false}", facts, wrong ? "false" : "true");
    timed(client, fd, "allow", allow);
    if (!wrong)
        timed(client, fd, "allow", allow);
    timed(client, fd, "report", report);
}

static gpointer
run(gpointer data)
{
    Client *client = data;
    int fd = dial(client->port);
    must(fd >= 0, "no connection");
    while (g_get_monotonic_time() < client->end_us)
        log_in(client, fd);
    close(fd);
    return NULL;
}

static int
compare(gconstpointer a, gconstpointer b)
{
    gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;
    return (one > other) - (one < other);
}

static void
tell_waits(const char *what, GArray *waits, double seconds, guint failed)
{
    must(waits->len > 0, "no answers");
    g_array_sort(waits, compare);
    printf("%s %6.0f requests/s, median %5.3f ms, 99%% %6.3f ms, longest %6.1f ms, %u failed\n", what,
           (double)waits->len / seconds, (double)g_array_index(waits, gint64, waits->len / 2) / 1000,
           (double)g_array_index(waits, gint64, (guint)((guint64)waits->len * 99 / 100)) / 1000,
           (double)g_array_index(waits, gint64, waits->len - 1) / 1000, failed);
}

static void
measure(const Client *like, guint clients)
{
    Client all[CLIENTS];
    GThread *threads[CLIENTS];
    g_autoptr(GArray) waits = g_array_new(FALSE, FALSE, sizeof(gint64));
    guint failed = 0;
    for (guint i = 0; i < clients; i++) {
        all[i] = *like;
        all[i].random = i * 7919 + clients;
        all[i].end_us = g_get_monotonic_time() + SECONDS * G_USEC_PER_SEC;
        all[i].waits = g_array_new(FALSE, FALSE, sizeof(gint64));
        threads[i] = g_thread_new("client", run, &all[i]);
    }
    for (guint i = 0; i < clients; i++) {
        g_thread_join(threads[i]);
        g_array_append_vals(waits, all[i].waits->data, all[i].waits->len);
        failed += all[i].failed;
        g_array_unref(all[i].waits);
    }
    tell_waits(clients > 1 ? "8 clients:" : "1 client: ", waits, SECONDS, failed);
}

/* --- the gate's question -------------------------------------------------------------------------------------- */

static void
ask_as_gate(const char *directory)
{
    g_autoptr(GArray) waits = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autofree char *socket = g_build_filename(directory, "authd.sock", NULL);
    int fd = frame_connect(socket, -1, NULL);
    guint failed = 0;
    must(fd >= 0, "no connection as the gate");
    gint64 begin = g_get_monotonic_time();
    for (guint i = 0; i < QUESTIONS; i++) {
        g_auto(Frame) frame = {0};
        g_autofree char *account = g_strdup_printf("user%u@unit.example", i * 7919 % ACCOUNTS);
        gint64 asked = g_get_monotonic_time();
        GVariant *body = g_variant_new("(sssss)", account, "PLAIN", "192.0.2.7", "TLSv1.3", account);
        failed += !frame_send(fd, WIRE_ACCOUNT_ASK, body, NULL, 0, -1, NULL) ||
                  frame_receive(fd, wire_type_string, -1, &frame, NULL) != 1 || frame.type != WIRE_ACCOUNT_FACTS;
        gint64 wait = g_get_monotonic_time() - asked;
        g_array_append_val(waits, wait);
    }
    tell_waits("MAIL FROM:", waits, (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC, failed);
    close(fd);
}

/* --- the storm ------------------------------------------------------------------------------------------------ */

/* Each client has accounts and networks of its own, so that no two failures are equal. */
static gpointer
rage(gpointer data)
{
    Client *client = data;
    int fd = dial(client->port);
    const gint64 pause = G_USEC_PER_SEC * STORM_CLIENTS / STORM_RATE;
    const guint count = STORM_RATE * STORM_SECONDS / STORM_CLIENTS;
    gint64 begin = g_get_monotonic_time();
    must(fd >= 0, "no connection");
    for (guint i = 0; i < count; i++) {
        gint64 early = begin + i * pause - g_get_monotonic_time();
        if (early > 0)
            g_usleep((gulong)early);
        g_autofree char *report = g_strdup_printf(
            "{\"login\":\"user%u@unit.example\",\"mech\":\"PLAIN\",\"protocol\":\"imap\",\"pwhash\":\"%064x\","
            "\"remote\":\"11.%u.%u.7\",\"success\":false,\"policy_reject\":false,\"session\":\"x\",\"tls\":true}",
            (i * STORM_CLIENTS + (guint)client->random) % ACCOUNTS, i + 1, (guint)client->random, i / 8 % 256);
        timed(client, fd, "report", report);
    }
    close(fd);
    return NULL;
}

/* What was read of the audit log. */
typedef struct {
    char *directory;
    guint64 failures;
} Reading;

static void
read_on(Reading *reading)
{
    g_autoptr(GDir) files = g_dir_open(reading->directory, 0, NULL);
    const char *name;
    reading->failures = 0;
    while (files != NULL && (name = g_dir_read_name(files)) != NULL) {
        g_autofree char *path = g_build_filename(reading->directory, name, NULL), *text = NULL;
        if (!g_str_has_suffix(name, ".log") || !g_file_get_contents(path, &text, NULL, NULL))
            continue;
        for (const char *line = text; line != NULL && *line != '\0';) {
            const char *end = strchr(line, '\n');
            g_autofree char *one = end != NULL ? g_strndup(line, (gsize)(end - line)) : g_strdup(line);
            const char *count = strstr(one, "\"count\":");
            if (strstr(one, "\"event\":\"failed\"") != NULL && strstr(one, "\"client_ip\":\"11.") != NULL)
                reading->failures += count != NULL ? g_ascii_strtoull(count + 8, NULL, 10) : 1;
            line = end != NULL ? end + 1 : NULL;
        }
    }
}

static void
storm(const Client *like, const char *directory)
{
    Client all[STORM_CLIENTS];
    GThread *threads[STORM_CLIENTS];
    Reading reading = {.directory = g_build_filename(directory, "state", "ledger", NULL)};
    g_autoptr(GArray) waits = g_array_new(FALSE, FALSE, sizeof(gint64));
    guint failed = 0;
    gint64 begin = g_get_monotonic_time();
    for (guint i = 0; i < STORM_CLIENTS; i++) {
        all[i] = *like;
        all[i].random = i;
        all[i].waits = g_array_new(FALSE, FALSE, sizeof(gint64));
        threads[i] = g_thread_new("client", rage, &all[i]);
    }
    for (guint i = 0; i < STORM_CLIENTS; i++) {
        g_thread_join(threads[i]);
        g_array_append_vals(waits, all[i].waits->data, all[i].waits->len);
        failed += all[i].failed;
        g_array_unref(all[i].waits);
    }
    gint64 last = g_get_monotonic_time(), now = last;
    guint64 sent = waits->len - failed;
    tell_waits("a storm:  ", waits, (double)(last - begin) / G_USEC_PER_SEC, failed);
    do {
        g_usleep(20000);
        now = g_get_monotonic_time();
        read_on(&reading);
    } while (reading.failures < sent && now - last < STORM_PATIENCE_US);
    printf("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
           " failures are in the audit log %.2f s after the last answer\n",
           reading.failures, sent, (double)(now - last) / G_USEC_PER_SEC);
    g_free(reading.directory);
}

int
main(void)
{
    g_autofree char *directory = g_dir_make_tmp("hangu-bench-authd-XXXXXX", NULL);
    g_autofree char *config = g_build_filename(directory, "hangu.yaml", NULL);
    g_autofree char *state = g_build_filename(directory, "state", "authd", NULL);
    g_autofree char *database = g_build_filename(state, "accounts.db", NULL);
    guint16 port = free_port();
    g_autofree char *text = g_strdup_printf(
        "unit: bench\nstate: %s/state\naccounts:\n  socket: %s/authd.sock\n  group: \"\"\n  policy_listen: "
        "127.0.0.1:%u\nledger:\n  socket: %s/ledger.sock\n  group: \"\"\nlog:\n  sink: stderr\n  level: error\n",
        directory, directory, port, directory);
    must(g_file_set_contents(config, text, -1, NULL) && g_mkdir_with_parents(state, 0700) == 0, "no directory");
    fill_register(database);
    pid_t ledger = spawn(directory, "hangu-ledger"), authd = spawn(directory, "hangu-authd");
    int fd = -1;
    for (guint i = 0; i < 500 && (fd = dial(port)) < 0; i++)
        g_usleep(20000);
    must(fd >= 0, "hangu-authd did not start");
    close(fd);
    g_autofree char *key = load_hex(directory, "policy.key"), *nonce = load_hex(directory, "policy.nonce");
    Client like = {.key = key, .nonce = nonce, .port = port};
    printf("%d accounts, %d s each, one of %d logins wrong\n", ACCOUNTS, SECONDS, WRONG_OF);
    measure(&like, 1);
    measure(&like, CLIENTS);
    ask_as_gate(directory);
    storm(&like, directory);
    struct rusage used;
    kill(authd, SIGTERM);
    wait4(authd, NULL, 0, &used); /* it sends what waits for the ledger first */
    kill(ledger, SIGTERM);
    waitpid(ledger, NULL, 0);
    printf("hangu-authd: %.1f s of processor time in all (new passwords tried included), %ld MB\n",
           (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec, used.ru_maxrss / 1024);
    const char *const argv[] = {"rm", "-rf", directory, NULL};
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    return 0;
}
