/* SPDX-License-Identifier: Apache-2.0 */
/* Which kind of document of policies/documents.lua a machine readable zone belongs to. */
#ifndef SHARED_MRZ_DOCUMENT_H
#define SHARED_MRZ_DOCUMENT_H

#include "mrz.h"

/* As document.type: "passport", "hk_macau_permit". NULL: a document that proves no identity here,
 * and err says which one to ask for (SMG_E_UNSUPPORTED). */
const char *mrz_document_type(const struct mrz *mrz, struct smg_err *err);

#endif
