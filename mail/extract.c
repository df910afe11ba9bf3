/* One document after the other, each by a process of its own. */
#include "config.h"
#include "extract.h"
#include "clock.h"
#include "content.h"
#include "errors.h"
#include "extract_take.h"
#include "extractor.h"
#include "log.h"
#include "wire_extract.h"
#include <string.h>
#include <unistd.h>

#define WALL_SPARE_US (30 * G_USEC_PER_SEC) /* without a deadline: so much longer than its processor time */

gboolean
extract_reads(const char *type)
{
    /* What the table of formats of the readers has a row for, and the family of names that office documents have. */
    static const char *const types[] = {
        "application/epub+zip",
        "application/gzip",
        "application/java-archive",
        "application/ofd",
        "application/ms-tnef",
        "application/pdf",
        "application/pkcs7-mime",
        "application/rtf",
        "application/vnd.android.package-archive",
        "application/vnd.apple.iwork",
        "application/vnd.microsoft.portable-executable",
        "application/vnd.ms-cab-compressed",
        "application/vnd.ms-excel.sheet.macroEnabled.12",
        "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
        "application/vnd.ms-visio.drawing",
        "application/vnd.ms-word.document.macroEnabled.12",
        "application/vnd.ms-xpsdocument",
        "application/vnd.rar",
        "application/vnd.sun.xml.writer",
        "application/vnd.uof",
        "application/x-7z-compressed",
        "application/x-archive",
        "application/x-bzip2",
        "application/x-compress",
        "application/x-cpio",
        "application/x-executable",
        "application/x-iso9660-image",
        "application/x-lz4",
        "application/x-lzh-compressed",
        "application/x-lzip",
        "application/x-lzma",
        "application/x-ole-storage",
        "application/x-rpm",
        "application/x-tar",
        "application/x-xar",
        "application/x-xz",
        "application/zip",
        "application/zstd",
        "image/emf",
        "image/wmf",
        "image/x-svm",
        "image/bmp",
        "image/gif",
        "image/jp2",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
    };
    if (type == NULL)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (strcmp(type, types[i]) == 0)
            return TRUE;
    return g_str_has_prefix(type, "application/vnd.openxmlformats-officedocument") ||
           g_str_has_prefix(type, "application/vnd.oasis.opendocument.");
}

/* --- the content ------------------------------------------------------------------------------------------------ */

typedef struct {
    Spool *spool;
    CryptoHash *hash;
    gint64 left;
    gboolean over;
} Aside;

static gboolean
put_aside(const guint8 *bytes, gsize length, gpointer user)
{
    Aside *aside = user;
    aside->left -= (gint64)length;
    aside->over = aside->left < 0 || !spool_write(aside->spool, bytes, length, NULL);
    crypto_hash_add(aside->hash, bytes, length);
    return !aside->over;
}

/* The decoded content, sealed, and its digest. NULL: the part was covered. */
static Spool *
seal_content(Message *message, Part *part, const Settings *settings)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Spool) spool = content_room(message, settings);
    if (spool == NULL) {
        part_cover(part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return NULL;
    }
    Aside aside = {spool, crypto_hash_new(), settings->max_part_bytes, FALSE};
    int flowed = content_flow(part->content, part->transfer, put_aside, &aside, NULL, &error);
    part->has_digest = flowed == 1;
    crypto_hash_free(aside.hash, part->has_digest ? part->digest : NULL);
    if (flowed == 1 && spool_seal(spool, NULL))
        return g_steal_pointer(&spool);
    if (flowed < 0)
        log_warn("document reader: %s", error->message);
    part_cover(part, flowed < 0 ? COVERAGE_UNREADABLE : COVERAGE_PARTIAL,
               flowed < 0 ? WHY_READER_FAILED : WHY_OVER_BUDGET);
    return NULL;
}

/* --- the answer ------------------------------------------------------------------------------------------------- */

typedef struct {
    Message *message;
    Part *part;
    const Settings *settings;
    int reader;
    gint64 deadline_us; /* of this part; never -1 */
    gint64 left_us;     /* of the letter's time for documents */
} Asking;

static gint64
cpu_time_ms(const Asking *asking)
{
    return MIN(asking->settings->extract_cpu * 1000, asking->left_us / 1000 + 1);
}

/* Letters in pictures are read in at most three quarters of the reader's time, and in half of what the letter has left:
 * the attachments behind this one want some too. */
static gint64
ocr_time_ms(const Asking *asking)
{
    gint64 left = (asking->deadline_us - clock_monotonic_us()) / 1000;
    return CLAMP(left / 2, 0, cpu_time_ms(asking) * 3 / 4);
}

static gboolean
send_job(const Asking *asking, const Spool *spool, const TakePlan *plan, GError **error)
{
    WireJob job = {
        .length = spool_length(spool),
        .type = asking->part->detected,
        .max_text = *plan->text_left,
        .max_bytes = plan->max_bytes,
        .max_parts = plan->parts_left,
        .max_depth = plan->depth_left - 1, /* members of that depth are opened, and theirs announced */
        .cpu_ms = cpu_time_ms(asking),
        .ocr_ms = ocr_time_ms(asking),
    };
    memcpy(job.key, spool_key(spool), sizeof job.key);
    GVariant *body = g_variant_ref_sink(wire_job(&job));
    int fd = spool_fd(spool);
    gboolean sent = frame_send(asking->reader, WIRE_EXTRACT_JOB, body, &fd, 1, asking->deadline_us, error);
    crypto_wipe(&job, sizeof job);
    g_variant_unref(body);
    return sent;
}

