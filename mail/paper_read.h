/* paper_read - a file of any kind to the prints of a registered paper, by the very readers that the gate has.
 *
 * A letter (.eml) is read as a letter, everything else as if it were attached to one. What counts is the text of the
 * page: body, text boxes, notes, hidden text; of several decodings the first. What is quoted behind the title of a law
 * (《……条例》第三条规定：“……”), or is the rest of the sentence that names its article, is the law's and not the paper's: it
 * is left out. */
#pragma once
#include "extract.h"
#include "inspect.h"
#include "papers.h"

typedef struct {
    GArray *entries;    /* PaperEntry: prints, the whole of a short text, the file; owned */
    guint32 characters; /* of text */
    guint prints;
    Coverage coverage; /* how far it could be read */
    CoverageWhy why;
    Class class; /* what its own mark says; CLASS_NONE without one */
    Level level;
    char *term; /* "" none */
} PaperReading;
void paper_reading_clear(PaperReading *reading);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PaperReading, paper_reading_clear)

/* `inspector` (without registered papers) tells of the mark; `settings` and `extractor` as in inspect.h. FALSE with
 * error: NO_INPUT, PERMISSION, IO; DATA if the file is empty. */
gboolean paper_read(const char *path, Inspector *inspector, const Settings *settings, Extractor *extractor,
                    const FingerprintKey *key, PaperReading *reading_out, GError **error);
/* The file as the letter that it is, or that carries it. Gives. */
Message *paper_letter(const char *path, const Settings *settings, GError **error);
