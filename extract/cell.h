/* cell - the process that one reader lives in: walls, then its work, then its end. It reads one document at most. */
#pragma once
#include "sandbox.h"

/* What is read and how; tests bring their own. */
typedef struct {
    /* In the spawner, before the first fork: loads what reading needs from files. NULL: nothing. */
    void (*prepare)(void);
    /* In the spawner, after prepare: what reads (a version word), digest of the OCR models ("" none). NULL: unknown. */
    void (*about)(const char **reader_out, const char **ocr_out);
    /* Behind the walls: the life of one reader. Gives its exit status. */
    int (*serve)(int socket);
} CellWork;

typedef struct {
    const CellWork *work;
    SandboxLimits limits; /* refusals is set by the cell */
    guint needed;         /* walls (Wall bits) without which nothing is read */
} CellPlan;

/* Once, in the spawner, before the first fork: what is the same for all cells and would cost each of them anew. */
void cell_prepare(void);
/* Exit status of a cell whose needed walls cannot be closed. */
#define CELL_NO_WALLS 71

/* What a cell tells its spawner first, in one write; a refused system call (guint32) may follow. */
typedef struct {
    guint32 walls;     /* that stand */
    char missing[252]; /* the others, for the log; "" none */
} CellNote;

/* In the child: keeps `socket`, `report` (the pipe for the note) and no other descriptor, closes the walls, serves.
 * Gives the exit status. */
int cell_live(const CellPlan *plan, int socket, int report);
