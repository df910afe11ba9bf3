/* What hangs on a page: annotations with their authors and replies, links, fields of forms. */
#include "config.h"
#include "pdf_parts.h"
#include <string.h>

#define MARKS_MAX 20000 /* of a page */

void
pdf_tell(Pdf *pdf, PlaceKind place, const char *name, guint page, char *text)
{
    if (text != NULL && text[0] != '\0') {
        sink_text(pdf->sink, &(WireText){.part = pdf->part,
                                         .place = place,
                                         .name = name,
                                         .page = page,
                                         .colour = FACE_NO_COLOUR,
                                         .text = text,
                                         .length = strlen(text)});
        g_hash_table_add(pdf->told, g_steal_pointer(&text));
    }
    g_free(text);
}

void
pdf_action_tell(Pdf *pdf, const PopplerAction *action, guint page)
{
    if (action == NULL)
        return;
    switch (action->type) {
    case POPPLER_ACTION_URI:
        pdf_tell(pdf, PLACE_ATTRIBUTE, "link", page, g_strdup(action->uri.uri));
        break;
    case POPPLER_ACTION_GOTO_REMOTE:
        pdf_tell(pdf, PLACE_ATTRIBUTE, "link", page, g_strdup(action->goto_remote.file_name));
        break;
    case POPPLER_ACTION_LAUNCH:
        pdf_tell(pdf, PLACE_ATTRIBUTE, "link", page, g_strdup(action->launch.file_name));
        pdf_tell(pdf, PLACE_ATTRIBUTE, "link", page, g_strdup(action->launch.params));
        break;
    case POPPLER_ACTION_JAVASCRIPT:
        pdf_tell(pdf, PLACE_ATTRIBUTE, "script", page, g_strdup(action->javascript.script));
        break;
    default:
        break;
    }
}

static void
read_annotation(Pdf *pdf, PopplerAnnot *annotation, guint page)
{
    pdf_tell(pdf, PLACE_ANNOTATION, NULL, page, poppler_annot_get_contents(annotation));
    if (POPPLER_IS_ANNOT_MARKUP(annotation)) {
        PopplerAnnotMarkup *markup = POPPLER_ANNOT_MARKUP(annotation);
        pdf_tell(pdf, PLACE_ANNOTATION, "author", page, poppler_annot_markup_get_label(markup));
        pdf_tell(pdf, PLACE_ANNOTATION, "subject", page, poppler_annot_markup_get_subject(markup));
    }
    if (POPPLER_IS_ANNOT_SCREEN(annotation))
        pdf_action_tell(pdf, poppler_annot_screen_get_action(POPPLER_ANNOT_SCREEN(annotation)), page);
    if (POPPLER_IS_ANNOT_FILE_ATTACHMENT(annotation)) {
        PopplerAnnotFileAttachment *holder = POPPLER_ANNOT_FILE_ATTACHMENT(annotation);
        g_autoptr(PdfAttachment) file = poppler_annot_file_attachment_get_attachment(holder);
        if (file != NULL)
            pdf_attachment_read(pdf, file);
    }
}

/* --- forms ------------------------------------------------------------------------------------------------------- */

/* What the field shows; gives, NULL nothing. */
static char *
field_value(PopplerFormField *field)
{
    switch (poppler_form_field_get_field_type(field)) {
    case POPPLER_FORM_FIELD_BUTTON:
        if (poppler_form_field_button_get_button_type(field) == POPPLER_FORM_BUTTON_PUSH)
            return NULL;
        return g_strdup(poppler_form_field_button_get_state(field) ? "☑" : "☐");
    case POPPLER_FORM_FIELD_TEXT:
        return poppler_form_field_text_get_text(field);
    case POPPLER_FORM_FIELD_CHOICE: {
        gint count = MIN(poppler_form_field_choice_get_n_items(field), 1000);
        for (gint i = 0; i < count; i++)
            if (poppler_form_field_choice_is_item_selected(field, i))
                return poppler_form_field_choice_get_item(field, i);
        return poppler_form_field_choice_get_text(field);
    }
    case POPPLER_FORM_FIELD_SIGNATURE:
    case POPPLER_FORM_FIELD_UNKNOWN:
    default:
        return NULL;
    }
}

static void
read_choices(Pdf *pdf, PopplerFormField *field, guint page)
{
    gint count = 0;
    if (poppler_form_field_get_field_type(field) == POPPLER_FORM_FIELD_CHOICE)
        count = MIN(poppler_form_field_choice_get_n_items(field), 1000);
    for (gint i = 0; i < count; i++)
        pdf_tell(pdf, PLACE_ATTRIBUTE, "choice", page, poppler_form_field_choice_get_item(field, i));
}

/* A field is told with its name before it, and shown where it stands. */
static void
read_field(Pdf *pdf, PopplerFormField *field, const PopplerRectangle *area, guint page, PdfLayout *layout)
{
    double height = layout->height;
    PopplerRectangle box = {area->x1, height - area->y2, area->x2, height - area->y1};
    g_autofree char *value = field_value(field), *name = poppler_form_field_get_name(field),
                    *shown = poppler_form_field_get_alternate_ui_name(field);
    const char *label = shown != NULL && shown[0] != '\0' ? shown : name != NULL ? name : "";
    if (value != NULL && value[0] != '\0' && g_utf8_validate(value, -1, NULL)) {
        gboolean box_only = strcmp(value, "☑") == 0 || strcmp(value, "☐") == 0;
        pdf_layout_add(layout, &box, value);
        pdf_tell(pdf, PLACE_BODY, "field", page,
                 g_strdup_printf(box_only ? "%s %s" : "%s:%s", box_only ? value : label, box_only ? label : value));
        g_hash_table_add(pdf->told, g_steal_pointer(&value));
    }
    read_choices(pdf, field, page);
    pdf_action_tell(pdf, poppler_form_field_get_action(field), page);
    pdf_tell(pdf, PLACE_ATTRIBUTE, "field-name", page, g_steal_pointer(&name));
    pdf_tell(pdf, PLACE_ATTRIBUTE, "field-name", page, g_steal_pointer(&shown));
}

void
pdf_page_marks(Pdf *pdf, PopplerPage *page, guint number, PdfLayout *layout)
{
    GList *annotations = poppler_page_get_annot_mapping(page);
    GList *fields = poppler_page_get_form_field_mapping(page);
    GList *links = poppler_page_get_link_mapping(page);
    guint count = 0;
    for (GList *item = annotations; item != NULL && count++ < MARKS_MAX && !sink_stopped(pdf->sink); item = item->next)
        read_annotation(pdf, ((PopplerAnnotMapping *)item->data)->annot, number);
    for (GList *item = fields; item != NULL && count++ < MARKS_MAX && !sink_stopped(pdf->sink); item = item->next) {
        PopplerFormFieldMapping *mapping = item->data;
        read_field(pdf, mapping->field, &mapping->area, number, layout);
    }
    for (GList *item = links; item != NULL && count++ < MARKS_MAX && !sink_stopped(pdf->sink); item = item->next)
        pdf_action_tell(pdf, ((PopplerLinkMapping *)item->data)->action, number);
    if (count >= MARKS_MAX)
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    poppler_page_free_annot_mapping(annotations);
    poppler_page_free_form_field_mapping(fields);
    poppler_page_free_link_mapping(links);
}
