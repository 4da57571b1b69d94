/* Whether bytes are UTF-8 as the standard has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef RELEVO_UTF8_H
#define RELEVO_UTF8_H

#include "proto/span.h"

bool utf8_valid(struct span text);

/* The longest prefix of valid text that is at most `size` bytes and cuts no character. */
struct span utf8_cut(struct span text, uint32_t size);

#endif
