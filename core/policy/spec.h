/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the table of a declaration apart, key by key, with a problem for everything that is wrong.
 */
#ifndef POLICY_SPEC_H
#define POLICY_SPEC_H

#include "policy/load.h"

struct spec {
    struct loading *loading;
    struct lua_State *lua;
    int table;        /* its place on the stack */
    const char *what; /* "fact" */
    struct smg_str name;
    const char *file;
    int line;
};

SMG_PRINTF(2, 3)
void spec_problem(struct spec *spec, const char *fmt, ...);
/* Every key must be one of these (ended by NULL). */
void spec_check_keys(struct spec *spec, const char *const *keys);
/* NULL when absent or wrong; kept by the set. A required text must be there and not be empty. */
const char *spec_text(struct spec *spec, const char *key, bool required);
/* As spec_text; an absent choice is the first. The index, or -1 when it is none of them. */
int spec_choice(struct spec *spec, const char *key, const char *const *choices, bool required);
bool spec_bool(struct spec *spec, const char *key, bool required);
struct smg_date spec_date(struct spec *spec, const char *key, bool required);
int64_t spec_positive(struct spec *spec, const char *key);
/* A reference in the registry, or LUA_NOREF when absent. */
int spec_function(struct spec *spec, const char *key, bool required);

#endif
