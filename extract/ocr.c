/* ocr - which way a page stands is found by reading its upper third in each that is likely, most likely first. */
#include "config.h"
#include "ocr.h"
#include "crypto.h"
#include "strokes.h"
#include <dlfcn.h>
#include <leptonica/allheaders.h>
#include <string.h>
#include <sys/mman.h>
#include <tesseract/capi.h>

#define GOOD 70        /* confidence of a line that was read well */
#define GOOD_MEAN 60   /* mean confidence of a page that stands right */
#define GOOD_LETTERS 6 /* in good lines, of a page that stands right */
#define ZONE_FROM 26   /* per cent of the height: the upper third ends at the emptiest row between these */
#define ZONE_TO 38
#define CUT_LEAST 400   /* pixels: lower pictures are read at once */
#define COLUMNS_FROM 70 /* per cent of the width: the header zone of a page of columns begins there */
#define WORK_DPI 200
#define LEAST_DPI 150   /* what is coarser is enlarged to twice its size */
#define SIDE_MAX 2600   /* pixels of a page of unknown resolution */
#define SIDE_SMALL 1100 /* one smaller than this is enlarged */
#define PIXELS_MAX 9000000
#define POINTS_TENTH 720 /* tenths of a point in an inch */

typedef enum { MODEL_PLAIN, MODEL_VERTICAL, MODEL_TRADITIONAL } ModelKind;
static struct {
    const char *name;
    TessPageSegMode mode;
    GBytes *bytes;    /* NULL: not there */
    TessBaseAPI *api; /* NULL: not ready yet */
} models[] = {
    {"chi_sim", PSM_SINGLE_COLUMN, NULL, NULL},
    {"chi_sim_vert", PSM_SINGLE_BLOCK_VERT_TEXT, NULL, NULL},
    {"chi_tra", PSM_SINGLE_COLUMN, NULL, NULL},
};

static char *digest_of_models; /* NULL: none */

/* --- models ----------------------------------------------------------------------------------------------------- */

static GBytes *
load(const char *name)
{
    static const char *const places[] = {"/usr/share/tesseract-ocr/5/tessdata",
                                         "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata",
                                         "/usr/share/tesseract/tessdata"};
    const char *own = g_getenv("TESSDATA_PREFIX");
    g_autofree char *file = g_strconcat(name, ".traineddata", NULL);
    for (gsize i = 0; i < (own != NULL ? 1 : G_N_ELEMENTS(places)); i++) {
        g_autofree char *path = g_build_filename(own != NULL ? own : places[i], file, NULL);
        g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);
        if (mapped != NULL)
            return g_mapped_file_get_bytes(mapped);
    }
    return NULL;
}

/* Its loops ask for four threads whatever is set for the number of threads; not for nested ones below level zero. */
static void
forbid_threads(void)
{
    void (*set_levels)(int) = NULL;
    void *found = dlsym(RTLD_DEFAULT, "omp_set_max_active_levels");
    memcpy(&set_levels, &found, sizeof found);
    if (set_levels != NULL)
        set_levels(0);
}

/* What is read depends on all of these. */
static char *
models_digest(void)
{
    CryptoHash *hash = crypto_hash_new();
    guint8 digest[CRYPTO_DIGEST_SIZE];
    const char *version = TessVersion();
    crypto_hash_add(hash, version, strlen(version) + 1);
    for (guint i = 0; i < G_N_ELEMENTS(models); i++) {
        gsize length = 0;
        const void *bytes = models[i].bytes != NULL ? g_bytes_get_data(models[i].bytes, &length) : NULL;
        crypto_hash_add(hash, models[i].name, strlen(models[i].name) + 1);
        crypto_hash_add(hash, &length, sizeof length);
        if (length == 0)
            continue;
        crypto_hash_add(hash, bytes, length);
        madvise((void *)(guintptr)bytes, length, MADV_DONTNEED); /* a reader that needs a model maps its own pages */
    }
    crypto_hash_free(hash, digest);
    g_autofree char *hex = crypto_hex(digest, sizeof digest);
    return g_strconcat("sha256:", hex, NULL);
}

