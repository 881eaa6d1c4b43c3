/* Regular expressions over octets, by RE2: linear in the text, bounded in memory. */
#ifndef CREGEX_H
#define CREGEX_H
#include <stdbool.h>
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef struct cregex cregex;

/* Begins and ends as offsets into the text; -1: the group took no part. */
typedef struct { long begin, end; } cregex_group;

/* NULL: `error` (of `room` octets, ended by a NUL) says why. `memory`: octets that its automata may take. */
cregex *cregex_compile(const char *pattern, size_t length, long memory, char *error, size_t room);
void cregex_free(cregex *regex);

/* Instructions of its program: the time for a text is their number times its length, at worst. */
int cregex_size(const cregex *regex);

/* Number of parenthesised groups. */
int cregex_groups(const cregex *regex);

/* Whether it matches anywhere in the text. Safe from several threads. `groups[0]` is the whole match; at most 10. */
bool cregex_find(const cregex *regex, const char *text, size_t length, cregex_group *groups, int count);

/* All that it can match lies between `least` and `most`, by their octets; lengths are room at first. False: nothing is known. */
bool cregex_range(const cregex *regex, unsigned char *least, size_t *least_length, unsigned char *most, size_t *most_length);

#ifdef __cplusplus
}
#endif
#endif
