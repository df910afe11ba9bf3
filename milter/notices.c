/* The queue, its limits, and the thread that sends. */
#include "config.h"
#include "notices.h"
#include "address.h"
#include "clock.h"
#include "log.h"
#include "record.h"
#include <curl/curl.h>
#include <string.h>

#define HOUR_US (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)
#define FIRST_PAUSE_US (10 * G_USEC_PER_SEC)
#define LONGEST_PAUSE_US HOUR_US
#define DAY_US (24 * HOUR_US)
#define LIFE_US DAY_US
#define SEND_SECONDS 30L
#define REMEMBERED_MAX 20000 /* recipients and kinds */

typedef struct {
    char *server, *recipient, *record_id;
    NoticeKind kind;
    GBytes *letter;
    gsize body_from;
    gint64 since_us, next_us, pause_us; /* monotonic */
} Waiting;

/* What one recipient was told of one kind and problem within the hour or day that began then. */
typedef struct {
    gint64 began_us;
    guint told, suppressed;
} Told;

struct Notices {
    Tickets *tickets;
    GThread *thread; /* NULL: not begun */
    GMutex lock;     /* guards what follows */
    GCond news;      /* with lock: something waits, or stop */
    gboolean stop;
    GQueue waiting;   /* Waiting */
    guint in_hand;    /* being sent */
    GHashTable *told; /* "kind problem recipient" to Told */
    Told all;
    guint64 sent, suppressed, failed, lost;
};

static void
waiting_free(gpointer data)
{
    Waiting *waiting = data;
    g_free(waiting->server);
    g_free(waiting->recipient);
    g_free(waiting->record_id);
    g_bytes_unref(waiting->letter);
    g_free(waiting);
}

Notices *
notices_new(Tickets *tickets)
{
    Notices *notices = g_new0(Notices, 1);
    g_mime_init();
    notices->tickets = tickets;
    g_mutex_init(&notices->lock);
    g_cond_init(&notices->news);
    g_queue_init(&notices->waiting);
    notices->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return notices;
}

void
notices_stop(Notices *notices)
{
    g_mutex_lock(&notices->lock);
    gboolean first = !notices->stop;
    notices->stop = TRUE;
    g_cond_broadcast(&notices->news);
    g_mutex_unlock(&notices->lock);
    if (!first)
        return;
    if (notices->thread != NULL)
        g_thread_join(notices->thread);
    guint left = g_queue_get_length(&notices->waiting);
    if (left > 0)
        log_warn("%u notices to people of this house are lost: they were not sent before the gate ended", left);
    g_queue_clear_full(&notices->waiting, waiting_free);
}

void
notices_free(Notices *notices)
{
    if (notices == NULL)
        return;
    notices_stop(notices);
    g_hash_table_unref(notices->told);
    g_cond_clear(&notices->news);
    g_mutex_clear(&notices->lock);
    g_free(notices);
}

/* --- sending ----------------------------------------------------------------------------------------------------- */

typedef struct {
    Notices *notices;
    const char *at;
    gsize left;
} Upload;

static size_t
give_bytes(char *buffer, size_t size, size_t count, void *user)
{
    Upload *upload = user;
    gsize length = MIN(size * count, upload->left);
    memcpy(buffer, upload->at, length);
    upload->at += length;
    upload->left -= length;
    return length;
}

static int
watch(void *user, curl_off_t unused1, curl_off_t unused2, curl_off_t unused3, curl_off_t unused4)
{
    const Upload *upload = user;
    g_mutex_lock(&upload->notices->lock);
    gboolean stop = upload->notices->stop;
    g_mutex_unlock(&upload->notices->lock);
    return stop;
}

static size_t
drop_bytes(char *buffer, size_t size, size_t count, void *user)
{
    return size * count;
}

static void
issue_ticket(const Notices *notices, const Waiting *waiting)
{
    gsize length = 0;
    const char *bytes = g_bytes_get_data(waiting->letter, &length);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    guint8 digest[CRYPTO_DIGEST_SIZE];
    g_ptr_array_add(recipients, waiting->recipient);
    if (tickets_body_digest(notices->tickets, stream, (gint64)waiting->body_from, digest))
        tickets_add(notices->tickets, waiting->record_id, digest, "", recipients, g_get_monotonic_time());
    g_object_unref(stream);
}

