/* Boxes of what waits for each recipient, how soon each may get a letter, and the thread that sends. */
#include "config.h"
#include "notices.h"
#include "address.h"
#include "clock.h"
#include "log.h"
#include "notice_post.h"
#include "notice_spool.h"
#include "record.h"
#include <string.h>

#define HOUR_US (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)
#define DAY_US (24 * HOUR_US)
/* Between two of a matter that is told once a day: what goes round daily may come a little early. */
#define DAILY_US (20 * HOUR_US)
#define LIFE_US (3 * DAY_US)
#define FIRST_PAUSE_US (10 * G_USEC_PER_SEC)
#define LONGEST_PAUSE_US HOUR_US
#define LOOK_US (G_USEC_PER_SEC / 2) /* a clock that is set shows within this time */
#define REMEMBERED_MAX 20000         /* boxes; matters */
/* How often the pause between letters of one recipient doubles, and after how many pauses of quiet it begins anew. */
#define DOUBLED_PERSON 2
#define DOUBLED_OFFICER 3
#define QUIET 8

/* All that waits for one recipient, as a person or as an officer. */
typedef struct {
    gboolean officer;
    GQueue waiting;             /* KeptNotice, the oldest first */
    gboolean urgent;            /* something new is among it */
    guint in_hand;              /* that the thread is sending */
    gint64 began_us, last_us;   /* of the day that is counted; of the last letter */
    guint letters, burst;       /* in that day; since it was quiet */
    gint64 retry_us, paused_us; /* after a failure */
} Box;

/* One matter of one recipient, or all letters, in the hour or day that began then. */
typedef struct {
    gint64 began_us;
    guint told, more;
} Told;

struct Notices {
    Tickets *tickets;
    char *directory; /* NULL: none */
    GThread *thread; /* NULL: not begun */
    GMutex lock;     /* guards what follows */
    GCond news;      /* with lock: something waits, or stop */
    gboolean stop;
    GHashTable *boxes; /* "o recipient", "p recipient" to Box */
    GHashTable *told;  /* matter to Told */
    guint waiting;     /* in all boxes and in hand */
    gboolean sending;  /* the thread has a letter in hand */
    Told all;
    gint64 full_told_us;
    gint64 pause_us, each, each_officer, most; /* as the settings said last */
    char *server, *unit, *phone, *from;
    guint64 sent, suppressed, failed, lost;
};

static void
box_free(gpointer data)
{
    Box *box = data;
    g_queue_clear_full(&box->waiting, (GDestroyNotify)kept_notice_free);
    g_free(box);
}

Notices *
notices_new(Tickets *tickets, const char *directory)
{
    Notices *notices = g_new0(Notices, 1);
    g_mime_init();
    notices->tickets = tickets;
    notices->directory = g_strdup(directory);
    g_mutex_init(&notices->lock);
    g_cond_init(&notices->news);
    notices->boxes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, box_free);
    notices->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return notices;
}

static void
settle_all(Notices *notices)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, notices->boxes);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        for (GList *link = ((Box *)value)->waiting.head; link != NULL; link = link->next)
            notice_spool_settle(notices->directory, link->data);
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
    if (notices->waiting > 0 && notices->directory != NULL) {
        settle_all(notices);
        log_info("%u notices to people of this house wait in %s for the next start", notices->waiting,
                 notices->directory);
    } else if (notices->waiting > 0) {
        log_warn("%u notices to people of this house are lost: they were not sent before the gate ended",
                 notices->waiting);
    }
}

void
notices_free(Notices *notices)
{
    if (notices == NULL)
        return;
    notices_stop(notices);
    g_hash_table_unref(notices->boxes);
    g_hash_table_unref(notices->told);
    g_cond_clear(&notices->news);
    g_mutex_clear(&notices->lock);
    g_free(notices->directory);
    g_free(notices->server);
    g_free(notices->unit);
    g_free(notices->phone);
    g_free(notices->from);
    g_free(notices);
}

/* --- who may get a letter when ------------------------------------------------------------------------------------
 */

static gboolean
has_room(const Told *told, gint64 now_us, gint64 span_us, gint64 most)
{
    return told->told == 0 || now_us - told->began_us >= span_us || told->told < most;
}

static void
count_one(Told *told, gint64 now_us, gint64 span_us)
{
    if (told->told == 0 || now_us - told->began_us >= span_us)
        *told = (Told){.began_us = now_us, .more = told->more};
    told->told++;
}

