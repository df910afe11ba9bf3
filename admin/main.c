/* hangu: the command line. */
#include "config.h"
#include "commands.h"

int
main(int argc, char **argv)
{
    commands_set_language();
    return commands_main(argc, argv);
}
