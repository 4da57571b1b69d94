#include "proto/expect.h"

#include <stdio.h>
#include <stdlib.h>

void expect_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}