static guint
letters_today(const Box *box, gint64 now_us)
{
    return now_us - box->began_us < DAY_US ? box->letters : 0;
}

static gint64
box_pause(const Notices *notices, const Box *box)
{
    return box->officer ? notices->pause_us / 4 : notices->pause_us;
}

static gint64
box_most(const Notices *notices, const Box *box)
{
    return box->officer ? notices->each_officer : notices->each;
}

/* When its next letter may go. */
static gint64
box_due(const Notices *notices, const Box *box, gint64 now_us)
{
    guint doubled = MIN(box->burst, (box->officer ? DOUBLED_OFFICER : DOUBLED_PERSON) + 1);
    gint64 due = box->retry_us;
    if (letters_today(box, now_us) >= box_most(notices, box))
        return MAX(due, box->began_us + DAY_US);
    return box->urgent || doubled == 0 ? due : MAX(due, box->last_us + box_pause(notices, box) * (1 << (doubled - 1)));
}

static void
box_count_letter(const Notices *notices, Box *box, gint64 now_us)
{
    if (letters_today(box, now_us) == 0) {
        box->began_us = now_us;
        box->letters = 0;
    }
    if (now_us - box->last_us >= QUIET * box_pause(notices, box))
        box->burst = 0;
    box->letters++;
    box->burst++;
    box->last_us = now_us;
    box->retry_us = box->paused_us = 0;
}

/* With the lock held: the box that is due and longest so, or NULL; *next_out: when one will be. */
static Box *
find_due(Notices *notices, gint64 now_us, gint64 *next_out)
{
    GHashTableIter iter;
    gpointer value;
    Box *first = NULL;
    *next_out = G_MAXINT64;
    g_hash_table_iter_init(&iter, notices->boxes);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Box *box = value;
        gint64 due = box->waiting.length > 0 ? box_due(notices, box, now_us) : G_MAXINT64;
        if (due < *next_out) {
            *next_out = due;
            first = box;
        }
    }
    if (!has_room(&notices->all, now_us, HOUR_US, notices->most))
        *next_out = MAX(*next_out, notices->all.began_us + HOUR_US);
    return first != NULL && *next_out <= now_us ? first : NULL;
}

/* --- sending ----------------------------------------------------------------------------------------------------- */

/* One letter. */
typedef struct {
    Notices *notices;
    Box *box;
    GPtrArray *things; /* KeptNotice, owned */
    char *server;
    GBytes *bytes;
    gsize body_from;
} Letter;

static void
issue_ticket(const Letter *letter)
{
    const Notice *first = &((KeptNotice *)letter->things->pdata[0])->notice;
    gsize length = 0;
    const char *bytes = g_bytes_get_data(letter->bytes, &length);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    guint8 digest[CRYPTO_DIGEST_SIZE];
    g_ptr_array_add(recipients, (gpointer)first->recipient);
    if (tickets_body_digest(letter->notices->tickets, stream, (gint64)letter->body_from, digest))
        tickets_add(letter->notices->tickets, first->record_id, digest, "", recipients, g_get_monotonic_time());
    g_object_unref(stream);
}

static gboolean
has_ended(gpointer user)
{
    Notices *notices = user;
    g_mutex_lock(&notices->lock);
    gboolean stop = notices->stop;
    g_mutex_unlock(&notices->lock);
    return stop;
}

/* With the lock held: takes what waits out of the box. */
static void
letter_begin(Letter *letter, Notices *notices, Box *box)
{
    const NoticeFrame frame = {notices->unit, notices->phone, notices->from, clock_wall_us()};
    const Notice *things[NOTICE_TOLD_MAX];
    *letter = (Letter){.notices = notices, .box = box};
    letter->things = g_ptr_array_new_with_free_func((GDestroyNotify)kept_notice_free);
    letter->server = g_strdup(notices->server);
    while (letter->things->len < NOTICE_TOLD_MAX && box->waiting.length > 0) {
        KeptNotice *kept = g_queue_pop_head(&box->waiting);
        things[letter->things->len] = &kept->notice;
        g_ptr_array_add(letter->things, kept);
    }
    letter->bytes = notice_compose(things, letter->things->len, &frame, &letter->body_from);
    box->in_hand = letter->things->len;
    box->urgent = FALSE;
    notices->sending = TRUE;
}

