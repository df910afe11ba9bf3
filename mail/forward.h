/* forward - evidence that a letter was forwarded by a machine. Header names and fixed words only, never text.
 */
#pragma once
#include "message.h"
void forward_look(Message *message, const Settings *settings);