void
ocr_prepare(void)
{
    setMsgSeverity(L_SEVERITY_NONE);
    forbid_threads();
    for (guint i = 0; i < G_N_ELEMENTS(models); i++)
        if (models[i].bytes == NULL)
            models[i].bytes = load(models[i].name);
    if (digest_of_models == NULL && ocr_ready())
        digest_of_models = models_digest();
}

const char *
ocr_digest(void)
{
    return digest_of_models != NULL ? digest_of_models : "";
}

gboolean
ocr_ready(void)
{
    return models[MODEL_PLAIN].bytes != NULL;
}

/* NULL: there is no such model, or it is broken. */
static TessBaseAPI *
engine(ModelKind kind)
{
    gsize length;
    if (models[kind].api != NULL || models[kind].bytes == NULL)
        return models[kind].api;
    const char *bytes = g_bytes_get_data(models[kind].bytes, &length);
    TessBaseAPI *api = TessBaseAPICreate();
    if (TessBaseAPIInit5(api, bytes, (int)length, models[kind].name, OEM_LSTM_ONLY, NULL, 0, NULL, NULL, 0, FALSE) !=
        0) {
        TessBaseAPIDelete(api);
        g_clear_pointer(&models[kind].bytes, g_bytes_unref);
        return NULL;
    }
    TessBaseAPISetPageSegMode(api, models[kind].mode);
    models[kind].api = api;
    return api;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

typedef struct {
    char *text;
    guint size; /* tenths of a point */
    gboolean head;
} OcrLine;

/* One way to hold the page. */
typedef struct {
    ModelKind model;
    guint turns; /* quarters, clockwise */
} Way;

typedef struct {
    Sink *sink;
    guint page, dpi;
    PIX *pix; /* as it came, at working resolution */
} Job;

typedef struct {
    Way way;
    PIX *pix;      /* turned */
    gint cut;      /* where the upper third ends */
    gboolean done; /* to its end */
    GPtrArray *lines;
    gdouble trust; /* sum of confidence over letters */
    guint letters, good;
} Reading;

static void
line_free(gpointer data)
{
    OcrLine *line = data;
    g_free(line->text);
    g_free(line);
}

static void
reading_free(Reading *reading)
{
    if (reading == NULL)
        return;
    pixDestroy(&reading->pix);
    g_ptr_array_unref(reading->lines);
    g_free(reading);
}

static bool
is_late(void *sink, int words)
{
    return !sink_ocr_time(sink, OCR_TIME_ALL);
}

static guint
count_letters(const char *text)
{
    guint count = 0;
    for (; *text != '\0'; text = g_utf8_next_char(text))
        count += g_unichar_isalnum(g_utf8_get_char(text));
    return count;
}

static void
take_line(const Job *job, Reading *reading, TessResultIterator *at, gboolean head)
{
    int left, top, right, bottom;
    const TessPageIterator *where = TessResultIteratorGetPageIteratorConst(at);
    double trust = (double)TessResultIteratorConfidence(at, RIL_TEXTLINE);
    char *text = TessResultIteratorGetUTF8Text(at, RIL_TEXTLINE);
    if (text == NULL)
        return;
    guint letters = count_letters(text);
    if (letters > 0 && TessPageIteratorBoundingBox(where, RIL_TEXTLINE, &left, &top, &right, &bottom)) {
        gboolean columns = reading->way.model == MODEL_VERTICAL;
        int high = columns ? MIN(right - left, bottom - top) : bottom - top;
        reading->letters += letters;
        reading->trust += trust * letters;
        reading->good += trust >= GOOD ? letters : 0;
        if (trust >= OCR_LEAST) {
            OcrLine *line = g_new0(OcrLine, 1);
            line->text = g_strchomp(g_strdup(text));
            line->size = (guint)MAX(high, 0) * POINTS_TENTH / job->dpi;
            line->head = head && (!columns || left * 100 > pixGetWidth(reading->pix) * COLUMNS_FROM);
            g_ptr_array_add(reading->lines, line);
        }
    }
    TessDeleteText(text);
}

/* Rows from..to of the page. FALSE: no time, or the engine failed. */
static gboolean
read_zone(const Job *job, Reading *reading, gint from, gint to, gboolean head)
{
    TessBaseAPI *api = engine(reading->way.model);
    gint width = pixGetWidth(reading->pix);
    if (api == NULL || to - from < 8)
        return api != NULL;
    BOX *box = boxCreate(0, from, width, to - from);
    PIX *zone = pixClipRectangle(reading->pix, box, NULL);
    ETEXT_DESC *monitor = TessMonitorCreate();
    TessMonitorSetCancelThis(monitor, job->sink);
    TessMonitorSetCancelFunc(monitor, is_late);
    TessBaseAPISetImage2(api, zone);
    TessBaseAPISetSourceResolution(api, (int)job->dpi);
    gboolean good = TessBaseAPIRecognize(api, monitor) == 0 && sink_ocr_time(job->sink, OCR_TIME_ALL);
    TessResultIterator *at = TessBaseAPIGetIterator(api);
    if (at != NULL) {
        do
            take_line(job, reading, at, head);
        while (TessResultIteratorNext(at, RIL_TEXTLINE));
        TessResultIteratorDelete(at);
    }
    TessBaseAPIClear(api);
    TessMonitorDelete(monitor);
    pixDestroy(&zone);
    boxDestroy(&box);
    return good;
}

static Reading *
reading_new(const Job *job, Way way)
{
    Reading *reading = g_new0(Reading, 1);
    reading->way = way;
    reading->pix = way.turns == 0 ? pixClone(job->pix) : pixRotateOrth(job->pix, (l_int32)way.turns);
    reading->lines = g_ptr_array_new_with_free_func(line_free);
    gint height = pixGetHeight(reading->pix);
    reading->cut = height < CUT_LEAST || way.model == MODEL_VERTICAL
                       ? height
                       : strokes_gap(reading->pix, height * ZONE_FROM / 100, height * ZONE_TO / 100);
    return reading;
}

static gboolean
read_rest(const Job *job, Reading *reading)
{
    gint height = pixGetHeight(reading->pix);
    if (!reading->done)
        reading->done = reading->cut >= height || read_zone(job, reading, reading->cut, height, FALSE);
    return reading->done;
}

static gdouble
mean(const Reading *reading)
{
    return reading->letters == 0 ? 0 : reading->trust / reading->letters;
}

static gboolean
stands_right(const Reading *reading)
{
    return reading->good >= GOOD_LETTERS && mean(reading) >= GOOD_MEAN;
}

/* A few letters that were read well count more than a page of guesses. */
static gdouble
worth(const Reading *reading)
{
    return reading->good >= GOOD_LETTERS ? 100 + mean(reading) : reading->good + mean(reading) / 100;
}

/* An upper third that is empty says nothing: the rest is asked then. */
static Reading *
try(const Job *job, Way way, gboolean *late_out)
{
    Reading *reading = reading_new(job, way);
    gboolean read = read_zone(job, reading, 0, reading->cut, job->page == 1);
    if (read && reading->letters < GOOD_LETTERS)
        read = read_rest(job, reading);
    *late_out = !read && !sink_ocr_time(job->sink, OCR_TIME_ALL);
    return reading;
}

/* The best of the likely ways; NULL if none was read. The page is read wholly only in the last resort. */
static Reading *
find_way(const Job *job, gboolean upright, gboolean *late_out)
{
    static const Way lines[] = {{MODEL_PLAIN, 0}, {MODEL_PLAIN, 2}, {MODEL_VERTICAL, 0}, {MODEL_TRADITIONAL, 0}};
    static const Way columns[] = {{MODEL_VERTICAL, 0}, {MODEL_PLAIN, 1}, {MODEL_PLAIN, 3}, {MODEL_PLAIN, 0}};
    const Way *ways = upright ? lines : columns;
    Reading *best = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(lines) && !*late_out; i++) {
        if (models[ways[i].model].bytes == NULL)
            continue;
        Reading *next = try(job, ways[i], late_out);
        gboolean better = best == NULL || worth(next) > worth(best);
        reading_free(better ? best : next);
        best = better ? next : best;
        if (stands_right(best) || (i == 0 && best->letters == 0))
            break;
    }
    return best;
}