/* With the lock held: what was not sent goes back, unless it is given up. */
static guint
letter_return(Letter *letter, gint64 now_us, gboolean for_good)
{
    Box *box = letter->box;
    guint given_up = 0;
    while (letter->things->len > 0) {
        KeptNotice *kept = g_ptr_array_steal_index(letter->things, letter->things->len - 1);
        if (for_good || now_us - kept->since_us >= LIFE_US) {
            given_up++;
            if (letter->notices->directory != NULL)
                notice_spool_drop(letter->notices->directory, kept);
            kept_notice_free(kept);
        } else {
            g_queue_push_head(&box->waiting, kept);
        }
    }
    box->urgent = TRUE; /* it was due */
    box->paused_us = CLAMP(box->paused_us * 2, FIRST_PAUSE_US, LONGEST_PAUSE_US);
    box->retry_us = now_us + box->paused_us;
    letter->notices->failed++;
    letter->notices->lost += given_up;
    letter->notices->waiting -= given_up;
    return given_up;
}

static void
letter_end(Letter *letter, gboolean sent, long status, const char *why)
{
    Notices *notices = letter->notices;
    gint64 now = clock_monotonic_us();
    const KeptNotice *first = letter->things->pdata[0];
    guint count = letter->things->len, given_up = 0;
    g_autofree char *id = g_strdup(first->notice.record_id), *shown = log_foreign(why, -1, 200);
    const char *word = notice_kind_word(first->notice.kind);
    for (guint i = 0; sent && notices->directory != NULL && i < count; i++)
        notice_spool_drop(notices->directory, letter->things->pdata[i]);
    g_mutex_lock(&notices->lock);
    letter->box->in_hand = 0;
    notices->sending = FALSE;
    if (sent) {
        notices->sent++;
        notices->waiting -= count;
        count_one(&notices->all, now, HOUR_US);
        box_count_letter(notices, letter->box, now);
    } else {
        given_up = letter_return(letter, now, status / 100 == 5);
    }
    g_mutex_unlock(&notices->lock);
    if (sent)
        log_info("%s: notice %s sent (%u)", id, word, count);
    else
        log_warn("%s: notice %s not sent (%ld): %s; %u given up", id, word, status, shown, given_up);
    g_ptr_array_unref(letter->things);
    g_bytes_unref(letter->bytes);
    g_free(letter->server);
}

static void
send_letter(Letter *letter)
{
    char why[NOTICE_POST_TEXT];
    long status;
    const Notices *notices = letter->notices;
    const KeptNotice *first = letter->things->pdata[0];
    const NoticePost post = {letter->server, first->notice.recipient, letter->bytes, has_ended, letter->notices};
    for (guint i = 0; notices->directory != NULL && i < letter->things->len; i++)
        notice_spool_settle(notices->directory, letter->things->pdata[i]);
    issue_ticket(letter);
    gboolean sent = notice_post(&post, &status, why);
    letter_end(letter, sent, status, why);
}

static gpointer
send_all(gpointer user)
{
    Notices *notices = user;
    gint64 next;
    g_mutex_lock(&notices->lock);
    while (!notices->stop) {
        gint64 now = clock_monotonic_us();
        Box *box = find_due(notices, now, &next);
        if (box == NULL) {
            if (next == G_MAXINT64)
                g_cond_wait(&notices->news, &notices->lock);
            else
                g_cond_wait_until(&notices->news, &notices->lock, g_get_monotonic_time() + MIN(next - now, LOOK_US));
            continue;
        }
        Letter letter;
        letter_begin(&letter, notices, box);
        g_mutex_unlock(&notices->lock);
        send_letter(&letter);
        g_mutex_lock(&notices->lock);
    }
    g_mutex_unlock(&notices->lock);
    return NULL;
}

/* --- what is told ------------------------------------------------------------------------------------------------- */

static gboolean
may_write_to(const char *recipient, const Settings *settings)
{
    g_autofree char *normal = address_normal(recipient);
    return settings->notices_send && *normal != '\0' && *address_domain(normal) != '\0' &&
           strlen(normal) <= SUBMITTER_TEXT_MAX && strpbrk(normal, "<>\r\n ") == NULL &&
           address_stays_inside(normal, settings->local_domains) && !notice_is_robot(normal);
}

/* What happened; all else stays true until somebody acts. */
static gboolean
is_event(NoticeKind kind)
{
    return kind == NOTICE_HELD || kind == NOTICE_STOPPED || kind == NOTICE_LOCKED;
}

static gboolean
is_old_matter(gpointer key, gpointer value, gpointer user)
{
    return *(const gint64 *)user - ((const Told *)value)->began_us >= DAY_US;
}

