#include "config.h"
#include "hostile_reader.h"
#include "wire_extract.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REFUSED(call) "it called " call ", which is refused"

static void
call_home(int socket_fd)
{
    socket(AF_INET, SOCK_STREAM, 0);
}

static void
read_file(int socket_fd)
{
    syscall(SYS_openat, AT_FDCWD, "/etc/shadow", O_RDONLY, 0);
}

static void
write_file(int socket_fd)
{
    syscall(SYS_openat, AT_FDCWD, "/tmp/hostile_reader", O_WRONLY | O_CREAT, 0600);
}

static void
run_program(int socket_fd)
{
    char *const words[] = {(char *)"sh", NULL};
    execve("/bin/sh", words, NULL);
}

static void
multiply(int socket_fd)
{
    syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static void
trace_parent(int socket_fd)
{
    ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void
kill_parent(int socket_fd)
{
    kill(getppid(), SIGKILL);
}

static void
take_memory(int socket_fd)
{
    for (;;)
        memset(g_malloc(16 << 20), 1, 16 << 20);
}

static void
take_time(int socket_fd)
{
    for (volatile guint64 i = 0;; i++)
        ;
}

static void
hang(int socket_fd)
{
    for (;;)
        poll(NULL, 0, -1);
}

static void
flood(int socket_fd)
{
    char text[1000] = "text";
    while (send(socket_fd, text, sizeof text, MSG_NOSIGNAL) > 0 || errno == EAGAIN)
        ;
    _exit(3);
}

static void
lie(int socket_fd)
{
    send(socket_fd, "HGUno frame", 11, MSG_NOSIGNAL);
    _exit(4);
}

/* Descriptors that the other end did not ask for. */
static void
smuggle(int socket_fd)
{
    frame_send(socket_fd, 0x777, g_variant_new("(s)", "take these"), (const int[]){0, 1, 2, 3}, 4, -1, NULL);
    _exit(5);
}

static void
crash(int socket_fd)
{
    raise(SIGSEGV);
}

static void
leave(int socket_fd)
{
    _exit(0);
}

/* Well-formed text without end. */
static void
flood_text(int socket_fd)
{
    g_autofree char *words = g_strnfill(50000, 'a');
    WireText text = {
        .place = PLACE_BODY, .name = "", .colour = FACE_NO_COLOUR, .goes_on = TRUE, .text = words, .length = 50000};
    while (frame_send(socket_fd, WIRE_EXTRACT_TEXT, wire_text(&text), NULL, 0, -1, NULL))
        ;
    _exit(8);
}

/* Members of members that were never announced. */
static void
lie_in_frames(int socket_fd)
{
    WirePart part = {.number = 7, .parent = 5, .name = "a.txt", .type = "text/plain", .size = 1};
    WireCover cover = {0, COVERAGE_COMPLETE, WHY_NONE};
    frame_send(socket_fd, WIRE_EXTRACT_PART, wire_part(&part), NULL, 0, -1, NULL);
    frame_send(socket_fd, WIRE_EXTRACT_COVER, wire_cover(&cover), NULL, 0, -1, NULL);
    frame_send(socket_fd, WIRE_EXTRACT_END, wire_end(0), NULL, 0, -1, NULL);
    _exit(9);
}

/* The log must not believe more than one number. */
static void
forge_report(int socket_fd)
{
    guint32 numbers[64];
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        numbers[i] = G_MAXUINT32 - 1;
    gssize told = write(4, numbers, sizeof numbers);
    _exit(told > 0 ? 6 : 7);
}

const Attempt hostile_attempts[] = {
    {"network", call_home, REFUSED("socket")},
    {"read a file", read_file, REFUSED("openat")},
    {"write a file", write_file, REFUSED("openat")},
    {"exec", run_program, REFUSED("execve")},
    {"fork", multiply, REFUSED("clone")},
    {"ptrace", trace_parent, REFUSED("ptrace")},
    {"kill", kill_parent, REFUSED("kill")},
    {"memory", take_memory, "its memory may have been over", TRUE},
    {"time", take_time, "its processor time was over"},
    {"hang", hang, "it took longer than"},
    {"flood", flood, "ended with status 3"},
    {"lie", lie, "ended with status 4"},
    {"smuggle", smuggle, "ended with status 5"},
    {"crash", crash, "killed by signal 11"},
    {"leave", leave, NULL},
    {"forge", forge_report, "ended with status 6"},
    {"text without end", flood_text, "ended with status 8"},
    {"unknown members", lie_in_frames, "ended with status 9"},
    {NULL},
};

static int
serve(int socket)
{
    char name[64] = "";
    gssize length = recv(socket, name, sizeof name - 1, 0);
    if (length <= 0)
        return 0;
    for (const Attempt *attempt = hostile_attempts; attempt->name != NULL; attempt++)
        if (strcmp(attempt->name, name) == 0)
            attempt->act(socket);
    return send(socket, name, (gsize)length, MSG_NOSIGNAL) == length ? 0 : 1;
}

const CellWork hostile_work = {.serve = serve};
