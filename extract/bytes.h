/* bytes - little-endian numbers in a block of bytes whose lengths may lie: what lies outside reads as zero. */
#pragma once
#include <glib.h>
#include <string.h>

typedef struct {
    const guint8 *data; /* lent */
    gsize length;
} Bytes;

static inline guint16
bytes_u16(const guint8 *at)
{
    return (guint16)(at[0] | at[1] << 8);
}

static inline guint32
bytes_u32(const guint8 *at)
{
    return (guint32)at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16 | (guint32)at[3] << 24;
}

static inline gboolean
bytes_hold(Bytes bytes, gsize at, gsize length)
{
    return at <= bytes.length && length <= bytes.length - at;
}

static inline guint
bytes_8(Bytes bytes, gsize at)
{
    return bytes.data != NULL && bytes_hold(bytes, at, 1) ? bytes.data[at] : 0;
}

static inline guint
bytes_16(Bytes bytes, gsize at)
{
    return bytes.data != NULL && bytes_hold(bytes, at, 2) ? bytes_u16(bytes.data + at) : 0;
}

static inline guint32
bytes_32(Bytes bytes, gsize at)
{
    return bytes.data != NULL && bytes_hold(bytes, at, 4) ? bytes_u32(bytes.data + at) : 0;
}

/* At most `length` bytes from `at` on: fewer, or none, if there are not as many. Stays inside the block. */
static inline Bytes
bytes_part(Bytes bytes, gsize at, gsize length)
{
    at = MIN(at, bytes.length);
    if (bytes.data == NULL)
        return bytes;
    return (Bytes){bytes.data + at, MIN(length, bytes.length - at)};
}

static inline Bytes
bytes_of(GBytes *block) /* NULL: none */
{
    Bytes bytes = {NULL, 0};
    if (block != NULL)
        bytes.data = g_bytes_get_data(block, &bytes.length);
    return bytes;
}
