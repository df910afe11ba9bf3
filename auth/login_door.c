/* The door for login programs: an AuthServer that lets one verb through. */
#include "config.h"
#include "login_door.h"
#include "errors.h"
#include <sys/eventfd.h>
#include <unistd.h>

/* One for each login under way. */
#define CONNECTIONS 100

struct LoginDoor {
    AuthServer *server;
    Desk *desk;
    GThread *thread;
    int wake;
    gint stop; /* atomic */
};

static gboolean
refuse_facts(gpointer user, const AccountQuestion *question, AccountAnswer *facts_out, GError **error)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION, "nothing is told of accounts here");
    return FALSE;
}

static gboolean
call_check(gpointer user, AuthCall *call, const json_t *request, GError **error)
{
    const LoginDoor *door = user;
    if (g_str_equal(json_string_value(json_object_get(request, "verb")), "otp-check"))
        return desk_call(door->desk, call, request, error);
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION, "here one may only ask otp-check");
    return FALSE;
}

static gpointer
serve(gpointer data)
{
    LoginDoor *door = data;
    while (!g_atomic_int_get(&door->stop))
        auth_server_turn(door->server, door->wake, -1);
    return NULL;
}

LoginDoor *
login_door_new(const char *socket, const char *group, Desk *desk, GError **error)
{
    LoginDoor *door = g_new0(LoginDoor, 1);
    AuthServerOptions options = {.socket = socket,
                                 .group = group,
                                 .connections = CONNECTIONS,
                                 .user = door,
                                 .facts = refuse_facts,
                                 .call = call_check};
    door->desk = desk;
    door->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    door->server = auth_server_new(&options, error);
    if (door->server != NULL)
        door->thread = g_thread_new("login door", serve, door);
    else
        g_clear_pointer(&door, login_door_free);
    return door;
}

void
login_door_free(LoginDoor *door)
{
    if (door == NULL)
        return;
    g_atomic_int_set(&door->stop, TRUE);
    eventfd_write(door->wake, 1);
    if (door->thread != NULL)
        g_thread_join(door->thread);
    auth_server_free(door->server);
    close(door->wake);
    g_free(door);
}