/* *status_out: the mail server's last reply, 0 for none. */
static gboolean
submit(Notices *notices, const Waiting *waiting, long *status_out, char why_out[CURL_ERROR_SIZE])
{
    Upload upload = {.notices = notices};
    upload.at = g_bytes_get_data(waiting->letter, &upload.left);
    g_autofree char *url = g_strdup_printf("smtp://%s/localhost", waiting->server);
    g_autofree char *recipient = g_strdup_printf("<%s>", waiting->recipient);
    struct curl_slist *recipients = curl_slist_append(NULL, recipient);
    CURL *curl = curl_easy_init();
    CURLcode code = CURLE_OUT_OF_MEMORY;
    *status_out = 0;
    why_out[0] = '\0';
    if (curl != NULL) {
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
        curl_easy_setopt(curl, CURLOPT_MAIL_FROM, "<>");
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes);
        curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_bytes);
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &upload);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, SEND_SECONDS);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why_out);
        code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status_out);
        curl_easy_cleanup(curl);
    }
    curl_slist_free_all(recipients);
    if (code != CURLE_OK && why_out[0] == '\0')
        g_strlcpy(why_out, curl_easy_strerror(code), CURL_ERROR_SIZE);
    return code == CURLE_OK;
}

/* Once. TRUE: it is done with, sent or given up. */
static gboolean
attempt(Notices *notices, Waiting *waiting)
{
    char why[CURL_ERROR_SIZE];
    long status;
    issue_ticket(notices, waiting);
    gboolean sent = submit(notices, waiting, &status, why);
    gint64 now = g_get_monotonic_time();
    gboolean over = !sent && (status / 100 == 5 || now - waiting->since_us >= LIFE_US);
    g_autofree char *shown = log_foreign(why, -1, 200);
    if (sent)
        log_info("%s: notice %s sent", waiting->record_id, notice_kind_word(waiting->kind));
    else
        log_warn("%s: notice %s not sent (%ld): %s%s", waiting->record_id, notice_kind_word(waiting->kind), status,
                 shown, over ? "; it is given up" : "");
    g_mutex_lock(&notices->lock);
    notices->sent += sent;
    notices->failed += !sent;
    notices->lost += over;
    g_mutex_unlock(&notices->lock);
    waiting->pause_us = CLAMP(waiting->pause_us * 2, FIRST_PAUSE_US, LONGEST_PAUSE_US);
    waiting->next_us = now + waiting->pause_us;
    return sent || over;
}

/* With the lock held: takes out the one that is due, or NULL; *next_out: when the next one will be. */
static Waiting *
take_due(Notices *notices, gint64 *next_out)
{
    gint64 now = g_get_monotonic_time();
    *next_out = G_MAXINT64;
    for (GList *link = notices->waiting.head; link != NULL; link = link->next) {
        Waiting *waiting = link->data;
        if (waiting->next_us <= now) {
            g_queue_delete_link(&notices->waiting, link);
            return waiting;
        }
        *next_out = MIN(*next_out, waiting->next_us);
    }
    return NULL;
}

static gpointer
send_all(gpointer user)
{
    Notices *notices = user;
    gint64 next;
    g_mutex_lock(&notices->lock);
    while (!notices->stop) {
        Waiting *waiting = take_due(notices, &next);
        if (waiting == NULL) {
            if (next == G_MAXINT64)
                g_cond_wait(&notices->news, &notices->lock);
            else
                g_cond_wait_until(&notices->news, &notices->lock, next);
            continue;
        }
        notices->in_hand = 1;
        g_mutex_unlock(&notices->lock);
        gboolean done = attempt(notices, waiting);
        if (done)
            waiting_free(waiting);
        g_mutex_lock(&notices->lock);
        notices->in_hand = 0;
        if (!done)
            g_queue_push_tail(&notices->waiting, waiting);
    }
    g_mutex_unlock(&notices->lock);
    return NULL;
}

/* --- who is told, and how often ------------------------------------------------------------------------------------
 */

static gboolean
may_write_to(const char *recipient, const Settings *settings)
{
    g_autofree char *normal = address_normal(recipient);
    return settings->notices_send && *normal != '\0' && *address_domain(normal) != '\0' &&
           strlen(normal) <= SUBMITTER_TEXT_MAX && strpbrk(normal, "<>\r\n ") == NULL &&
           address_stays_inside(normal, settings->local_domains) && !notice_is_robot(normal);
}

/* What stays true until somebody acts is told once a day; what happened, each time within limits. */
static gboolean
is_daily(NoticeKind kind)
{
    return kind == NOTICE_WARNED || kind == NOTICE_PASSWORD_EXPIRES || kind == NOTICE_PASSWORD_WEAK;
}

static gboolean
has_room(Told *told, gint64 now_us, gint64 span_us, gint64 most)
{
    if (told->began_us == 0 || now_us - told->began_us >= span_us) {
        told->began_us = now_us;
        told->told = 0;
    }
    return told->told < most;
}

static gboolean
is_old(gpointer key, gpointer value, gpointer user)
{
    return *(const gint64 *)user - ((const Told *)value)->began_us >= DAY_US;
}

