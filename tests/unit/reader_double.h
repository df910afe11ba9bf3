/* reader_double - what stands for the spawner and its readers in tests of the inspector's side (mail/extract.h): it may
 * say anything. And a letter whose attachments it reads. */
#pragma once
#include "clock.h"
#include "extractor.h"
#include "mime.h"
#include "read.h"
#include "wire_extract.h"
#include <string.h>

#define MARK "机密★10年"
#define GZIP "\x1F\x8B\x08 this is no gzip, but looks like one"
#define SECONDS G_USEC_PER_SEC
#define LETTER_HEAD "From: a@unit.example\nSubject: x\nMIME-Version: 1.0\n"

typedef struct Double Double;
typedef void (*Play)(Double *me); /* one reader's answer */

struct Double {
    int socket;    /* spawner's end */
    int listener;  /* if not 0, where the inspector connects first */
    Play play[4];  /* of each reader; none: as the first */
    guint given;   /* readers given so far */
    gboolean none; /* says that it has none */
    int reader;    /* while playing */
    WireJob job;   /* of the reader that plays */
    char *type;    /* of it */
    GString *content;
    GThread *thread;
};

typedef struct {
    GString *text; /* "<place part:line> text"; of a picture "<place part:line head ocr look> text" */
    guint segments, stop_after, continued;
    gsize longest;
} Seen;

typedef struct {
    Double other;
    Seen seen;
    Message *message;
    Extractor *extractor;
    Lease *lease;
    const PlaceNames *names;
} World;

extern Settings *settings;

/* For cmocka: settings and what they need. */
int reader_double_begin(void **state);
int reader_double_end(void **state);

void say(Double *me, guint32 type, GVariant *body);
void say_part(Double *me, guint number, guint parent, const char *name);
void say_text(Double *me, guint part, PlaceKind place, const char *string, gboolean goes_on);
void say_bytes(Double *me, guint part, const char *string);
void say_cover(Double *me, guint part, Coverage coverage, CoverageWhy why);
void say_end(Double *me);
void double_start(Double *me, int socket);
void double_stop(Double *me);
gboolean take(const Segment *segment, gpointer user);
gboolean part_end(guint part, gpointer user);
char *letter_with(guint attachments, const char *type);
void world_read(World *world, guint attachments, const char *type, gint64 deadline_us);
void world_clear(World *world);
void assert_part(const World *world, guint index, const char *path, Coverage coverage, CoverageWhy why);
void assert_text(const World *world, const char *text);
void play_document(Double *me);
void play_long_text(Double *me);
