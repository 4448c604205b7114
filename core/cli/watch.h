/* SPDX-License-Identifier: Apache-2.0 */
/* Doing something again whenever a file below a folder changes. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdbool.h>

typedef void (*watch_fn)(void *ctx);

/* path: a folder, or several with ':' between them. Call fn now, and again each time files below
 * have changed and were then left alone for a tenth of a second, until SIGINT or SIGTERM. The
 * folders are watched before fn reads them, so no change is missed. false: said on stderr why they
 * cannot be. */
bool watch_run(const char *path, watch_fn fn, void *ctx);

#endif
