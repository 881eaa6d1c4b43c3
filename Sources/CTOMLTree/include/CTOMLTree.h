/* TOML with the position of every key and value: a walk over what toml++ parsed. */
#ifndef CTOMLTREE_H
#define CTOMLTREE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef enum { toml_table, toml_array, toml_string, toml_integer, toml_real, toml_boolean, toml_other } toml_kind;

/* One node, parents before children. Texts live until the visit returns. Columns count code points, from 1. */
typedef struct {
    toml_kind kind;
    const char *key;          /* NULL for an element of an array */
    size_t key_length;
    uint32_t key_line, key_column, line, column;
    const char *text;
    size_t text_length;
    int64_t integer;
    double real;
    size_t children;
} toml_visit;

/* What is nested deeper than this is visited as toml_other, without its children. */
#define TOML_DEPTH 64

/* False: a syntax error, visited as one toml_other node with the message as its text. */
bool toml_walk(const char *text, size_t length, void *context, void (*visit)(void *context, const toml_visit *node));

#ifdef __cplusplus
}
#endif
#endif
