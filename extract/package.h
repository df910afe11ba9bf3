/* package - a ZIP whose members are the parts of one document: read by name, each once, and the rest at the end. */
#pragma once
#include "xml.h"
#include "zip.h"

typedef struct {
    Source *source; /* lent */
    Sink *sink;     /* lent */
    guint part;
    Zip *zip;
    gboolean *done; /* of each member */
    gboolean damaged;
} Package;

/* FALSE: no directory. */
gboolean package_open(Package *package, Source *source, Sink *sink, guint part);
void package_clear(Package *package);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Package, package_clear)

gboolean package_has(const Package *package, const char *name);
/* The name, as the directory writes it, of the member that `target` means in part `base` ("": the root): relative or
 * absolute, with "..", backslashes or another case; read or not. NULL: there is none. Lent. */
const char *package_find(const Package *package, const char *base, const char *target);
char *package_resolve(const char *base, const char *target); /* only the words; gives */
/* Parses the member of this name; it counts as read. FALSE if there is none. Damage, encryption and a spent budget are
 * told to the sink. */
gboolean package_xml(Package *package, const char *name, const XmlEvents *events, gpointer user);
/* The same, but it does not count as read: for what it says about others, before its own turn. */
gboolean package_peek_xml(Package *package, const char *name, const XmlEvents *events, gpointer user);
/* All members not yet read, one after the other. */
typedef void (*PackageEach)(Package *package, const char *name, gpointer user);
void package_rest(Package *package, PackageEach each, gpointer user);
/* As an object of its own: media, embedded files. */
void package_object(Package *package, const char *name);
/* Plain text of at most 64 KiB, told as an attribute; what is longer becomes an object. */
void package_plain(Package *package, const char *name);
/* Only its name; nobody reads what is in it (fonts, settings of a printer). */
void package_opaque(Package *package, const char *name);
/* The same if its content is a font and nothing else; otherwise it becomes an object. */
void package_font(Package *package, const char *name);
/* Its content, at most `most` bytes. NULL: there is none, it is longer, encrypted or damaged; then it is not read yet.
 */
GBytes *package_bytes(Package *package, const char *name, gsize most);
/* To be called last: ZIPs beside the package, members its directory does not tell of. FALSE: damaged. */
gboolean package_finish(Package *package);
