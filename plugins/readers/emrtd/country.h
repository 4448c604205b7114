/* SPDX-License-Identifier: Apache-2.0 */
/* States as documents and as certificates call them. */
#ifndef EMRTD_COUNTRY_H
#define EMRTD_COUNTRY_H

#include <stdbool.h>

/* Do the three letters of a machine readable zone ("GBD", "DEU") and the two of a certificate
 * ("GB", "uk") mean the same issuer? A code that is in no list means only itself: it agrees with
 * what it begins with. */
bool country_agrees(const char *zone, const char *certificate);
/* Of two certificates: letters in any case, UK is GB. */
bool country_same(const char *a, const char *b);

#endif