/* Frames until there is no more to take. TAKE_LIE also stands for a reader that died. */
static TakeResult
follow(const Asking *asking, Take *take, GError **error)
{
    TakeResult result = TAKE_ON;
    Lease *lease = asking->message->lease;
    while (result == TAKE_ON) {
        g_auto(Frame) frame = {0};
        if (clock_monotonic_us() > asking->deadline_us) /* one that never falls silent */
            return TAKE_OVER;
        if (!lease_goes_on(lease))
            return TAKE_STOPPED;
        gint64 until = lease_until(lease, asking->deadline_us);
        int got = frame_receive(asking->reader, wire_inspector_types, until, &frame, error);
        if (got == 0) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, "it ended before its answer did");
            return TAKE_LIE;
        }
        if (got < 0 && error != NULL && g_error_matches(*error, HANGU_ERROR, HANGU_ERROR_TIMEOUT)) {
            g_clear_error(error);
            if (until < asking->deadline_us)
                continue; /* the lease tells */
            return TAKE_OVER;
        }
        result = got < 0 ? TAKE_LIE : take_frame(take, &frame, error);
    }
    return result;
}

static gboolean
converse(const Asking *asking, const Spool *spool, const TakePlan *plan)
{
    g_autoptr(GError) error = NULL;
    Take *take = take_new(plan);
    TakeResult result = send_job(asking, spool, plan, &error) ? follow(asking, take, &error) : TAKE_LIE;
    if (result == TAKE_LIE) {
        log_warn("document reader: %s, for a part of type %s; the part counts as unreadable", error->message,
                 asking->part->detected);
        part_cover(asking->part, COVERAGE_UNREADABLE, WHY_READER_FAILED);
    } else if (result == TAKE_OVER) {
        part_cover(asking->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    }
    CoverageWhy why = result == TAKE_END ? WHY_NONE : result == TAKE_LIE ? WHY_READER_FAILED : WHY_OVER_BUDGET;
    return take_finish(take, why) && result != TAKE_STOPPED;
}

/* What read the letter's documents, for the record. */
static void
note_reader(const Extractor *extractor, Message *message)
{
    const char *reader, *ocr;
    extractor_about(extractor, &reader, &ocr);
    g_free(message->reader);
    message->reader = g_strdup(reader);
    g_free(message->ocr);
    message->ocr = g_strdup(ocr);
}

/* --- a part ----------------------------------------------------------------------------------------------------- */

gboolean
extract_part(Extractor *extractor, Message *message, guint part, const Settings *settings, SegmentSink sink,
             gpointer user, const PlaceNames *names, gint64 deadline_us, gint64 *text_left)
{
    g_autoptr(GError) error = NULL;
    gint64 start = clock_monotonic_us(), wall = start + settings->extract_cpu * G_USEC_PER_SEC + WALL_SPARE_US;
    Asking asking = {.message = message, .part = message_part(message, part), .settings = settings};
    asking.left_us = settings->extract_letter * G_USEC_PER_SEC - message->documents_us;
    asking.deadline_us = MIN(deadline_us < 0 ? wall : deadline_us, start + asking.left_us);
    gint64 bytes_left = settings->extract_letter_bytes - message->documents_bytes;
    if (asking.left_us <= 0 || bytes_left <= 0) {
        part_cover(asking.part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    if ((gint64)asking.part->depth >= settings->max_depth) {
        message->oddities |= ODD_DEPTH;
        part_cover(asking.part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    g_autoptr(Spool) spool = seal_content(message, asking.part, settings);
    if (spool == NULL)
        return TRUE;
    asking.reader = extractor_reader(extractor, asking.deadline_us, &error);
    if (asking.reader < 0) {
        gboolean late = clock_monotonic_us() > asking.deadline_us;
        log_warn("document reader: %s", error->message);
        part_cover(asking.part, late ? COVERAGE_PARTIAL : COVERAGE_UNREADABLE,
                   late ? WHY_OVER_BUDGET : WHY_READER_FAILED);
        return TRUE;
    }
    note_reader(extractor, message);
    const TakePlan plan = {
        .message = message,
        .settings = settings,
        .part = part,
        .sink = sink,
        .user = user,
        .text_left = text_left,
        .max_bytes = MIN(settings->extract_max_bytes, bytes_left),
        .spent = &message->documents_bytes,
        .parts_left = (guint)CLAMP(settings->max_parts + 1 - (gint64)message->parts->len, 0, WIRE_PARTS_MAX),
        .depth_left = (guint)MIN(settings->max_depth - (gint64)asking.part->depth, settings->extract_max_depth),
        .names = names,
    };
    gboolean going = converse(&asking, spool, &plan);
    close(asking.reader);
    message->documents_us += clock_monotonic_us() - start;
    return going;
}
