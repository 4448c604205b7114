/* SPDX-License-Identifier: Apache-2.0 */
/* The three-letter codes that may stand for a state in a machine readable zone. */
#ifndef SHARED_MRZ_COUNTRY_H
#define SHARED_MRZ_COUNTRY_H

#include <stdbool.h>

/* field: three characters with their fillers, as in the zone. Writes the code and its NUL;
 * Germany's `D<<` becomes DEU. false: neither ISO 3166-1 nor ICAO 9303-3 section 5 has it. */
bool mrz_country(const char field[3], char out[4]);

#endif
