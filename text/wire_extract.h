/* wire_extract - what an inspector and a document reader say to each other: frames of lib/frame.h on one SEQPACKET
 * socket.
 *
 *   inspector                     spawner                      reader process (single use)
 *     WIRE_EXTRACT_WANT  ------>
 *                        <------  WIRE_EXTRACT_GIVE + socket
 *     WIRE_EXTRACT_JOB + spool  ------------------------------>
 *                        <------------------------------------  PART, TEXT, BYTES, LOOK, COVER ... END
 *                        <------  WIRE_EXTRACT_OVER, if the reader was ended for its time
 *
 * The reader's answer is hostile: it was made from a hostile document by a process that may have been taken over. Both
 * ends check every frame; wire_take_*() refuse what does not fit, and the inspector closes the socket then.
 * Part 0 is the attachment itself; others are what lies in it (members of an archive, embedded objects), each announced
 * by PART, after its parent, with numbers from 1 in rising order.
 * Text has a place from PLACE_BODY on: the ones before it are of letters, and a reader may not claim them. */
#pragma once
#include "coverage.h"
#include "crypto.h"
#include "frame.h"
#include "segment.h"

enum {
    WIRE_EXTRACT_WANT = 0x501, /* no body */
    WIRE_EXTRACT_GIVE,         /* (ss): what reads (version word), digest of its OCR models; a fresh reader's socket */
    WIRE_EXTRACT_NONE,         /* (s) why there is no reader */
    WIRE_EXTRACT_JOB,          /* WireJob; the spool with the content */
    WIRE_EXTRACT_PART,         /* WirePart */
    WIRE_EXTRACT_TEXT,         /* WireText */
    WIRE_EXTRACT_BYTES,        /* WireBytes */
    WIRE_EXTRACT_COVER,        /* WireCover */
    WIRE_EXTRACT_LOOK,         /* WireLook */
    WIRE_EXTRACT_END,          /* (x): clear bytes unpacked; the last frame of a reader that is done */
    WIRE_EXTRACT_OVER,         /* no body: the spawner, of a reader that ran out of its time; the last frame, too */
};

#define WIRE_TEXT_MAX (60 * 1024)  /* bytes of text in one frame */
#define WIRE_BYTES_MAX (64 * 1024) /* bytes of content in one frame */
#define WIRE_NAME_MAX 1024         /* bytes of a name */
#define WIRE_READER_MAX 100        /* bytes of the version of what reads */
#define WIRE_TYPE_MAX 127          /* bytes of a media type: printable ASCII */
#define WIRE_PARTS_MAX 100000      /* no part or page has a higher number */
#define WIRE_SIZE_MAX 100000       /* tenths of a point */

typedef struct {
    gint64 length;               /* clear bytes in the spool */
    guint8 key[CRYPTO_KEY_SIZE]; /* of the spool */
    const char *type;            /* media type by content; lent */
    gint64 max_text, max_bytes;  /* what may be sent back: text, content of members */
    guint max_parts, max_depth;  /* parts in all, levels inside this attachment */
    gint64 cpu_ms;               /* processor time; over it the kernel ends the process */
    gint64 ocr_ms;               /* of that, what reading letters in pictures may take */
} WireJob;

typedef struct {
    guint number, parent;
    const char *name; /* as stored, decoded; "" none; lent */
    const char *type; /* by content, "" if not looked at; lent */
    gint64 size;      /* -1 unknown */
} WirePart;

/* Where on the paper, for judging a mark's position; size 0 and FACE_NO_COLOUR: the format does not say. */
typedef struct {
    guint part;
    PlaceKind place;
    const char *name; /* which property; "" none; lent */
    guint page;       /* page, sheet or slide, from 1 */
    gboolean head;    /* header zone of the first page */
    gboolean ocr;     /* read from a picture: letters may be mistaken */
    gboolean goes_on; /* continues the last text of this part and place */
    guint size;       /* of the type, tenths of a point */
    guint32 colour;   /* 0xRRGGBB */
    const char *text; /* valid UTF-8; lent */
    gsize length;
} WireText;

typedef struct {
    guint part;
    const guint8 *bytes; /* lent */
    gsize length;
} WireBytes;

typedef struct {
    guint part;
    Coverage coverage;
    CoverageWhy why; /* none exactly if complete or opaque */
} WireCover;

typedef struct {
    guint part;
    guint page; /* from 1; 0: the part has no pages */
    guint look; /* PageLook bits of segment.h, at least one */
} WireLook;

/* FrameTypes of each end. */
const char *wire_reader_types(guint32 type);    /* what a reader receives */
const char *wire_inspector_types(guint32 type); /* what an inspector receives, from spawner and reader */
const char *wire_spawner_types(guint32 type);

/* Bodies for frame_send(): floating. */
GVariant *wire_job(const WireJob *job);
GVariant *wire_part(const WirePart *part);
GVariant *wire_text(const WireText *text); /* cut at WIRE_TEXT_MAX by the caller */
GVariant *wire_bytes(const WireBytes *bytes);
GVariant *wire_cover(const WireCover *cover);
GVariant *wire_look(const WireLook *look);
GVariant *wire_none(const char *why);
GVariant *wire_end(gint64 bytes);
GVariant *wire_give(const char *reader, const char *ocr); /* "" unknown, none */

/* From a received frame: what is lent lives as long as the frame. FALSE with HANGU_ERROR_PROTOCOL: lies (unknown words,
 * invalid UTF-8, NUL, sizes out of range). */
gboolean wire_take_job(const Frame *frame, WireJob *job_out, GError **error); /* frame->fds[0] is the spool */
gboolean wire_take_part(const Frame *frame, WirePart *part_out, GError **error);
gboolean wire_take_text(const Frame *frame, WireText *text_out, GError **error);
gboolean wire_take_bytes(const Frame *frame, WireBytes *bytes_out, GError **error);
gboolean wire_take_cover(const Frame *frame, WireCover *cover_out, GError **error);
gboolean wire_take_look(const Frame *frame, WireLook *look_out, GError **error);
gboolean wire_take_end(const Frame *frame, gint64 *bytes_out, GError **error);
/* A word of letters, digits and ._+:/-, and "sha256:..."; "" unknown, none. */
gboolean wire_take_give(const Frame *frame, const char **reader_out, const char **ocr_out, GError **error);
gboolean wire_take_none(const Frame *frame, const char **why_out, GError **error);
