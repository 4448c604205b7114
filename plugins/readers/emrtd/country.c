/* SPDX-License-Identifier: Apache-2.0 */
/* ISO 3166-1, and what ICAO 9303-3 section 5 puts beside it. */
#include "country.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { PAIR = 5 };

/* Three letters, then two, one state after another. */
static const char pairs[] =
    "ABWAWAFGAFAGOAOAIAAIALAAXALBALANDADAREAEARGARARMAMASMASATAAQATFTFATGAGAUSAUAUTATAZEAZ"
    "BDIBIBELBEBENBJBESBQBFABFBGDBDBGRBGBHRBHBHSBSBIHBABLMBLBLRBYBLZBZBMUBMBOLBOBRABRBRBBB"
    "BRNBNBTNBTBVTBVBWABWCAFCFCANCACCKCCCHECHCHLCLCHNCNCIVCICMRCMCODCDCOGCGCOKCKCOLCOCOMKM"
    "CPVCVCRICRCUBCUCUWCWCXRCXCYMKYCYPCYCZECZDEUDEDJIDJDMADMDNKDKDOMDODZADZECUECEGYEGERIER"
    "ESHEHESPESESTEEETHETFINFIFJIFJFLKFKFRAFRFROFOFSMFMGABGAGBRGBGEOGEGGYGGGHAGHGIBGIGINGN"
    "GLPGPGMBGMGNBGWGNQGQGRCGRGRDGDGRLGLGTMGTGUFGFGUMGUGUYGYHKGHKHMDHMHNDHNHRVHRHTIHTHUNHU"
    "IDNIDIMNIMINDINIOTIOIRLIEIRNIRIRQIQISLISISRILITAITJAMJMJEYJEJORJOJPNJPKAZKZKENKEKGZKG"
    "KHMKHKIRKIKNAKNKORKRKWTKWLAOLALBNLBLBRLRLBYLYLCALCLIELILKALKLSOLSLTULTLUXLULVALVMACMO"
    "MAFMFMARMAMCOMCMDAMDMDGMGMDVMVMEXMXMHLMHMKDMKMLIMLMLTMTMMRMMMNEMEMNGMNMNPMPMOZMZMRTMR"
    "MSRMSMTQMQMUSMUMWIMWMYSMYMYTYTNAMNANCLNCNERNENFKNFNGANGNICNINIUNUNLDNLNORNONPLNPNRUNR"
    "NZLNZOMNOMPAKPKPANPAPCNPNPERPEPHLPHPLWPWPNGPGPOLPLPRIPRPRKKPPRTPTPRYPYPSEPSPYFPFQATQA"
    "REUREROURORUSRURWARWSAUSASDNSDSENSNSGPSGSGSGSSHNSHSJMSJSLBSBSLESLSLVSVSMRSMSOMSOSPMPM"
    "SRBRSSSDSSSTPSTSURSRSVKSKSVNSISWESESWZSZSXMSXSYCSCSYRSYTCATCTCDTDTGOTGTHATHTJKTJTKLTK"
    "TKMTMTLSTLTONTOTTOTTTUNTNTURTRTUVTVTWNTWTZATZUGAUGUKRUAUMIUMURYUYUSAUSUZBUZVATVAVCTVC"
    "VENVEVGBVGVIRVIVNMVNVUTVUWLFWFWSMWSYEMYEZAFZAZMBZMZWEZW"
    /* not ISO: kinds of British nationals, Germany as it stands in zones, Kosovo, the European
     * Union, the United Nations and their agencies, the Order of Malta */
    "GBDGBGBNGBGBOGBGBPGBGBSGBD<<DERKSKSEUEEUUNOUNUNAUNUNKUNXOMXO";

static char upper(char c)
{
    return (char)toupper((unsigned char)c);
}

/* UK is what the United Kingdom's certificates may say for GB, XK what Kosovo's may say for KS. */
static void take_letters(const char *certificate, char out[3])
{
    out[0] = upper(certificate[0]);
    out[1] = '\0';
    if (out[0] != '\0')
        out[1] = upper(certificate[1]);
    out[2] = '\0';
    if (strcmp(out, "UK") == 0)
        memcpy(out, "GB", 2);
    if (strcmp(out, "XK") == 0)
        memcpy(out, "KS", 2);
}

bool country_same(const char *a, const char *b)
{
    char first[3], second[3];

    take_letters(a, first);
    take_letters(b, second);
    return strlen(first) == 2 && strcmp(first, second) == 0;
}

bool country_agrees(const char *zone, const char *certificate)
{
    char two[3];

    if (strlen(zone) != 3)
        return false;
    for (size_t i = 0; i + PAIR < sizeof pairs; i += PAIR)
        if (memcmp(pairs + i, zone, 3) == 0) {
            memcpy(two, pairs + i + 3, 2);
            two[2] = '\0';
            return country_same(two, certificate);
        }
    return toupper((unsigned char)certificate[0]) == zone[0] &&
           toupper((unsigned char)certificate[1]) == zone[1];
}
