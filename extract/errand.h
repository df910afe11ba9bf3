/* errand - what a reader does behind its walls: takes one job, reads it, tells what it found, ends. */
#pragma once
#include "cell.h"

extern const CellWork errand_work;
