/* A regular file is read in place; what cannot be read twice goes through the same spool as the gate's letters. */
#include "config.h"
#include "collect.h"
#include "address.h"
#include "entity.h"
#include "errors.h"
#include "mime.h"
#include "spool_stream.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIPE_MEMORY (16 * 1024 * 1024)
#define HEADERS_ENOUGH (1024 * 1024)

static gboolean
refuse(GError **error, const char *path)
{
    int code = errno == ENOENT || errno == ENOTDIR || errno == EISDIR ? HANGU_ERROR_NO_INPUT
               : errno == EACCES || errno == EPERM                    ? HANGU_ERROR_PERMISSION
                                                                      : HANGU_ERROR_IO;
    g_set_error(error, HANGU_ERROR, code, "cannot read %s: %s", path, g_strerror(errno));
    return FALSE;
}

static GMimeStream *
spool_all(int fd, const char *path, const Settings *settings, GError **error)
{
    g_autofree guint8 *buffer = g_malloc(SPOOL_CHUNK);
    g_autoptr(Spool) spool = spool_new(settings->spool_dir, PIPE_MEMORY, error);
    if (spool == NULL)
        return NULL;
    for (;;) {
        gssize got = read(fd, buffer, SPOOL_CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            refuse(error, path);
            return NULL;
        }
        if (got == 0)
            break;
        if (!spool_write(spool, buffer, (gsize)got, error))
            return NULL;
    }
    return spool_seal(spool, error) ? spool_stream_of(spool, error) : NULL;
}

Message *
collect_file(const char *path, const Settings *settings, GError **error)
{
    gboolean standard_input = strcmp(path, "-") == 0;
    int fd = standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) < 0 || S_ISDIR(info.st_mode)) {
        if (fd >= 0 && S_ISDIR(info.st_mode))
            errno = EISDIR;
        refuse(error, standard_input ? "standard input" : path);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    GMimeStream *raw;
    if (S_ISREG(info.st_mode) && !standard_input) {
        raw = g_mime_stream_fs_new(fd); /* owns fd */
    } else {
        raw = spool_all(fd, standard_input ? "standard input" : path, settings, error);
        close(fd);
    }
    if (raw == NULL)
        return NULL;
    Message *message = message_new();
    message->raw = raw;
    message->size = g_mime_stream_length(raw);
    return message;
}

static void
add_addresses(GPtrArray *to, GMimeHeaderList *headers, const char *name)
{
    const char *raw = entity_header(headers, name);
    if (raw == NULL)
        return;
    g_autoptr(GPtrArray) mailboxes = address_parse_list(raw, strlen(raw));
    for (guint i = 0; i < mailboxes->len; i++) {
        const Mailbox *mailbox = g_ptr_array_index(mailboxes, i);
        if (mailbox->address != NULL && *mailbox->address != '\0')
            g_ptr_array_add(to, g_strdup(mailbox->address));
    }
}

static char *
guess_sender(GMimeHeaderList *headers)
{
    static const char *const names[] = {"Sender", "From"};
    const char *path = entity_header(headers, "Return-Path");
    if (path != NULL)
        return address_normal(path);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
        add_addresses(found, headers, names[i]);
        if (found->len > 0)
            return g_strdup(g_ptr_array_index(found, 0));
    }
    return g_strdup("");
}

gboolean
collect_envelope(Message *message, gboolean sender, gboolean recipients, const Settings *settings, GError **error)
{
    static const char *const names[] = {"To", "Cc", "Bcc"};
    if (!sender && !recipients)
        return TRUE;
    g_autoptr(Message) head = message_new();
    head->size = MIN(message->size, HEADERS_ENOUGH);
    head->raw = g_mime_stream_substream(message->raw, 0, head->size);
    if (!mime_parse(head, settings, error))
        return FALSE;
    GMimeHeaderList *headers = message_part(head, 0)->inner;
    if (sender) {
        g_free(message->envelope.sender);
        message->envelope.sender = guess_sender(headers);
    }
    for (gsize i = 0; recipients && i < G_N_ELEMENTS(names); i++)
        add_addresses(message->envelope.recipients, headers, names[i]);
    return TRUE;
}
