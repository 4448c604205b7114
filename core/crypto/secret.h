/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for keys: locked, left out of core dumps, wiped when it is given back. */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H

#include "base/str.h"

/* Zeroed memory of its own pages; NULL: out of memory. Where the system refuses to lock it, it is
 * used all the same and a warning is logged. */
void *secret_new(size_t size);
void secret_free(void *at, size_t size); /* NULL is fine */

#endif