/* Of this kind, problem and recipient; NULL: too many are remembered. */
static Told *
find_told(Notices *notices, const Notice *notice, gint64 now_us)
{
    g_autofree char *key = g_strdup_printf("%d %u %s", (int)notice->kind, notice->problem, notice->recipient);
    Told *told = g_hash_table_lookup(notices->told, key);
    if (told != NULL)
        return told;
    if (g_hash_table_size(notices->told) >= REMEMBERED_MAX)
        g_hash_table_foreach_remove(notices->told, is_old, &now_us);
    if (g_hash_table_size(notices->told) >= REMEMBERED_MAX)
        return NULL;
    told = g_new0(Told, 1);
    g_hash_table_insert(notices->told, g_steal_pointer(&key), told);
    return told;
}

/* With the lock held: counts it; sets notice->more. */
static gboolean
is_allowed(Notices *notices, const Settings *settings, Notice *notice)
{
    gint64 now = g_get_monotonic_time();
    gboolean daily = is_daily(notice->kind);
    Told *told = NULL;
    gboolean allowed = !notices->stop && g_queue_get_length(&notices->waiting) < NOTICES_MAX &&
                       has_room(&notices->all, now, HOUR_US, settings->notices_all) &&
                       (told = find_told(notices, notice, now)) != NULL &&
                       has_room(told, now, daily ? DAY_US : HOUR_US, daily ? 1 : settings->notices_each);
    if (allowed) {
        notices->all.told++;
        told->told++;
        notice->more = told->suppressed;
        told->suppressed = 0;
    } else {
        notices->suppressed++;
        if (told != NULL)
            told->suppressed++;
    }
    return allowed;
}

/* The house's first domain has a postmaster (RFC 5321, 4.5.1). */
static char *
from_address(const Settings *settings)
{
    if (settings->notices_from != NULL)
        return g_strdup(settings->notices_from);
    const char *domain = settings->local_domains->len > 0 ? g_ptr_array_index(settings->local_domains, 0) : "localhost";
    return g_strconcat("postmaster@", domain + (*domain == '.'), NULL);
}

gboolean
notices_tell(Notices *notices, const Settings *settings, const Notice *given)
{
    Notice notice = *given;
    if (notice.recipient == NULL || !may_write_to(notice.recipient, settings))
        return FALSE;
    g_autofree char *id = notice.record_id == NULL || *notice.record_id == '\0' ? record_id_new() : NULL;
    g_autofree char *from = from_address(settings);
    g_autofree char *recipient = address_normal(notice.recipient);
    const NoticeFrame frame = {settings->unit, settings->notices_phone, from, clock_wall_us()};
    if (id != NULL)
        notice.record_id = id;
    notice.recipient = recipient;
    g_mutex_lock(&notices->lock);
    gboolean allowed = is_allowed(notices, settings, &notice);
    if (allowed) {
        Waiting *waiting = g_new0(Waiting, 1);
        waiting->server = g_strdup(settings->notices_smtp);
        waiting->recipient = g_strdup(recipient);
        waiting->record_id = g_strdup(notice.record_id);
        waiting->kind = notice.kind;
        waiting->letter = notice_compose(&notice, &frame, &waiting->body_from);
        waiting->since_us = waiting->next_us = g_get_monotonic_time();
        g_queue_push_tail(&notices->waiting, waiting);
        if (notices->thread == NULL)
            notices->thread = g_thread_new("notices", send_all, notices);
        g_cond_signal(&notices->news);
    }
    g_mutex_unlock(&notices->lock);
    return allowed;
}

void
notices_tell_officers(Notices *notices, const Settings *settings, Notice *notice, const GPtrArray *officers)
{
    const GPtrArray *const lists[] = {officers, settings->notices_officers};
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (gsize l = 0; l < G_N_ELEMENTS(lists); l++)
        for (guint i = 0; lists[l] != NULL && i < lists[l]->len; i++) {
            char *normal = address_normal(g_ptr_array_index(lists[l], i));
            notice->recipient = normal;
            if (!g_hash_table_contains(seen, normal))
                notices_tell(notices, settings, notice);
            g_hash_table_add(seen, normal);
        }
}

json_t *
notices_json(Notices *notices)
{
    g_mutex_lock(&notices->lock);
    json_t *object = json_pack("{sI sI sI sI sI}", "sent", (json_int_t)notices->sent, "waiting",
                               (json_int_t)g_queue_get_length(&notices->waiting) + notices->in_hand, "suppressed",
                               (json_int_t)notices->suppressed, "failed", (json_int_t)notices->failed, "lost",
                               (json_int_t)notices->lost);
    g_mutex_unlock(&notices->lock);
    return object;
}
