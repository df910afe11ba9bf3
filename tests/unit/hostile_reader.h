/* hostile_reader - what a reader that was taken over may try: the CellWork of the spawner's tests. It takes one packet,
 * the name of an attempt, and does that. "echo" is the honest one: it sends its packet back. */
#pragma once
#include "cell.h"

extern const CellWork hostile_work;

typedef struct {
    const char *name;
    void (*act)(int socket);
    const char *logged;   /* what the log must say of it; NULL: nothing */
    gboolean not_in_asan; /* the sanitizer changes the end */
} Attempt;

/* Ends with a row without name. */
extern const Attempt hostile_attempts[];
