/* The record's making and unmaking; no judgement. */
#include "config.h"
#include "message.h"

Part *
part_new(PartKind kind)
{
    Part *part = g_new0(Part, 1);
    part->kind = kind;
    part->parent = -1;
    part->from = part->to = -1;
    part->transfer = TRANSFER_IDENTITY;
    return part;
}

void
part_free(Part *part)
{
    if (part == NULL)
        return;
    g_free(part->number);
    g_free(part->path);
    g_free(part->type);
    g_free(part->detected);
    g_free(part->charset);
    g_free(part->name);
    g_free(part->disposition);
    g_clear_object(&part->headers);
    g_clear_object(&part->inner);
    g_clear_object(&part->body);
    g_clear_object(&part->content);
    g_free(part);
}

void
part_cover(Part *part, Coverage coverage, CoverageWhy why)
{
    if (coverage <= part->coverage)
        return;
    part->coverage = coverage;
    part->why = why;
}

static void
free_part(gpointer part)
{
    part_free(part);
}

static void
free_finding(gpointer finding)
{
    finding_free(finding);
}

Message *
message_new(void)
{
    Message *message = g_new0(Message, 1);
    message->envelope.sender = g_strdup("");
    message->envelope.recipients = g_ptr_array_new_with_free_func(g_free);
    message->parts = g_ptr_array_new_with_free_func(free_part);
    message->bad_lines = g_array_new(FALSE, FALSE, sizeof(gint64));
    message->forward_evidence = g_ptr_array_new_with_free_func(g_free);
    message->findings = g_ptr_array_new_with_free_func(free_finding);
    return message;
}

void
message_free(Message *message)
{
    if (message == NULL)
        return;
    envelope_clear(&message->envelope);
    g_ptr_array_unref(message->findings);
    g_ptr_array_unref(message->parts);
    g_clear_object(&message->raw);
    g_array_unref(message->bad_lines);
    g_free(message->message_id);
    g_clear_pointer(&message->from, g_ptr_array_unref);
    g_clear_pointer(&message->from_sender, g_ptr_array_unref);
    g_ptr_array_unref(message->forward_evidence);
    decision_clear(&message->decision);
    g_free(message->reader);
    g_free(message->ocr);
    g_free(message->papers_digest);
    g_free(message->term);
    g_free(message);
}

Part *
message_part(const Message *message, guint index)
{
    return index < message->parts->len ? g_ptr_array_index(message->parts, index) : NULL;
}

const char *
oddity_word(guint one_bit)
{
    static const char *const words[ODDITY_COUNT] = {
        "duplicate-header",
        "no-boundary",
        "broken-boundary",
        "truncated",
        "bad-header",
        "depth",
        "parts",
        "header-bytes",
        "transfer-encoding",
        "encoded-container",
        "bare-cr",
        "nul",
        "charset-lie",
        "partial-message",
        "type-mismatch",
        "double-parameter",
        "hidden-block",
    };
    for (guint i = 0; i < ODDITY_COUNT; i++)
        if (one_bit == 1u << i)
            return words[i];
    return NULL;
}
