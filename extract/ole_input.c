/* ole_input - positions are libgsf's affair, bytes the source's. */
#include "config.h"
#include "ole_input.h"
#include <gsf/gsf-input-impl.h>

typedef struct {
    GsfInput parent;
    Source *source;
    guint8 *buffer; /* lent to callers that bring none */
    gsize room;
} OleInput;

typedef struct {
    GsfInputClass parent;
} OleInputClass;

GType ole_input_get_type(void);
G_DEFINE_TYPE(OleInput, ole_input, GSF_INPUT_TYPE)

static GsfInput *
duplicate(GsfInput *input, GError **error)
{
    return ole_input_new(((OleInput *)input)->source);
}

static const guint8 *
read_input(GsfInput *input, size_t length, guint8 *buffer)
{
    OleInput *own = (OleInput *)input;
    if (buffer == NULL && own->room < length) {
        g_free(own->buffer);
        own->room = MAX(length, 4096);
        own->buffer = g_malloc(own->room);
    }
    guint8 *to = buffer != NULL ? buffer : own->buffer;
    return source_read_all(own->source, gsf_input_tell(input), to, length) ? to : NULL;
}

static gboolean
seek_input(GsfInput *input, gsf_off_t offset, GSeekType whence)
{
    return FALSE; /* no trouble: the position is kept by GsfInput itself */
}

static void
finalize(GObject *object)
{
    g_free(((OleInput *)object)->buffer);
    G_OBJECT_CLASS(ole_input_parent_class)->finalize(object);
}

static void
ole_input_class_init(OleInputClass *class)
{
    class->parent.Dup = duplicate;
    class->parent.Read = read_input;
    class->parent.Seek = seek_input;
    G_OBJECT_CLASS(class)->finalize = finalize;
}

static void
ole_input_init(OleInput *input)
{
}

GsfInput *
ole_input_new(Source *source)
{
    OleInput *input = g_object_new(ole_input_get_type(), NULL);
    input->source = source;
    gsf_input_set_size(&input->parent, source_length(source));
    return &input->parent;
}
