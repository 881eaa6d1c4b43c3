#include "CRegex.h"

#include <cstring>
#include <new>
#include <string>

#include <re2/re2.h>

struct cregex {
    RE2 pattern;
};

cregex *cregex_compile(const char *pattern, size_t length, long memory, char *error, size_t room) {
    RE2::Options options;
    options.set_encoding(RE2::Options::EncodingLatin1); // octets: replies need not be UTF-8
    options.set_max_mem(memory);
    options.set_log_errors(false); // else a bad pattern writes to standard error by itself
    auto *made = new (std::nothrow) cregex{RE2(re2::StringPiece(pattern, length), options)};
    if (made && made->pattern.ok()) return made;
    if (room) {
        std::strncpy(error, made ? made->pattern.error().c_str() : "out of memory", room - 1);
        error[room - 1] = 0;
    }
    delete made;
    return nullptr;
}

void cregex_free(cregex *regex) { delete regex; }

int cregex_size(const cregex *regex) { return regex->pattern.ProgramSize(); }

int cregex_groups(const cregex *regex) { return regex->pattern.NumberOfCapturingGroups(); }

bool cregex_find(const cregex *regex, const char *text, size_t length, cregex_group *groups, int count) {
    re2::StringPiece found[10];
    if (count > 10) count = 10;
    if (!regex->pattern.Match(re2::StringPiece(text, length), 0, length, RE2::UNANCHORED, found, count)) return false;
    for (int i = 0; i < count; i++) {
        if (found[i].data()) groups[i] = {found[i].data() - text, found[i].data() - text + (long)found[i].size()};
        else groups[i] = {-1, -1};
    }
    return true;
}

bool cregex_range(const cregex *regex, unsigned char *least, size_t *least_length, unsigned char *most, size_t *most_length) {
    std::string low, high;
    size_t room = *least_length < *most_length ? *least_length : *most_length;
    if (!regex->pattern.PossibleMatchRange(&low, &high, (int)room)) return false;
    if (low.size() > *least_length || high.size() > *most_length) return false;
    std::memcpy(least, low.data(), *least_length = low.size());
    std::memcpy(most, high.data(), *most_length = high.size());
    return true;
}
