/* A mapped file of one page. Only the start and the end wait for the disk. */
#include "config.h"
#include "event_mark.h"
#include "errors.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC G_GUINT64_CONSTANT(0x31746e6576656748)
#define BOOT_FILE "/proc/sys/kernel/random/boot_id"
#define BOOT_MAX 64

typedef struct {
    guint64 magic;
    guint64 running, taken, told;
    char boot[BOOT_MAX]; /* of the machine: changes with each start of it */
} Page;

struct EventMark {
    Page *page;
};

static void
read_boot(char boot[BOOT_MAX])
{
    g_autofree char *text = NULL;
    if (g_file_get_contents(BOOT_FILE, &text, NULL, NULL))
        g_strlcpy(boot, g_strchomp(text), BOOT_MAX);
}

static EventMarkEnd
end_of(const Page *page, const char *boot, guint64 *missing_out)
{
    gboolean whole = page->magic == MAGIC && page->told <= page->taken && page->running <= 1 &&
                     memchr(page->boot, '\0', BOOT_MAX) != NULL;
    *missing_out = whole ? page->taken - page->told : 0;
    if (!whole)
        return EVENT_MARK_FELL;
    if (page->running == 0)
        return EVENT_MARK_STOPPED;
    return strcmp(page->boot, boot) == 0 ? EVENT_MARK_KILLED : EVENT_MARK_FELL;
}

static Page *
map(const char *path, gboolean *fresh_out, GError **error)
{
    struct stat info;
    Page *page = MAP_FAILED;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && fstat(fd, &info) == 0 && ftruncate(fd, sizeof *page) == 0) {
        *fresh_out = info.st_size == 0;
        page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (page == MAP_FAILED)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "%s: %s", path, g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return page != MAP_FAILED ? page : NULL;
}

EventMark *
event_mark_open(const char *path, EventMarkEnd *end_out, guint64 *missing_out, GError **error)
{
    gboolean fresh = FALSE;
    char boot[BOOT_MAX] = "";
    Page *page = map(path, &fresh, error);
    if (page == NULL)
        return NULL;
    read_boot(boot);
    *end_out = end_of(page, boot, missing_out);
    if (fresh)
        *end_out = EVENT_MARK_FIRST;
    *page = (Page){.magic = MAGIC, .running = 1, .taken = *missing_out};
    memcpy(page->boot, boot, sizeof boot);
    msync(page, sizeof *page, MS_SYNC);
    EventMark *mark = g_new0(EventMark, 1);
    mark->page = page;
    return mark;
}

void
event_mark_taken(EventMark *mark, guint64 events)
{
    if (mark != NULL)
        mark->page->taken += events;
}

void
event_mark_told(EventMark *mark, guint64 events)
{
    if (mark != NULL)
        mark->page->told += events;
}

void
event_mark_close(EventMark *mark)
{
    if (mark == NULL)
        return;
    mark->page->running = 0;
    msync(mark->page, sizeof *mark->page, MS_SYNC);
    munmap(mark->page, sizeof *mark->page);
    g_free(mark);
}
