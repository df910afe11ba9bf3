/* A short queue searched from end to end: releases are rare, and only letters about to be held are looked up. */
#include "config.h"
#include "tickets.h"
#include "address.h"
#include <string.h>

#define READ_SIZE (64 * 1024)

typedef struct {
    char *record_id, *sender;
    guint8 body[CRYPTO_DIGEST_SIZE];
    GHashTable *recipients; /* normal addresses still to be served */
    gint64 until_us;
} Ticket;

struct Tickets {
    guint8 key[CRYPTO_KEY_SIZE];
    GMutex lock;  /* guards queue */
    GQueue queue; /* Ticket, the oldest first */
};

static void
ticket_free(gpointer data)
{
    Ticket *ticket = data;
    g_hash_table_unref(ticket->recipients);
    g_free(ticket->record_id);
    g_free(ticket->sender);
    g_free(ticket);
}

Tickets *
tickets_new(const guint8 key[CRYPTO_KEY_SIZE])
{
    Tickets *tickets = g_new0(Tickets, 1);
    memcpy(tickets->key, key, CRYPTO_KEY_SIZE);
    g_mutex_init(&tickets->lock);
    g_queue_init(&tickets->queue);
    return tickets;
}

void
tickets_free(Tickets *tickets)
{
    if (tickets == NULL)
        return;
    g_queue_clear_full(&tickets->queue, ticket_free);
    g_mutex_clear(&tickets->lock);
    crypto_wipe(tickets->key, sizeof tickets->key);
    g_free(tickets);
}

static gsize
drop_white_space(guint8 *bytes, gsize length)
{
    gsize kept = 0;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isspace(bytes[i]))
            bytes[kept++] = bytes[i];
    return kept;
}

gboolean
tickets_body_digest(const Tickets *tickets, GMimeStream *letter, gint64 from, guint8 out[CRYPTO_DIGEST_SIZE])
{
    guint8 plain[CRYPTO_DIGEST_SIZE];
    if (g_mime_stream_seek(letter, MAX(from, 0), GMIME_STREAM_SEEK_SET) < 0)
        return FALSE;
    g_autofree guint8 *buffer = g_malloc(READ_SIZE);
    CryptoHash *hash = crypto_hash_new();
    gssize got;
    while ((got = g_mime_stream_read(letter, (char *)buffer, READ_SIZE)) > 0)
        crypto_hash_add(hash, buffer, drop_white_space(buffer, (gsize)got));
    crypto_hash_free(hash, plain);
    crypto_hmac(tickets->key, CRYPTO_KEY_SIZE, plain, sizeof plain, out);
    return got == 0;
}

/* With the lock held: a release that failed on the way and was tried again leaves one ticket, not two. */
static void
drop_ticket(Tickets *tickets, const char *record_id, const guint8 body[CRYPTO_DIGEST_SIZE])
{
    for (GList *link = tickets->queue.head, *next; link != NULL; link = next) {
        Ticket *ticket = link->data;
        next = link->next;
        if (strcmp(ticket->record_id, record_id) == 0 && crypto_equal(ticket->body, body, CRYPTO_DIGEST_SIZE)) {
            g_queue_delete_link(&tickets->queue, link);
            ticket_free(ticket);
        }
    }
}

void
tickets_add(Tickets *tickets, const char *record_id, const guint8 body[CRYPTO_DIGEST_SIZE], const char *sender,
            const GPtrArray *recipients, gint64 now_us)
{
    Ticket *ticket = g_new0(Ticket, 1);
    ticket->record_id = g_strdup(record_id);
    ticket->sender = address_normal(sender);
    memcpy(ticket->body, body, CRYPTO_DIGEST_SIZE);
    ticket->recipients = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < recipients->len; i++)
        g_hash_table_add(ticket->recipients, address_normal(g_ptr_array_index(recipients, i)));
    ticket->until_us = now_us + TICKET_LIFE_US;
    g_mutex_lock(&tickets->lock);
    drop_ticket(tickets, record_id, body);
    if (g_queue_get_length(&tickets->queue) >= TICKETS_MAX)
        ticket_free(g_queue_pop_head(&tickets->queue));
    g_queue_push_tail(&tickets->queue, ticket);
    g_mutex_unlock(&tickets->lock);
}

static gboolean
ticket_serves(const Ticket *ticket, GPtrArray *recipients)
{
    for (guint i = 0; i < recipients->len; i++)
        if (!g_hash_table_contains(ticket->recipients, g_ptr_array_index(recipients, i)))
            return FALSE;
    return recipients->len > 0;
}

/* With the lock held: takes the recipients off, and the ticket out when none is left. */
static char *
punch(Tickets *tickets, GList *link, GPtrArray *recipients)
{
    Ticket *ticket = link->data;
    char *id = g_strdup(ticket->record_id);
    for (guint i = 0; i < recipients->len; i++)
        g_hash_table_remove(ticket->recipients, g_ptr_array_index(recipients, i));
    if (g_hash_table_size(ticket->recipients) == 0) {
        g_queue_delete_link(&tickets->queue, link);
        ticket_free(ticket);
    }
    return id;
}

char *
tickets_use(Tickets *tickets, const guint8 body[CRYPTO_DIGEST_SIZE], const char *sender, const GPtrArray *recipients,
            gint64 now_us)
{
    g_autofree char *from = address_normal(sender);
    g_autoptr(GPtrArray) normal = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < recipients->len; i++)
        g_ptr_array_add(normal, address_normal(g_ptr_array_index(recipients, i)));
    char *id = NULL;
    g_mutex_lock(&tickets->lock);
    for (GList *link = tickets->queue.head, *next; link != NULL && id == NULL; link = next) {
        Ticket *ticket = link->data;
        next = link->next;
        if (ticket->until_us <= now_us) {
            g_queue_delete_link(&tickets->queue, link);
            ticket_free(ticket);
        } else if (crypto_equal(ticket->body, body, CRYPTO_DIGEST_SIZE) && g_str_equal(ticket->sender, from) &&
                   ticket_serves(ticket, normal)) {
            id = punch(tickets, link, normal);
        }
    }
    g_mutex_unlock(&tickets->lock);
    return id;
}
