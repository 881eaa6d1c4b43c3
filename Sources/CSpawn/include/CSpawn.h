/* Starts a program with chosen files and none besides: glibc's closefrom for posix_spawn is not in Swift's module Glibc. */
#ifndef CSPAWN_H
#define CSPAWN_H
#include <stddef.h>
#include <sys/types.h>

/* Runs `path` in a process group of its own, which sees `files` as its descriptors 3, 4, … beside standard input, output and error, with no signal blocked and
   every signal at its default. Returns 0, or an errno. The files stay open here. */
int cspawn_start(pid_t *child, const char *path, char *const arguments[], char *const environment[], const int files[], size_t count);
#endif
