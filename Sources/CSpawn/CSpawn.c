#define _GNU_SOURCE
#include "CSpawn.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <unistd.h>

enum { first = 3 };

int cspawn_start(pid_t *child, const char *path, char *const arguments[], char *const environment[], const int files[], size_t count) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    size_t made = 0;
    int code = 0;
    int *copies = calloc(count + 1, sizeof *copies);
    if (!copies) return ENOMEM;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigemptyset(&none);
    sigfillset(&all);

    /* High numbers first, so that no dup2 in the child overwrites one that is still to come. */
    while (made < count && (copies[made] = fcntl(files[made], F_DUPFD_CLOEXEC, first + (int)count)) >= 0) made++;
    if (made < count) code = errno;
    for (size_t i = 0; !code && i < count; i++) code = posix_spawn_file_actions_adddup2(&actions, copies[i], first + (int)i);
    if (!code) code = posix_spawn_file_actions_addclosefrom_np(&actions, first + (int)count);
    if (!code) code = posix_spawnattr_setsigmask(&attributes, &none);
    if (!code) code = posix_spawnattr_setsigdefault(&attributes, &all);
    if (!code) code = posix_spawnattr_setpgroup(&attributes, 0);
    if (!code) code = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    if (!code) code = posix_spawn(child, path, &actions, &attributes, arguments, environment);

    while (made) close(copies[--made]);
    free(copies);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}