/* Of one recipient: what hangu-authd says of a password and what the gate says of it is one matter. NULL: too many are
 * remembered. */
static Told *
find_told(Notices *notices, const Notice *notice, gint64 now_us)
{
    NoticeKind kind = notice->kind;
    guint problem = notice->problem;
    const char *account = notice->values != NULL ? g_hash_table_lookup(notice->values, "account") : NULL;
    if (kind == NOTICE_PASSWORD_WEAK || kind == NOTICE_PASSWORD_EXPIRES || kind == NOTICE_PASSWORD_EXPIRED) {
        problem = kind == NOTICE_PASSWORD_WEAK ? SUBMITTER_PASSWORD_WEAK : SUBMITTER_PASSWORD_EXPIRED;
        kind = NOTICE_WARNED;
    }
    g_autofree char *key = g_strdup_printf("%d %u %s %s", (int)kind, problem, notice->recipient,
                                           notice_is_for_officers(kind) && account != NULL ? account : "");
    Told *told = g_hash_table_lookup(notices->told, key);
    if (told != NULL)
        return told;
    if (g_hash_table_size(notices->told) >= REMEMBERED_MAX)
        g_hash_table_foreach_remove(notices->told, is_old_matter, &now_us);
    if (g_hash_table_size(notices->told) >= REMEMBERED_MAX)
        return NULL;
    told = g_new0(Told, 1);
    g_hash_table_insert(notices->told, g_steal_pointer(&key), told);
    return told;
}

static gboolean
is_idle_box(gpointer key, gpointer value, gpointer user)
{
    const Box *box = value;
    return box->waiting.length == 0 && box->in_hand == 0 && *(const gint64 *)user - box->last_us >= DAY_US;
}

static Box *
find_box(Notices *notices, const Notice *notice, gint64 now_us)
{
    gboolean officer = notice_is_for_officers(notice->kind);
    g_autofree char *key = g_strdup_printf("%c %s", officer ? 'o' : 'p', notice->recipient);
    Box *box = g_hash_table_lookup(notices->boxes, key);
    if (box != NULL)
        return box;
    if (g_hash_table_size(notices->boxes) >= REMEMBERED_MAX)
        g_hash_table_foreach_remove(notices->boxes, is_idle_box, &now_us);
    if (g_hash_table_size(notices->boxes) >= REMEMBERED_MAX)
        return NULL;
    box = g_new0(Box, 1);
    box->officer = officer;
    g_queue_init(&box->waiting);
    g_hash_table_insert(notices->boxes, g_steal_pointer(&key), box);
    return box;
}

/* With the lock held. FALSE: there is no room, which is an error of its own. */
static gboolean
has_place(Notices *notices, const Box *box, const Told *told, gint64 now_us)
{
    if (box != NULL && told != NULL && notices->waiting < NOTICES_MAX &&
        box->waiting.length + box->in_hand < NOTICES_BOX_MAX)
        return TRUE;
    notices->lost++;
    if (notices->full_told_us == 0 || now_us - notices->full_told_us >= HOUR_US)
        log_error("too many notices wait (%u): new ones are dropped; does the mail server of notices.smtp take them?",
                  notices->waiting);
    notices->full_told_us = now_us;
    return FALSE;
}

typedef enum { TELL, COUNTED, NO_PLACE } Choice;

/* With the lock held: is it told, or only counted? Sets notice->more. */
static Choice
choose(Notices *notices, Notice *notice, gint64 now_us, gboolean *fresh_out)
{
    Box *box = find_box(notices, notice, now_us);
    Told *told = find_told(notices, notice, now_us);
    if (notices->stop || !has_place(notices, box, told, now_us))
        return NO_PLACE;
    gboolean fresh = has_room(told, now_us, DAILY_US, 1);
    if (!fresh && !is_event(notice->kind) && notices->pause_us > 0) {
        told->more++;
        notices->suppressed++;
        return COUNTED;
    }
    notice->more += told->more;
    told->more = 0;
    count_one(told, now_us, DAILY_US);
    *fresh_out = fresh && !box->officer && letters_today(box, now_us) + 1 < box_most(notices, box);
    return TELL;
}