/* --- a page ----------------------------------------------------------------------------------------------------- */

static gboolean
tell(Sink *sink, guint part, guint page, Reading *reading)
{
    for (guint i = 0; i < reading->lines->len; i++) {
        const OcrLine *line = g_ptr_array_index(reading->lines, i);
        if (!sink_text(sink, &(WireText){.part = part,
                                         .place = PLACE_BODY,
                                         .page = page,
                                         .head = line->head,
                                         .ocr = TRUE,
                                         .size = line->head ? line->size : 0,
                                         .colour = FACE_NO_COLOUR,
                                         .text = line->text,
                                         .length = strlen(line->text)}))
            return FALSE;
    }
    g_ptr_array_set_size(reading->lines, 0);
    return TRUE;
}

/* At a resolution that tesseract reads well and soon; its dpi (a guess, where it is unknown) to `dpi_out`. */
static PIX *
prepare(PIX *grey, guint dpi, guint *dpi_out)
{
    gdouble scale = 1;
    guint width = (guint)pixGetWidth(grey), height = (guint)pixGetHeight(grey), side = MAX(width, height);
    if (dpi < 72 || dpi > 2400 || side / dpi > 40) /* what cameras write */
        dpi = 0;
    if (dpi == 0)
        scale = side > SIDE_MAX ? (gdouble)SIDE_MAX / side : side < SIDE_SMALL ? 2 : 1;
    else
        scale = dpi >= WORK_DPI * 5 / 4 ? (gdouble)WORK_DPI / dpi : dpi < LEAST_DPI ? 2 : 1;
    while (scale * scale * width * height > PIXELS_MAX)
        scale *= 0.9;
    *dpi_out = dpi != 0 ? MAX((guint)(dpi * scale), 20) : MAX((guint)(side * scale / 11.7), 72); /* as if it were A4 */
    PIX *scaled = scale == 1 ? pixClone(grey) : pixScale(grey, (l_float32)scale, (l_float32)scale);
    PIX *straight = scaled == NULL ? NULL : pixDeskew(scaled, 0); /* what the scanner turned a little */
    if (straight != NULL)
        pixDestroy(&scaled);
    return straight != NULL ? straight : scaled;
}

