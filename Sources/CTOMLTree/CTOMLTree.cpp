#pragma clang diagnostic ignored "-Wdeprecated-literal-operator"
#include <toml++/toml.h>

#include "CTOMLTree.h"

namespace {
struct Walk {
    void *context;
    void (*visit)(void *, const toml_visit *);

    void node(const toml::node &n, const toml::key *k, int depth) {
        toml_visit v = {};
        if (k) {
            v.key = k->data(), v.key_length = k->length();
            v.key_line = k->source().begin.line, v.key_column = k->source().begin.column;
        }
        v.line = n.source().begin.line, v.column = n.source().begin.column;
        v.kind = toml_other;
        auto *t = depth < TOML_DEPTH ? n.as_table() : nullptr;
        auto *a = depth < TOML_DEPTH ? n.as_array() : nullptr;
        if (t) {
            v.kind = toml_table, v.children = t->size();
            visit(context, &v);
            for (auto &&[key, child] : *t) node(child, &key, depth + 1);
            return;
        }
        if (a) {
            v.kind = toml_array, v.children = a->size();
            visit(context, &v);
            for (auto &&child : *a) node(child, nullptr, depth + 1);
            return;
        }
        if (auto *s = n.as_string()) v.kind = toml_string, v.text = (*s)->data(), v.text_length = (*s)->length();
        else if (auto *i = n.as_integer()) v.kind = toml_integer, v.integer = i->get();
        else if (auto *f = n.as_floating_point()) v.kind = toml_real, v.real = f->get();
        else if (auto *b = n.as_boolean()) v.kind = toml_boolean, v.integer = b->get();
        visit(context, &v);
    }
};
}

bool toml_walk(const char *text, size_t length, void *context, void (*visit)(void *, const toml_visit *)) {
    auto result = toml::parse(std::string_view(text, length));
    if (!result) {
        toml_visit v = {};
        v.kind = toml_other;
        v.line = result.error().source().begin.line, v.column = result.error().source().begin.column;
        v.text = result.error().description().data(), v.text_length = result.error().description().length();
        visit(context, &v);
        return false;
    }
    Walk{context, visit}.node(result.table(), nullptr, 0);
    return true;
}