/* With the lock held; takes `kept`. */
static void
push(Notices *notices, KeptNotice *kept, gboolean fresh, gint64 now_us)
{
    Box *box = find_box(notices, &kept->notice, now_us);
    if (box == NULL) { /* forgotten since: it stays in the directory */
        kept_notice_free(kept);
        return;
    }
    g_queue_push_tail(&box->waiting, kept);
    box->urgent = box->urgent || fresh;
    notices->waiting++;
    if (notices->thread == NULL)
        notices->thread = g_thread_new("notices", send_all, notices);
    g_cond_signal(&notices->news);
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

static void
set_text(char **text, const char *to)
{
    if (g_strcmp0(*text, to) != 0) {
        g_free(*text);
        *text = g_strdup(to);
    }
}

/* With the lock held: settings may have been loaded anew. */
static void
take_settings(Notices *notices, const Settings *settings)
{
    g_autofree char *from = from_address(settings);
    set_text(&notices->from, from);
    set_text(&notices->server, settings->notices_smtp);
    set_text(&notices->unit, settings->unit);
    set_text(&notices->phone, settings->notices_phone);
    notices->pause_us = settings->notices_pause * G_USEC_PER_SEC;
    notices->each = settings->notices_each;
    notices->each_officer = settings->notices_each_officer;
    notices->most = settings->notices_all;
}

/* Not with the lock held: the disk may be slow. */
static KeptNotice *
keep(Notices *notices, const Notice *notice, gint64 now_us)
{
    g_autoptr(GError) error = NULL;
    KeptNotice *kept = kept_notice_new(notice, now_us);
    if (notices->directory != NULL && !notice_spool_put(notices->directory, kept, &error))
        log_error("a notice is in memory only: %s", error->message);
    return kept;
}

gboolean
notices_tell(Notices *notices, const Settings *settings, const Notice *given)
{
    Notice notice = *given;
    gint64 now = clock_monotonic_us();
    gboolean fresh = FALSE;
    if (notice.recipient == NULL || !may_write_to(notice.recipient, settings))
        return FALSE;
    g_autofree char *id = notice.record_id == NULL || *notice.record_id == '\0' ? record_id_new() : NULL;
    g_autofree char *recipient = address_normal(notice.recipient);
    if (id != NULL)
        notice.record_id = id;
    if (notice.time_us == 0)
        notice.time_us = clock_wall_us();
    notice.recipient = recipient;
    g_mutex_lock(&notices->lock);
    take_settings(notices, settings);
    Choice choice = choose(notices, &notice, now, &fresh);
    g_mutex_unlock(&notices->lock);
    if (choice != TELL)
        return choice == COUNTED;
    KeptNotice *kept = keep(notices, &notice, now);
    g_mutex_lock(&notices->lock);
    if (notices->stop)
        kept_notice_free(kept);
    else
        push(notices, kept, fresh, now);
    g_mutex_unlock(&notices->lock);
    return TRUE;
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

void
notices_recover(Notices *notices, const Settings *settings)
{
    gint64 now = clock_monotonic_us();
    guint left_out = 0;
    if (notices->directory == NULL)
        return;
    g_autoptr(GPtrArray) found = notice_spool_read(notices->directory, NOTICES_MAX, now, &left_out);
    if (found->len > 0 || left_out > 0)
        log_info("%u notices to people of this house wait from before, %u were too many", found->len, left_out);
    g_mutex_lock(&notices->lock);
    take_settings(notices, settings);
    notices->lost += left_out;
    while (found->len > 0) {
        KeptNotice *kept = g_ptr_array_steal_index(found, 0);
        Told *told = may_write_to(kept->notice.recipient, settings) ? find_told(notices, &kept->notice, now) : NULL;
        if (told != NULL) {
            count_one(told, now, DAY_US);
            push(notices, kept, FALSE, now);
        } else {
            notice_spool_drop(notices->directory, kept);
            kept_notice_free(kept);
        }
    }
    g_mutex_unlock(&notices->lock);
}

json_t *
notices_json(Notices *notices)
{
    gint64 next;
    g_mutex_lock(&notices->lock);
    gboolean due = find_due(notices, clock_monotonic_us(), &next) != NULL;
    if (due) /* a clock was set: who asks shall not wait until the thread looks */
        g_cond_signal(&notices->news);
    json_t *object =
        json_pack("{sI sb sI sI sI sI}", "sent", (json_int_t)notices->sent, "sending", due || notices->sending,
                  "waiting", (json_int_t)notices->waiting, "suppressed", (json_int_t)notices->suppressed, "failed",
                  (json_int_t)notices->failed, "lost", (json_int_t)notices->lost);
    g_mutex_unlock(&notices->lock);
    return object;
}