static gboolean
read_page(const Job *job, guint part)
{
    gboolean late = FALSE, going = TRUE;
    StrokesSeen seen = strokes_seen(job->pix);
    if (seen == STROKES_NONE)
        return TRUE;
    if (!sink_ocr_time(job->sink, OCR_TIME_ALL)) {
        sink_cover(job->sink, part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    Reading *reading = find_way(job, seen != STROKES_IN_COLUMNS, &late);
    if (reading == NULL) {
        sink_cover(job->sink, part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
        return TRUE;
    }
    going = tell(job->sink, part, job->page, reading);
    gboolean whole = !late && (job->page == 1 || reading->done || sink_ocr_time(job->sink, OCR_TIME_PAGES));
    if (going && whole)
        whole = read_rest(job, reading);
    if (going && !whole)
        sink_cover(job->sink, part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    going = going && tell(job->sink, part, job->page, reading);
    reading_free(reading);
    return going;
}

gboolean
ocr_pix(Sink *sink, guint part, guint page, PIX *grey, guint dpi)
{
    Job job = {.sink = sink, .page = page};
    if (sink_stopped(sink))
        return FALSE;
    if (!ocr_ready()) {
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
        return TRUE;
    }
    job.pix = prepare(grey, dpi, &job.dpi);
    gboolean going = job.pix == NULL || read_page(&job, part);
    if (job.pix == NULL)
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    pixDestroy(&job.pix);
    return going && !sink_stopped(sink);
}

gboolean
ocr_page(Sink *sink, guint part, guint page, const OcrPicture *picture)
{
    if (picture->width == 0 || picture->height == 0)
        return !sink_stopped(sink);
    PIX *grey = strokes_pix(picture);
    gboolean going = grey == NULL || ocr_pix(sink, part, page, grey, picture->dpi);
    if (grey == NULL)
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    pixDestroy(&grey);
    return going && !sink_stopped(sink);
}
